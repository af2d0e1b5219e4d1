"""Whatever is asked, the plan holds; and it is the best that small days allow."""

import threading
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.plan import Plan
from routing.problem import TimeWindow
from routing.search.process import SearchFailedError, solve_in_process
from routing.search.workers import standby
from routing.solve import solve
from routing.timing import orders_of
from tests.checker import check
from tests.days import ward_day
from tests.unit.routing.exact import best_rank, small_day
from tests.unit.routing.line import day, job, route, shift
from tests.unit.routing.strategies import problems

UNHURRIED_S = 60.0
"""A limit that is not meant to be reached: these runs end by their number of iterations."""


def assert_holds(problem, plan):
    assert evaluate(problem, plan).violations == ()
    assert check(problem.to_dict(), plan.to_dict()) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.integers(0, 99))
def test_every_plan_holds_and_gives_reasons(problem, seed):
    plan = solve(problem, UNHURRIED_S, seed, max_iterations=20)
    assert_holds(problem, plan)
    for left_out in plan.unserved:
        assert left_out.reasons
        assert left_out.reasons[0].code != "not_planned"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.data())
def test_solving_again_from_another_days_plan_holds_and_is_no_worse(problem, data):
    plan = solve(problem, UNHURRIED_S, max_iterations=10)
    again = solve(problem, UNHURRIED_S, max_iterations=10, start=plan)
    assert evaluate(problem, again).rank <= evaluate(problem, plan).rank
    kept = data.draw(st.sets(st.sampled_from(problem.jobs))) if problem.jobs else set()
    names = {job.id for job in kept}
    jobs = (replace(job, after=job.after if job.after in names else None) for job in problem.jobs if job in kept)
    smaller = replace(problem, jobs=tuple(jobs))
    assert_holds(smaller, solve(smaller, UNHURRIED_S, max_iterations=5, start=plan))


def best_by_hand(problem) -> int:
    """The cost of the best single trip, by trying every order."""
    plans = (Plan((route(problem, (0, list(order))),)) for order in permutations(problem.job_by_id))
    return min(e.cost for plan in plans if (e := evaluate(problem, plan)).feasible)


@pytest.mark.parametrize("seed", range(4))
def test_a_small_day_is_solved_to_the_end(seed):
    made = ward_day(6, 1, seed, cutoff_share=0)
    morning = TimeWindow(27000, 41400)
    problem = replace(
        made,
        jobs=tuple(replace(job, windows=(), skills=frozenset()) for job in made.jobs),
        shifts=(replace(made.shifts[0], id="s", spans=(morning,), max_trips=1),),
    )
    plan = solve(problem, UNHURRIED_S, max_iterations=300)
    assert evaluate(problem, plan).cost == best_by_hand(problem)


def test_the_same_seed_gives_the_same_plan():
    problem = ward_day(25, 3, seed=5)
    first, second = (solve(problem, UNHURRIED_S, seed=3, max_iterations=60) for _ in range(2))
    assert first == second
    assert_holds(problem, first)


def test_all_of_a_day_that_can_be_served_is_served():
    problem = ward_day(60, 6, seed=2)
    plan = solve(problem, UNHURRIED_S, max_iterations=60)
    assert plan.unserved == ()
    assert_holds(problem, plan)


def test_without_time_there_is_still_a_plan():
    problem = ward_day(40, 4, seed=3)
    plan = solve(problem, 0)
    assert_holds(problem, plan)
    assert plan.unserved == ()


def test_the_search_tells_how_it_goes_and_can_be_stopped():
    heard = []

    def once(progress):
        heard.append(progress)
        return False

    problem = ward_day(40, 4, seed=3)
    plan = solve(problem, UNHURRIED_S, on_progress=once)
    assert len(heard) == 1
    assert (heard[0].served, heard[0].unserved) == (40, 0)
    assert 0 <= heard[0].fraction < 1
    assert_holds(problem, plan)


def test_a_stop_event_ends_the_search():
    stop = threading.Event()
    stop.set()
    heard = []
    plan = solve(ward_day(40, 4, seed=3), UNHURRIED_S, on_progress=heard.append, stop=stop)
    assert len(heard) == 1
    assert len(plan.routes) > 0


def test_a_same_day_dossier_comes_back_in_time_on_a_trip_of_its_own():
    # Both are collected after lunch. a must be back by 15:00 (54000); b opens at 16:00 (57600).
    problem = day(
        [
            job("a", 1, collect=1, cutoff_s=54000, cutoff_hard=True, windows=(TimeWindow(48600, 61200),)),
            job("b", 1, collect=1, windows=(TimeWindow(57600, 61200),)),
        ]
    )
    plan = solve(problem, UNHURRIED_S, max_iterations=20)
    assert orders_of(plan.routes[0]) == [(1, ["a"]), (1, ["b"])]
    assert_holds(problem, plan)


