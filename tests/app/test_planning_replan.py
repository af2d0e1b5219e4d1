"""The middle of a shift: what is done or under way stays, bags stay full, people fall out, jobs come in."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.operations import Window
from dispatch.duty.links import link_for, open_token, token_of
from dispatch.duty.models import Duty, RouteLink
from dispatch.planning.bridge import build_problem
from dispatch.planning.change import Rest, put_in, refined, take_off
from dispatch.planning.models import Plan
from dispatch.planning.publish import publish
from dispatch.wards.models import Ward
from routing.fairness import fair_shares
from routing.plan import Plan as RoutingPlan
from routing.problem import Problem
from routing.search.budget import OnProgress
from routing.solve import Progress
from tests.app.makers import STAFF, TODAY, login_as
from tests.app.planning_days import (
    a_draft,
    a_job,
    a_published_plan,
    assert_checked,
    hour,
    on_duty,
    route_of,
    run_planning,
    set_clock,
    stops_of,
    tap,
)


def ride_first(app: Flask, plan: Plan, duty: Duty, doors: int) -> list[str]:
    """The duty's first doors done as planned, the next one under way; public ids of all of them."""
    route = route_of(plan, duty)
    assert route is not None
    assert len(route.stops) > doors + 1
    for stop in route.stops[:doors]:
        set_clock(app, stop.leaves_at)
        tap("done", stop.job, now(), originals=1)
    tap("set_out", route.stops[doors].job, now())
    db.session.commit()
    return [stop.job.public_id for stop in route.stops[: doors + 1]]


