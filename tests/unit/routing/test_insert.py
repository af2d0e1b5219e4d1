"""One more job: every place offered holds, nothing that holds is missed, nobody else is disturbed."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.insert import insert, places_for, windows_that_hold
from routing.plan import Plan, Reason, Unserved
from routing.problem import TimeWindow
from routing.search.plans import plan_of
from routing.search.slots import make_slots
from routing.search.tours import Tours
from routing.solve import solve
from routing.timing import arrivals, orders_of, schedule
from routing.why import why_unserved
from tests.checker import check
from tests.days import MORNING, ward_day
from tests.unit.routing.line import day, job, route, shift
from tests.unit.routing.strategies import plain_problems, problems

QUICK = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much]}


def planned(problem):
    return solve(problem, 60.0, max_iterations=3)


@settings(max_examples=60, **QUICK)
@given(problems(), st.integers(25_000, 60_000), st.booleans())
def test_every_place_offered_holds_and_costs_what_it_says(problem, now_s, in_the_middle):
    assume(problem.jobs)
    *others, job = problem.jobs
    before = planned(replace(problem, jobs=tuple(others)))
    waiting = replace(before, unserved=(*before.unserved, Unserved(job.id)))
    base = evaluate(problem, waiting)
    assume(base.feasible)
    for place in places_for(problem, waiting, job, now_s if in_the_middle else 0):
        after = insert(problem, waiting, place, job)
        evaluation = evaluate(problem, after)
        assert evaluation.violations == ()
        assert check(problem.to_dict(), after.to_dict()) == []
        saved = job.priority * problem.prices.unserved
        assert evaluation.cost == base.cost + place.added_cost - saved
        visit = next(v for v in after.route_of(job.id).visits() if v.job_id == job.id)
        assert (visit.arrive_s, visit.start_s) == (place.arrive_s, place.start_s)
        if in_the_middle:
            assert_past_is_kept(before, after, now_s)


def assert_past_is_kept(before, after, now_s):
    """What was reached or ridden to before now is as it was."""
    later = {route.shift_id: route for route in after.routes}
    for old in before.routes:
        for was, now in zip(old.trips, later[old.shift_id].trips, strict=False):
            if was.leave_office_s < now_s:
                assert now.leave_office_s == was.leave_office_s
                leaves = [was.leave_office_s, *(visit.leave_s for visit in was.visits)]
                reached = [visit for visit, left_s in zip(was.visits, leaves, strict=False) if left_s < now_s]
                assert list(now.visits[: len(reached)]) == reached


def timed(problem, plan, shift_id, orders):
    """One shift's orders as ``schedule`` times them, linked jobs after what other routes and the same one bring in."""
    others = [route for route in plan.routes if route.shift_id != shift_id]
    route = schedule(problem, shift_id, orders, arrivals(problem, others))
    for _ in problem.jobs:
        route = schedule(problem, shift_id, orders, arrivals(problem, [*others, route]))
    return route


def every_order(problem, plan, job):
    """All routes that arise by putting the job anywhere."""
    for on_duty in problem.shifts:
        old = next((route for route in plan.routes if route.shift_id == on_duty.id), None)
        orders = orders_of(old) if old else []
        for index, (span, visits) in enumerate(orders):
            for position in range(len(visits) + 1):
                changed = (span, [*visits[:position], job.id, *visits[position:]])
                yield timed(problem, plan, on_duty.id, [*orders[:index], changed, *orders[index + 1 :]])
        for index in range(len(orders) + 1):
            for span in range(on_duty.first_span, len(on_duty.spans)):
                yield timed(problem, plan, on_duty.id, [*orders[:index], (span, [job.id]), *orders[index:]])


@settings(max_examples=40, **QUICK)
@given(problems(max_jobs=5))
def test_no_place_is_missed(problem):
    assume(problem.jobs)
    waiting = without_the_last(problem)
    assume(evaluate(problem, waiting).feasible)
    assert_no_place_is_missed(problem, waiting)


def test_no_place_is_missed_for_what_waits_for_another_shift():
    jobs = [job("a", 0, service_s=0), job("b", 0, service_s=0, after="a", after_delay_s=900)]
    problem = day(jobs, [shift(name, max_trips=1) for name in ("s", "t", "u")])
    assert_no_place_is_missed(problem, without_the_last(problem))


