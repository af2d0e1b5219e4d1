"""Between plans and slots."""

from collections.abc import Sequence

from routing.plan import Plan, Unserved
from routing.search.slots import Slots
from routing.search.tours import Tours
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


def take_over(tours: Tours, plan: Plan) -> None:
    """Puts the jobs of a plan into the tours, in its order, as far as they still fit."""
    slots = tours.slots
    job_numbers = {job.id: number for number, job in enumerate(slots.problem.jobs)}
    shift_numbers = {shift.id: number for number, shift in enumerate(slots.problem.shifts)}
    for route in plan.routes:
        if route.shift_id not in shift_numbers:
            continue
        free = list(slots.of_shift[shift_numbers[route.shift_id]])
        for trip in route.trips:
            fitting = [s for s in free if slots.slots[s].span == trip.span]
            meeting = [s for s in fitting if trip.back_s <= slots.slots[s].back_s]
            for visit in trip.visits:
                job = job_numbers.get(visit.job_id)
                if job is not None and tours.slot_of[job] is None:
                    tours.append(job, meeting or fitting)
            used = [s for s in fitting if tours.tours[s].jobs]
            if used:
                free = [s for s in free if s > used[-1]]
