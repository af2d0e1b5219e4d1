"""The bag desk, the end of a shift, and the labels."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.custody.codes import envelope_label, read_envelope
from dispatch.database import db
from dispatch.dossiers.events import Actor, record
from dispatch.dossiers.models import Dossier, Event, EventNote
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.field_makers import make_return
from tests.app.makers import login_as, make_dossier, make_duty, make_job, make_volunteer


@pytest.fixture
def duties(ward: Ward) -> tuple[Duty, Duty]:
    first, second = (make_volunteer(ward, name) for name in ("Lê Nhật Anh", "Phan Minh Triết"))
    return make_duty(ward, first), make_duty(ward, second)


def collected(ward: Ward, duty: Duty, number: int) -> Dossier:
    dossier = make_dossier(ward)
    data = {"originals": 2, "copies": 1, "envelope": envelope_label(number)}
    record("done", make_job(dossier), Actor("volunteer", duty.volunteer_id), data=data, duty_id=duty.id)
    return dossier


def test_a_label_is_read_however_it_is_typed() -> None:
    label = envelope_label(42)
    assert label.startswith("B000042")
    for typed in (label, label.lower(), label[1:], f" {label[:4]} {label[4:]} "):
        assert read_envelope(typed) == label
    assert read_envelope("Bì của dì Sáu") == "BÌCỦADÌSÁU", "any other name is kept"


def test_a_bag_is_compared_then_received_in_one_go(ward: Ward, duties: tuple[Duty, Duty], client: FlaskClient) -> None:
    mine, other = duties
    scanned, by_code, left = (collected(ward, mine, number) for number in (1, 2, 3))
    strayed = collected(ward, other, 4)
    login_as(client, ward, Role.OFFICER)
    path = f"/ban-giao/tui/{mine.public_id}"
    codes = f"{envelope_label(1)}\n{by_code.code}\n{envelope_label(1)}\n{envelope_label(4)}\nkhông có\n"
    page = client.post(path, data={"codes": codes, "do": "check"}).text
    for words in ("Còn thiếu 1 hồ sơ", "theo sổ đang ở tay người khác", "Không tìm thấy: không có", "Nhận 3 hồ sơ"):
        assert words in page
    assert scanned.holder == "volunteer", "comparing takes nothing"
    assert client.post(path, data={"codes": codes, "do": "take"}).status_code == 303
    assert [one.holder for one in (scanned, by_code, strayed, left)] == ["office", "office", "office", "volunteer"]
    assert scanned.state == "carried", "the officer's code and date come later"
    handed = db.session.scalars(select(Event).where(Event.kind == "handed_in")).all()
    client.post(path, data={"codes": codes, "do": "take"})
    assert db.session.scalars(select(Event).where(Event.kind == "handed_in")).all() == handed, "not twice"


def test_a_shift_ends_with_nothing_owed_or_explained(
    ward: Ward, duties: tuple[Duty, Duty], client: FlaskClient
) -> None:
    duty = duties[0]
    dossier = collected(ward, duty, 1)
    login_as(client, ward, Role.OFFICER)
    path = f"/ban-giao/ca/{duty.public_id}"
    assert client.post(path, data={}).status_code == 422
    assert client.post(path, data={f"why-{dossier.code}": "  "}).status_code == 422
    assert client.post(path, data={f"why-{dossier.code}": "Xe hỏng, sáng mai nộp"}).status_code == 303
    closed = db.session.scalars(select(Event).where(Event.kind == "shift_closed")).one()
    assert (closed.duty_id, closed.dossier_id, closed.data) == (duty.id, None, {"held": 1})
    assert db.session.scalars(select(EventNote.text)).all() == ["Xe hỏng, sáng mai nộp"]
    assert "Xe hỏng, sáng mai nộp" in client.get(path).text
    assert "đã ký lúc" in client.get("/ban-giao/").text


def test_the_balance_tells_what_volunteers_passed_to_one_another(
    ward: Ward, duties: tuple[Duty, Duty], client: FlaskClient
) -> None:
    giver, taker = duties
    for number in (1, 2):
        dossier = collected(ward, giver, number)
    rider = Actor("volunteer", giver.volunteer_id)
    record("passed_on", dossier.jobs[0], rider, data={"duty_id": taker.id}, duty_id=giver.id)
    login_as(client, ward, Role.OFFICER)
    client.post(f"/ban-giao/tui/{taker.public_id}", data={"codes": dossier.code, "do": "take"})

    def told(duty: Duty) -> dict[str, int]:
        page = client.get(f"/ban-giao/ca/{duty.public_id}").text
        stats = re.findall(r'stat__value">(\d+)</dd><dt>(.*?)</dt>', page)
        return {what: int(count) for count, what in stats if count != "0"}

    assert told(giver) == {"nhận tại nhà dân": 2, "đã đưa bạn khác": 1, "còn trong túi": 1}
    assert told(taker) == {"nhận từ bạn khác": 1, "đã nộp về Một cửa": 1}


def test_no_label_is_printed_twice(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    pages = [client.post("/ban-giao/nhan-bi-thu", data={"sheets": "1"}).text for _ in range(2)]
    assert envelope_label(1) in pages[0]
    assert envelope_label(24) in pages[0]
    assert envelope_label(24) not in pages[1]
    assert envelope_label(25) in pages[1]
    assert client.post("/ban-giao/nhan-bi-thu", data={"sheets": "21"}).status_code == 422


def test_the_envelope_of_a_result_is_compared_at_the_door(
    ward: Ward, duties: tuple[Duty, Duty], client: FlaskClient
) -> None:
    job = make_return(ward)
    login_as(client, ward, Role.OFFICER)
    form = {"duty": duties[0].public_id, "envelope": envelope_label(8)[1:]}
    assert client.post(f"/mot-cua/ho-so/{job.dossier.code}/handed_to_volunteer", data=form).status_code == 303
    assert job.dossier.envelope == envelope_label(8)
    data = {"originals": 1, "copies": 0, "envelope": envelope_label(9)}
    record("done", job, Actor("volunteer", duties[0].volunteer_id), data=data, duty_id=duties[0].id)
    assert job.dossier.flags == ["custody:envelope"]