def test_a_replan_keeps_what_is_done_and_under_way_at_the_front(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an, binh = on_duty(ward, "An", "Bình")
    for door in range(8):
        a_job(ward, door)
    first = a_published_plan(ward)
    busy = max((an, binh), key=lambda duty: len(stops_of(first, duty)))
    front = ride_first(app, first, busy, 2)

    second = a_published_plan(ward)

    assert stops_of(second, busy)[:3] == front
    route = route_of(second, busy)
    assert route is not None
    assert route.stops[3].arrives_at > now()
    assert [stop.position for stop in route.stops] == list(range(len(route.stops)))
    assert second.figures["served"] == 8
    by_state = sorted(stop.job.state for one in second.routes for stop in one.stops)
    assert by_state == ["done"] * 2 + ["planned"] * 5 + ["under_way"]


def test_a_shift_under_way_starts_where_it_will_be_free_with_what_it_carries(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an = on_duty(ward, "An")[0]
    for door in range(5):
        a_job(ward, door)
    first = a_published_plan(ward)
    ride_first(app, first, an, 2)
    problem, facts = build_problem(ward, TODAY, now())
    shift = problem.shift_by_id[an.public_id]
    stop = route_of(first, an).stops[2]  # type: ignore[union-attr]
    standing = facts.duties[0].standing
    assert standing.point == stop.job.place.point
    assert shift.carried == 3
    assert shift.start_s is not None
    assert shift.start_s - facts.now_s in range(stop.travel_s + 299, stop.travel_s + 421)
    assert len(problem.jobs) == 2


def test_results_that_left_with_the_trip_are_aboard(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an, binh = on_duty(ward, "An", "Bình")
    jobs = [a_job(ward, door, "return") for door in range(6)]
    first = a_published_plan(ward)
    busy = max((an, binh), key=lambda duty: len(stops_of(first, duty)))
    ride_first(app, first, busy, 1)
    problem, _facts = build_problem(ward, TODAY, now())
    route = route_of(first, busy)
    assert route is not None
    mine = {stop.job.public_id for stop in route.stops[2:] if stop.trip == route.stops[1].trip}
    assert mine
    assert {job.id for job in problem.jobs if job.aboard} == mine
    second = a_published_plan(ward)
    assert mine <= set(stops_of(second, busy))
    assert len(jobs) == second.figures["served"]


def test_back_at_the_office_a_volunteer_starts_from_there(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an = on_duty(ward, "An")[0]
    a_job(ward, 0)
    first = a_published_plan(ward)
    stop = route_of(first, an).stops[0]  # type: ignore[union-attr]
    set_clock(app, stop.leaves_at)
    tap("done", stop.job, now())
    a_job(ward, 1)
    set_clock(app, stop.leaves_at + timedelta(minutes=20))
    db.session.commit()
    problem, _facts = build_problem(ward, TODAY, now())
    shift = problem.shift_by_id[an.public_id]
    assert (shift.start_location, shift.carried) == (problem.office, 0)
    second = a_published_plan(ward)
    trips = [stop.trip for stop in route_of(second, an).stops]  # type: ignore[union-attr]
    assert trips == [0, 1]


def test_a_volunteer_who_falls_out_is_taken_off_and_the_rest_is_planned_again(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an, binh = on_duty(ward, "An", "Bình")
    for door in range(6):
        a_job(ward, door)
    first = a_published_plan(ward)
    out = max((an, binh), key=lambda duty: len(stops_of(first, duty)))
    stays = binh if out is an else an
    token = token_of(link_for(out))
    front = ride_first(app, first, out, 1)

    task = take_off(out, STAFF, None)
    assert task is not None
    db.session.commit()
    assert open_token(token) is None
    assert run_planning(ward) is task
    second = a_published_plan(ward)

    assert stops_of(second, out) == front[:1]
    assert open_token(token) is None
    assert db.session.scalars(select(RouteLink).where(RouteLink.duty_id == out.id)).one().revoked_at is not None
    ended = route_of(second, out)
    assert ended is not None
    assert datetime.fromisoformat(ended.trips[0]["back_at"]) == ended.stops[0].leaves_at
    assert len(stops_of(second, stays)) == 5
    assert second.figures["served"] == 6


def test_one_job_is_put_into_the_plan_in_force(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an, binh = on_duty(ward, "An", "Bình")
    for door in range(5):
        a_job(ward, door)
    first = a_published_plan(ward)
    busy = max((an, binh), key=lambda duty: len(stops_of(first, duty)))
    ride_first(app, first, busy, 1)
    urgent = a_job(ward, 6)
    db.session.commit()
    choices = Rest(ward, TODAY).choices(urgent)
    assert all(choice.added_s > 0 and choice.arrives_at > now() for choice in choices)
    assert {choice.duty_id for choice in choices} == {an.id, binh.id}

    second = put_in(ward, TODAY, urgent, choices[0].key, STAFF, None)
    db.session.commit()

    assert_checked(second)
    assert (first.state, second.state) == ("superseded", "published")
    assert (urgent.state, urgent.duty_id) == ("planned", choices[0].duty_id)
    assert urgent.promised_start is not None
    assert second.figures["served"] == 6


def test_a_place_says_who_would_do_more_than_others_and_what_would_come_back_too_late(
    app: Flask, ward: Ward, client: FlaskClient
) -> None:
    set_clock(app, hour(ward, 7))
    an, binh = on_duty(ward, "An", "Bình")
    for door in range(9):
        a_job(ward, door)
    first = a_published_plan(ward)
    urgent = a_job(ward, 9)
    db.session.commit()
    rest = Rest(ward, TODAY)
    doors = {duty.id: len(stops_of(first, duty)) + 1 for duty in (an, binh)}
    shares = {duty.id: fair_shares(rest.problem)[duty.key] for duty in rest.bridged.facts.duties}
    crowded = {choice.duty_id: choice.crowded for choice in rest.choices(urgent)}
    assert crowded == {id: doors[id] if doors[id] > shares[id] else 0 for id in crowded}
    assert any(crowded.values())

    urgent = a_job(ward, 9, hours=(15.5, 16.5), procedure="chung-thuc-ban-sao")
    db.session.commit()
    choices = Rest(ward, TODAY).choices(urgent)
    assert [choice.delayed for choice in choices] == [(urgent.public_id,)] * len(choices)
    login_as(client, ward, Role.DISPATCHER)
    page = client.get(f"/ke-hoach/ngay/{TODAY}/chen/{urgent.public_id}").text
    assert "kết quả lùi một ngày làm việc" in page


def test_what_is_left_is_rearranged_around_one_job_as_a_draft(app: Flask, ward: Ward, client: FlaskClient) -> None:
    set_clock(app, hour(ward, 7))
    an, binh = on_duty(ward, "An", "Bình")
    for door in range(5):
        a_job(ward, door)
    first = a_published_plan(ward)
    ride_first(app, first, max((an, binh), key=lambda duty: len(stops_of(first, duty))), 1)
    urgent = a_job(ward, 6)
    login_as(client, ward, Role.DISPATCHER)
    page = f"/ke-hoach/ngay/{TODAY}/chen/{urgent.public_id}"
    key = Rest(ward, TODAY).choices(urgent)[0].key
    assert 'name="refine" value="1"' in client.get(page).text

    answer = client.post(page, data={"place": key, "refine": "1"})
    draft = db.session.scalars(select(Plan).where(Plan.state == "draft")).one()
    assert answer.location == f"/ke-hoach/{draft.public_id}"
    assert_checked(draft)
    assert (first.state, urgent.state, draft.figures["served"]) == ("published", "open", 6)
    publish(draft, STAFF)
    db.session.commit()
    assert (first.state, urgent.state) == ("superseded", "planned")

    gone = client.post(page, data={"place": key, "refine": "1"}, follow_redirects=True)
    assert "Vui lòng chọn lại" in gone.text


def test_a_draft_around_one_job_knows_how_far_it_is_from_the_best(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    on_duty(ward, "An", "Bình")
    a_job(ward)
    a_published_plan(ward)
    urgent = a_job(ward, 1)
    db.session.commit()

    def found(_problem: Problem, _limit_s: float, on_progress: OnProgress, start: RoutingPlan) -> RoutingPlan:
        on_progress(Progress(0.5, 100, 2, 0, 0.5))
        on_progress(Progress(1.0, 100, 2, 0, 1.0, gap=0.12))
        return start

    monkeypatch.setattr("dispatch.planning.change.solve_in_process", found)
    draft = refined(ward, TODAY, urgent, Rest(ward, TODAY).choices(urgent)[0].key, None)
    assert draft.figures["gap"] == 0.12


def test_a_door_that_was_not_done_can_be_planned_again_the_same_day(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an = on_duty(ward, "An")[0]
    for door in range(3):
        a_job(ward, door)
    first = a_published_plan(ward)
    stop = route_of(first, an).stops[0]  # type: ignore[union-attr]
    set_clock(app, stop.arrives_at)
    tap("not_done", stop.job, now(), reason="nobody_home")
    db.session.commit()
    draft = a_draft(ward)
    assert stops_of(draft, an)[0] == stop.job.public_id
    operations.decide(stop.job, "retry", STAFF, Window(TODAY, hour(ward, 14), hour(ward, 16)))
    db.session.commit()
    second = a_published_plan(ward)
    assert stops_of(second, an)[-1] == stop.job.public_id
    assert stop.job.state == "planned"


def test_what_is_carried_is_wanted_at_the_office_by_its_cutoff(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an = on_duty(ward, "An")[0]
    for door in range(4):
        a_job(ward, door, procedure="khai-sinh" if door < 2 else "tinh-trang-hon-nhan")
    first = a_published_plan(ward)
    ride_first(app, first, an, 2)
    problem, _facts = build_problem(ward, TODAY, now())
    collected = [stop.job.dossier.procedure.code for stop in route_of(first, an).stops[:3]]  # type: ignore[union-attr]
    assert problem.shift_by_id[an.public_id].carried_cutoff_s == (15 * 3600 if "khai-sinh" in collected else None)
    assert "khai-sinh" in collected


def test_an_afternoon_trip_that_began_in_the_morning_breaks_no_later_change(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an = on_duty(ward, "An")[0]
    for door in range(4):
        a_job(ward, door, "return" if door % 2 else "collect", hours=(14, 16))
    first = a_published_plan(ward)
    early = route_of(first, an).stops[0].job  # type: ignore[union-attr]
    set_clock(app, hour(ward, 9))
    tap("done", early, now())
    urgent = a_job(ward, 6)
    db.session.commit()
    choices = Rest(ward, TODAY).choices(urgent)
    assert choices
    second = put_in(ward, TODAY, urgent, choices[0].key, STAFF, None)
    db.session.commit()
    assert_checked(second)
    assert second.figures["served"] == 5
