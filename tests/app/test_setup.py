"""Setting up a ward: from an empty database to people on duty, and every page that does it afterwards."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from wtforms.fields.core import UnboundField

from dispatch.accounts.models import Role, StaffAccount
from dispatch.accounts.staff import NewAccountForm
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.duty.links import link_for
from dispatch.duty.models import Duty, Volunteer
from dispatch.duty.operations import shift_of
from dispatch.duty.volunteers import PasteForm, VolunteerForm
from dispatch.wards.commands import invitation
from dispatch.wards.forms import ContactsForm, HoursForm, OfficeForm, ServiceForm, WardForm
from dispatch.wards.founding import setup_code
from dispatch.wards.models import Ward
from dispatch.wards.operations import found_ward, only_ward
from dispatch.wards.procedures import ProcedureForm
from tests.app.makers import TODAY, login_as, make_account, make_ward
from tests.app.planning_days import a_job, a_published_plan, on_duty

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[108.24, 16.08], [108.26, 16.08], [108.26, 16.12], [108.24, 16.12], [108.24, 16.08]]],
}
HOURS = {
    "office_hours": "07:30-11:30",
    "morning": "y",
    "morning_start": "7h30",
    "morning_end": "11.30",
    "afternoon": "y",
    "afternoon_start": "13:30",
    "afternoon_end": "17:00",
    "people_wanted": "3",
    "bag_capacity": "15",
    "cutoff": "15:00",
    "tell_by": "17h",
}


@pytest.fixture
def admin(client: FlaskClient, ward: Ward) -> StaffAccount:
    return login_as(client, ward, Role.ADMIN)


def first_visit(code: str, **fields: str) -> dict[str, str]:
    password = "một câu đủ dài"
    return {
        "code": code,
        "ward_name": "Phường Sơn Trà",
        "name": "Lê Văn Quản",
        "username": "quan.le",
        "password": password,
        "again": password,
        **fields,
    }


def test_from_an_empty_database_to_people_on_duty(app: Flask, client: FlaskClient) -> None:
    assert client.get("/").location.endswith("/cai-dat/bat-dau")
    assert client.get("/cai-dat/bat-dau").status_code == 200
    assert client.post("/cai-dat/bat-dau", data=first_visit(setup_code(None))).location.endswith("/cai-dat/phuong")
    for address, fields, onward in (
        (
            "/cai-dat/phuong",
            {"name": "Phường Sơn Trà", "city": "Đà Nẵng", "old_names": "Thọ Quang\nMân Thái\n"},
            "tru-so",
        ),
        (
            "/cai-dat/tru-so",
            {"office_address": "1 Lý Tự Trọng", "office_lat": "16.099", "office_lon": "108.249"},
            "ban-do/",
        ),
        ("/ban-do/", None, "gio-lam"),
        ("/cai-dat/gio-lam", HOURS, "lien-he"),
        ("/cai-dat/lien-he", {"hotlines": "0236 3831 234\n0905 123 456", "fanpage": "facebook.com/sontra"}, "thu-tuc/"),
        ("/cai-dat/thu-tuc/", None, "tai-khoan/"),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert f'{onward}"' in page.text
        if fields:
            answer = client.post(address, data=fields)
            assert answer.status_code == 302
            assert answer.location.endswith(onward)

    me = db.session.scalars(select(StaffAccount)).one()
    roles = {"name": me.name, "roles": ["admin", "dispatcher", "hotline"], "active": "y", "password": ""}
    assert client.post(f"/cai-dat/tai-khoan/{me.public_id}", data=roles).status_code == 302
    people = "Họ tên\tĐiện thoại\nNguyễn Văn An\t0905 111 222\nTrần Thị Bình\t905111333\tchứng thực\n"
    assert client.post("/tinh-nguyen-vien/danh-sach", data={"people": people}).status_code == 302
    assert client.post("/truc/tuan/2026-11-23", data={"how": "fair"}).status_code == 302
    service = {"service_on": "2026-11-23", "service_off": "", "extra_holidays": "", "extra_workdays": "28/11/2026"}
    assert client.post("/cai-dat/thoi-gian", data=service).location.endswith("/cai-dat/")

    assert "Hoàn tất cài đặt" in client.get("/cai-dat/").text
    client.post("/cai-dat/xong")
    ward = only_ward()
    assert ward is not None
    assert ward.set_up_at is not None
    assert (ward.name, ward.old_names, ward.office) == (
        "Phường Sơn Trà",
        ["Thọ Quang", "Mân Thái"],
        (16.0990, 108.2490),
    )
    assert [(h.number, h.kind) for h in ward.hotlines] == [("+842363831234", "landline"), ("+84905123456", "mobile")]
    assert (ward.people_wanted, ward.bag_capacity, ward.tell_by) == (3, 15, "17:00")
    assert ward.extra_workdays == ["2026-11-28"]
    duties = db.session.scalars(select(Duty)).all()
    assert len(duties) == 8  # two volunteers; the Tuesday is a holiday and the extra working day is not known yet
    assert {len(duty.shifts) for duty in duties} == {2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "aaaa-bbbb-cccc"},
        {"ward_name": "   "},
        {"username": "Quản Lê"},
        {"password": "ngắn", "again": "ngắn"},
        {"again": "khác hẳn với ở trên"},
        {"password": "1234567890", "again": "1234567890"},
        {"password": "matkhau2026", "again": "matkhau2026"},
        {"name": "x" * 5000},
    ],
)
def test_who_has_not_the_code_or_types_wrongly_founds_nothing(client: FlaskClient, wrong: dict[str, str]) -> None:
    answer = client.post("/cai-dat/bat-dau", data=first_visit(setup_code(None)) | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert only_ward() is None


def test_the_code_is_of_no_use_twice(app: Flask, client: FlaskClient) -> None:
    ward = found_ward("Phường mới")
    code = setup_code(ward)
    assert code in invitation(app.config["SETTINGS"])
    spoken = code.upper().replace("-", " ")
    assert client.post("/cai-dat/bat-dau", data=first_visit(spoken)).status_code == 302
    assert invitation(app.config["SETTINGS"]) == ""
    stranger = app.test_client()
    assert stranger.get("/cai-dat/bat-dau").location.endswith("/dang-nhap")
    stranger.post("/cai-dat/bat-dau", data=first_visit(code, username="stranger"))
    assert [account.username for account in db.session.scalars(select(StaffAccount))] == ["quan.le"]


FORMS = ["/cai-dat/phuong", "/cai-dat/tru-so", "/cai-dat/gio-lam", "/cai-dat/lien-he", "/cai-dat/thoi-gian"]
FORMS += ["/cai-dat/thu-tuc/moi", "/cai-dat/tai-khoan/moi", "/tinh-nguyen-vien/moi", "/tinh-nguyen-vien/danh-sach"]
HOSTILE = ["", "   ", "\x00", "<script>alert(1)</script>", "9" * 400, "x" * 20_000, "‮'; DROP TABLE ward; --", "NaN"]
FORM_CLASSES = (WardForm, OfficeForm, HoursForm, ContactsForm, ServiceForm, ProcedureForm)
FORM_CLASSES += (NewAccountForm, VolunteerForm, PasteForm)
FIELDS = [name for form in FORM_CLASSES for name in dir(form) if isinstance(getattr(form, name), UnboundField)]
FIELDS += ["papers-0-name", "papers-0-originals", "papers-0-copies"]


@pytest.mark.parametrize("address", FORMS)
def test_forms_survive_anything(client: FlaskClient, admin: StaffAccount, address: str) -> None:
    assert client.post(address, data={}).status_code in (302, 422)
    for value in HOSTILE:
        answer = client.post(address, data=dict.fromkeys(FIELDS, value))
        assert answer.status_code in (302, 422), value
        assert "<script>alert" not in answer.text
    assert client.get(address).status_code == 200


def test_a_short_number_may_be_a_hotline(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    """Đà Nẵng's own 1022 has no form for the world; it is dialled as it is."""
    assert client.post("/cai-dat/lien-he", data={"hotlines": "1022\n0905 123 456"}).status_code == 302
    assert [(h.number, h.kind) for h in ward.hotlines] == [("1022", "landline"), ("+84905123456", "mobile")]
    assert 'href="tel:1022">1022</a>' in client.get("/tra-cuu/").text


