"""The tables that the kernel reads, against a plain reading of the problem, a cell at a time."""

import numpy as np
import pytest
from hypothesis import given, settings

from routing.problem import UNREACHABLE_S
from routing.search import columns as k
from routing.search import matrix
from routing.search.arrays import make_arrays
from tests.unit.routing.strategies import problems

QUICK = {"max_examples": 100, "deadline": None}


@settings(**QUICK)
@given(problems())
def test_an_arc_is_service_ride_and_setup_and_what_the_ride_costs(problem):
    places = [problem.office, *(job.location for job in problem.jobs)]
    jobs = [None, *problem.jobs]
    arc = matrix.arcs(problem, problem.jobs, places)
    for x, here in enumerate(places):
        for y, there in enumerate(places):
            time_s = min(problem.travel_s(here, there), UNREACHABLE_S) + (jobs[x].service_s if x else 0)
            time_s += jobs[y].setup_s if y and not (x and here == there) else 0
            price = problem.cost_of(here, there) * problem.prices.travel_per_s
            assert (arc[x, y, 0], arc[x, y, 1]) == (min(time_s, k.NEVER), min(price, k.NEVER))
            assert (arc[y, x, 2], arc[y, x, 3]) == (arc[x, y, 0], arc[x, y, 1])


@pytest.mark.parametrize(("n", "most"), [(1, 5), (40, 5), (150, 3000), (150, k.NEVER)])
def test_neighbours_come_nearest_first_and_equal_ones_by_number(n, most):
    arc = np.random.default_rng(n).integers(0, most + 1, (n + 1, n + 1, 4)).astype(np.int32)
    near = matrix.near(arc, n)
    for x in range(1, n + 1):
        assert near[x].tolist() == sorted(range(1, n + 1), key=lambda y: int(arc[x, y, 1]) + int(arc[x, y, 3]))


@settings(**QUICK)
@given(problems())
def test_a_slot_has_the_price_of_who_may_ride_in_it(problem):
    arrays = make_arrays(problem, problem.jobs)
    for r, slot in enumerate(arrays.slots):
        shift, row = problem.shifts[slot.shift], arrays.slot[r]
        for x, job in enumerate(problem.jobs, start=1):
            locked = job.id in shift.next_stops[: row[k.LOCK]]
            rides = locked or may_ride(problem, job, shift, slot.first, row)
            assert arrays.price[x, r] == (surcharge(problem, job, shift, row[k.END] == 0) if rides else -1)


def may_ride(problem, job, shift, first, row):
    if job.only_shift not in (None, shift.id) or not job.skills <= shift.skills or shift.id in job.excluded_shifts:
        return False
    if (job.aboard and not first) or (first and problem.is_away(shift) and job.deliver and not job.aboard):
        return False
    if max(0 if job.aboard else job.deliver, job.collect) > row[k.CAP]:
        return False
    if job.cutoff_hard and (row[k.END] != 0 or (job.cutoff_s is not None and job.cutoff_s < row[k.LEAVE])):
        return False
    in_time = any(w.start_s <= row[k.BACK] and w.end_s >= row[k.LEAVE] for w in job.windows)
    return not job.windows or job.late_per_min is not None or in_time


def surcharge(problem, job, shift, at_office):
    prices = problem.prices
    price = prices.moved_job if job.preferred_shift in problem.shift_by_id.keys() - {shift.id} else 0
    price += prices.unwished if job.wished_shifts and shift.id not in job.wished_shifts else 0
    return price + (prices.cutoff_missed if job.cutoff_s is not None and not at_office else 0)
