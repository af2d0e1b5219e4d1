"""Between plans and the kernel's orders of nodes."""

from collections.abc import Sequence

from routing.evaluate import evaluate
from routing.plan import Plan, Route, Unserved
from routing.problem import Orders, Problem, Shift
from routing.search import columns as k
from routing.search.arrays import Arrays
from routing.timing import orders_of, schedule, schedule_all


def locked_orders(problem: Problem) -> dict[str, Orders]:
    """What has to be ridden whatever else is planned: frozen routes, and next stops."""
    orders: dict[str, Orders] = {}
    for shift in problem.shifts:
        if shift.frozen is not None:
            orders[shift.id] = shift.frozen
        elif shift.next_stops:
            orders[shift.id] = ((shift.first_span, shift.next_stops),)
    return orders


def locks_hold(problem: Problem, shift: Shift) -> bool:
    """Whether the next stops of a shift can be reached in time if there is nothing else to do."""
    route = schedule(problem, shift.id, [(shift.first_span, shift.next_stops)])
    broken = evaluate(problem, Plan((route,))).violations
    return not any(violation.shift_id == shift.id for violation in broken)


def plan_of(arrays: Arrays, orders: Sequence[Sequence[int]]) -> Plan:
    """The timed plan for the nodes of every slot. Empty trips are left out where nobody has to make them."""
    problem = arrays.problem
    trips: dict[str, list[tuple[int, tuple[str, ...]]]] = {
        shift.id: list(shift.frozen) for shift in problem.shifts if shift.frozen
    }
    for r, order in enumerate(orders):
        if order or arrays.slot[r, k.STAYS]:
            slot = arrays.slots[r]
            ids = tuple(arrays.jobs[x - 1].id for x in order)
            trips.setdefault(problem.shifts[slot.shift].id, []).append((slot.span, ids))
    return plan_for(problem, trips)


def plan_for(problem: Problem, orders: dict[str, list[tuple[int, tuple[str, ...]]]]) -> Plan:
    """The timed plan for the orders of shifts, with everything else among the unserved."""
    routes = schedule_all(problem, orders)
    served = {visit.job_id for route in routes for visit in route.visits()}
    return Plan(routes, tuple(Unserved(job.id) for job in problem.jobs if job.id not in served))


def orders_for(arrays: Arrays, plan: Plan) -> list[list[int]]:
    """The nodes of every slot as a plan has them: trip by trip, as far as there are slots for them."""
    node = {job.id: x for x, job in enumerate(arrays.jobs, start=1)}
    routes: dict[str, Route] = {route.shift_id: route for route in plan.routes}
    orders: list[list[int]] = [[] for _ in arrays.slots]
    for v in range(len(arrays.shift)):
        low, high = int(arrays.shift[v, k.LO]), int(arrays.shift[v, k.HI])
        shift = arrays.problem.shifts[arrays.slots[low].shift]
        free = list(range(low, high))
        trips = orders_of(routes[shift.id]) if shift.id in routes else []
        for number, (span, ids) in enumerate(trips):
            r = next((r for r in free if arrays.slots[r].span == span), None)
            if number == len(trips) - 1 and arrays.slot[high - 1, k.END] and arrays.slots[high - 1].span == span:
                r = high - 1
            if r is None:
                continue
            free = [s for s in free if s > r]
            orders[r] = [node[job_id] for job_id in ids if job_id in node and arrays.price[node[job_id], r] >= 0]
        orders[low] = [*dict.fromkeys([*(node[job_id] for job_id in shift.next_stops if job_id in node), *orders[low]])]
    return _once(orders, arrays)


def _once(orders: list[list[int]], arrays: Arrays) -> list[list[int]]:
    """The orders without second mentions of a job; what is locked stands where it is locked."""
    locked = {x: r for r, order in enumerate(orders) for x in order[: int(arrays.slot[r, k.LOCK])]}
    seen: set[int] = set()
    kept: list[list[int]] = []
    for r, order in enumerate(orders):
        kept.append([x for x in order if locked.get(x, r) == r and not (x in seen or seen.add(x))])  # type: ignore[func-returns-value]
    return kept