def test_wrong_input_keeps_what_was_typed(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    answer = client.post("/cai-dat/gio-lam", data=HOURS | {"morning_end": "lúc trưa", "people_wanted": "nhiều"})
    assert answer.status_code == 422
    assert "lúc trưa" in answer.text
    assert "nhiều" in answer.text
    answer = client.post("/cai-dat/lien-he", data={"hotlines": "0905 123 456\nkhông phải số"})
    assert answer.status_code == 422
    assert "không phải số" in answer.text
    assert db.session.get_one(Ward, ward.id).people_wanted == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"morning_end": "07:00"},
        {"afternoon_start": "11:00"},
        {"morning": "", "afternoon": ""},
        {"people_wanted": "0"},
        {"people_wanted": "9" * 30},
        {"cutoff": "25:00"},
        {"cutoff": ""},
    ],
)
def test_hours_that_cannot_be(client: FlaskClient, admin: StaffAccount, wrong: dict[str, str]) -> None:
    assert client.post("/cai-dat/gio-lam", data=HOURS | wrong).status_code == 422


def test_new_hours_move_shifts_and_links(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    (duty,) = on_duty(ward, "An", halves=("morning",))
    link, ended = link_for(duty), link_for(duty).expires_at
    assert (
        client.post("/cai-dat/gio-lam", data=HOURS | {"morning_start": "8h", "morning_end": "12h"}).status_code == 302
    )
    assert duty.shifts[0].starts_at.strftime("%H:%M") == "01:00"
    assert link.expires_at == ended + timedelta(minutes=30)


def test_new_hours_leave_a_day_that_was_published(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    a_job(ward)
    (duty,) = on_duty(ward, "An")
    later = shift_of(ward, TODAY + timedelta(days=1), "morning")
    a_published_plan(ward)
    assert client.post("/cai-dat/gio-lam", data=HOURS | {"morning_start": "8h"}).status_code == 302
    assert duty.shifts[0].starts_at.strftime("%H:%M") == "00:30"
    assert later.starts_at.strftime("%H:%M") == "01:00"


def office(**fields: Any) -> dict[str, Any]:
    return {"office_address": "1 Lý Tự Trọng", "office_lat": "16,099", "office_lon": "108.249", **fields}


def test_the_boundary_is_pasted_uploaded_or_removed(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    assert client.post("/cai-dat/tru-so", data=office(boundary_text=json.dumps(SQUARE))).status_code == 302
    assert ward.boundary is not None
    assert ward.boundary["type"] == "Polygon"
    assert client.post("/cai-dat/tru-so", data=office()).status_code == 302
    assert ward.boundary is not None
    assert client.post("/cai-dat/tru-so", data=office(boundary_away="y")).status_code == 302
    assert ward.boundary is None
    file = (
        BytesIO(json.dumps({"type": "Feature", "properties": {}, "geometry": SQUARE}).encode()),
        "ranh-gioi.geojson",
    )
    assert client.post("/cai-dat/tru-so", data=office(boundary_file=file)).status_code == 302
    assert ward.boundary is not None


def test_the_real_boundary_of_son_tra_is_understood(
    client: FlaskClient, admin: StaffAccount, ward: Ward, shared_data: Path
) -> None:
    file = (BytesIO((shared_data / "son_tra_ward.geojson").read_bytes()), "son_tra_ward.geojson")
    assert client.post("/cai-dat/tru-so", data=office(boundary_file=file)).status_code == 302
    assert ward.boundary is not None
    assert len(json.dumps(ward.boundary)) < 60_000


@pytest.mark.parametrize(
    "text",
    [
        "không phải",
        "[]",
        "null",
        '{"type": "Point", "coordinates": [108.2, 16.1]}',
        '{"type": "Polygon", "coordinates": [[[2.2, 48.8], [2.3, 48.8], [2.3, 48.9], [2.2, 48.8]]]}',
        '{"type": "Polygon", "coordinates": [[[103, 8], [117, 8], [117, 23], [103, 8]]]}',
        '{"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4], ["a", "b"]]]}',
        '{"type": "Polygon", "coordinates": [[[NaN, 16], [108, NaN], [108, 17], [NaN, 16]]]}',
        '{"type": "FeatureCollection", "features": 7}',
        "[" * 100_000,
    ],
)
def test_what_is_no_boundary_gets_a_sentence(client: FlaskClient, admin: StaffAccount, text: str) -> None:
    answer = client.post("/cai-dat/tru-so", data=office(boundary_text=text))
    assert answer.status_code == 422
    assert "ranh giới" in answer.text.lower()


def procedure(**fields: str) -> dict[str, str]:
    return {
        "name": "Xác nhận cư trú",
        "active": "y",
        "ship_policy": "both",
        "processing": "working_days",
        "working_days": "3",
        "online": "none",
        "papers-0-name": "Tờ khai",
        "papers-0-originals": "1",
        "papers-0-copies": "",
        **fields,
    }


def test_a_procedure_is_added_changed_and_switched_off(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    assert client.post("/cai-dat/thu-tuc/moi", data=procedure()).status_code == 302
    added = db.session.scalars(select(Procedure).where(Procedure.code == "xac-nhan-cu-tru")).one()
    assert [(c.name, c.originals, c.copies) for c in added.components] == [("Tờ khai", 1, 0)]
    paper = added.components[0].id
    address = f"/cai-dat/thu-tuc/{added.public_id}"
    more = {"papers-1-name": "Căn cước", "papers-1-copies": "2", "skill": " Chứng  Thực "}
    assert client.post(address, data=procedure(**more)).status_code == 302
    db.session.expire_all()
    assert [(c.name, c.originals, c.copies) for c in added.components] == [("Tờ khai", 1, 0), ("Căn cước", 0, 2)]
    assert added.components[0].id == paper
    assert added.skill == "chứng thực"
    assert client.post(address, data=procedure(**{"papers-0-name": ""})).status_code == 302
    db.session.expire_all()
    assert added.components == []
    client.post(f"{address}/mo-tat")
    db.session.expire_all()
    assert not added.active
    assert client.post("/cai-dat/thu-tuc/moi", data=procedure()).status_code == 302
    assert db.session.scalars(select(Procedure).where(Procedure.code == "xac-nhan-cu-tru-2")).one()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"ship_policy": "never"},
        {"ship_policy": "hack"},
        {"working_days": ""},
        {"working_days": "-1"},
        {"papers-0-originals": "99999999999999999999"},
        {"cutoff": "x"},
    ],
)
def test_a_procedure_that_cannot_be(client: FlaskClient, admin: StaffAccount, wrong: dict[str, str]) -> None:
    answer = client.post("/cai-dat/thu-tuc/moi", data=procedure(**wrong))
    assert answer.status_code == 422
    assert "Tờ khai" in answer.text


@pytest.mark.parametrize("row", ["papers-99999999-name", "papers-x-name", "papers--name"])
def test_a_flood_of_rows_is_refused(client: FlaskClient, admin: StaffAccount, row: str) -> None:
    assert client.post("/cai-dat/thu-tuc/moi", data=procedure(**{row: "x"})).status_code == 400
    flood = {f"papers-{number}-name": "x" for number in range(300)}
    assert client.post("/cai-dat/thu-tuc/moi", data=procedure(**flood)).status_code == 400


def test_accounts_are_added_changed_and_ended(app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    password = "mật khẩu ban đầu"
    fields = {"name": "Hoa", "username": "Hoa", "roles": ["hotline"], "password": password}
    assert client.post("/cai-dat/tai-khoan/moi", data=fields).status_code == 302
    assert client.post("/cai-dat/tai-khoan/moi", data=fields).status_code == 422
    hoa = db.session.scalars(select(StaffAccount).where(StaffAccount.username == "hoa")).one()
    browser = app.test_client()
    browser.post("/dang-nhap", data={"username": "hoa", "password": password})
    assert browser.get("/mat-khau").status_code == 200
    address = f"/cai-dat/tai-khoan/{hoa.public_id}"
    assert client.post(address, data={"name": "Hoa", "roles": ["officer"], "password": ""}).status_code == 302
    db.session.expire_all()
    assert (hoa.active, hoa.roles) == (False, {Role.OFFICER})
    assert browser.get("/mat-khau").status_code == 302


def test_the_last_administrator_stays(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    address = f"/cai-dat/tai-khoan/{admin.public_id}"
    for fields in ({"roles": ["admin"]}, {"roles": ["hotline"], "active": "y"}):
        assert client.post(address, data={"name": "X", "password": "", **fields}).status_code == 422
    make_account(ward, Role.ADMIN)
    answer = client.post(address, data={"name": "X", "password": "", "roles": ["hotline"], "active": "y"})
    assert answer.status_code == 302
    assert client.get("/cai-dat/").status_code == 403


def test_rows_of_another_ward_are_not_there(client: FlaskClient, admin: StaffAccount) -> None:
    other = make_ward("Mân Thái")
    account = make_account(other, Role.HOTLINE)
    foreign = db.session.scalars(select(Procedure).where(Procedure.ward_id == other.id)).first()
    assert foreign is not None
    for address in (f"/cai-dat/tai-khoan/{account.public_id}", f"/cai-dat/thu-tuc/{foreign.public_id}"):
        assert client.get(address).status_code == 404
        assert client.post(address, data={}).status_code == 404
    assert client.post(f"/cai-dat/thu-tuc/{foreign.public_id}/mo-tat").status_code == 404


@pytest.mark.parametrize("role", [Role.HOTLINE, Role.DISPATCHER, Role.OFFICER, Role.CHAIRMAN])
def test_only_the_administrator_sets_up(client: FlaskClient, ward: Ward, role: Role) -> None:
    login_as(client, ward, role)
    for address in (*FORMS[:7], "/cai-dat/", "/cai-dat/thu-tuc/", "/cai-dat/tai-khoan/", "/ban-do/"):
        assert client.get(address).status_code == 403


def test_the_end_of_the_set_up_needs_what_the_first_plan_needs(client: FlaskClient, admin: StaffAccount) -> None:
    ward = db.session.get_one(Ward, admin.ward_id)
    ward.set_up_at = None
    db.session.commit()
    client.post("/cai-dat/xong")
    assert ward.set_up_at is None
    assert "Bước 1 trên" in client.get("/cai-dat/phuong").text
    assert db.session.scalars(select(Volunteer)).first() is None
