"""The compiled search: its figures are those of ``evaluate``, locks hold, and small days are solved to the end."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.bench._days import tight_day
from routing.evaluate import evaluate
from routing.plan import Plan
from routing.problem import Prices, TimeWindow
from routing.roads.starter import starter_map
from routing.search import columns as k
from routing.search import kernel, warm
from routing.search.arrays import make_arrays
from routing.search.budget import Budget
from routing.search.decode import plan_of
from routing.search.improve import _Phases, _ways, improve
from routing.search.master import Master
from routing.search.team import Search
from routing.search.threads import ROUNDS_A_JOB, Phase, Way, cool
from routing.solve import _kernel_is_there, solve
from routing.timing import orders_of
from tests.checker import check
from tests.days import MORNING, ward_day
from tests.unit.routing.exact import best_rank
from tests.unit.routing.line import day, job, shift
from tests.unit.routing.strategies import problems

UNHURRIED_S = 60.0
SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


def assert_figures_agree(problem, seed: int, rounds: int) -> None:
    """Round by round: the plan that the search has accepted holds, and costs what ``evaluate`` says."""
    search = Search(make_arrays(problem, problem.jobs), seed)
    search.run(0, 1.0)
    for _ in range(rounds):
        accepted = plan_of(search.arrays, [row[1 : row[0] + 1].tolist() for row in search.kept])
        evaluation = evaluate(problem, accepted)
        assert evaluation.violations == ()
        assert search.tot[k.SUM_COST] - search.tot[k.SUM_PAY] == evaluation.cost - evaluation.unserved_price
        search.run(1, 500.0)


@settings(max_examples=40, **SLOW)
@given(problems(), st.integers(0, 99))
def test_every_accepted_plan_costs_what_evaluate_says(problem, seed):
    if problem.jobs and problem.shifts:
        assert_figures_agree(problem, seed, rounds=20)


@pytest.mark.parametrize("under_way", [{}, {"start_s": 28000}, {"start_s": 28000, "carried": 1}, {"carried": 1}])
def test_a_bag_is_due_at_the_office_only_when_something_is_carried_in_it(under_way):
    # Ends elsewhere: what a shift under way carries never reaches the office, and what nobody carries is not missed.
    rides = shift(carried_cutoff_s=54000, end_location=1, capacity=2, **under_way)
    problem = day([job("a", 0), job("b", 1)], [rides])
    assert_figures_agree(problem, seed=0, rounds=10)
    assert (rides.bag_due_s == 54000) == (len(under_way) == 2)


def test_nothing_waits_for_a_trip_that_never_comes_to_the_office():
    one_trip = {"spans": (MORNING,), "max_trips": 1}
    shifts = [shift("here", **one_trip), shift("elsewhere", end_location=1, **one_trip)]
    problem = day([job("a", 0), job("b", 0, after="a"), job("c", 0)], shifts)
    for seed in range(10):
        assert_figures_agree(problem, seed, rounds=20)


def test_the_figures_agree_on_a_ward_day_with_tight_bags():
    assert_figures_agree(ward_day(40, 4, seed=3, capacity=5), seed=1, rounds=60)


def test_the_figures_agree_where_trips_change_hands():
    problem = tight_day(30, 5, starter_map().network)
    assert_figures_agree(replace(problem, handling_s=300), seed=2, rounds=60)


@pytest.mark.parametrize("there", [[[4], [], [], []], [[2], [3], [], []], [[1], [4], [], []], [[], [], [2], [3]]])
def test_a_trip_is_opened_before_and_between_those_that_are_there(there):
    # A bag for one paper, doors 600 s out, and hours so far apart that four trips can be ridden in one order only.
    hours = enumerate((28000, 32000, 36000, 40000), start=1)
    jobs = [job(f"j{n}", 1, service_s=0, windows=(TimeWindow(s, s + 100),), deliver=1) for n, s in hours]
    problem = day(jobs, [shift(spans=(TimeWindow(27000, 41400),), max_trips=4, capacity=1)])
    search = Search(make_arrays(problem, problem.jobs), 1)
    search.load(there)
    search.run(0, 1.0)
    assert search.orders() == [[1], [2], [3], [4]]


def test_an_order_that_is_late_after_waiting_does_not_hold():
    # Whoever waits at the first door until it opens comes too late to the second; leaving earlier does not help.
    jobs = [
        job("opens late", 1, windows=(TimeWindow(30000, 30100),)),
        job("closes early", 1, windows=(TimeWindow(27000, 29000),)),
    ]
    problem = day(jobs, [shift(max_trips=1)])
    search = Search(make_arrays(problem, problem.jobs), 1)
    search.load([[1, 2], []])
    search.run(0, 1.0)
    assert search.orders() == [[2, 1], []]


@settings(max_examples=10, **SLOW)
@given(problems(), st.data())
def test_locks_hold(problem, data):
    plan = solve(problem, UNHURRIED_S, max_iterations=10)
    frozen = data.draw(st.sets(st.sampled_from([route.shift_id for route in plan.routes]))) if plan.routes else set()
    shifts = []
    for one in problem.shifts:
        route = next((route for route in plan.routes if route.shift_id == one.id), None)
        orders = tuple((span, tuple(ids)) for span, ids in orders_of(route)) if route else ()
        if one.id in frozen:
            shifts.append(replace(one, frozen=orders))
        elif orders and orders[0][0] == one.first_span and data.draw(st.booleans()):
            shifts.append(replace(one, next_stops=orders[0][1][:2]))
        else:
            shifts.append(one)
    locked = replace(problem, shifts=tuple(shifts))
    again = solve(locked, UNHURRIED_S, max_iterations=10, start=plan)
    assert evaluate(locked, again).violations == ()
    assert check(locked.to_dict(), again.to_dict()) == []
    for route in plan.routes:
        if route.shift_id in frozen:
            assert orders_of(route) == next(orders_of(r) for r in again.routes if r.shift_id == route.shift_id)


def test_a_lock_that_cannot_hold_is_kept_and_told():
    # The next stop lies outside its span: 600 out, 20000 of service; everything else is planned around it.
    problem = day([job("a", 1, service_s=20000), job("b", 1)], [shift("s", next_stops=("a",)), shift("t")])
    plan = solve(problem, UNHURRIED_S, max_iterations=10)
    assert [violation.constraint for violation in evaluate(problem, plan).violations] == ["lunch"]
    assert plan.route_of("b").shift_id == "t"


def small_day(seed: int, n_jobs: int = 9):
    made = ward_day(n_jobs, 2, seed, cutoff_share=0)
    jobs = tuple(
        replace(job, windows=tuple(window for window in job.windows if window.end_s <= MORNING.end_s), service_s=1200)
        for job in made.jobs
    )
    shifts = tuple(replace(shift, spans=(MORNING,), max_trips=1, capacity=99) for shift in made.shifts)
    return replace(made, jobs=jobs, shifts=shifts, prices=Prices(crowded_stop=0))


@pytest.mark.parametrize("seed", range(6))
def test_a_small_day_is_solved_to_the_end(seed):
    problem = small_day(seed)
    plan = solve(problem, UNHURRIED_S, seed=seed, max_iterations=1500)
    assert evaluate(problem, plan).rank == best_rank(problem)


def test_what_cannot_all_be_served_is_left_out_by_weight():
    problem = small_day(seed=1, n_jobs=10)
    problem = replace(problem, jobs=tuple(replace(job, service_s=2700) for job in problem.jobs))
    plan = solve(problem, UNHURRIED_S, max_iterations=1500)
    assert evaluate(problem, plan).rank == best_rank(problem)
    assert len(plan.unserved) > 0


def test_other_names_and_another_order_cost_the_same():
    problem = small_day(seed=2)
    ids = {job.id: f"x-{number}" for number, job in enumerate(problem.jobs)}
    renamed = replace(problem, jobs=tuple(replace(job, id=ids[job.id]) for job in reversed(problem.jobs)))
    ranks = [evaluate(p, solve(p, UNHURRIED_S, max_iterations=1500)).rank for p in (problem, renamed)]
    assert ranks[0] == ranks[1]


def test_one_job_less_and_one_volunteer_more_never_cost_more():
    problem = small_day(seed=4)
    more = replace(problem, shifts=(*problem.shifts, replace(problem.shifts[0], id="more")))
    less = replace(problem, jobs=problem.jobs[:-1])
    full, helped, lighter = (
        evaluate(p, solve(p, UNHURRIED_S, max_iterations=1500)).rank for p in (problem, more, less)
    )
    assert helped <= full
    assert lighter <= full


def test_a_toll_is_not_in_what_the_best_plan_costs():
    problem = tight_day(20, 5, starter_map().network)
    search = Search(make_arrays(problem, problem.jobs), 1)
    search.run(0, 1.0)
    for price in (400.0, 3.0, 0.0):
        search.toll(price)
        assert search.cost == evaluate(problem, plan_of(search.arrays, search.orders())).cost
        search.run(50, 30.0)
        assert search.cost == evaluate(problem, plan_of(search.arrays, search.orders())).cost


def test_a_toll_empties_trips():
    # Doors 600 s to both sides of the office, so that one trip costs as much as two.
    problem = replace(day([job("a", 1), job("b", 2)], [shift(max_trips=2)]), office=0)
    beside = np.array([[0, 600, 600], [600, 0, 1200], [600, 1200, 0]])
    problem = replace(problem, duration_s=beside, distance_m=beside)
    trips = []
    for price in (-1000.0, 1000.0):  # A bounty first: it makes two of them.
        search = Search(make_arrays(problem, problem.jobs), 1)
        search.toll(price)
        search.run(200, 30.0)
        trips.append(sum(map(bool, search.orders())))
    assert trips == [2, 1]


def test_searches_begin_anew_until_their_rounds_are_over_and_keep_what_each_found():
    problem = ward_day(12, 2, seed=3)
    arrays = make_arrays(problem, problem.jobs)
    searches = [Search(arrays, seed) for seed in (1, 2)]
    phase = Phase(Budget(UNHURRIED_S), UNHURRIED_S, 3 * ROUNDS_A_JOB * 12, 100.0, lambda: None)
    found = cool(searches, [Way(4.0, anew=[[] for _ in arrays.slots])] * 2, phase)
    assert len(found) == 6
    for cost, orders in found:
        evaluation = evaluate(problem, plan_of(arrays, orders))
        assert (evaluation.unserved, evaluation.cost) == (0, cost)


@pytest.mark.parametrize(("seconds", "rounds"), [(20.0, None), (0.3, None), (60.0, 20_000), (60.0, 100)])
def test_a_plan_in_force_is_searched_around_and_with_time_from_nothing_too(seconds, rounds):
    problem = ward_day(12, 2, seed=3)
    arrays = make_arrays(problem, problem.jobs)
    searches = [Search(arrays, seed) for seed in (1, 2)]
    phases = _Phases(arrays, Budget(seconds), lambda: None, rounds)
    around, other = _ways(arrays, solve(problem, 1.0, max_iterations=5), searches, phases)
    assert around.anew is None
    assert (other.anew is not None) == (seconds == 20.0 or rounds == 20_000)


def test_the_master_makes_the_best_of_two_plans():
    # Each of two searches found one good half; only together they make the best plan.
    problem = ward_day(60, 4, seed=5)
    problem = replace(problem, prices=Prices(crowded_stop=0))
    arrays = make_arrays(problem, problem.jobs)
    searches = [Search(arrays, seed) for seed in (1, 2)]
    for search in searches:
        search.run(400, 30.0)
    best = min(searches, key=lambda search: search.cost)
    columns = [column for search in searches for column in search.columns(most=1000)]
    plan = plan_of(arrays, Master().combine(arrays, best.orders(), columns, 10.0, repeatable=True))
    assert check(problem.to_dict(), plan.to_dict()) == []
    assert evaluate(problem, plan).rank <= evaluate(problem, plan_of(arrays, best.orders())).rank
    assert plan != plan_of(arrays, best.orders())
    stopped = Master()
    stopped.stop()
    assert stopped.combine(arrays, best.orders(), columns, 10.0, repeatable=True) == best.orders()


def test_a_linked_return_rides_after_its_collection():
    # b is 600 s away and may leave 900 s after a's trip: they cannot share one.
    problem = day([job("a", 1, collect=1), job("b", 1, deliver=1, after="a", after_delay_s=900)])
    plan = solve(problem, UNHURRIED_S, max_iterations=20)
    assert plan.unserved == ()
    assert evaluate(problem, plan).violations == ()
    assert [ids for _, ids in orders_of(plan.routes[0])] == [["a"], ["b"]]


def test_one_process_compiles_and_later_ones_only_load(monkeypatch, tmp_path):
    loaded = []
    monkeypatch.setattr(warm, "_mark", lambda: tmp_path / "cache" / "kernel.compiled")
    monkeypatch.setattr(warm, "_load", lambda: loaded.append(1))
    warm.compile_once()
    warm.compile_once()
    assert loaded == [1]


@pytest.mark.parametrize("wrong", [ImportError("no numba"), RuntimeError("no place for its files")])
def test_where_the_kernel_is_not_to_be_had_nobody_waits_for_it(monkeypatch, wrong):
    def refuse():
        raise wrong

    monkeypatch.setattr(warm, "_mark", refuse)
    for name in ("_compiled", "_ready"):
        monkeypatch.setattr(warm, name, threading.Event())
    monkeypatch.setattr(warm, "_failed", [])
    warm._get()
    assert not warm.is_compiled()
    assert not warm.is_ready(UNHURRIED_S)


def test_the_mark_names_what_was_compiled_and_is_there_afterwards():
    warm.compile_once()
    assert warm._mark().exists()
    assert f"{kernel.TEXT:x}" in warm._mark().name


def test_once_it_is_compiled_the_kernel_goes_on_in_the_same_run(monkeypatch):
    told, began_at = [], []

    def noted(problem, start, budget, *rest):
        began_at.append(budget.elapsed_s)
        assert told, "the plan without the kernel was to be shown first"
        improve(problem, start, budget, *rest)

    answers = iter([False])
    monkeypatch.setattr(warm, "is_compiled", lambda: True)
    monkeypatch.setattr("routing.solve._kernel_is_there", lambda *_: next(answers, True))
    monkeypatch.setattr("routing.search.improve.improve", noted)
    problem = ward_day(20, 3, seed=2)
    plan = solve(problem, 2.0, on_progress=told.append)
    assert len(began_at) == 1
    assert check(problem.to_dict(), plan.to_dict()) == []


def test_a_small_day_that_began_without_the_kernel_has_the_plan_and_the_gap_of_one_that_began_with_it(monkeypatch):
    warm.begin()
    assert warm.is_ready(10 * UNHURRIED_S)
    problem, told, told_late = ward_day(5, 2, seed=5), [], []
    with_it = solve(problem, UNHURRIED_S, on_progress=lambda progress: told.append(progress.gap))
    answers = iter([False])
    monkeypatch.setattr("routing.solve._kernel_is_there", lambda *_: next(answers, True))
    late = solve(problem, UNHURRIED_S, on_progress=lambda progress: told_late.append(progress.gap))
    assert evaluate(problem, late).cost == evaluate(problem, with_it).cost
    assert told_late[-1] == told[-1] is not None


def test_who_waits_for_the_kernel_hears_when_to_stop(monkeypatch):
    monkeypatch.setattr(warm, "is_settled", lambda: False)
    monkeypatch.setattr(warm, "is_ready", lambda patience_s=0.0: False)
    stop = threading.Event()
    stop.set()
    assert not _kernel_is_there(Budget(UNHURRIED_S, stop=stop), math.inf)


def test_without_the_kernel_there_is_still_a_plan(monkeypatch):
    monkeypatch.setattr(warm, "is_ready", lambda patience_s=0.0: False)
    monkeypatch.setattr(warm, "is_compiled", lambda: False)
    problem = ward_day(20, 3, seed=2)
    plan = solve(problem, 0.5)
    assert isinstance(plan, Plan)
    assert plan.unserved == ()
    assert check(problem.to_dict(), plan.to_dict()) == []


def test_who_begins_at_home_in_the_morning_and_ends_there_in_the_afternoon_rides_several_trips():
    # A bag for one paper, and two papers to bring in each half-day; home is at location 1, the doors at 1 as well.
    morning, afternoon = (TimeWindow(27000, 41400),), (TimeWindow(48600, 61200),)
    jobs = [job(n, 1, deliver=1, windows=morning if n in "ab" else afternoon) for n in "abcd"]
    problem = day(jobs, [shift(capacity=1, begin_location=1, end_location=1)])
    plan = solve(problem, UNHURRIED_S, max_iterations=50)
    assert plan.unserved == ()
    assert [span for span, _ in orders_of(plan.routes[0])] == [0, 0, 1, 1]
    assert evaluate(problem, plan).violations == ()
    assert evaluate(problem, plan).travel_s == 600 + 1200 + 1200 + 600
    assert check(problem.to_dict(), plan.to_dict()) == []
