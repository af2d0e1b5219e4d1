"""The bound that is there at once: never above what a plan costs, and told as a gap while a plan is searched for."""

from dataclasses import replace
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.bound.quick import quick_bound
from routing.evaluate import evaluate
from routing.problem import Prices
from routing.solve import solve
from tests.days import ward_day
from tests.unit.routing.exact import best_rank, small_day
from tests.unit.routing.strategies import problems

UNHURRIED_S = 60.0


def priced(evaluation) -> int:
    return evaluation.cost - evaluation.unserved_price


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.sampled_from([0, 60, 600, 3000]))
def test_no_plan_costs_less_or_serves_what_is_said_to_be_impossible(problem, crowded_stop):
    problem = replace(problem, prices=replace(problem.prices, crowded_stop=crowded_stop))
    plan = solve(problem, UNHURRIED_S, 1, max_iterations=20)
    floor = quick_bound(problem)
    if floor is None:
        assert not problem.jobs or not problem.shifts
        return
    left_out = {item.job_id for item in plan.unserved}
    assert floor.impossible <= left_out
    if floor.impossible == left_out:
        assert 0 <= floor.cost <= priced(evaluate(problem, plan))


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_it_is_not_above_the_proven_best(first):
    """Days where travel alone is priced, and where so few ride so far that fair shares cost nothing more."""
    compared = 0
    for seed in range(first, first + 50):
        problem = small_day(seed, 3 + seed % 5)
        weight, _, travel = best_rank(problem)
        shares = replace(problem, prices=Prices(crowded_stop=200))
        for day in (problem, shares):
            floor = quick_bound(day)
            assert len(floor.impossible) <= weight
            if len(floor.impossible) == weight:
                compared += 1
                best = travel if day is problem else priced(evaluate(day, solve(day, 9.0, 1, max_iterations=200)))
                assert floor.cost <= best
    assert compared > 20


def test_a_ward_day_with_fair_shares_is_bounded_closely():
    problem = replace(ward_day(40, 6, seed=3, cutoff_share=0.0), handling_s=0)
    cost = priced(evaluate(problem, solve(problem, UNHURRIED_S, 1, max_iterations=3000)))
    assert 0.75 * cost < quick_bound(problem).cost <= cost


def test_the_same_day_has_the_same_bound_and_a_stopped_one_has_none():
    problem, stopped = ward_day(30, 4, seed=2), Event()
    stopped.set()
    assert quick_bound(problem) == quick_bound(problem)
    assert quick_bound(problem, stopped) is None


def test_a_job_that_nobody_can_reach_in_time_is_impossible():
    problem = ward_day(12, 3, seed=1)
    late = replace(problem.jobs[0], id="late", windows=(), release_s=90_000)
    floor = quick_bound(replace(problem, jobs=(*problem.jobs, late)))
    assert floor.impossible == {"late"}
    assert floor.cost > 0


def test_the_search_tells_the_gap_of_the_plan_that_comes_back():
    problem = ward_day(40, 5, seed=3)
    late = replace(problem.jobs[0], id="late", windows=(), release_s=90_000)
    problem = replace(problem, jobs=(*problem.jobs, late))
    told = []
    plan = solve(problem, UNHURRIED_S, 1, told.append, max_iterations=20_000)
    assert [item.job_id for item in plan.unserved] == ["late"]
    assert told[-1].cost == evaluate(problem, plan).cost
    assert told[-1].gap == pytest.approx(1 - quick_bound(problem).cost / priced(evaluate(problem, plan)))
    assert plan == solve(problem, UNHURRIED_S, 1, max_iterations=20_000)


def test_no_gap_is_told_where_more_is_left_out_than_has_to_be():
    problem = ward_day(30, 1, seed=3)
    problem = replace(problem, shifts=tuple(replace(shift, max_stops=5) for shift in problem.shifts))
    told = []
    plan = solve(problem, UNHURRIED_S, 1, told.append, max_iterations=5_000)
    assert len(plan.unserved) == 25
    assert told[-1].gap is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_what_the_search_tells_is_never_less_than_what_the_plan_costs(problem):
    told = []
    plan = solve(problem, UNHURRIED_S, 1, told.append, max_iterations=20)
    locked = any(shift.frozen is not None or shift.next_stops for shift in problem.shifts)
    if not locked and not evaluate(problem, plan).violations:
        assert all(one.cost >= told[-1].cost for one in told if one.unserved == told[-1].unserved)