def test_no_place_is_missed_after_a_ride_with_nothing_that_no_longer_ends_where_the_shift_does():
    at_home = shift("s", spans=(MORNING,), start_location=1, start_s=26_000, end_location=1, max_trips=2)
    problem = day([job("a", 0, only_shift="t"), job("b", 0)], [shift("t"), at_home])
    assert_no_place_is_missed(problem, without_the_last(problem))


def test_no_place_is_missed_for_what_waits_for_papers_that_would_have_gone_home_with_the_volunteer():
    going_home = shift("s", spans=(MORNING,), end_location=1, max_trips=2)
    problem = day([job("a", 0, only_shift="s"), job("b", 0, after="a")], [going_home])
    waiting = without_the_last(problem)
    assert_no_place_is_missed(problem, waiting)
    assert [place.trip for place in places_for(problem, waiting, problem.jobs[-1])] == [1]


def without_the_last(problem):
    """A plan for all jobs but the last, which waits."""
    *others, job = problem.jobs
    plan = planned(replace(problem, jobs=tuple(others)))
    return replace(plan, unserved=(*plan.unserved, Unserved(job.id)))


def assert_no_place_is_missed(problem, waiting):
    job = problem.jobs[-1]
    unserved = tuple(left for left in waiting.unserved if left.job_id != job.id)
    holding = 0
    for changed in every_order(problem, waiting, job):
        if [trip.span for trip in changed.trips] != sorted(trip.span for trip in changed.trips):
            continue
        routes = [old for old in waiting.routes if old.shift_id != changed.shift_id]
        holding += evaluate(problem, replace(waiting, routes=(*routes, changed), unserved=unserved)).feasible
    assert len(places_for(problem, waiting, job)) == holding


def test_places_are_ranked_by_what_they_add():
    # The plan: office - b (location 2) - office, at 27000. a at location 1 lies on the way there and back: adds 0;
    # in a trip of its own it adds 1200.
    problem = day([job("b", 2)])
    plan = Plan((route(problem, (0, ["b"])),))
    places = places_for(problem, plan, job("a", 1))
    assert [(p.trip, p.position, p.new_trip, p.added_cost, p.start_s) for p in places] == [
        (0, 0, False, 0, 27600),
        (0, 1, False, 0, 29100),
        (0, 0, True, 1200, 27600),
        (1, 0, True, 1200, 30900),
        (1, 0, True, 1200, 49200),
    ]


def test_a_job_that_would_make_another_late_is_not_put_before_it():
    # b at location 2 is reached at 28200 and must be by 28300: 300 s at a's door on the way are too many.
    problem = day([job("b", 2, windows=(TimeWindow(28000, 28300),))])
    plan = Plan((route(problem, (0, ["b"])),))
    assert [(p.position, p.new_trip) for p in places_for(problem, plan, job("a", 1)) if p.span == 0] == [
        (1, False),
        (0, True),
    ]


def test_a_trip_that_has_left_takes_no_results_but_can_collect():
    # At 27700 the volunteer is at a's door (27600-27900) on the way to b.
    problem = day([job("a", 1), job("b", 2)])
    plan = Plan((route(problem, (0, ["a", "b"])),))
    brings = places_for(problem, plan, job("c", 1, deliver=1), not_before_s=27700)
    assert {place.new_trip for place in brings} == {True}
    takes = places_for(problem, plan, job("c", 1, collect=1), not_before_s=27700)
    assert {place.position for place in takes if not place.new_trip} == {1, 2}


def test_who_is_on_the_way_to_a_door_goes_there_first():
    # At 28000 the volunteer has left a (27900) and rides to b.
    problem = day([job("a", 1), job("b", 2)])
    plan = Plan((route(problem, (0, ["a", "b"])),))
    places = places_for(problem, plan, job("c", 1), not_before_s=28000)
    assert [place.position for place in places if not place.new_trip] == [2]


def test_only_windows_that_hold_are_promised():
    # b fills the morning from 28200 to 38200; home at 39400. a at location 1 fits before b in no window, after it
    # at 38800 (on the way home), or in a trip of its own in the afternoon from 49200 on.
    problem = day([job("b", 2, service_s=10000, windows=(TimeWindow(28200, 28200),))], [shift(max_trips=1)])
    plan = Plan((route(problem, (0, ["b"])),))
    hours = [TimeWindow(27000, 30600), TimeWindow(37800, 41400), TimeWindow(48600, 52200), TimeWindow(61200, 64800)]
    promisable = windows_that_hold(problem, plan, job("a", 1), hours)
    assert [(item.window, item.insertion.start_s) for item in promisable] == [(hours[1], 38800), (hours[2], 49200)]


