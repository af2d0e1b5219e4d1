"""Plans spoiled on purpose: ``evaluate`` names what is broken, and the independent checker sees it too.

The street and its times are in line.py.
"""

from dataclasses import replace

import pytest

from routing.constraints import PLAN_CONSTRAINTS, ROUTE_CONSTRAINTS
from routing.evaluate import evaluate
from routing.plan import Plan, Route, Trip, Unserved, Visit
from routing.problem import TimeWindow
from tests.checker import check
from tests.unit.routing.line import day, job, route, shift

EARLY = (TimeWindow(27000, 28000),)


def late_for_a_window():
    # b is reached at 27000 + 600 + 300 + 600 = 28500, its window ends at 28000: 500 s late.
    problem = day([job("a", 1), job("b", 2, windows=EARLY)])
    return problem, Plan((route(problem, (0, ["a", "b"])),)), ("window", "s", "b", 500)


def before_a_window():
    # Stated at 27600, the only window opens at 27700.
    problem = day([job("a", 1, windows=(TimeWindow(27700, 28000),))])
    trip = Trip(0, 27000, (Visit("a", 27600, 27600, 27900),), 28500)
    return problem, Plan((Route("s", (trip,)),)), ("window", "s", "a", 100)


def leaves_before_the_half_day():
    problem = day([job("a", 1)])
    trip = Trip(0, 26900, (Visit("a", 27600, 27600, 27900),), 28500)
    return problem, Plan((Route("s", (trip,)),)), ("outside_span", "s", None, 100)


def leaves_before_the_shift_is_where_it_is():
    problem = day([job("a", 3)], [shift(start_location=3, start_s=36000)])
    trip = Trip(0, 35990, (Visit("a", 36000, 36000, 36300),), 38100)
    return problem, Plan((Route("s", (trip,)),)), ("outside_span", "s", None, 10)


def rides_in_a_half_day_that_is_over():
    # At 50000 the afternoon has begun; the plan sends the volunteer out in the morning.
    problem = day([job("a", 1)], [shift(start_location=0, start_s=50000)])
    trip = Trip(0, 27000, (Visit("a", 27600, 27600, 27900),), 28500)
    return problem, Plan((Route("s", (trip,)),)), ("outside_span", "s", None, 23000)


def rides_in_a_half_day_that_is_not_there():
    problem = day([job("a", 1)])
    trip = replace(route(problem, (0, ["a"])).trips[0], span=2)
    return problem, Plan((Route("s", (trip,)),)), ("outside_span", "s", None, 1)


def past_the_end_of_the_shift():
    # 48600 + 600 + 12000 + 600 = 61800, the shift ends at 61200.
    problem = day([job("a", 1, service_s=12000)])
    return problem, Plan((route(problem, (1, ["a"])),)), ("span_end", "s", None, 600)


def rides_through_lunch():
    # 27000 + 600 + 14000 + 600 = 42200, lunch begins at 41400.
    problem = day([job("a", 1, service_s=14000)])
    return problem, Plan((route(problem, (0, ["a"])),)), ("lunch", "s", None, 800)


def two_trips_at_once():
    # The first trip is back at 28500, with handling the second may leave at 29100; it leaves at 28800.
    problem = day([job("a", 1), job("b", 1)])
    first = route(problem, (0, ["a"])).trips[0]
    second = Trip(0, 28800, (Visit("b", 29400, 29400, 29700),), 30300)
    return problem, Plan((Route("s", (first, second)),)), ("trips_overlap", "s", None, 300)


def sent_out_again_before_coming_home():
    # At 41000 at location 3, home at 42800, with two hours of handling ready at 50000; the trip leaves at 48600.
    problem = day([job("a", 1)], [shift(start_location=3, start_s=41000)], handling_s=7200)
    trip = Trip(1, 48600, (Visit("a", 49200, 49200, 49500),), 50100)
    return problem, Plan((Route("s", (trip,)),)), ("trips_overlap", "s", None, 1400)


def too_many_trips():
    problem = day([job("a", 1), job("b", 1)], [shift(max_trips=1)])
    return problem, Plan((route(problem, (0, ["a"]), (0, ["b"])),)), ("max_trips", "s", None, 1)


def faster_than_one_can_ride():
    # b is 600 s on from a; the plan says 500.
    problem = day([job("a", 1), job("b", 2)])
    visits = (Visit("a", 27600, 27600, 27900), Visit("b", 28400, 28500, 28800))
    return problem, Plan((Route("s", (Trip(0, 27000, visits, 30000),)),)), ("impossible_times", "s", "b", 100)


def served_faster_than_the_work_takes():
    problem = day([job("a", 1, setup_s=60)])
    trip = Trip(0, 27000, (Visit("a", 27600, 27630, 27900),), 28500)
    return problem, Plan((Route("s", (trip,)),)), ("impossible_times", "s", "a", 30 + 30)


def home_faster_than_one_can_ride():
    problem = day([job("a", 1)])
    trip = replace(route(problem, (0, ["a"])).trips[0], back_s=28400)
    return problem, Plan((Route("s", (trip,)),)), ("impossible_times", "s", None, 100)


