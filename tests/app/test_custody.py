"""Who holds which papers: the ledger that follows from events."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.custody.models import CustodyLine
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor, Origin, record
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.projection import project, rebuild
from dispatch.duty.models import Duty
from dispatch.planning.waiting import papers_with, waiting_on
from dispatch.wards.models import Ward
from tests.app.html import Page
from tests.app.makers import STAFF, TODAY, login_as, make_dossier, make_duty, make_job, make_volunteer

COUNTED = {"originals": 2, "copies": 1}


@pytest.fixture
def duties(ward: Ward) -> tuple[Duty, Duty]:
    first, second = (make_volunteer(ward, name) for name in ("Lê Nhật Anh", "Phan Minh Triết"))
    return make_duty(ward, first), make_duty(ward, second)


def lines(dossier: Dossier) -> list[tuple[str, str, int, int]]:
    query = select(CustodyLine).where(CustodyLine.dossier_id == dossier.id).order_by(CustodyLine.at, CustodyLine.id)
    return [(line.giver, line.taker, line.originals, line.copies) for line in db.session.scalars(query)]


def flags(dossier: Dossier) -> list[str]:
    query = select(CustodyLine).where(CustodyLine.dossier_id == dossier.id)
    return sorted(flag for line in db.session.scalars(query) for flag in line.flags)


def by(duty: Duty) -> Actor:
    return Actor("volunteer", duty.volunteer_id)


def collected(ward: Ward, duty: Duty) -> Dossier:
    dossier = make_dossier(ward)
    papers = {**COUNTED, "envelope": "B0000426"}
    record("done", make_job(dossier), by(duty), data=papers, duty_id=duty.id)
    return dossier


def test_each_hand_over_says_where_to_who_works_with_the_dossier(
    ward: Ward, duties: tuple[Duty, Duty], client: FlaskClient
) -> None:
    there, other = duties
    ward.office_name = "Một cửa Thọ Quang"
    dossier = collected(ward, there)
    dossier.jobs[0].place.spoken = "88 Lê Đức Thọ"  # type: ignore[union-attr]
    record("passed_on", dossier.jobs[0], by(there), data={"duty_id": other.id}, duty_id=there.id)
    record("handed_in", dossier, STAFF)
    for role in (Role.HOTLINE, Role.DISPATCHER, Role.OFFICER):
        login_as(client, ward, role)
        page = Page(client.get(f"/ho-so/{dossier.code}").text).words
        for way in (
            "người dân → Lê Nhật Anh · 88 Lê Đức Thọ",
            "Lê Nhật Anh → Phan Minh Triết · trao tay trên đường",
            "Phan Minh Triết → Một cửa · Một cửa Thọ Quang",
        ):
            assert way in page
    login_as(client, ward, Role.ADMIN)
    assert client.get(f"/ho-so/{dossier.code}").status_code == 403


def test_papers_go_from_hand_to_hand_and_home(ward: Ward, duties: tuple[Duty, Duty]) -> None:
    there, home = duties
    dossier = collected(ward, there)
    assert (dossier.holder, dossier.holder_id, dossier.envelope) == ("volunteer", there.volunteer_id, "B0000426")
    record("handed_in", dossier, STAFF)
    assert (dossier.holder, dossier.holder_id, dossier.state) == ("office", None, "carried")
    operations.receive(dossier, "H17.61.09-261123-0001", TODAY, STAFF)
    back = operations.result_ready(dossier, STAFF)
    assert back is not None
    assert dossier.envelope is None, "the envelope was opened"
    operations.hand_to_volunteer(dossier, STAFF, home.id)
    record("done", back, by(home), data={"originals": 1, "copies": 0, "proof": "code"}, duty_id=home.id)
    assert lines(dossier) == [
        ("citizen", "volunteer", 2, 1),
        ("volunteer", "office", 2, 1),
        ("office", "volunteer", 1, 0),
        ("volunteer", "citizen", 1, 0),
    ]
    assert (dossier.holder, dossier.flags, flags(dossier)) == ("citizen", [], [])


def test_a_hand_over_that_was_taken_back_stays_in_the_ledger_and_says_so(ward: Ward, duties: tuple[Duty, Duty]) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    done, _ = record("done", job, by(duties[0]), data=COUNTED, duty_id=duties[0].id)
    record("undone", job, by(duties[0]), corrects=done.key, duty_id=duties[0].id)
    line = db.session.scalars(select(CustodyLine).where(CustodyLine.dossier_id == dossier.id)).one()
    assert (line.taken_back, dossier.holder) == (True, "citizen")


def test_papers_passed_on_and_given_back_on_the_road(ward: Ward, duties: tuple[Duty, Duty]) -> None:
    first, second = duties
    dossier = collected(ward, first)
    job = dossier.jobs[0]
    record("passed_on", job, by(first), data={"duty_id": second.id}, duty_id=first.id)
    assert (dossier.holder, dossier.holder_id) == ("volunteer", second.volunteer_id)
    record("gave_back", job, by(second), duty_id=second.id)
    assert (dossier.holder, dossier.state, flags(dossier), job.flags) == ("citizen", "given_back", [], [])


def test_what_does_not_fit_is_a_fact_and_flagged(ward: Ward, duties: tuple[Duty, Duty]) -> None:
    first, second = duties
    dossier = collected(ward, first)
    operations.receive(dossier, "H17.61.09-261123-0001", TODAY, STAFF)
    operations.cancel(dossier, STAFF)
    back = dossier.jobs[-1]
    record("handed_to_volunteer", dossier, STAFF, data={"duty_id": first.id})
    data = {"originals": 1, "copies": 1, "code": "wrong"}
    record("done", back, by(second), data=data, duty_id=second.id)
    assert dossier.holder == "citizen"
    assert dossier.flags == ["custody:code", "custody:counts", "custody:other_holder"]
    operations.checked(dossier, STAFF)
    assert dossier.flags == []


def test_a_result_that_nobody_recorded_as_handed_out_asks_nothing_of_the_desk(
    ward: Ward, duties: tuple[Duty, Duty]
) -> None:
    dossier = collected(ward, duties[0])
    operations.receive(dossier, "H17.61.09-261123-0001", TODAY, STAFF)
    back = operations.result_ready(dossier, STAFF)
    assert back is not None
    record("done", back, by(duties[1]), data={"originals": 1, "copies": 0}, duty_id=duties[1].id)
    assert (flags(dossier), dossier.flags) == (["not_handed_out"], [])


def test_what_is_cancelled_on_the_road_is_brought_in_before_its_return_is_planned(
    ward: Ward, duties: tuple[Duty, Duty]
) -> None:
    dossier = collected(ward, duties[0])
    back = operations.cancel(dossier, STAFF)
    assert back is not None
    assert dossier.state == "to_bring_in"
    assert waiting_on(ward, TODAY, now()).plannable == []
    record("handed_in", dossier, STAFF)
    assert waiting_on(ward, TODAY, now()).plannable == [back]
    operations.hand_to_volunteer(dossier, STAFF, duties[1].id)
    assert papers_with(ward.id, [back]) == {dossier.id: duties[1].id}, "whoever has them brings them"


def test_papers_collected_after_the_request_was_cancelled_are_owed(ward: Ward, duties: tuple[Duty, Duty]) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    operations.cancel(dossier, STAFF)
    record("done", job, by(duties[0]), data=COUNTED, duty_id=duties[0].id)
    back = operations.open_owed_return(dossier, STAFF)
    assert back is not None
    assert (dossier.state, back.leg, job.flags) == ("to_bring_in", "return", ["done in cancelled"])
    assert operations.open_owed_return(dossier, STAFF) is back


KINDS = st.sampled_from(
    (
        "collected",
        "returned",
        "gave_back",
        "passed_on",
        "handed_in",
        "received",
        "handed_to_volunteer",
        "brought_back",
        "handed_to_citizen",
        "result_ready",
        "cancelled",
        "undone",
    )
)
QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@QUICK
@given(st.lists(st.tuples(KINDS, st.integers(0, 1)), min_size=1, max_size=9))
def test_any_order_of_arrival_gives_one_ledger(
    ward: Ward, duties: tuple[Duty, Duty], told: list[tuple[str, int]]
) -> None:
    begin = now()
    seen = []
    for order in (range(len(told)), sorted(range(len(told)), key=lambda n: (n * 7 + 3) % (len(told) + 1))):
        dossier = make_dossier(ward)
        jobs = {leg: make_job(dossier, leg) for leg in ("collect", "return")}
        keys = [str(uuid4()) for _ in told]
        for n in order:
            _tell(dossier, jobs, *told[n], Origin(keys[n], begin + timedelta(minutes=n), device_seq=n), keys, duties)
        seen.append((lines(dossier), flags(dossier), dossier.state, dossier.holder, dossier.holder_id, dossier.flags))
        before = _rows(dossier)
        project(dossier)
        assert _rows(dossier) == before, "deriving again changes nothing"
    assert seen[0] == seen[1]


def _tell(
    dossier: Dossier,
    jobs: dict[str, Job],
    kind: str,
    who: int,
    origin: Origin,
    keys: list[str],
    duties: tuple[Duty, Duty],
) -> None:
    duty, other = duties[who], duties[1 - who]
    subject = {"collected": jobs["collect"], "returned": jobs["return"], "undone": jobs["collect"]}.get(kind, dossier)
    if kind in ("gave_back", "passed_on"):
        subject = jobs["collect"]
    data = COUNTED if kind in ("collected", "returned") else {"duty_id": other.id} if kind != "cancelled" else {}
    record(
        "done" if kind in ("collected", "returned") else kind,
        subject,
        by(duty),
        data=data,
        origin=origin,
        duty_id=duty.id if isinstance(subject, Job) else None,
        corrects=keys[0] if kind == "undone" else None,
    )


def _rows(dossier: Dossier) -> list[dict[str, object]]:
    query = select(CustodyLine).where(CustodyLine.dossier_id == dossier.id).order_by(CustodyLine.id)
    rows = [*db.session.scalars(query), dossier]
    return [{column.name: getattr(row, column.name) for column in row.__table__.columns} for row in rows]


def test_the_ledger_is_made_again_from_the_events_alone(ward: Ward, duties: tuple[Duty, Duty]) -> None:
    dossier = collected(ward, duties[0])
    record("handed_in", dossier, STAFF)
    db.session.commit()
    before = [{**row, "id": None} for row in _rows(dossier)]
    db.session.execute(CustodyLine.__table__.delete())
    dossier.holder, dossier.envelope = "post", None
    db.session.commit()
    rebuild(ward.id)
    assert [{**row, "id": None} for row in _rows(dossier)] == before
    assert db.session.scalars(select(Event.id).where(Event.dossier_id == dossier.id)).all()
