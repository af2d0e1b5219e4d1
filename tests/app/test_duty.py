"""Volunteers, who is on duty when, the printed sheet, and the links that open the routes."""

from collections import Counter
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Look, Role, StaffAccount
from dispatch.clock import now
from dispatch.database import db
from dispatch.duty.links import link_for, open_token, token_of
from dispatch.duty.models import Duty, RouteLink, Volunteer
from dispatch.duty.operations import duties_of, set_duty, take_off
from dispatch.duty.pasted import read_people
from dispatch.duty.roster import copy_last_week, fill_fairly
from dispatch.planning.models import Plan, PlanRoute
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.makers import TODAY, login_as, make_duty, make_volunteer, make_ward

WEDNESDAY = TODAY + timedelta(days=2)  # the Tuesday is a holiday: 24/11, Vietnamese Culture Day
PAGES = ["/truc/", f"/truc/{TODAY}", f"/truc/{TODAY}/phieu", f"/truc/{TODAY}/duong-dan", "/tinh-nguyen-vien/"]
SUNDAY = TODAY + timedelta(days=6)


@pytest.fixture
def desk(client: FlaskClient, ward: Ward) -> StaffAccount:
    return login_as(client, ward, Role.DISPATCHER)


def halves_on(ward: Ward, day: date) -> dict[str, set[str]]:
    return {duty.volunteer.name: {s.half for s in duty.shifts} for duty in duties_of(ward.id, day, day)}


def publish_route(ward: Ward, duty: Duty) -> None:
    plan = Plan(ward_id=ward.id, service_date=duty.service_date, version=1, state="published", made_at=now())
    plan.routes.append(PlanRoute(ward_id=ward.id, duty_id=duty.id, position=0))
    db.session.add(plan)
    db.session.flush()


# --- Volunteers


