"""Setting out: who is on the way, whom that is told, and what goes on after a re-plan."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.citizens.models import Message
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import events_of, make_jobs, make_route, messages, open_phone, send, tap
from tests.app.makers import STAFF, TODAY, make_duty, make_volunteer


def test_finishing_a_door_sets_out_for_the_next_and_tells_it_once(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
    first, second = make_jobs(ward, 2)
    make_route(ward, duty, [first, second])
    open_phone(client, duty)
    done = tap("done", first)
    send(client, done)
    send(client, done, tap("set_out", second))
    assert (second.state, messages("on_the_way")) == ("under_way", 1)
    assert len(events_of(second, "set_out")) == 1
    message = db.session.scalars(select(Message).where(Message.kind == "on_the_way")).one()
    assert message.job_id == second.id
    assert message.not_after is not None
    assert message.not_after > now()
    assert "An" in message.body


def test_doors_finished_offline_tell_only_the_one_that_is_next_now(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 3)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    send(client, *[tap("done", job) for job in jobs[:2]])
    told = db.session.scalars(select(Message.job_id).where(Message.kind == "on_the_way")).all()
    assert told == [jobs[2].id]


def test_news_that_comes_too_late_is_not_told(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    done = tap("done", jobs[0])
    move_clock(app, hours=1)
    send(client, done)
    assert (jobs[1].state, messages("on_the_way")) == ("under_way", 0)


def test_what_is_sent_the_next_morning_sets_nobody_out(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    first, second = make_jobs(ward, 2)
    make_route(ward, duty, [first, second])
    open_phone(client, duty)
    done = tap("done", first)
    move_clock(app, hours=23)
    send(client, done)
    assert (first.state, second.state) == ("done", "planned"), "it can be planned again"


def test_the_desk_moves_a_job_to_another_day_though_somebody_rides_to_it(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    send(client, tap("set_out", job))
    operations.reschedule(job, operations.Window(TODAY + timedelta(days=1)), STAFF)
    assert (job.state, job.duty_id, job.set_out_at, messages("on_the_way")) == ("open", None, None, 0)
    send(client, tap("done", job))
    assert (job.state, job.dossier.state) == ("done", "carried"), "what happened at the door holds"


def test_the_first_door_of_a_trip_waits_for_a_tap(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs, trips=(1, 1))
    open_phone(client, duty)
    send(client, tap("set_out", jobs[0]))
    assert (jobs[0].state, messages("on_the_way")) == ("under_way", 1)
    send(client, tap("done", jobs[0]))
    assert (jobs[1].state, messages("on_the_way")) == ("planned", 0)


def test_after_a_replan_the_ride_goes_on(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 3)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    send(client, tap("arrived", jobs[0]))
    make_route(ward, duty, jobs[1:])
    send(client, tap("done", jobs[0]))
    assert [job.state for job in jobs] == ["done", "under_way", "planned"]
