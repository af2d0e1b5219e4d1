"""Times and costs of days that were worked out by hand (see line.py for the street)."""

import json
from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.plan import Plan, Reason, Route, Trip, Unserved, Visit
from routing.problem import Prices, TimeWindow
from routing.timing import orders_of, schedule_all
from tests.checker import check
from tests.unit.routing.line import STEPS, day, job, route, shift


def test_a_trip_leaves_late_rather_than_wait_at_the_first_door():
    # a (600 s away) opens at 28800: leave at 28800 - 120 setup - 600 = 28080.
    # a: 28800-29100; b: 600 on, 29700 + 120 = 29820-30120; home 1200: 31320.
    problem = day([job("a", 1, setup_s=120, windows=(TimeWindow(28800, 30000),)), job("b", 2, setup_s=120)])
    assert route(problem, (0, ["a", "b"])).trips == (
        Trip(0, 28080, (Visit("a", 28680, 28800, 29100), Visit("b", 29700, 29820, 30120)), 31320),
    )


def test_setup_is_spent_once_at_one_door():
    # a: 27600 + 120 = 27720-28020; b at the same door: 28020-28320; c back at it after d: setup again.
    jobs = [job(name, 1, setup_s=120) for name in "abc"] + [job("d", 2)]
    visits = list(route(day(jobs), (0, ["a", "b", "d", "c"])).visits())
    assert [visit.start_s for visit in visits] == [27720, 28020, 28920, 29940]


def test_a_visit_waits_for_the_next_of_several_windows():
    # b is reached at 27600 + 300 + 600 = 28500, between its windows.
    windows = (TimeWindow(27000, 28000), TimeWindow(36000, 37000))
    problem = day([job("a", 1), job("b", 2, windows=windows)])
    assert [visit.start_s for visit in route(problem, (0, ["a", "b"])).visits()] == [27600, 36000]


def test_the_second_trip_starts_after_handling_at_the_office():
    # a: 27000 + 600 + 300 + 600 = 28500 back; + 600 handling = 29100; lunch: the afternoon begins at 48600.
    problem = day([job("a", 1), job("b", 1), job("c", 1)])
    trips = route(problem, (0, ["a"]), (0, ["b"]), (1, ["c"])).trips
    assert [(trip.leave_office_s, trip.back_s) for trip in trips] == [
        (27000, 28500),
        (29100, 30600),
        (48600, 50100),
    ]


def test_a_trip_under_way_starts_where_the_volunteer_is():
    # At 36000 at location 3: 600 to location 2, 300 there, 1200 home.
    problem = day([job("a", 2)], [shift(start_location=3, start_s=36000)])
    assert route(problem, (0, ["a"])).trips == (Trip(0, 36000, (Visit("a", 36600, 36600, 36900),), 38100),)


def test_a_trip_under_way_with_nothing_left_rides_home_before_the_next():
    # Home at 36000 + 1800 = 37800, handling 600: leaves at 38400.
    problem = day([job("a", 1, deliver=1)], [shift(start_location=3, start_s=36000)])
    trips = route(problem, (0, []), (0, ["a"])).trips
    assert (trips[0].back_s, trips[1].leave_office_s) == (37800, 38400)


def test_orders_and_times_go_into_each_other():
    problem = day([job("a", 1), job("b", 2)])
    timed = route(problem, (0, ["b"]), (1, ["a"]))
    assert orders_of(timed) == [(0, ["b"]), (1, ["a"])]
    assert route(problem, *orders_of(timed)) == timed


def test_the_cost_is_travel_what_is_left_out_late_papers_and_moved_jobs():
    # s: office-1-3-office = 600 + 1200 + 1800 = 3600 s, 18 km. c is left out with weight 2.
    # a should be back by 28000 but is back at 27000 + 3600 + 2 x 300 = 31200; b rode with t before.
    jobs = [
        job("a", 1, collect=1, cutoff_s=28000),
        job("b", 3, preferred_shift="t"),
        job("c", 2, priority=2),
    ]
    problem = day(jobs, [shift("s"), shift("t")])
    evaluation = evaluate(problem, Plan((route(problem, (0, ["a", "b"])),), (Unserved("c"),)))
    assert evaluation.feasible
    assert (evaluation.travel_s, evaluation.distance_m, evaluation.unserved_weight) == (3600, 18000, 2)
    assert (evaluation.missed_cutoffs, evaluation.moved_jobs) == (("a",), ("b",))
    assert evaluation.cost == 3600 + 2 * 100_000 + 3_600 + 300


def test_a_job_whose_volunteer_fell_out_is_not_moved():
    problem = day([job("a", 1, preferred_shift="gone")])
    evaluation = evaluate(problem, Plan((route(problem, (0, ["a"])),)))
    assert (evaluation.moved_jobs, evaluation.cost) == ((), 1200)


@pytest.mark.parametrize("trips", [(), ((0, []),), ((1, []),)])
def test_a_shift_under_way_pays_for_its_ride_home_whether_the_plan_says_so_or_not(trips):
    problem = day([], [shift(start_location=3, start_s=36000)])
    evaluation = evaluate(problem, Plan((route(problem, *trips),)))
    assert (evaluation.feasible, evaluation.travel_s, evaluation.distance_m) == (True, 1800, 9000)