def test_a_place_that_is_taken_meanwhile_is_refused():
    problem = day([job("b", 2)], [shift(capacity=2)])
    plan = Plan((route(problem, (0, ["b"])),))
    new, other = job("a", 1, collect=2), job("c", 1, collect=1)
    place = places_for(problem, plan, new)[0]
    grown = day([job("b", 2), other], [shift(capacity=2)])
    plan = insert(grown, plan, places_for(grown, plan, other)[0], other)
    with pytest.raises(ValueError, match="Job 'a' does not fit into shift 's' at that place"):
        insert(grown, plan, place, new)


def test_an_inserted_job_is_no_longer_unserved():
    problem = day([job("a", 1)])
    plan = Plan((), (Unserved("a", (Reason("not_planned"),)),))
    plan = insert(problem, plan, places_for(problem, plan, problem.jobs[0])[0], problem.jobs[0])
    assert plan.unserved == ()
    assert evaluate(problem, plan).feasible


WHY = [
    ("no_shift", job("a", 1), [], {}),
    ("skill_missing", job("a", 1, skills=frozenset({"certify"})), [shift()], {"skills": ["certify"]}),
    ("bag_too_small", job("a", 1, collect=6), [shift()], {"units": 6, "capacity": 5}),
    (
        "no_time",
        job("a", 1, windows=(TimeWindow(42000, 43000),)),
        [shift()],
        {"windows": [{"start_s": 42000, "end_s": 43000}]},
    ),
    (
        "cutoff_impossible",
        job("a", 3, cutoff_s=30000, cutoff_hard=True),
        [shift()],
        {"cutoff_s": 30000},
    ),
    (
        "not_loaded",
        job("a", 2, deliver=1),
        [shift(start_location=3, start_s=50000, max_trips=1)],
        {"shift": None},
    ),
]


@pytest.mark.parametrize(("code", "asked", "shifts", "values"), WHY, ids=[case[0] for case in WHY])
def test_what_can_never_be_served_says_why(code, asked, shifts, values):
    plan = solve(day([asked], shifts), 60.0, max_iterations=5)
    assert [(reason.code, reason.values) for reason in plan.unserved[0].reasons] == [(code, values)]


def test_a_full_day_says_in_which_windows():
    # Two jobs of two hours at the same hour, one volunteer.
    at_nine = (TimeWindow(32400, 33000),)
    problem = day([job("a", 1, service_s=7200, windows=at_nine), job("b", 3, service_s=7200, windows=at_nine)])
    plan = solve(problem, 60.0, max_iterations=5)
    reasons = plan.unserved[0].reasons
    assert reasons == (Reason("routes_full", {"windows": [{"start_s": 32400, "end_s": 33000}]}),)


def test_what_was_left_out_by_hand_is_called_so():
    problem = day([job("a", 1)])
    plan = Plan((), (Unserved("a"),))
    assert [reason.code for reason in why_unserved(problem, plan, problem.jobs[0])] == ["not_planned"]


@settings(max_examples=30, **QUICK)
@given(plain_problems(), st.randoms(use_true_random=False))
def test_the_searchs_quick_tests_agree_with_evaluate(problem, random):
    """Random puts: the constant-time tests never allow what breaks, and costs never go too low."""
    assume(problem.shifts and problem.jobs)
    slots = make_slots(problem)
    tours = Tours(slots)
    for _ in range(20):
        number = random.randrange(len(problem.jobs))
        if tours.slot_of[number] is None:
            place, cost = tours.best_place(number), tours.cost()
            if place is not None:
                tours.put(number, place)
                assert tours.cost() == cost + place.cost - tours.unserved_cost[number]
        evaluation = evaluate(problem, plan_of(slots, tours.orders()))
        assert evaluation.violations == ()
        assert evaluation.cost <= tours.cost() + problem.prices.cutoff_missed * len(evaluation.late_bags)


def test_a_days_last_call_is_answered_from_the_plan():
    problem = ward_day(30, 3, seed=8)
    *others, last = problem.jobs
    plan = planned(replace(problem, jobs=tuple(others)))
    places = places_for(problem, plan, last)
    assert places == sorted(places, key=lambda place: place.added_cost)
    after = insert(problem, plan, places[0], last)
    assert check(problem.to_dict(), after.to_dict()) == []
