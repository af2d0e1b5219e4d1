"""From jobs to a draft to a published plan: states, promises, messages; and drafts that have become stale."""

from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select

from dispatch.citizens.models import Message
from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.operations import NotPossible, Window
from dispatch.duty.models import RouteLink
from dispatch.duty.operations import set_duty
from dispatch.planning.models import Plan
from dispatch.planning.publish import discard, publish
from dispatch.planning.solving import start_planning
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, TODAY
from tests.app.planning_days import (
    a_draft,
    a_job,
    a_published_plan,
    hour,
    on_duty,
    route_of,
    run_planning,
    set_clock,
    stops_of,
    tap,
)


def test_a_draft_changes_nothing_but_publishing_does(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    an, binh = on_duty(ward, "An", "Bình")
    jobs = [a_job(ward, 0), a_job(ward, 1, "return"), a_job(ward, 2, hours=(9, 10))]
    draft = a_draft(ward)
    assert (draft.state, draft.version, draft.figures["served"], draft.figures["unserved"]) == ("draft", 1, 3, 0)
    assert {job.state for job in jobs} == {"open"}

    publish(draft, STAFF)
    db.session.commit()

    assert {job.state for job in jobs} == {"planned"}
    assert {job.duty_id for job in jobs} <= {an.id, binh.id}
    for route in draft.routes:
        for stop in route.stops:
            job = stop.job
            assert job.eta == stop.arrives_at
            assert job.promised_start is not None
            assert job.promised_end is not None
            assert job.promised_start <= stop.starts_at <= job.promised_end
            assert job.promised_end - job.promised_start <= timedelta(minutes=90)
            assert local(job.promised_start, ward.timezone).minute in (0, 30)
    wished = jobs[2]
    assert (wished.promised_start, wished.promised_end) == (hour(ward, 9), hour(ward, 10))
    messages = db.session.scalars(select(Message).where(Message.kind == "planned_window")).all()
    assert {message.job_id for message in messages} == {job.id for job in jobs}
    told = next(message for message in messages if message.job_id == wished.id)
    assert "09:00" in told.body
    assert "10:00" in told.body
    assert db.session.scalars(select(RouteLink.duty_id)).all()


def test_stored_times_lines_and_loads_follow_the_plan(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    an = on_duty(ward, "An")[0]
    for door in range(5):
        a_job(ward, door, "return" if door % 2 else "collect")
    draft = a_draft(ward)
    route = route_of(draft, an)
    assert route is not None
    stops, trips = route.stops, route.trips
    for before, stop in pairwise(stops):
        if before.trip == stop.trip:
            assert stop.arrives_at == before.leaves_at + timedelta(seconds=stop.travel_s)
    assert [stop.load_after for stop in stops][-1] == 3
    assert route.peak_load >= 3
    assert len(trips) == stops[-1].trip + 1
    for trip in trips:
        assert trip["line"][0] == trip["line"][-1] == [16.099, 108.249]
        assert len(trip["line"]) > 2


def test_a_job_that_fits_nowhere_stays_open_with_its_reason(app: Flask, ward: Ward) -> None:
    on_duty(ward, "An", halves=("morning",))
    a_job(ward)
    late = a_job(ward, 1, hours=(15, 16))
    plan = a_published_plan(ward)
    assert [(item.job_id, item.reasons[0]["code"]) for item in plan.unserved] == [(late.id, "no_time")]
    assert late.state == "open"


def test_a_new_version_takes_the_place_of_the_old_one(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An", "Bình")
    jobs = [a_job(ward, door) for door in range(4)]
    first = a_published_plan(ward)
    promises = {job.id: (job.promised_start, job.promised_end) for job in jobs}
    added = a_job(ward, 5)
    second = a_published_plan(ward)
    assert (first.state, second.state, second.version, second.based_on_id) == ("superseded", "published", 2, first.id)
    assert {job.id: (job.promised_start, job.promised_end) for job in jobs} == promises
    assert added.state == "planned"
    kinds = db.session.scalars(select(Message.job_id).where(Message.kind == "planned_window")).all()
    assert sorted(kinds) == sorted(job.id for job in (*jobs, added))
    with pytest.raises(NotPossible):
        discard(second)


def test_what_a_new_version_leaves_out_is_open_again(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    an, binh = on_duty(ward, "An", "Bình", halves=("morning",))
    jobs = [a_job(ward, door) for door in range(4)]
    a_published_plan(ward)
    an.volunteer.skills = binh.volunteer.skills = []
    jobs[0].dossier.procedure.skill = "ky-so"
    db.session.commit()
    second = a_published_plan(ward)
    assert {job.state for job in jobs} == {"open"}
    assert {item.reasons[0]["code"] for item in second.unserved} == {"skill_missing"}


CHANGES = ("cancelled", "rescheduled", "done elsewhere", "promised")


@pytest.mark.parametrize("change", [*CHANGES, "half-day", "fell out", "published"])
def test_a_stale_draft_is_refused(app: Flask, ward: Ward, change: str) -> None:
    set_clock(app, hour(ward, 6.5))
    an = on_duty(ward, "An")[0]
    jobs = [a_job(ward, door) for door in range(3)]
    draft = a_draft(ward)
    if change == "cancelled":
        operations.cancel(jobs[0].dossier, STAFF)
    elif change == "rescheduled":
        operations.reschedule(jobs[0], Window(TODAY, hour(ward, 14), hour(ward, 15)), STAFF)
    elif change == "done elsewhere":
        tap("done", jobs[0], now())
    elif change == "promised":
        operations.promise(jobs[0], hour(ward, 15), hour(ward, 16), STAFF)
    elif change == "half-day":
        set_duty(ward, an.volunteer, TODAY, ["afternoon"])
    elif change == "fell out":
        an.off_at = now()
    else:
        publish(a_draft(ward), STAFF)
    db.session.commit()
    with pytest.raises(NotPossible):
        publish(draft, STAFF)
    db.session.rollback()
    assert db.session.get_one(Plan, draft.id).state == "draft"


def test_going_on_in_the_drafts_own_order_does_not_make_it_stale(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 7))
    an = on_duty(ward, "An")[0]
    for door in range(4):
        a_job(ward, door)
    first = a_published_plan(ward)
    route = route_of(first, an)
    assert route is not None
    set_clock(app, route.stops[0].arrives_at)
    draft = a_draft(ward)
    ahead = {job_id: position for position, job_id in enumerate(stops_of(draft, an))}
    jobs = sorted((stop.job for stop in route.stops), key=lambda job: ahead[job.public_id])
    set_clock(app, now() + timedelta(minutes=6))
    tap("done", jobs[0], now())
    publish(draft, STAFF)
    db.session.commit()
    assert draft.state == "published"
    assert jobs[0].state == "done"


def test_an_old_draft_is_refused_once_its_departures_have_passed(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An")
    a_job(ward)
    draft = a_draft(ward)
    set_clock(app, hour(ward, 9))
    with pytest.raises(NotPossible):
        publish(draft, STAFF)


def test_planning_without_people_or_jobs_ends_with_a_sentence(app: Flask, ward: Ward) -> None:
    for prepare in (lambda: None, lambda: a_job(ward)):
        prepare()
        task = run_planning(ward, seconds=0.2)
        assert task.state == "failed"
        assert task.error.endswith(".")


def test_a_day_is_planned_once_at_a_time(ward: Ward) -> None:
    assert start_planning(ward.id, TODAY, None, 0.2) is start_planning(ward.id, TODAY, None, 0.2)
    assert start_planning(ward.id, TODAY, None) is not start_planning(ward.id, TODAY + timedelta(days=1), None)
