"""Events and what is derived from them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import update

from dispatch.citizens import outbox
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor, EventIsWritten, Origin, lock_dossier, record
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.operations import NotPossible, Window
from dispatch.dossiers.projection import rebuild
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, TODAY, make_dossier, make_job

RIDER = Actor("volunteer", 1)


def test_a_locked_dossier_is_read_again_once_a_transaction(ward: Ward) -> None:
    id = make_dossier(ward).id
    db.session.commit()
    elsewhere = update(Dossier).where(Dossier.id == id).execution_options(synchronize_session=False)
    dossier = lock_dossier(id)
    db.session.execute(elsewhere.values(envelope="B0000018"))
    assert lock_dossier(id).envelope is None, "locked already: nobody else can have changed it"
    db.session.commit()
    assert lock_dossier(id).envelope == "B0000018"
    db.session.execute(elsewhere.values(envelope="B0000026"))
    db.session.rollback()
    assert (lock_dossier(id), dossier.envelope) == (dossier, "B0000018")


def test_a_collected_dossier_is_carried_then_in_process_then_comes_back(ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    record("done", job, RIDER, data={"originals": 2, "copies": 1})
    assert (job.state, job.originals, dossier.state) == ("done", 2, "carried")
    operations.receive(dossier, "H17.61.09-261123-0001", TODAY, STAFF)
    back = operations.result_ready(dossier, STAFF)
    assert back is not None
    assert (dossier.state, back.leg, back.state) == ("result_ready", "return", "open")
    record("done", back, RIDER)
    assert dossier.state == "closed"
    assert dossier.closed_at == now() or dossier.closed_at is not None


def test_a_resend_changes_nothing(ward: Ward) -> None:
    job = make_job(make_dossier(ward))
    origin = Origin(key=str(uuid4()), occurred_at=now())
    first, new = record("done", job, RIDER, origin=origin)
    again, new_again = record("done", job, RIDER, origin=origin)
    assert new
    assert not new_again
    assert first is again
    assert job.attempts == 1


def test_undo_brings_the_state_before(ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    record("arrived", job, RIDER)
    done, _ = record("done", job, RIDER)
    record("undone", job, RIDER, corrects=done.key)
    assert (job.state, dossier.state) == ("at_door", "requested")


def test_what_happened_offline_holds_and_leaves_a_flag(ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    earlier = now() - timedelta(minutes=5)
    operations.cancel(dossier, STAFF)
    assert (dossier.state, job.state) == ("cancelled", "cancelled")
    record("done", job, RIDER, origin=Origin(str(uuid4()), now() + timedelta(minutes=1)))
    assert (job.state, dossier.state) == ("done", "to_bring_in"), "it has to come back"
    assert job.flags == ["done in cancelled"]
    assert earlier < now()


def test_the_order_of_arrival_does_not_matter(ward: Ward) -> None:
    one, two = make_dossier(ward), make_dossier(ward)
    moments = [("arrived", 1), ("not_done", 2), ("retry", 3), ("done", 4)]
    for dossier, order in ((one, moments), (two, moments[::-1])):
        job = make_job(dossier)
        for kind, minute in order:
            record(kind, job, RIDER, origin=Origin(str(uuid4()), now() + timedelta(minutes=minute)))
    assert [j.state for d in (one, two) for j in d.jobs] == ["done", "done"]
    assert one.jobs[0].flags == two.jobs[0].flags == []
    assert one.jobs[0].attempts == two.jobs[0].attempts == 2


def test_a_clock_that_is_set_back_after_the_opening_loses_nothing(ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    before = now() - timedelta(minutes=5)
    record("planned", job, STAFF, data={"duty_id": None}, origin=Origin(str(uuid4()), before))
    record("received", dossier, STAFF, origin=Origin(str(uuid4()), before))
    assert (job.state, job.flags, job.service_date) == ("planned", [], TODAY)
    assert job.place_id == dossier.request.place_id
    assert (dossier.state, dossier.flags) == ("in_process", [])


def test_a_cancelled_request_is_not_confirmed_any_more(ward: Ward) -> None:
    dossier = make_dossier(ward)
    make_job(dossier)
    values = {"when": "Phường sẽ báo giờ đến trước 17:00."}
    message = outbox.tell("request_received", dossier, key="received", values=values)
    assert message is not None
    operations.cancel(dossier, STAFF)
    db.session.refresh(message)
    assert message.state == "cancelled"


def test_cancelling_after_collection_opens_a_return(ward: Ward) -> None:
    dossier = make_dossier(ward, legs="collect")
    record("done", make_job(dossier), RIDER)
    back = operations.cancel(dossier, STAFF)
    assert back is not None
    assert (dossier.state, back.leg) == ("to_bring_in", "return")
    record("done", back, RIDER)
    assert dossier.state == "given_back"


def test_the_desk_cannot_do_what_the_table_does_not_allow(ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    record("done", job, RIDER)
    with pytest.raises(NotPossible):
        operations.reschedule(job, Window(TODAY), STAFF)


def test_what_somebody_else_wrote_meanwhile_is_derived_away_too(app: Flask, ward: Ward) -> None:
    job = make_job(make_dossier(ward))
    db.session.commit()
    assert job.promised_start is None  # as this session saw it
    with app.app_context():  # another one, at the same time
        same = db.session.get_one(Job, job.id)
        record("planned", same, STAFF, data={"duty_id": None, "eta": now().isoformat()})
        operations.promise(same, now(), now() + timedelta(hours=1), STAFF)
        db.session.commit()
    operations.reschedule(job, Window(TODAY), STAFF)
    db.session.commit()
    db.session.expire_all()
    assert (job.state, job.promised_start, job.promised_end, job.eta) == ("open", None, None, None)


def test_an_event_is_never_edited_or_deleted(ward: Ward) -> None:
    dossier = make_dossier(ward)
    written, _ = record("cancelled", dossier, STAFF)
    db.session.commit()
    written.kind = "opened"
    with pytest.raises(EventIsWritten):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.get_one(Event, written.id))
    with pytest.raises(EventIsWritten):
        db.session.flush()


def test_rebuilding_gives_the_same_rows(ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    operations.promise(job, now(), now() + timedelta(hours=1), STAFF)
    record("planned", job, STAFF, data={"duty_id": None, "eta": now().isoformat()})
    record("arrived", job, RIDER)
    record("done", job, RIDER, data={"originals": 1, "copies": 3})
    db.session.commit()

    def rows() -> list[dict[str, object]]:
        return [{c.name: getattr(r, c.name) for c in r.__table__.columns} for r in (dossier, job)]

    before = rows()
    job.state, job.promised_start, dossier.state = "open", None, "closed"
    db.session.commit()
    rebuild(ward.id)
    db.session.commit()
    assert rows() == before