def too_much_to_hand_out():
    problem = day([job("a", 1, deliver=3), job("b", 2, deliver=3)])
    return problem, Plan((route(problem, (0, ["a", "b"])),)), ("capacity", "s", None, 1)


def too_much_in_the_middle():
    # Out with 3 (for b), a adds 4: 7 in a bag of 5. After b there are 4.
    problem = day([job("a", 1, collect=4), job("b", 2, deliver=3)])
    return problem, Plan((route(problem, (0, ["a", "b"])),)), ("capacity", "s", None, 2)


def too_much_with_what_is_carried():
    problem = day([job("a", 1, collect=3)], [shift(carried=3)])
    return problem, Plan((route(problem, (0, ["a"])),)), ("capacity", "s", None, 1)


def papers_that_are_not_there():
    problem = day([job("a", 2, deliver=1)], [shift(start_location=3, start_s=36000)])
    return problem, Plan((route(problem, (0, ["a"])),)), ("not_loaded", "s", "a", 1)


def papers_in_another_bag():
    jobs = [job("a", 1, deliver=1, only_shift="s", aboard=True)]
    problem = day(jobs, [shift("s"), shift("t")])
    return problem, Plan((route(problem, (0, ["a"]), shift_id="t"),)), ("aboard", "t", "a", 1)


def papers_aboard_on_a_later_trip():
    jobs = [job("a", 1, deliver=1, only_shift="s", aboard=True)]
    problem = day(jobs)
    return problem, Plan((route(problem, (1, ["a"])),)), ("aboard", "s", "a", 1)


def rides_with_the_wrong_shift():
    problem = day([job("a", 1, only_shift="t")], [shift("s"), shift("t")])
    return problem, Plan((route(problem, (0, ["a"])),)), ("only_shift", "s", "a", 1)


def lacks_a_skill():
    problem = day([job("a", 1, skills=frozenset({"certify"}))])
    return problem, Plan((route(problem, (0, ["a"])),)), ("skill", "s", "a", 1)


def misses_a_promised_cutoff():
    # Back at 27000 + 600 + 300 + 600 = 28500, promised by 28000.
    problem = day([job("a", 1, cutoff_s=28000, cutoff_hard=True)])
    return problem, Plan((route(problem, (0, ["a"])),)), ("cutoff", "s", "a", 500)


def leaves_before_the_papers_are_there():
    # a's papers may leave at 27600; the trip leaves at 27000.
    problem = day([job("a", 1, release_s=27600)])
    trip = Trip(0, 27000, (Visit("a", 27600, 27600, 27900),), 28500)
    return problem, Plan((Route("s", (trip,)),)), ("release", "s", "a", 600)


def goes_where_it_shall_not():
    problem = day([job("a", 1, excluded_shifts=frozenset({"s"}))])
    return problem, Plan((route(problem, (0, ["a"])),)), ("excluded_shift", "s", "a", 1)


def has_too_many_stops():
    problem = day([job("a", 1), job("b", 2)], [shift(max_stops=1)])
    return problem, Plan((route(problem, (0, ["a", "b"])),)), ("max_stops", "s", None, 1)


def works_too_long():
    # 600 out, 60 setup, 300 service, 600 home = 1560; the wait for the window does not count.
    problem = day([job("a", 1, setup_s=60, windows=(TimeWindow(36000, 36000),))], [shift(max_work_s=1500)])
    return problem, Plan((route(problem, (0, ["a"])),)), ("max_work", "s", None, 60)


def goes_elsewhere_first():
    problem = day([job("a", 1), job("b", 2)], [shift(next_stops=("b",))])
    return problem, Plan((route(problem, (0, ["a", "b"])),)), ("next_stop", "s", "b", 1)


def leaves_out_the_next_stop():
    problem = day([job("a", 1)], [shift(next_stops=("a",))])
    return problem, Plan((), (Unserved("a"),)), ("next_stop", "s", "a", 1)


def changes_a_frozen_route():
    problem = day([job("a", 1), job("b", 2)], [shift(frozen=((0, ("a",)), (1, ("b",))))])
    return problem, Plan((route(problem, (0, ["a", "b"])),)), ("frozen_route", "s", None, 1)


def returns_before_it_was_collected():
    # a's trip is back at 27000 + 600 + 300 + 600 = 28500; with 900 s of processing b may leave at 29400.
    problem = day([job("a", 1, collect=1), job("b", 1, deliver=1, after="a", after_delay_s=900)])
    return problem, Plan((route(problem, (0, ["a"]), (0, ["b"])),)), ("after", "s", "b", 300)


def returns_what_is_never_collected():
    problem = day([job("a", 1, collect=1), job("b", 1, deliver=1, after="a")])
    return problem, Plan((route(problem, (0, ["b"])),), (Unserved("a"),)), ("after", "s", "b", 1)


def takes_home_what_is_wanted_at_the_office():
    problem = day([job("a", 1, cutoff_s=61200, cutoff_hard=True)], [shift(end_location=2)])
    return problem, Plan((route(problem, (1, ["a"])),)), ("cutoff", "s", "a", 1)


