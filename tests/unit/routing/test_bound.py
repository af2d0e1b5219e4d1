"""A lower bound is never above what a plan costs, and close to the best where the best is known."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.__main__ import main
from routing.bound.bound import lower_bound
from routing.evaluate import evaluate
from routing.plan import Plan, Unserved
from routing.search.process import prove_in_process
from routing.solve import solve
from tests.days import ward_day
from tests.unit.routing.exact import best_rank, small_day
from tests.unit.routing.strategies import problems

UNHURRIED_S = 60.0


def priced(evaluation) -> int:
    return evaluation.cost - evaluation.unserved_price


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.integers(0, 99))
def test_no_plan_costs_less_than_the_bound(problem, seed):
    plan = solve(problem, UNHURRIED_S, seed, max_iterations=20)
    bound = lower_bound(problem, plan, UNHURRIED_S)
    assert 0 <= bound.cost <= priced(evaluate(problem, plan)) == bound.plan_cost


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_a_poor_plan_does_not_raise_the_bound(problem):
    """The bound speaks of all plans that serve as much: a better one must not lie below it."""
    better = solve(problem, UNHURRIED_S, 1, max_iterations=30)
    poor = Plan((), tuple(Unserved(job.id) for job in problem.jobs))
    assert lower_bound(problem, poor, UNHURRIED_S).cost <= priced(evaluate(problem, better))
    served_less = lower_bound(problem, better, UNHURRIED_S).cost
    assert served_less <= priced(evaluate(problem, better))


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_the_bound_is_not_above_the_proven_best_and_mostly_meets_it(first):
    met = 0
    for seed in range(first, first + 20):
        problem = small_day(seed, 3 + seed % 5)
        weight, count, travel = best_rank(problem)
        plan = solve(problem, UNHURRIED_S, 1, max_iterations=200)
        assert evaluate(problem, plan).rank == (weight, count, travel)
        bound = lower_bound(problem, plan, UNHURRIED_S)
        assert bound.cost <= travel
        assert bound.left_out == weight
        met += bound.cost == travel
    assert met >= 15


def test_a_ward_day_with_fair_shares_is_bounded_closely():
    problem = replace(ward_day(24, 4, seed=3, cutoff_share=0.0), handling_s=0)
    plan = solve(problem, UNHURRIED_S, 1, max_iterations=3000)
    heard = []
    bound = lower_bound(problem, plan, UNHURRIED_S, on_bound=heard.append)
    assert bound.gap < 0.05
    assert heard == sorted(set(heard))
    assert heard[-1] == bound.cost


def test_a_stopped_bound_is_still_a_bound():
    class Stopped:
        def is_set(self) -> bool:
            return True

    problem = ward_day(12, 3, seed=1)
    plan = solve(problem, UNHURRIED_S, 1, max_iterations=100)
    assert lower_bound(problem, plan, UNHURRIED_S, stop=Stopped()).cost == 0


def test_the_command_tells_the_gap(tmp_path, capsys):
    places = [[abs(a - b) * 100 for b in range(4)] for a in range(4)]
    jobs = [{"id": n, "location_index": n} for n in (1, 2, 3)]
    asked = {
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0}],
        "jobs": jobs,
        "matrices": {"car": {"durations": places}},
    }
    path = tmp_path / "in.json"
    path.write_text(json.dumps(asked), "utf-8")
    assert main(["bound", str(path), "--time-limit", "20"]) == 0
    assert json.loads(capsys.readouterr().out) == {"cost": 600, "bound": 600, "gap": 0.0, "priority_left_out": 0}


def test_it_is_proven_in_a_process_of_its_own_that_tells_how_it_goes():
    problem = replace(ward_day(24, 4, seed=3, cutoff_share=0.0), handling_s=0)
    plan = solve(problem, UNHURRIED_S, 1, max_iterations=3000)
    told = []
    bound = prove_in_process(problem, plan, UNHURRIED_S, told.append)
    assert bound.gap < 0.05
    assert bound.plan_cost == priced(evaluate(problem, plan))
    gaps = [one.gap for one in told if one.gap is not None]
    assert gaps == sorted(gaps, reverse=True)
    assert all(gap >= bound.gap for gap in gaps)
    assert all(0 <= one.fraction <= 1 for one in told)


def test_a_proof_ends_soon_when_asked_and_keeps_what_it_has():
    problem = ward_day(60, 6, seed=4)
    plan = solve(problem, UNHURRIED_S, 1, max_iterations=2000)
    told = []

    def enough(progress):
        told.append(progress)
        return progress.gap is None

    bound = prove_in_process(problem, plan, 10 * UNHURRIED_S, enough)
    assert told[-1].fraction < 0.5
    assert 0 < bound.cost <= bound.plan_cost