def test_a_priced_cutoff_is_missed_only_where_meeting_it_costs_more():
    # The windows force one trip past 15:00; a second trip would cost 1200 s more, a missed cut-off 3600.
    jobs = [
        job("a", 1, collect=1, cutoff_s=54000, windows=(TimeWindow(48600, 53000),)),
        job("b", 1, collect=1, windows=(TimeWindow(57600, 61200),)),
    ]
    problem = day(jobs)
    assert evaluate(problem, solve(problem, UNHURRIED_S, max_iterations=20)).missed_cutoffs == ()
    cheap = replace(problem, prices=replace(problem.prices, cutoff_missed=100))
    assert evaluate(cheap, solve(cheap, UNHURRIED_S, max_iterations=20)).missed_cutoffs == ("a",)


def test_small_bags_are_filled_twice():
    # Three results of 2 units for a bag of 4: the fourth and sixth unit need a second trip.
    problem = day([job(name, 1, deliver=2) for name in "abc"], [shift(capacity=4, spans=(TimeWindow(27000, 41400),))])
    plan = solve(problem, UNHURRIED_S, max_iterations=20)
    assert plan.unserved == ()
    assert len(plan.routes[0].trips) == 2


def test_what_is_aboard_is_handed_out_by_who_has_it_and_the_rest_after_the_office():
    # s is out at location 3 with a's papers, t waits at the office; only s may ride c, whose papers lie there.
    problem = day(
        [
            job("a", 2, deliver=1, only_shift="s", aboard=True),
            job("b", 2, deliver=1),
            job("c", 1, deliver=1, only_shift="s"),
        ],
        [shift("s", start_location=3, start_s=30000), shift("t", start_location=0, start_s=30000)],
    )
    plan = solve(problem, UNHURRIED_S, max_iterations=20)
    assert plan.unserved == ()
    first, second = plan.route_of("a").trips
    assert [visit.job_id for visit in first.visits] == ["a"]
    assert "c" in [visit.job_id for visit in second.visits]
    assert_holds(problem, plan)


def test_a_bag_that_is_awaited_comes_home_by_its_cutoff():
    # s is out at 52000 with dated papers, 600 s from the office; a takes until after 15:00 and comes later.
    problem = day(
        [job("a", 2, service_s=2400, collect=1)],
        [shift("s", start_location=1, start_s=52000, carried=1, carried_cutoff_s=54000)],
    )
    plan = solve(problem, UNHURRIED_S, max_iterations=20)
    assert evaluate(problem, plan).late_bags == ()
    assert orders_of(plan.routes[0]) == [(1, []), (1, ["a"])]


def test_a_moved_job_stays_with_its_shift_unless_it_pays():
    # t rides past a's door anyway; moving a there saves 1200 s, more than the price of 300.
    jobs = [job("a", 1, preferred_shift="s"), job("b", 2, only_shift="t")]
    problem = day(jobs, [shift("s"), shift("t")])
    plan = solve(problem, UNHURRIED_S, max_iterations=50)
    assert plan.route_of("a").shift_id == "t"
    dear = replace(problem, prices=replace(problem.prices, moved_job=2000))
    assert solve(dear, UNHURRIED_S, max_iterations=50).route_of("a").shift_id == "s"


def test_a_process_of_its_own_gives_the_same_plan():
    problem = ward_day(15, 2, seed=4)
    heard = []
    plan = solve_in_process(problem, UNHURRIED_S, seed=2, on_progress=heard.append, max_iterations=30)
    assert plan == solve(problem, UNHURRIED_S, seed=2, max_iterations=30)
    assert heard[0].served + heard[0].unserved == 15


def test_a_process_stops_when_asked_from_another_thread():
    problem, stop, plans = ward_day(60, 6, seed=4), threading.Event(), []

    def run():
        plans.append(solve_in_process(problem, UNHURRIED_S, on_progress=lambda _: stop.set(), stop=stop))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(UNHURRIED_S / 2)
    assert not thread.is_alive()
    assert_holds(problem, plans[0])


def test_a_process_that_dies_is_reported(monkeypatch):
    standby.close()
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(SearchFailedError, match="ended without a plan"):
        solve_in_process(ward_day(3, 1, seed=1), 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_twelve_jobs_is_solved_to_the_proven_best(seed):
    problem = small_day(seed, 12)
    assert evaluate(problem, solve(problem, UNHURRIED_S, max_iterations=3000)).rank == best_rank(problem)
