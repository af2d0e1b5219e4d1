"""From slots to plans."""

from collections.abc import Sequence

from routing.plan import Plan, Unserved
from routing.search.slots import Slots
from routing.timing import schedule


def plan_of(slots: Slots, orders: Sequence[Sequence[int]]) -> Plan:
    """The timed plan for the jobs of every slot. Empty trips are left out where nobody has to make them."""
    problem = slots.problem
    routes = []
    for shift, own in zip(problem.shifts, slots.of_shift, strict=True):
        trips = [
            (slots.slots[s].span, [problem.jobs[job].id for job in orders[s]])
            for s in own
            if orders[s] or slots.slots[s].stays
        ]
        if trips:
            routes.append(schedule(problem, shift.id, trips))
    served = {job for jobs in orders for job in jobs}
    left_out = [Unserved(job.id) for index, job in enumerate(problem.jobs) if index not in served]
    return Plan(tuple(routes), tuple(left_out))