def test_a_volunteer_is_added_and_changed(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    fields = {"name": "Nguyễn Văn An", "phone": "0905.111.222", "skills": "Chứng  thực; tiếng Anh", "active": "y"}
    fields |= {"vehicle": "motorbike", "bag_capacity": "", "note": ""}
    assert client.post("/tinh-nguyen-vien/moi", data=fields).status_code == 302
    an = db.session.scalars(select(Volunteer)).one()
    assert (an.phone, an.skills, an.folded_name) == ("+84905111222", ["chứng thực", "tiếng anh"], "nguyen van an")
    twice = client.post("/tinh-nguyen-vien/moi", data=fields | {"name": "Người Khác"})
    assert twice.status_code == 422
    assert "Nguyễn Văn An" in twice.text
    changed = fields | {"name": "Nguyễn Văn Ân", "bag_capacity": "12", "active": ""}
    assert client.post(f"/tinh-nguyen-vien/{an.public_id}", data=changed).status_code == 302
    db.session.expire_all()
    assert (an.name, an.bag_capacity, an.active) == ("Nguyễn Văn Ân", 12, False)


@pytest.mark.parametrize(
    ("line", "person"),
    [
        ("Nguyễn Văn An; 0905 111 222; chứng thực", ("Nguyễn Văn An", "+84905111222", ["chứng thực"])),
        ("1\tTrần Bình\t905111222\t\tTiếng Anh", ("Trần Bình", "+84905111222", ["tiếng anh"])),
        ("0905111222, Lê Cúc", ("Lê Cúc", "+84905111222", [])),
        ("Phạm Dung - 0905.111.222", ("Phạm Dung", "+84905111222", [])),
        ('"Hồ Em"|+84 905 111 222', ("Hồ Em", "+84905111222", [])),
    ],
)
def test_lines_as_people_paste_them(app: Flask, line: str, person: tuple[str, str, list[str]]) -> None:
    read = read_people(line)
    assert [(p.name, p.phone, p.skills) for p in read.people] == [person]
    assert read.unread == []


@pytest.mark.parametrize("line", ["Nguyễn Thị Thọ", "0905 111 222", "An; 12345", "x" * 300 + "; 0905111222", ";;;;"])
def test_a_line_that_cannot_be_read_is_kept(app: Flask, line: str) -> None:
    read = read_people(line)
    assert read.people == []
    assert [kept for kept, _why in read.unread] == [line]


def test_what_could_not_be_pasted_stays_in_the_field(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    make_volunteer(ward, "Có Sẵn").phone = "+84905111000"
    people = "STT\tHọ tên\tSố\n1\tAn\t0905111222\nBà Sáu nhà bên\nBình\t0905111222\nCó Sẵn\t0905111000"
    answer = client.post("/tinh-nguyen-vien/danh-sach", data={"people": people})
    assert answer.status_code == 422
    assert answer.text.count("Bà Sáu nhà bên") == 2  # in the field and in the sentence
    assert "Số này là của An rồi" in answer.text
    names = db.session.scalars(select(Volunteer.name).order_by(Volunteer.id)).all()
    assert names == ["Có Sẵn", "An"]


# --- Duties


def test_ticks_of_a_day_become_duties(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    an, binh = make_volunteer(ward, "An"), make_volunteer(ward, "Bình")
    make_duty(ward, binh, WEDNESDAY)
    db.session.commit()
    ticks = [f"{an.public_id}:morning", f"{an.public_id}:night", "nobody:morning", "rubbish", ""]
    assert client.post(f"/truc/{WEDNESDAY}", data={"on": ticks}).status_code == 302
    assert halves_on(ward, WEDNESDAY) == {"An": {"morning"}}
    page = client.get(f"/truc/{WEDNESDAY}").text
    assert f'value="{an.public_id}:morning" checked' in page
    assert "1/10" in page


def test_who_has_a_route_is_not_ticked_off_here(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    an = make_volunteer(ward, "An")
    publish_route(ward, make_duty(ward, an, WEDNESDAY, ("morning",)))
    db.session.commit()
    client.post(f"/truc/{WEDNESDAY}", data={"on": []})
    assert halves_on(ward, WEDNESDAY) == {"An": {"morning"}}
    client.post(f"/truc/{WEDNESDAY}", data={"on": [f"{an.public_id}:afternoon"]})
    assert halves_on(ward, WEDNESDAY) == {"An": {"morning", "afternoon"}}


def test_a_duty_that_left_traces_is_taken_off_not_forgotten(app: Flask, ward: Ward) -> None:
    an = make_volunteer(ward, "An")
    plain, linked = make_duty(ward, an, TODAY), make_duty(ward, an, WEDNESDAY)
    link_for(linked)
    for day in (TODAY, WEDNESDAY):
        assert set_duty(ward, an, day, ()) is None
    db.session.commit()
    kept = db.session.scalars(select(Duty)).all()
    assert [duty.id for duty in kept] == [linked.id]
    assert linked.off_at is not None
    back = set_duty(ward, an, WEDNESDAY, {"afternoon"})
    assert back is linked
    assert back.off_at is None
    assert plain.id != linked.id


def test_fair_filling_takes_those_who_served_least(app: Flask, ward: Ward) -> None:
    ward.people_wanted = 2
    an, binh, cuc = (make_volunteer(ward, name) for name in ("An", "Bình", "Cúc"))
    make_duty(ward, an, TODAY - timedelta(days=4))
    make_duty(ward, binh, TODAY - timedelta(days=3), ("morning",))
    make_volunteer(ward, "Dung", active=False)
    assert fill_fairly(ward, WEDNESDAY) == 2
    assert halves_on(ward, WEDNESDAY) == {"Bình": {"morning", "afternoon"}, "Cúc": {"morning", "afternoon"}}
    assert fill_fairly(ward, WEDNESDAY) == 0
    assert cuc.active


def test_fair_filling_over_weeks_is_even(app: Flask, ward: Ward) -> None:
    ward.people_wanted = 4
    for number in range(10):
        make_volunteer(ward, f"Người {number}")
    for offset in range(14):
        fill_fairly(ward, TODAY + timedelta(days=offset))
    served = Counter(duty.volunteer_id for duty in duties_of(ward.id, TODAY, TODAY + timedelta(days=14)))
    assert sum(served.values()) == 36  # nine working days
    assert set(served.values()) == {3, 4}


def test_last_week_is_copied(app: Flask, ward: Ward) -> None:
    an, gone = make_volunteer(ward, "An"), make_volunteer(ward, "Đã nghỉ")
    make_duty(ward, an, WEDNESDAY - timedelta(weeks=1), ("morning",))
    make_duty(ward, gone, WEDNESDAY - timedelta(weeks=1))
    gone.active = False
    assert copy_last_week(ward, WEDNESDAY) == 1
    assert halves_on(ward, WEDNESDAY) == {"An": {"morning"}}
    assert copy_last_week(ward, WEDNESDAY) == 0


def test_days_off_stay_empty(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    make_volunteer(ward, "An")
    ward.service_off = TODAY + timedelta(days=3)
    client.post(f"/truc/tuan/{TODAY}", data={"how": "fair"})
    days = [duty.service_date for duty in duties_of(ward.id, TODAY, SUNDAY)]
    assert days == [TODAY, WEDNESDAY, TODAY + timedelta(days=3)]


def test_days_gone_by_are_not_filled(app: Flask, client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    make_volunteer(ward, "An")
    move_clock(app, days=3)
    client.post(f"/truc/tuan/{TODAY}", data={"how": "fair"})
    assert [d.service_date for d in duties_of(ward.id, TODAY, SUNDAY)] == [date(2026, 11, 26), date(2026, 11, 27)]


@pytest.mark.parametrize("day", ["hom-nay", "2026-13-01", "9999-12-31", "1000-01-01", "2026-11-23'", "%00"])
def test_what_is_no_day_is_not_there(client: FlaskClient, desk: StaffAccount, day: str) -> None:
    for address in (f"/truc/{day}", f"/truc/{day}/phieu", f"/truc/{day}/duong-dan"):
        assert client.get(address).status_code == 404
    assert client.post(f"/truc/{day}/dien", data={"how": "fair"}).status_code == 404
    assert client.get("/truc/", query_string={"tuan": day}).status_code == 200


def test_unknown_ways_to_fill_are_refused(client: FlaskClient, desk: StaffAccount) -> None:
    assert client.post(f"/truc/tuan/{TODAY}", data={"how": "magic"}).status_code == 400
    assert client.post(f"/truc/{TODAY}/dien", data={}).status_code == 400


# --- Sheet and links


def test_the_sheet_shows_everybody_with_a_code(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    for name in ("An", "Bình", "Cúc", "Dung", "Em"):
        make_duty(ward, make_volunteer(ward, name))
    page = client.get(f"/truc/{TODAY}/phieu").text
    assert page.count('src="data:image/svg+xml') == 5
    assert "07:30–11:30, 13:30–17:00" in page
    links = db.session.scalars(select(RouteLink)).all()
    assert len(links) == 5
    client.get(f"/truc/{TODAY}/phieu")
    assert len(db.session.scalars(select(RouteLink)).all()) == 5
    assert {look.subject_kind for look in db.session.scalars(select(Look))} == {"volunteer"}


def test_links_lead_to_the_public_address(
    client: FlaskClient, desk: StaffAccount, ward: Ward, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_duty(ward, make_volunteer(ward, "An"))
    monkeypatch.setattr(app.config["SETTINGS"], "public_url", "https://ship.example.vn/")
    page = client.get(f"/truc/{TODAY}/duong-dan").text
    assert f"https://ship.example.vn/r/{token_of(db.session.scalars(select(RouteLink)).one())}" in page


def test_links_are_reissued_and_revoked(client: FlaskClient, desk: StaffAccount, ward: Ward) -> None:
    duty = make_duty(ward, make_volunteer(ward, "An"))
    page = client.get(f"/truc/{TODAY}/duong-dan").text
    first = db.session.scalars(select(RouteLink)).one()
    token = token_of(first)
    assert f"/r/{token}" in page
    assert client.post(f"/truc/duong-dan/{duty.public_id}/cap-lai").status_code == 302
    assert open_token(token) is None
    page = client.get(f"/truc/{TODAY}/duong-dan").text
    assert token not in page
    assert "/r/" in page
    client.post(f"/truc/duong-dan/{duty.public_id}/thu-hoi")
    page = client.get(f"/truc/{TODAY}/duong-dan").text
    assert "/r/" not in page
    assert client.get(f"/truc/{TODAY}/phieu").status_code == 200


def test_longer_duty_keeps_its_link_alive(app: Flask, ward: Ward) -> None:
    an = make_volunteer(ward, "An")
    duty = make_duty(ward, an, TODAY, ("morning",))
    link = link_for(duty)
    before = link.expires_at
    set_duty(ward, an, TODAY, {"morning", "afternoon"})
    assert link.expires_at - before == timedelta(hours=5, minutes=30)
    take_off(duty)
    assert open_token(token_of(link)) is None


def test_duties_of_another_ward_are_not_there(client: FlaskClient, desk: StaffAccount) -> None:
    other = make_ward("Mân Thái")
    stranger = make_volunteer(other, "Người Lạ")
    duty = make_duty(other, stranger)
    assert client.get(f"/tinh-nguyen-vien/{stranger.public_id}").status_code == 404
    assert client.post(f"/truc/duong-dan/{duty.public_id}/cap-lai").status_code == 404
    assert client.post(f"/truc/duong-dan/{duty.public_id}/thu-hoi").status_code == 404
    client.post(f"/truc/{TODAY}", data={"on": [f"{stranger.public_id}:morning"]})
    for address in (
        "/truc/",
        f"/truc/{TODAY}",
        f"/truc/{TODAY}/phieu",
        f"/truc/{TODAY}/duong-dan",
        "/tinh-nguyen-vien/",
    ):
        assert "Người Lạ" not in client.get(address).text
    assert halves_on(other, TODAY) == {"Người Lạ": {"morning", "afternoon"}}


@pytest.mark.parametrize("role", [Role.HOTLINE, Role.OFFICER, Role.CHAIRMAN])
def test_others_do_not_see_the_duties(client: FlaskClient, ward: Ward, role: Role) -> None:
    login_as(client, ward, role)
    for address in (
        "/truc/",
        f"/truc/{TODAY}",
        f"/truc/{TODAY}/phieu",
        f"/truc/{TODAY}/duong-dan",
        "/tinh-nguyen-vien/",
    ):
        assert client.get(address).status_code == 403
