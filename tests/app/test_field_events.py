"""Taps: what the server makes of what a phone sends."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dispatch.accounts.models import Role
from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import record
from dispatch.dossiers.models import Event, EventNote
from dispatch.dossiers.operations import Window
from dispatch.duty.links import revoke
from dispatch.duty.models import Device
from dispatch.places.lookup import understand
from dispatch.places.operations import Spot, keep_place
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import (
    events_of,
    make_jobs,
    make_return,
    make_route,
    messages,
    open_phone,
    send,
    states,
    tap,
)
from tests.app.makers import STAFF, TODAY, login_as, make_dossier, make_duty, make_job, make_volunteer, make_ward


def test_a_door_in_two_taps(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    first, second = make_jobs(ward, 2)
    make_route(ward, duty, [first, second])
    open_phone(client, duty)
    done = tap("done", first, originals=2, copies="3", person="Trần Thị Hoa", note="cổng xanh")
    assert states(send(client, tap("arrived", first))) == ["accepted"]
    assert first.state == "at_door"
    assert states(send(client, done)) == ["accepted"]
    assert (first.state, first.originals, first.copies, first.dossier.state) == ("done", 2, 3, "carried")
    written = db.session.scalars(select(Event).where(Event.key == done["key"])).one()
    assert (written.duty_id, written.actor_kind, written.actor_id) == (duty.id, "volunteer", duty.volunteer_id)
    assert written.data == {"originals": 2, "copies": 3, "proof": "name"}, "no names in the event itself"
    notes = db.session.scalars(select(EventNote).where(EventNote.event_key == done["key"]))
    assert {note.kind: note.text for note in notes} == {"giver": "Trần Thị Hoa", "note": "cổng xanh"}


def test_where_the_phone_was_on_arrival_is_remembered_with_the_place(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    (job,) = make_jobs(ward, 1)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    arrived = tap("arrived", job, lat="16.0935", lon="108.2438")
    assert states(send(client, arrived, arrived)) == ["accepted", "known"]
    assert job.place
    assert [(pin.source, pin.lat, pin.lon) for pin in job.place.pins] == [("arrived", 16.0935, 108.2438)]


def test_two_arrivals_at_one_spot_improve_the_whole_street(app: Flask, ward: Ward, client: FlaskClient) -> None:
    """Through the phone's own address: two days, two dossiers, both taps sent on the second evening."""
    place = keep_place(ward, Spot("120 Ngô Quyền"), None)
    neighbour = "122 Ngô Quyền"
    assert (place.match_class, understand(ward, neighbour).match_class) == ("street", "street")
    taps = []
    for _day in range(2):
        move_clock(app, days=1)
        day = local(now(), ward.timezone).date()
        job = make_job(make_dossier(ward, place=place), window=Window(day))
        duty = make_duty(ward, make_volunteer(ward), day)
        make_route(ward, duty, [job])
        open_phone(phone := app.test_client(), duty)
        taps.append((phone, tap("arrived", job, lat=f"16.095{len(taps)}", lon="108.2441")))
    for phone, arrived in taps:
        assert states(send(phone, arrived)) == ["accepted"]
    assert (place.match_class, place.point) == ("confirmed", pytest.approx((16.09505, 108.2441)))
    assert understand(ward, neighbour).match_class == "interpolated"
    login_as(client, ward, Role.HOTLINE)
    found = client.post("/dia-diem/goi-y", data={"q": "120 ngo quyen"}).get_json()
    assert "16.0950" in str(found)


