"""The hotline form: one call makes one request, whatever is typed, and what is told is what was stored."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from dispatch.accounts.models import Look, Role
from dispatch.citizens.models import Message
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Job
from dispatch.intake.forms import write_offer
from dispatch.intake.models import Citizen, Request
from dispatch.places.lookup import understand
from dispatch.places.models import Place
from dispatch.planning.offers import offers_for
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.html import Page
from tests.app.makers import TODAY, login_as, make_citizen, make_dossier, make_place, make_ward, procedure_of
from tests.app.planning_days import a_job, a_published_plan, hour, on_duty, set_clock


def call(ward: Ward, procedure: str = "chung-thuc-ban-sao", **changes: Any) -> dict[str, Any]:
    """What a clerk types for one call."""
    return {
        "form_key": str(uuid4()),
        "phone": "0905 123 456",
        "caller_name": "Trần Thị Hoa",
        "for_whom": "self",
        "procedure": procedure_of(ward, procedure).public_id,
        "legs": "both",
        "address": "120 Ngô Quyền",
        "lat": "16.093500",
        "lon": "108.243800",
        "pin_for": "120 Ngô Quyền",
        "pin_confirmed": "y",
        "window": "any",
        "consent": "y",
        **changes,
    }


@pytest.fixture
def clerk(client: FlaskClient, ward: Ward) -> FlaskClient:
    login_as(client, ward, Role.HOTLINE)
    return client


def post(clerk: FlaskClient, form: dict[str, Any]) -> TestResponse:
    return clerk.post("/tiep-nhan/", data=form)


def the_dossier() -> Dossier:
    return db.session.scalars(select(Dossier)).one()


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_errors_stand_in_the_order_of_the_page(clerk: FlaskClient, ward: Ward) -> None:
    page = Page(post(clerk, {"form_key": str(uuid4())}).text)
    links = [a["href"] for a in page.all("a") if any("data-error-summary" in e.attributes for e in a.inside)]
    assert links[:3] == ["#phone", "#caller_name", "#procedure"]
    assert links[-1] == "#consent"


def test_a_wish_is_said_back(clerk: FlaskClient, ward: Ward) -> None:
    wish = {"window": "ask", "asked_day": "2026-11-25", "asked_from": "09:00", "asked_to": "10:00"}
    post(clerk, call(ward, **wish))
    page = clerk.get(f"/tiep-nhan/xong/{the_dossier().code}").text
    assert "mong muốn: Thứ Tư 25/11/2026, từ 09:00 đến 10:00. Phường sẽ báo giờ" in page


def test_a_service_that_is_over_takes_no_request(clerk: FlaskClient, ward: Ward) -> None:
    ward.service_off = TODAY
    assert "đã kết thúc" not in clerk.get("/tiep-nhan/").text
    ward.service_off = TODAY - timedelta(days=1)
    assert "Dịch vụ đã kết thúc ngày 22/11/2026" in clerk.get("/tiep-nhan/").text
    answer = post(clerk, call(ward))
    assert answer.status_code == 422
    assert "Trần Thị Hoa" in answer.text
    assert count(Dossier) == 0


def test_one_call_makes_people_place_request_dossier_job_and_message(clerk: FlaskClient, ward: Ward) -> None:
    answer = post(clerk, call(ward, note="Gọi trước khi đến"))
    dossier = the_dossier()
    assert answer.status_code == 303
    assert answer.location.endswith(f"/tiep-nhan/xong/{dossier.code}")
    request, job = dossier.request, dossier.jobs[0]
    assert (request.caller.name, request.caller.phone, request.channel) == ("Trần Thị Hoa", "+84905123456", "hotline")
    assert request.beneficiary_id == request.caller_id
    assert request.consent_at is not None
    assert request.consent_account_id == request.created_by
    assert (job.leg, job.state, job.place.point, job.place.match_class) == (
        "collect",
        "open",
        (16.0935, 108.2438),
        "confirmed",
    )
    assert [pin.source for pin in job.place.pins] == ["desk"]
    message = db.session.scalars(select(Message)).one()
    assert (message.kind, message.state, message.recipient) == ("request_received", "queued", "+84905123456")
    assert dossier.code[:3] in message.body
    page = clerk.get(answer.location).text
    assert f"{dossier.code[:3]} {dossier.code[3:]}" in page
    assert message.values["when"] in page


def test_a_double_click_makes_one_request(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward)
    assert post(clerk, form).location == post(clerk, form).location
    assert (count(Request), count(Job), count(Message)) == (1, 1, 1)


def test_a_form_gone_back_to_for_another_caller_is_another_request(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward)
    post(clerk, form)
    second = {**form, "phone": "0905 999 888", "caller_name": "Lê Văn Tám", "address": "77 Ngô Quyền"}
    assert post(clerk, second).status_code == 303
    assert count(Request) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "12"},
        {"phone": ""},
        {"caller_name": ""},
        {"for_whom": "person"},
        {"procedure": ""},
        {"procedure": "nope"},
        {"address": ""},
        {"window": "whenever"},
        {"window": "ask"},
        {"window": "ask", "asked_day": "2026-11-20"},
        {"window": "ask", "asked_day": "2026-11-29"},
        {"window": "ask", "asked_day": "2026-11-25", "asked_from": "10:00", "asked_to": "09:00"},
        {"window": "ask", "asked_day": "99999-99-99"},
        {"consent": ""},
        {"note": "x" * 2000},
        {"lat": "nan", "pin_confirmed": "y", "consent": ""},
        {"lat": "48.85", "lon": "2.35"},
        {"form_key": "'; drop table request; --", "consent": ""},
        {"address": "<script>alert(1)</script>" * 20},
    ],
)
def test_wrong_input_is_said_and_what_was_typed_stays(clerk: FlaskClient, ward: Ward, wrong: dict[str, str]) -> None:
    answer = post(clerk, call(ward, note="số nhà cũ") | wrong)
    assert answer.status_code == 422
    assert count(Request) == 0
    assert "data-error-summary" in answer.text
    assert "<script>alert" not in answer.text
    if "note" not in wrong:
        assert "số nhà cũ" in answer.text


def test_never_is_explained_and_not_saved(clerk: FlaskClient, ward: Ward) -> None:
    answer = post(clerk, call(ward, "ket-hon"))
    assert answer.status_code == 422
    assert "Hai bên nam, nữ phải cùng có mặt" in answer.text
    assert count(Request) == 0


def test_return_only_cannot_be_collected(clerk: FlaskClient, ward: Ward) -> None:
    assert post(clerk, call(ward, "khai-sinh-nhan-cha-me")).status_code == 422
    assert post(clerk, call(ward, "khai-sinh-nhan-cha-me", legs="return")).status_code == 303
    dossier = the_dossier()
    assert (dossier.state, dossier.jobs) == ("requested", [])


def test_a_ready_result_opens_its_visit_at_once(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward, "khai-sinh-nhan-cha-me", legs="return", result_ready="y", window="ask", asked_day="2026-11-25")
    assert post(clerk, form).status_code == 303
    dossier = the_dossier()
    assert dossier.state == "result_ready"
    assert [(job.leg, job.service_date.isoformat()) for job in dossier.jobs] == [("return", "2026-11-25")]


def test_the_window_asked_for_is_planned_with_and_not_promised(clerk: FlaskClient, ward: Ward) -> None:
    asked = {"window": "ask", "asked_day": "2026-11-25", "asked_from": "08:00", "asked_to": "10:00"}
    post(clerk, call(ward, **asked))
    job = the_dossier().jobs[0]
    assert job.window_start is not None
    assert job.window_start.isoformat() == "2026-11-25T01:00:00+00:00"
    assert job.promised_start is None


def test_a_window_that_is_not_offered_is_refused(clerk: FlaskClient, ward: Ward) -> None:
    start = now() + timedelta(hours=1)
    window = f"{start.isoformat()}/{(start + timedelta(hours=2)).isoformat()}"
    answer = post(clerk, call(ward, window=window))
    assert answer.status_code == 422
    assert count(Request) == 0


def test_an_offered_window_is_promised(app: Flask, clerk: FlaskClient, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An")
    a_job(ward)
    a_published_plan(ward)
    shown = clerk.post("/tiep-nhan/dang-go", data=call(ward, changed="procedure")).get_json()["parts"]["windows"]
    offers = offers_for(ward, (16.0935, 108.2438), "collect", procedure_of(ward)).windows
    early, late = offers[0], offers[-1]
    assert (early.same_day, late.same_day) == (True, False)
    assert write_offer(early.start, early.end).replace("+", "&#43;") in shown.replace("+", "&#43;")
    assert shown.count("Kịp trả trong ngày") == sum(window.same_day for window in offers)
    post(clerk, call(ward, window=write_offer(early.start, early.end)))
    job = the_last_dossier().jobs[0]
    assert (job.service_date, job.window_start, job.window_end) == (early.day, early.start, early.end)
    assert (job.promised_start, job.promised_end, job.same_day_promised) == (early.start, early.end, True)
    told = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert "từ 07:30 đến" in told.values["when"]


def test_no_time_is_promised_on_a_pin_that_is_only_guessed(app: Flask, clerk: FlaskClient, ward: Ward) -> None:
    """The street is known and the house is not: confirmed, or set by hand, the same pin gets its windows."""
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An")
    a_job(ward)
    a_published_plan(ward)
    located = understand(ward, "120 Ngô Quyền")
    assert located.point is not None
    assert located.doubtful
    lat, lon = (f"{degrees:.6f}" for degrees in located.point)
    guess = call(ward, lat=lat, lon=lon, pin_confirmed="", changed="pin_confirmed")

    def windows(**changes: str) -> str:
        parts: dict[str, str] = clerk.post("/tiep-nhan/dang-go", data=guess | changes).get_json()["parts"]
        return parts["windows"]

    assert "mới là phỏng đoán" in windows()
    assert 'id="window-2"' not in windows()
    for sure in ({"pin_confirmed": "y"}, {"lat": "16.093500"}):
        assert "mới là phỏng đoán" not in windows(**sure)
        assert 'id="window-2"' in windows(**sure)
    early = offers_for(ward, located.point, "collect", procedure_of(ward)).windows[0]
    chosen = guess | {"window": write_offer(early.start, early.end)}
    answer = post(clerk, chosen)
    assert answer.status_code == 422
    assert "xác nhận ghim trên bản đồ trước" in answer.text
    assert post(clerk, chosen | {"pin_confirmed": "y"}).status_code == 303
    assert post(clerk, guess | {"another": "y", "form_key": str(uuid4())}).status_code == 303, "any time needs no pin"


def the_last_dossier() -> Dossier:
    return db.session.scalars(select(Dossier).order_by(Dossier.id.desc()).limit(1)).one()


def test_for_somebody_else(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward, for_whom="organisation", beneficiary_name="Công ty Biển Xanh", beneficiary_phone="0236 3831 234")
    post(clerk, form)
    request = the_dossier().request
    assert (request.beneficiary.kind, request.beneficiary.name) == ("organisation", "Công ty Biển Xanh")
    assert request.beneficiary.phone == "+842363831234"
    assert the_dossier().beneficiary_id == request.beneficiary_id != request.caller_id


def test_a_known_caller_is_not_doubled(clerk: FlaskClient, ward: Ward) -> None:
    make_citizen(ward, "Trần Thị Hoa")
    post(clerk, call(ward, caller_name="tran thi hoa"))
    assert count(Citizen) == 1


def test_what_looks_alike_is_pointed_out_and_needs_a_tick(clerk: FlaskClient, ward: Ward) -> None:
    old = make_dossier(ward)
    answer = post(clerk, call(ward))
    assert answer.status_code == 422
    assert f"/ho-so/{old.code}" in answer.text
    assert post(clerk, call(ward, another="y")).status_code == 303
    assert count(Request) == 2


def test_same_address_and_beneficiary_look_alike_too(clerk: FlaskClient, ward: Ward) -> None:
    make_dossier(ward, procedure="khai-sinh", citizen=make_citizen(ward, "Trần Thị Hoa", None))
    assert post(clerk, call(ward, phone="0905 777 666", address="120 Ngo Quyen", pin_for="")).status_code == 422


def test_an_address_without_position_is_kept_as_needing_a_pin(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward, address="nhà bà Tư sau chùa làng", lat="", lon="", pin_for="", pin_confirmed="")
    answer = post(clerk, form)
    assert answer.status_code == 303
    assert db.session.scalars(select(Place)).one().point is None
    assert "ghim" in clerk.get(answer.location).text


def test_a_pin_of_another_address_is_not_taken_over(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward, address="nhà bà Tư sau chùa làng", pin_for="120 Ngô Quyền")
    post(clerk, form)
    assert db.session.scalars(select(Place)).one().point is None


def test_a_landline_hears_it_on_the_phone(clerk: FlaskClient, ward: Ward) -> None:
    post(clerk, call(ward, phone="0236 3831 234"))
    assert db.session.scalars(select(Message)).one().state == "called"


def test_the_page_fills_in_while_one_types(clerk: FlaskClient, ward: Ward) -> None:
    known = make_dossier(ward, procedure="khai-sinh", place=make_place(ward, "7 Lê Tấn Trung"))
    form = call(ward, caller_name="", lat="", lon="", pin_for="", changed="phone,address,procedure")
    answer = clerk.post("/tiep-nhan/dang-go", data=form).get_json()
    assert set(answer["parts"]) == {"callers", "understood", "windows", "alike"}
    assert answer["values"] == {"caller_name": "Trần Thị Hoa"}
    assert "7 Lê Tấn Trung" in answer["parts"]["callers"]
    looks = db.session.scalars(select(Look.subject_id).where(Look.subject_kind == "citizen")).all()
    assert known.request.caller_id in looks


def test_the_map_looks_at_the_area_while_the_door_is_unknown(clerk: FlaskClient, ward: Ward) -> None:
    unknown = {"lat": "", "lon": "", "pin_for": "", "changed": "address"}
    answer = clerk.post("/tiep-nhan/dang-go", data=call(ward, address="tổ 25, Thọ Quang", **unknown)).get_json()
    assert answer["pin"] is None
    assert len(answer["around"]) == 3
    answer = clerk.post("/tiep-nhan/dang-go", data=call(ward, address="120 Ngô Quyền, tổ 25", **unknown)).get_json()
    assert answer["pin"]
    assert answer["around"] is None


def test_return_only_chooses_its_leg(clerk: FlaskClient, ward: Ward) -> None:
    form = call(ward, "khai-sinh-nhan-cha-me", changed="procedure")
    assert clerk.post("/tiep-nhan/dang-go", data=form).get_json()["values"] == {"legs": "return"}


def test_typing_survives_anything(clerk: FlaskClient, ward: Ward) -> None:
    for text in ("", "\x00", "٣٤", "x" * 100_000, "%", "K45/" * 500, "2026-99-99"):
        hostile = dict.fromkeys(call(ward), text) | {"changed": "phone,address,procedure,legs", "window": text}
        assert clerk.post("/tiep-nhan/dang-go", data=hostile).status_code == 200
        assert post(clerk, hostile).status_code == 422


def test_the_empty_form_shows_every_procedure(clerk: FlaskClient, ward: Ward, app: Flask) -> None:
    move_clock(app, hours=1)
    page = clerk.get("/tiep-nhan/").text
    assert "Chứng thực bản sao từ bản chính" in page
    assert "2.000 đ" in page
    assert "15:00" in page


def test_only_the_hotline_opens_it(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.CHAIRMAN)
    assert client.get("/tiep-nhan/").status_code == 403
    assert client.post("/tiep-nhan/dang-go").status_code == 403


def test_another_wards_dossier_is_not_there(clerk: FlaskClient, ward: Ward) -> None:
    other = make_dossier(make_ward("Mân Thái"))
    assert clerk.get(f"/tiep-nhan/xong/{other.code}").status_code == 404
