"""Problems check themselves, and say what is wrong in a sentence."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from routing.problem import Job, Prices, Problem, Shift, TimeWindow
from tests.days import AFTERNOON, MORNING, ward_day
from tests.unit.routing.strategies import problems

TABLE = np.array([[0, 60], [60, 0]])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TimeWindow(100, 99), "ends at second 99, before it begins at 100"),
        (lambda: Job("", 1, 60), "empty id"),
        (lambda: Job("a", 1, -5), "service_s is -5, expected 0 or more"),
        (lambda: Job("a", 1, 60, collect=-1), "collect is -1"),
        (lambda: Job("a", 1, 60, priority=0), "priority is 0, expected 1 or more"),
        (lambda: Job("a", 1, 60, cutoff_hard=True), "a hard cut-off needs cutoff_s"),
        (lambda: Job("a", 1, 60, aboard=True), "what is aboard needs only_shift"),
        (lambda: Shift("", (MORNING,), 5), "empty id"),
        (lambda: Shift("s", (), 5), "has no spans, expected one or more"),
        (lambda: Shift("s", (TimeWindow(-60, 60),), 5), "begins before midnight, at second -60"),
        (lambda: Shift("s", (AFTERNOON, MORNING), 5), "overlap or are out of order"),
        (lambda: Shift("s", (MORNING,), -1), "capacity is -1"),
        (lambda: Shift("s", (MORNING,), 5, max_trips=0), "max_trips is 0, expected 1 or more"),
        (lambda: Job("a", 1, 60, after="a"), "'a' comes after itself"),
        (lambda: Job("a", 1, 60, release_s=-1), "release_s is -1"),
        (lambda: Job("a", 1, 60, late_per_min=-1), "late_per_min is below 0"),
        (lambda: Shift("s", (MORNING,), 5, max_stops=-1), "max_stops is -1"),
        (lambda: Shift("s", (MORNING,), 5, frozen=((1, ()),)), "rides in span 1, which it does not have"),
        (lambda: Problem((Job("a", 1, 60, after="b"),), (), TABLE, TABLE), "after job 'b', which is not there"),
        (
            lambda: Problem((Job("a", 1, 60, after="b"), Job("b", 1, 60, after="a")), (), TABLE, TABLE),
            "comes after itself, by way of",
        ),
        (
            lambda: Problem((), (Shift("s", (MORNING,), 5, next_stops=("x",)),), TABLE, TABLE),
            "is locked to job 'x', which is not there",
        ),
        (
            lambda: Problem((), (Shift("s", (MORNING,), 5, end_location=2),), TABLE, TABLE),
            "end_location is 2 of 2",
        ),
        (lambda: Problem((), (), TABLE, TABLE, travel_cost=np.zeros((3, 3), int)), "travel_cost has another shape"),
        (lambda: Prices(unserved=-1), "unserved is -1"),
        (lambda: Problem((), (), np.zeros((2, 3), int), TABLE), "expected a square table"),
        (lambda: Problem((), (), TABLE * 1.5, TABLE), "expected whole numbers"),
        (lambda: Problem((), (), TABLE - 60, TABLE), "expected 0 or more"),
        (lambda: Problem((), (), TABLE + 1, TABLE), "is not 0 from a location to itself"),
        (lambda: Problem((), (), TABLE, np.zeros((1, 1), int)), "distance_m is"),
        (lambda: Problem((), (), TABLE, TABLE, office=2), "office is 2, but there are 2 locations"),
        (lambda: Problem((), (), TABLE, TABLE, handling_s=-1), "handling_s is -1"),
        (lambda: Problem((Job("a", 2, 60),), (), TABLE, TABLE), "is at location 2 of 2"),
        (lambda: Problem((Job("a", 1, 60),) * 2, (), TABLE, TABLE), "Two jobs have the same id"),
        (lambda: Problem((), (Shift("s", (MORNING,), 5),) * 2, TABLE, TABLE), "Two shifts have the same id"),
        (lambda: Problem((Job("a", 1, 60, only_shift="x"),), (), TABLE, TABLE), "'x', which is not on duty"),
        (
            lambda: Problem((), (Shift("s", (MORNING,), 5, start_location=7),), TABLE, TABLE),
            "starts at location 7 of 2",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_a_window_holds_both_its_ends():
    window = TimeWindow(100, 200)
    assert [time_s in window for time_s in (99, 100, 200, 201)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("start_s", "span"),
    [(None, 0), (7 * 3600, 0), (9 * 3600, 0), (12 * 3600, 0), (13 * 3600 + 1800, 1), (16 * 3600, 1)],
)
def test_the_span_under_way_is_the_last_that_has_begun(start_s, span):
    assert Shift("s", (MORNING, AFTERNOON), 5, start_s=start_s).first_span == span


def test_what_is_aboard_counts_as_load_of_its_own_shift_only():
    shifts = (Shift("s", (MORNING,), 9, carried=2), Shift("t", (MORNING,), 9))
    jobs = (
        Job("a", 1, 60, deliver=3, only_shift="s", aboard=True),
        Job("b", 1, 60, deliver=4, only_shift="s"),
    )
    problem = Problem(jobs, shifts, TABLE, TABLE)
    assert [problem.load_at_start(shift) for shift in shifts] == [5, 0]


def test_a_problem_is_written_as_plain_json():
    problem = ward_day(3, 2, seed=1)
    written = json.loads(json.dumps(problem.to_dict()))
    assert [job["id"] for job in written["jobs"]] == ["job-1", "job-2", "job-3"]
    assert written["shifts"][0]["spans"][0] == {"start_s": 27000, "end_s": 41400}
    assert written["duration_s"] == problem.duration_s.tolist()
    assert written["prices"]["travel_per_s"] == 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_a_problem_comes_back_from_json(problem):
    again = Problem.from_dict(json.loads(json.dumps({**problem.to_dict(), "more": 1})))
    assert again.to_dict() == problem.to_dict()
    assert (again.jobs, again.shifts, again.prices) == (problem.jobs, problem.shifts, problem.prices)


def test_locks_come_back_from_json_too():
    shift = Shift("s", (TimeWindow(0, 9),), 1, next_stops=("a",), frozen=((0, ("a", "b")), (0, ("c",))))
    jobs = tuple(Job(name, 0, 1) for name in "abc")
    table = np.zeros((1, 1), np.int64)
    problem = Problem(jobs, (shift,), table, table, travel_cost=table)
    assert Problem.from_dict(problem.to_dict()).shifts == (shift,)