def test_who_is_too_far_out_is_only_asked_to_come_home():
    # At 41000 at location 3, home at 42800, after the morning's end at 41400. a lies on the way and costs 300 s.
    problem = day([job("a", 1)], [shift(start_location=3, start_s=41000)])
    home = Plan((route(problem, (0, [])),), (Unserved("a"),))
    assert evaluate(problem, home).feasible
    assert check(problem.to_dict(), home.to_dict()) == []
    late = Plan((route(problem, (0, ["a"])),))
    assert [(v.constraint, v.amount) for v in evaluate(problem, late).violations] == [("lunch", 300)]
    assert check(problem.to_dict(), late.to_dict()) != []


def test_stated_times_later_than_need_be_are_kept_and_judged():
    problem = day([job("a", 1, windows=(TimeWindow(27600, 28000),))])
    timed = Plan((Route("s", (Trip(0, 27300, (Visit("a", 27950, 27990, 28400),), 29500),)),))
    assert evaluate(problem, timed).feasible
    assert check(problem.to_dict(), timed.to_dict()) == []
    later = replace(timed.routes[0].trips[0], visits=(Visit("a", 27950, 28001, 28400),))
    broken = evaluate(problem, Plan((Route("s", (later,)),))).violations
    assert [(v.constraint, v.job_id, v.amount) for v in broken] == [("window", "a", 1)]


def test_lateness_a_wish_and_a_ride_at_all_have_their_price():
    # a is reached at 27600, 90 s after its window: 90 x 20 / 60 = 30. b was wished for t: 300. s rides: 1000.
    # Travel: office-1-2-office = 2400.
    jobs = [
        job("a", 1, windows=(TimeWindow(27000, 27510),), late_per_min=20),
        job("b", 2, wished_shifts=frozenset({"t"})),
    ]
    problem = day(jobs, [shift("s", fixed_price=1000), shift("t", fixed_price=1000)])
    evaluation = evaluate(problem, Plan((route(problem, (0, ["a", "b"])),)))
    assert evaluation.feasible
    assert (evaluation.late_s, evaluation.unwished, evaluation.cost) == (90, ("b",), 2400 + 30 + 300 + 1000)


def test_travel_costs_what_its_own_table_says():
    # office-1-office: 1200 s, at 7 and 7.
    problem = day([job("a", 1)], travel_cost=STEPS * 7)
    evaluation = evaluate(problem, Plan((route(problem, (0, ["a"])),)))
    assert (evaluation.travel_s, evaluation.travel_cost, evaluation.cost) == (1200, 14, 14)


def test_a_shift_may_begin_and_end_elsewhere():
    # From 3 to a at 1: 1200; home to 2: 600. With a trip in each half-day only the last one ends at 2.
    problem = day([job("a", 1, deliver=1), job("b", 1)], [shift(begin_location=3, end_location=2)])
    evening = Plan((route(problem, (0, ["a"]), (1, ["b"])),))
    assert [(trip.leave_office_s, trip.back_s) for trip in evening.routes[0].trips] == [(27000, 29100), (48600, 50100)]
    evaluation = evaluate(problem, evening)
    assert (evaluation.feasible, evaluation.travel_s) == (True, 1200 + 600 + 600 + 600)
    assert check(problem.to_dict(), evening.to_dict()) == []


def test_a_day_may_have_three_spans():
    spans = (TimeWindow(27000, 30000), TimeWindow(32000, 35000), TimeWindow(48600, 61200))
    problem = day([job(name, 1) for name in "abc"], [shift(spans=spans)])
    trips = route(problem, (0, ["a"]), (1, ["b"]), (2, ["c"])).trips
    assert [trip.leave_office_s for trip in trips] == [27000, 32000, 48600]
    assert evaluate(problem, Plan((Route("s", trips),))).feasible


def test_a_return_is_timed_after_its_collection_also_on_another_shift():
    # a is back at 28500, processed until 29400: b leaves then, and c, which waits for b, at 30900.
    jobs = [
        job("a", 1, collect=1),
        job("b", 1, deliver=1, after="a", after_delay_s=900),
        job("c", 1, deliver=1, after="b"),
    ]
    problem = day(jobs, [shift("s"), shift("t"), shift("u")])
    routes = schedule_all(problem, {"u": [(0, ["c"])], "t": [(0, ["b"])], "s": [(0, ["a"])]})
    assert [route.trips[0].leave_office_s for route in routes] == [30900, 29400, 27000]
    assert evaluate(problem, Plan(routes)).feasible
    assert check(problem.to_dict(), Plan(routes).to_dict()) == []


def test_plans_are_compared_by_what_they_serve_before_what_they_cost():
    # Without a, b and c the plan costs nothing else; one of weight 2 counts as much as two of weight 1.
    problem = day([job("a", 1, priority=2), job("b", 1), job("c", 1)], prices=Prices(unserved=1))
    served_a = evaluate(problem, Plan((route(problem, (0, ["a"])),), (Unserved("b"), Unserved("c"))))
    served_bc = evaluate(problem, Plan((route(problem, (0, ["b", "c"])),), (Unserved("a"),)))
    nothing = evaluate(problem, Plan((), (Unserved("a"), Unserved("b"), Unserved("c"))))
    assert served_bc.rank < served_a.rank < nothing.rank


def test_a_plan_survives_json():
    problem = day([job("a", 1), job("b", 2)])
    plan = Plan((route(problem, (0, ["a"])),), (Unserved("b", (Reason("routes_full", {"windows": []}),)),))
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_a_plan_knows_who_visits_a_job():
    problem = day([job("a", 1), job("b", 2)])
    plan = Plan((route(problem, (0, ["a"])),), (Unserved("b"),))
    assert plan.route_of("a") == plan.routes[0]
    assert plan.route_of("b") is None