def test_a_resend_changes_nothing(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_return(ward)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    taps = [tap("arrived", job), tap("done", job)]
    assert states(send(client, *taps)) == ["accepted", "accepted"]
    assert states(send(client, *taps, taps[1])) == ["known"] * 3
    assert job.attempts == 1
    assert len(events_of(job, "arrived", "done")) == 2
    assert messages("returned") == 1


def test_any_order_of_arrival_gives_the_same(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    for job, order in zip(jobs, (1, -1), strict=True):
        times = [(now() - timedelta(minutes=9 - n)).isoformat() for n in range(3)]
        kinds = ("set_out", "arrived", "done")
        send(client, *[tap(k, job, occurred_at=t) for k, t in zip(kinds, times, strict=True)][::order])
    assert [job.state for job in jobs] == ["done", "done"]
    assert jobs[0].arrived_at is not None


def test_a_phone_clock_an_hour_wrong_is_measured_and_corrected(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    wrong = timedelta(hours=1)
    tapped = now() - timedelta(minutes=7)
    send(client, tap("arrived", job, occurred_at=(tapped + wrong).isoformat()), phone_now=now() + wrong)
    event = events_of(job, "arrived")[0]
    assert event.clock_offset_s == pytest.approx(-3600, abs=5)
    assert abs((event.occurred_at - tapped).total_seconds()) < 5


@pytest.mark.parametrize("said", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "soon", None, 4e300, "0001-01-01"])
def test_an_absurd_time_is_when_it_came_in(ward: Ward, client: FlaskClient, said: object) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    assert states(send(client, tap("arrived", job, occurred_at=said))) == ["accepted"]
    event = events_of(job, "arrived")[0]
    assert abs((event.occurred_at - event.received_at).total_seconds()) < 5


def test_the_clock_itself_may_be_absurd(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    for phone_now in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00", {"a": 1}):
        response = client.post("/tuyen/su-kien", json={"now": phone_now, "events": [tap("arrived", job)]})
        assert response.get_json()["answers"][0]["state"] == "accepted"


def test_undo_within_five_minutes(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_return(ward)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    done = tap("done", job)
    send(client, tap("arrived", job), done)
    assert messages("returned") == 1
    move_clock(app, minutes=4)
    assert states(send(client, tap("undone", job, corrects=done["key"]))) == ["accepted"]
    assert (job.state, job.dossier.state) == ("at_door", "result_ready")
    assert messages("returned") == 0, "what has not gone out yet does not go out"
    again = tap("done", job)
    assert states(send(client, again)) == ["accepted"]
    assert messages("returned") == 1
    move_clock(app, minutes=6)
    late = send(client, tap("undone", job, corrects=again["key"]))
    assert states(late) == ["refused"]
    assert late[0]["sentence"]
    assert job.state == "done"


def test_an_undo_that_overtakes_its_tap_still_takes_it_back(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    done = tap("done", job)
    assert states(send(client, tap("undone", job, corrects=done["key"]), done)) == ["accepted", "accepted"]
    assert job.state == "planned"


def test_nobody_takes_back_what_the_desk_recorded(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    planned = events_of(job, "planned")[0]
    assert states(send(client, tap("undone", job, corrects=planned.key))) == ["refused"]
    assert job.state == "planned"


def test_not_done_has_a_reason_of_the_list(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    send(client, tap("not_done", jobs[0], reason="nobody_home"), tap("not_done", jobs[1], reason="<script>"))
    assert [(job.state, job.not_done_reason) for job in jobs] == [
        ("undecided", "nobody_home"),
        ("undecided", "other"),
    ]


def test_a_job_that_left_the_route_is_accepted_and_flagged(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    other = make_duty(ward, make_volunteer(ward, "Lê Bình"))
    job, cancelled = make_jobs(ward, 2)
    make_route(ward, duty, [job, cancelled])
    operations.cancel(cancelled.dossier, STAFF)
    make_route(ward, other, [job])
    open_phone(client, duty)
    assert states(send(client, tap("done", job), tap("done", cancelled))) == ["accepted", "accepted"]
    assert (job.state, job.duty_id, job.flags) == ("done", duty.id, ["done in other_route"])
    assert (cancelled.state, cancelled.flags) == ("done", ["done in cancelled"])


def test_other_peoples_jobs_are_refused(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    other = make_duty(ward, make_volunteer(ward, "Lê Bình"))
    theirs = make_jobs(ward, 1)[0]
    make_route(ward, other, [theirs])
    elsewhere = make_ward("Mân Thái")
    foreign = make_job(make_dossier(elsewhere))
    unplanned = make_jobs(ward, 1)[0]
    open_phone(client, duty)
    answers = send(client, *[tap("done", job) for job in (theirs, foreign, unplanned)])
    assert states(answers) == ["refused"] * 3
    assert (theirs.state, foreign.state, unplanned.state) == ("planned", "open", "open")


def test_a_key_that_another_job_uses_loses_nothing(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    one, two = tap("done", jobs[0]), tap("done", jobs[1])
    two["key"] = one["key"]
    assert states(send(client, one, two)) == ["accepted", "accepted"]
    assert states(send(client, two, one)) == ["known", "known"]
    assert [job.state for job in jobs] == ["done", "done"]


def test_uploading_goes_on_after_the_link_has_ended(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    yesterday = tap("done", jobs[0])
    revoke(duty)
    assert states(send(client, tap("arrived", jobs[1]))) == ["accepted"]
    move_clock(app, days=1)
    assert states(send(client, yesterday)) == ["accepted"]
    assert abs((events_of(jobs[0], "done")[0].occurred_at - (now() - timedelta(days=1))).total_seconds()) < 60


def test_what_waited_overnight_counts_for_its_own_day(app: Flask, ward: Ward, client: FlaskClient) -> None:
    rider = make_volunteer(ward)
    duty, tomorrow = make_duty(ward, rider), make_duty(ward, rider, TODAY + timedelta(days=1))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    waiting = tap("done", job)
    move_clock(app, days=1)
    open_phone(client, tomorrow)
    assert states(send(client, waiting)) == ["accepted"]
    assert events_of(job, "done")[0].duty_id == duty.id


def test_a_form_works_without_javascript(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    form = {"kind": "arrived", "job": job.public_id, "key": "0b0e1c9a-6a7f-4b7e-9d43-7b1d7c5a9a11"}
    for _ in range(2):
        response = client.post("/tuyen/su-kien", data=form)
        assert (response.status_code, response.location) == (303, "/tuyen")
    assert len(events_of(job, "arrived")) == 1
    assert job.state == "at_door"


HOSTILE = [
    None,
    0,
    "x",
    [],
    [None, 3, "x"],
    {},
    {"events": "x"},
    {"events": {}},
    {"events": [{}]},
    [{"kind": ["done"], "job": {"a": 1}, "key": [1], "seq": {}, "originals": []}],
    [{"kind": "done", "job": "\ud800", "key": "\ud800" * 10}],
    [{"kind": "done", "job": "x" * 100_000, "key": "k" * 100_000, "note": "n" * 1_000_000}],
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_bodies_get_an_answer(ward: Ward, client: FlaskClient, body: object) -> None:
    open_phone(client, make_duty(ward, make_volunteer(ward)))
    for content in (json.dumps(body), json.dumps(body) + "}", ""):
        response = client.post("/tuyen/su-kien", data=content, content_type="application/json")
        assert response.status_code in (200, 400)


def test_hostile_values_on_ones_own_job(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    huge = "Ố\u0000\ud800" * 20_000
    answers = send(
        client,
        tap("done", job, key=huge, originals=10**30, copies=-5, person=huge, note=huge, seq=10**40),
        tap("not_done", job, key="'; DROP TABLE event; --", reason=huge, note={"a": [1]}),
        tap("undone", job, corrects=huge),
        tap("done", job, key=None, seq="x", originals="9" * 5000),
    )
    assert set(states(answers)) <= {"accepted", "refused"}
    form = {"kind": huge.replace("\ud800", ""), "job": job.public_id, "key": "", "originals": "1e9"}
    assert client.post("/tuyen/su-kien", data=form).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Event).where(Event.job_id == job.id)) >= 3


def test_a_tap_without_a_key_is_recorded_once(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    keyless = tap("arrived", job, key="")
    assert states(send(client, keyless)) == ["accepted"]
    assert states(send(client, keyless)) == ["known"]


def test_another_site_cannot_send_for_the_phone(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    response = client.post("/tuyen/su-kien", json=[tap("done", job)], headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert job.state == "planned"


def test_a_phone_without_a_key_is_told_so(ward: Ward, client: FlaskClient) -> None:
    job = make_jobs(ward, 1)[0]
    record("arrived", job, STAFF)
    for cookie in ("", "x", "a.b", "phone" * 500):
        client.set_cookie("phone", cookie)
        assert client.post("/tuyen/su-kien", json=[tap("done", job)]).status_code == 401


def test_a_phone_that_two_volunteers_share_sends_each_tap_under_its_own_key(ward: Ward, client: FlaskClient) -> None:
    an, be = (make_duty(ward, make_volunteer(ward, name)) for name in ("Nguyễn Văn An", "Trần Thị Bé"))
    first, second = make_jobs(ward, 2)
    make_route(ward, an, [first])
    open_phone(client, an)
    device = db.session.scalars(select(Device)).one().public_id
    open_phone(client, be)
    assert states(send(client, tap("arrived", first, device="nobody-knows"))) == ["refused"]
    assert states(send(client, tap("arrived", first, device=device))) == ["accepted"]
    assert states(send(client, tap("done", second, device=device))) == ["refused"], "never was on An's route"
    assert events_of(first, "arrived")[0].actor_id == an.volunteer_id