def loses_a_job():
    problem = day([job("a", 1), job("b", 2)])
    return problem, Plan((route(problem, (0, ["a"])),)), ("lost_job", None, "b", 1)


def doubles_a_job():
    problem = day([job("a", 1)])
    return problem, Plan((route(problem, (0, ["a"]), (1, ["a"])),)), ("doubled_job", None, "a", 1)


def serves_what_it_says_is_unserved():
    problem = day([job("a", 1)])
    return problem, Plan((route(problem, (0, ["a"])),), (Unserved("a"),)), ("doubled_job", None, "a", 1)


def serves_a_stranger():
    problem = day([job("a", 1)])
    trip = Trip(0, 27000, (Visit("a", 27600, 27600, 27900), Visit("x", 27900, 27900, 27900)), 28500)
    return problem, Plan((Route("s", (trip,)),)), ("unknown_job", None, "x", 1)


def sends_out_a_stranger():
    problem = day([job("a", 1)])
    return problem, Plan((Route("x", route(problem, (0, ["a"])).trips),)), ("unknown_shift", "x", None, 1)


def two_routes_for_one_shift():
    problem = day([job("a", 1), job("b", 1)])
    return (
        problem,
        Plan((route(problem, (0, ["a"])), route(problem, (1, ["b"])))),
        ("doubled_shift", "s", None, 1),
    )


SPOILED = [
    late_for_a_window,
    before_a_window,
    leaves_before_the_half_day,
    leaves_before_the_shift_is_where_it_is,
    rides_in_a_half_day_that_is_over,
    rides_in_a_half_day_that_is_not_there,
    past_the_end_of_the_shift,
    rides_through_lunch,
    two_trips_at_once,
    sent_out_again_before_coming_home,
    too_many_trips,
    faster_than_one_can_ride,
    served_faster_than_the_work_takes,
    home_faster_than_one_can_ride,
    too_much_to_hand_out,
    too_much_in_the_middle,
    too_much_with_what_is_carried,
    papers_that_are_not_there,
    papers_in_another_bag,
    papers_aboard_on_a_later_trip,
    rides_with_the_wrong_shift,
    lacks_a_skill,
    misses_a_promised_cutoff,
    leaves_before_the_papers_are_there,
    goes_where_it_shall_not,
    has_too_many_stops,
    works_too_long,
    goes_elsewhere_first,
    leaves_out_the_next_stop,
    changes_a_frozen_route,
    returns_before_it_was_collected,
    returns_what_is_never_collected,
    takes_home_what_is_wanted_at_the_office,
    loses_a_job,
    doubles_a_job,
    serves_what_it_says_is_unserved,
    serves_a_stranger,
    sends_out_a_stranger,
    two_routes_for_one_shift,
]


@pytest.mark.parametrize("spoiled", SPOILED, ids=lambda spoiled: spoiled.__name__)
def test_a_spoiled_plan_is_caught_by_name_and_by_the_checker(spoiled):
    problem, plan, expected = spoiled()
    evaluation = evaluate(problem, plan)
    assert not evaluation.feasible
    found = [(v.constraint, v.shift_id, v.job_id, v.amount) for v in evaluation.violations]
    assert expected in found
    assert check(problem.to_dict(), plan.to_dict()) != []


def test_every_constraint_is_broken_by_some_plan():
    names = {constraint.__name__ for constraint in (*ROUTE_CONSTRAINTS, *PLAN_CONSTRAINTS)}
    assert {spoiled()[2][0] for spoiled in SPOILED} == names


GOOD = {
    "exactly at both ends of a window": lambda: day([job("a", 1, windows=(TimeWindow(27600, 27600),))]),
    "exactly by the end of the half-day": lambda: day([job("a", 1, service_s=13200)]),
    "exactly a full bag": lambda: day([job("a", 1, deliver=5, collect=5)]),
    "exactly by the cut-off": lambda: day([job("a", 1, cutoff_s=28500, cutoff_hard=True)]),
    "a bag that was too full before": lambda: day([job("a", 1)], [shift(carried=7)]),
    "exactly when its papers are there": lambda: day([job("a", 1, release_s=27000)]),
    "exactly as long as one can work": lambda: day([job("a", 1)], [shift(max_work_s=1500)]),
    "late where lateness has a price": lambda: day([job("a", 1, windows=(TimeWindow(27000, 27300),), late_per_min=10)]),
    "the next stop first": lambda: day([job("a", 1)], [shift(next_stops=("a",))]),
    "a frozen route": lambda: day([job("a", 1)], [shift(frozen=((0, ("a",)),))]),
    "papers aboard on the first trip": lambda: day(
        [job("a", 1, deliver=1, only_shift="s", aboard=True)], [shift(start_location=1, start_s=30000)]
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_just_holds_is_not_a_violation(name):
    problem = GOOD[name]()
    plan = Plan((route(problem, (0, ["a"])),))
    assert evaluate(problem, plan).violations == ()
    assert check(problem.to_dict(), plan.to_dict()) == []
