"""The one-stop officer's desk."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Look, Role
from dispatch.citizens.outbox import messages_of
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor, record
from dispatch.dossiers.models import Dossier, Event, EventNote
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import (
    STAFF,
    TODAY,
    login_as,
    make_citizen,
    make_dossier,
    make_duty,
    make_job,
    make_volunteer,
    make_ward,
)

RIDER = Actor("volunteer", 1)
CODE = "H17.61.09-261123-0001"


def carried(ward: Ward, **kinds: str) -> Dossier:
    dossier = make_dossier(ward, **kinds)
    record("done", make_job(dossier), RIDER, data={"originals": 2, "copies": 1})
    return dossier


def ready(ward: Ward, **kinds: str) -> Dossier:
    dossier = carried(ward, **kinds)
    operations.receive(dossier, CODE, TODAY, STAFF)
    operations.result_ready(dossier, STAFF)
    db.session.refresh(dossier, ["jobs"])
    return dossier


def post(client: FlaskClient, dossier: Dossier, kind: str, **fields: str) -> int:
    return client.post(f"/mot-cua/ho-so/{dossier.code}/{kind}", data=fields).status_code


def flashes(client: FlaskClient) -> str:
    return client.get("/mot-cua/").text


def test_what_was_carried_in_stands_by_volunteer(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    an, binh = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An")), make_duty(ward, make_volunteer(ward, "Lê Bình"))
    jobs = make_jobs(ward, 2)
    for duty, job in zip((an, binh), jobs, strict=True):
        make_route(ward, duty, [job])
        open_phone(phone := client.application.test_client(), duty)
        send(phone, tap("done", job, originals=3, person="Bà Hoa", note="thiếu một trang"))
    page = client.get("/mot-cua/").text
    assert page.index("Lê Bình") < page.index("Nguyễn Văn An")
    assert "3 bản chính, 0 bản sao" in page
    looked = db.session.scalars(select(Look.subject_id).where(Look.page == "office.desk")).all()
    assert jobs[0].dossier.beneficiary_id in looked
    page = client.get(f"/mot-cua/ho-so/{jobs[0].dossier.code}").text
    assert "Bà Hoa" in page
    assert "thiếu một trang" in page


def test_receiving_promises_by_working_days(ward: Ward, client: FlaskClient) -> None:
    """Monday the 23rd and three working days; the 24th of November is a public holiday."""
    login_as(client, ward, Role.OFFICER)
    dossier = carried(ward, procedure="tinh-trang-hon-nhan")
    page = client.get(f"/mot-cua/ho-so/{dossier.code}").text
    assert "Thứ Sáu 27/11/2026 – thường, 3 ngày làm việc" in page
    assert "cần xác minh, 23 ngày làm việc" in page
    assert post(client, dossier, "received", official_code=f" {CODE} ", term="normal") == 303
    assert (dossier.state, dossier.official_code, dossier.promised_on) == ("in_process", CODE, date(2026, 11, 27))
    assert "không giống mã" not in flashes(client)


def test_the_longer_term_and_another_day(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    verified, other = (carried(ward, procedure="tinh-trang-hon-nhan") for _ in range(2))
    assert post(client, verified, "received", official_code=CODE, term="verified") == 303
    assert verified.promised_on == date(2026, 12, 25)
    day = {"term": "other", "promised_on": "2026-12-01"}
    assert post(client, other, "received", official_code="H17.61.09-261123-0002", **day) == 303
    assert other.promised_on == date(2026, 12, 1)


def test_after_the_cutoff_same_day_work_is_promised_for_the_next_working_day(
    app: Flask, ward: Ward, client: FlaskClient
) -> None:
    login_as(client, ward, Role.OFFICER)
    move_clock(app, hours=8)
    dossier = carried(ward)
    assert post(client, dossier, "received", official_code=CODE, term="normal") == 303
    assert dossier.promised_on == date(2026, 11, 25), "the 24th is a public holiday"


def test_a_code_of_another_shape_is_kept_and_said(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    one = carried(ward)
    assert post(client, one, "received", official_code="số 12/HT", term="normal") == 303
    assert one.official_code == "số 12/HT"
    assert "không giống mã hồ sơ chính thức" in flashes(client)


def test_a_code_that_another_dossier_has_is_asked_about_before_it_is_saved(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    one, two = carried(ward), carried(ward)
    assert post(client, one, "received", official_code=CODE, term="normal") == 303
    typed = {"official_code": CODE, "term": "normal"}
    asked = client.post(f"/mot-cua/ho-so/{two.code}/received", data=typed)
    assert asked.status_code == 422
    assert "đã mang mã chính thức này" in asked.text
    assert 'name="same_code"' in asked.text
    assert (two.state, two.official_code) == ("carried", None)
    assert post(client, two, "received", **typed, same_code="y") == 303
    assert (two.state, two.official_code) == ("in_process", CODE)


def test_a_code_typed_wrongly_is_corrected_and_what_stood_there_stays_told(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    other, dossier = carried(ward), carried(ward)
    wrong, right = "H17.61.09-261123-0007", "H17.61.09-261123-0070"
    operations.receive(other, CODE, TODAY, STAFF)
    assert post(client, dossier, "recoded", official_code=right) == 303, "there is no code yet"
    assert dossier.official_code is None
    operations.receive(dossier, wrong, TODAY, STAFF)
    assert f'value="{wrong}"' in client.get(f"/mot-cua/ho-so/{dossier.code}").text
    assert post(client, dossier, "recoded", official_code=CODE) == 422, "another dossier has it"
    assert post(client, dossier, "recoded", official_code=right) == 303
    assert (dossier.official_code, dossier.state, dossier.flags) == (right, "in_process", [])
    operations.pause(dossier, STAFF, "Thiếu tờ khai")
    operations.resume(dossier, TODAY, STAFF)
    assert dossier.official_code == right
    told = client.get(f"/ho-so/{dossier.code}").text
    assert f"Đã sửa mã chính thức từ {wrong} thành {right}" in told


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"official_code": "", "term": "normal"}, "Vui lòng điền mục này."),
        ({"official_code": "x" * 100, "term": "normal"}, "dài quá"),
        ({"official_code": CODE, "term": "other"}, "hẹn trả ngày nào"),
        ({"official_code": CODE, "term": "other", "promised_on": "2026-11-20"}, "từ hôm nay trở đi"),
        ({"official_code": CODE, "term": "other", "promised_on": "9999-12-31"}, "từ hôm nay trở đi"),
        ({"official_code": CODE, "term": "other", "promised_on": "hôm nay"}, "Ngày khác"),
        ({"official_code": CODE, "term": "never"}, "Hẹn trả"),
        ({"official_code": "<b>" * 20, "term": "\x00", "note": "ồ" * 100_000}, "dài quá"),
    ],
)
def test_wrong_input_keeps_what_was_typed(
    ward: Ward, client: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    login_as(client, ward, Role.OFFICER)
    dossier = carried(ward)
    response = client.post(f"/mot-cua/ho-so/{dossier.code}/received", data=fields)
    assert response.status_code == 422
    assert "data-error-summary" in response.text
    assert sentence in response.text
    if fields["official_code"] == CODE:
        assert f'value="{CODE}"' in response.text
    assert dossier.state == "carried"


def test_the_clock_stands_still_while_papers_are_missing(app: Flask, ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    dossier = carried(ward, procedure="tinh-trang-hon-nhan")
    operations.receive(dossier, CODE, date(2026, 11, 27), STAFF)
    assert post(client, dossier, "paused", missing="") == 422
    assert post(client, dossier, "paused", missing="Thiếu tờ khai") == 303
    assert dossier.state == "paused"
    assert db.session.scalars(select(EventNote.text).where(EventNote.kind == "missing")).all() == ["Thiếu tờ khai"]
    told = [message for message in messages_of(dossier) if message.kind == "papers_missing"]
    assert [("Thiếu tờ khai" in message.body, message.state) for message in told] == [(True, "queued")]
    move_clock(app, days=2)
    login_as(client, ward, Role.OFFICER)
    page = client.get(f"/mot-cua/ho-so/{dossier.code}").text
    assert 'value="2026-11-30"' in page, "three working days were left, from Wednesday on"
    assert post(client, dossier, "resumed", promised_on="2026-11-30") == 303
    assert (dossier.state, dossier.promised_on) == ("in_process", date(2026, 11, 30))


def test_a_result_opens_its_way_home(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    home, fetched = carried(ward), carried(ward, legs="collect")
    for dossier in (home, fetched):
        operations.receive(dossier, CODE, TODAY, STAFF)
        assert post(client, dossier, "result_ready") == 303
    assert [job.leg for job in home.jobs] == ["collect", "return"]
    assert [job.leg for job in fetched.jobs] == ["collect"]
    page = flashes(client)
    assert "đang chờ xếp chuyến" in page
    assert "tự đến quầy nhận" in page


def test_a_refusal_goes_home_like_a_result(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    dossier = carried(ward)
    operations.receive(dossier, CODE, TODAY, STAFF)
    assert post(client, dossier, "refused", reason=" ") == 422
    assert post(client, dossier, "refused", reason="Không đủ điều kiện") == 303
    assert (dossier.state, dossier.jobs[-1].leg) == ("result_ready", "return")
    assert db.session.scalars(select(EventNote.text).where(EventNote.kind == "refusal")).all() == ["Không đủ điều kiện"]


def test_the_planned_volunteer_gets_the_whole_bag_in_one_click(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    an, binh = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An")), make_duty(ward, make_volunteer(ward, "Lê Bình"))
    mine, theirs, unplanned = [ready(ward) for _ in range(3)], ready(ward), ready(ward)
    back = carried(ward)
    operations.cancel(back, STAFF)
    assert post(client, back, "handed_in") == 303
    db.session.refresh(back, ["jobs"])
    make_route(ward, an, [dossier.jobs[-1] for dossier in (*mine, back)])
    make_route(ward, binh, [theirs.jobs[-1]])
    page = client.get("/mot-cua/?list=ready").text
    assert "Giao cả túi cho Nguyễn Văn An" in page
    assert "Hôm nay chưa có trong tuyến của ai" in page
    for _click in range(2):
        assert client.post(f"/mot-cua/tui/{an.public_id}").status_code == 303
    assert [dossier.state for dossier in mine] == ["returning"] * 3
    assert (theirs.state, unplanned.state, back.state) == ("result_ready", "result_ready", "to_give_back")
    handed = db.session.scalars(select(Event).where(Event.kind == "handed_to_volunteer")).all()
    assert sorted(event.dossier_id or 0 for event in handed) == sorted(d.id for d in (*mine, back))
    assert "trong túi tình nguyện viên" in client.get("/mot-cua/?list=back").text


def test_one_result_to_a_volunteer_and_back_again(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    an, binh = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An")), make_duty(ward, make_volunteer(ward, "Lê Bình"))
    dossier = ready(ward)
    make_route(ward, an, [dossier.jobs[-1]])
    page = client.get(f"/mot-cua/ho-so/{dossier.code}").text
    assert "Nguyễn Văn An (theo kế hoạch)" in page
    assert f'checked id="duty-0" name="duty" required type="radio" value="{an.public_id}"' in page
    assert post(client, dossier, "handed_to_volunteer", duty="nobody") == 422
    assert post(client, dossier, "handed_to_volunteer", duty=binh.public_id) == 303
    assert dossier.state == "returning"
    event = db.session.scalars(select(Event).where(Event.kind == "handed_to_volunteer")).one()
    assert event.data == {"duty_id": binh.id}
    assert post(client, dossier, "brought_back") == 303
    assert dossier.state == "result_ready"


def test_at_the_counter_the_open_visit_is_cancelled(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    dossier = ready(ward)
    assert post(client, dossier, "handed_to_citizen", receiver="") == 422
    assert post(client, dossier, "handed_to_citizen", receiver="Trần Thị Hoa") == 303
    assert (dossier.state, dossier.jobs[-1].state) == ("closed", "cancelled")
    written = db.session.scalars(select(Event).where(Event.kind == "handed_to_citizen")).one()
    assert "Hoa" not in str(written.data)


def test_a_second_click_is_told_that_things_have_moved_on(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    dossier = ready(ward)
    assert post(client, dossier, "handed_to_citizen", receiver="Hoa") == 303
    assert post(client, dossier, "handed_to_citizen", receiver="Hoa") == 303
    assert len(db.session.scalars(select(Event).where(Event.kind == "handed_to_citizen")).all()) == 1


def test_in_process_the_overdue_come_first(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    later, overdue, due, counter = carried(ward), carried(ward), carried(ward), make_dossier(ward, legs="return")
    for dossier, days in ((later, 3), (overdue, -1), (due, 0)):
        operations.receive(dossier, CODE, TODAY + timedelta(days=days), STAFF)
    page = client.get("/mot-cua/?list=process").text
    order = [page.index(f"/{dossier.code}") for dossier in (overdue, due, later, counter)]
    assert order == sorted(order)
    for words in ("quá hẹn", "hẹn hôm nay", "nộp tại quầy"):
        assert words in page
    assert post(client, counter, "result_ready") == 303
    assert counter.state == "result_ready"


def test_search_by_code_official_code_and_name(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    dossier = carried(ward)
    operations.receive(dossier, CODE, TODAY, STAFF)
    lien = make_dossier(ward, citizen=make_citizen(ward, "Phạm Thị Liên", "+84905999888"))
    found = client.post("/mot-cua/tim", data={"q": f"{dossier.code[:3]} {dossier.code[3:]}"})
    assert found.location == f"/mot-cua/ho-so/{dossier.code}"
    assert f"/{dossier.code}" in client.post("/mot-cua/tim", data={"q": CODE}).text
    assert f"/{lien.code}" in client.post("/mot-cua/tim", data={"q": "pham lien"}).text
    for text in ("", "zzz", "%", "\x00", "x" * 100_000, "<script>"):
        assert client.post("/mot-cua/tim", data={"q": text}).status_code in (200, 422)
    assert client.get("/mot-cua/tim").location == "/mot-cua/"


def test_every_list_opens_empty_and_full(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    lists = ("receive", "process", "paused", "ready", "away", "back", "no such list")
    assert [client.get(f"/mot-cua/?list={name}").status_code for name in lists] == [200] * 7
    carried(ward)
    ready(ward)
    paused = carried(ward)
    operations.receive(paused, CODE, TODAY, STAFF)
    operations.pause(paused, STAFF, "x")
    away = ready(ward)
    operations.hand_to_volunteer(away, STAFF, make_duty(ward, make_volunteer(ward)).id)
    operations.cancel(carried(ward), STAFF)
    assert [client.get(f"/mot-cua/?list={name}").status_code for name in lists] == [200] * 7


def test_another_wards_papers_are_not_there(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.OFFICER)
    elsewhere = make_ward("Mân Thái")
    foreign = carried(elsewhere)
    duty = make_duty(elsewhere, make_volunteer(elsewhere))
    assert client.get(f"/mot-cua/ho-so/{foreign.code}").status_code == 404
    assert post(client, foreign, "received", official_code=CODE, term="normal") == 404
    assert client.post(f"/mot-cua/tui/{duty.public_id}").status_code == 404
    assert post(client, carried(ward), "no-such-kind") == 404
    assert f"/{foreign.code}" not in client.get("/mot-cua/").text
    assert foreign.state == "carried"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
def test_only_the_officer_opens_the_desk(ward: Ward, client: FlaskClient, role: Role) -> None:
    login_as(client, ward, role)
    dossier = carried(ward)
    assert client.get("/mot-cua/").status_code == 403
    assert client.post("/mot-cua/tim", data={"q": "x"}).status_code == 403
    assert post(client, dossier, "received", official_code=CODE, term="normal") == 403


def test_the_desk_says_what_waits_is_due_and_is_overdue(app: Flask, ward: Ward, client: FlaskClient) -> None:
    carried(ward)
    ready(ward)
    for number, day in enumerate((TODAY, TODAY, date(2026, 11, 25), date(2026, 11, 26))):
        operations.receive(carried(ward), f"H17.61.09-261123-1{number}", day, STAFF)
    missing = carried(ward)
    operations.receive(missing, "H17.61.09-261123-20", TODAY, STAFF)
    operations.pause(missing, STAFF, "Thiếu tờ khai")
    login_as(client, ward, Role.OFFICER)
    assert figures_on(client) == {"Chờ tiếp nhận": 1, "Hẹn trả hôm nay": 2, "Quá hạn trả": 0, "Sẵn sàng bàn giao": 1}
    move_clock(app, days=2)
    login_as(client, ward, Role.OFFICER)
    assert figures_on(client) == {"Chờ tiếp nhận": 1, "Hẹn trả hôm nay": 1, "Quá hạn trả": 2, "Sẵn sàng bàn giao": 1}


def figures_on(client: FlaskClient) -> dict[str, int]:
    found = re.findall(r'stat__value">(\d+)</dd><dt>([^<]+)', client.get("/mot-cua/").text)
    return {term: int(value) for value, term in found}
