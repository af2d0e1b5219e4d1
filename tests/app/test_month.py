"""A month's roster: when people can, working it out, swaps by hand, and taking it over."""

from datetime import date, timedelta

import pytest
from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role, StaffAccount
from dispatch.database import db
from dispatch.duty.models import DutyWish, MonthRoster, Volunteer
from dispatch.duty.month import ask, days_of, newest_roster, open_days
from dispatch.duty.operations import duties_of, set_duty, take_off
from dispatch.duty.roster import fill_fairly
from dispatch.duty.times import say
from dispatch.tasks.models import Task
from dispatch.tasks.runner import request_stop, run_all_due
from dispatch.wards.models import Ward
from tests.app.makers import TODAY, login_as, make_duty, make_volunteer

DECEMBER = date(2026, 12, 1)
PAGE = "/truc/thang/2026-12"
ASKED = {"wanted": "2", "backups": "1", "most_a_week": "6", "work_days": "4"}
NAMES = ("An", "Bình", "Cúc", "Dung", "Em", "Giang")


@pytest.fixture
def desk(client: FlaskClient, ward: Ward) -> StaffAccount:
    return login_as(client, ward, Role.DISPATCHER)


@pytest.fixture
def people(ward: Ward) -> list[Volunteer]:
    found = [make_volunteer(ward, f"Nguyễn {name}") for name in NAMES]
    db.session.commit()
    return found


def run_tasks() -> None:
    """In a context of its own, as a worker does: it lets go of its session in the end."""
    with current_app.app_context():
        run_all_due()


def work_out(client: FlaskClient, ward: Ward, **changes: str) -> MonthRoster:
    assert client.post(PAGE, data=ASKED | changes).status_code == 303
    run_tasks()
    db.session.expire_all()
    roster = newest_roster(ward.id, DECEMBER)
    assert roster is not None
    return roster


def on_duty(roster: MonthRoster, slot: str) -> set[str]:
    return {person for each in roster.roster["slots"] if each["slot"] == slot for person in each["on_duty"]}


def test_a_month_is_worked_out_previewed_and_taken_over(
    client: FlaskClient, ward: Ward, desk: StaffAccount, people: list[Volunteer]
) -> None:
    roster = work_out(client, ward)
    assert roster.roster["optimal"]
    assert {len(each["on_duty"]) for each in roster.roster["slots"]} == {2}
    assert duties_of(ward.id, DECEMBER, date(2026, 12, 31)) == []
    page = client.get(PAGE).text
    assert "Nguyễn An" in page
    assert "Đã chứng minh" in page
    assert client.post(f"{PAGE}/ap-dung").status_code == 303
    for day in open_days(ward, DECEMBER, TODAY):
        halves = [(duty.volunteer.public_id, s.half) for duty in duties_of(ward.id, day, day) for s in duty.shifts]
        for half in ward.halves:
            assert {p for p, key in halves if key == half.key} == on_duty(roster, f"{day}:{half.key}")
    assert roster.applied_at is not None
    assert "dự phòng" in client.get("/truc/2026-12-01").text


def test_who_has_no_time_is_not_put_on_duty(
    client: FlaskClient, ward: Ward, desk: StaffAccount, people: list[Volunteer]
) -> None:
    an = people[0]
    free = [f"{day}:{half.key}" for day in range(7) for half in ward.halves if day != 2]
    fields = {"free": free, "says-2026-12-01:morning": "cannot", "says-2026-12-02:morning": "wants", "most_a_week": "1"}
    assert client.post(f"{PAGE}/{an.public_id}", data=fields).status_code == 303
    db.session.expire_all()
    assert (sorted(an.busy), an.most_a_week) == (["2:afternoon", "2:morning"], 1)
    said = {(wish.service_date.day, wish.says) for wish in db.session.scalars(select(DutyWish))}
    assert said == {(1, "cannot"), (2, "wants")}
    roster = work_out(client, ward)
    mine = {each["slot"] for each in roster.roster["slots"] if an.public_id in each["on_duty"]}
    wednesdays = {day for day in days_of(DECEMBER) if day.weekday() == 2} - {date(2026, 12, 2)}
    assert "2026-12-01:morning" not in mine
    assert not {slot for slot in mine if date.fromisoformat(slot[:10]) in wednesdays}
    assert (
        client.get(f"{PAGE}/{an.public_id}").text.count("selected") == 2 + 2 * len(open_days(ward, DECEMBER, TODAY)) - 2
    )


def test_an_empty_place_is_explained(client: FlaskClient, ward: Ward, desk: StaffAccount) -> None:
    an = make_volunteer(ward, "Nguyễn An", busy=["1:morning"])
    db.session.commit()
    roster = work_out(client, ward, wanted="1")
    empty = next(item for item in roster.roster["unfilled"] if item["slot"] == "2026-12-01:morning")
    assert (empty["missing"], empty["blocked"]["unavailable"]) == (1, 1)
    assert "Thiếu 1 người: 1 người bận." in client.get(PAGE).text
    assert an.public_id not in on_duty(roster, "2026-12-01:morning")


def test_a_swap_by_hand_stays(client: FlaskClient, ward: Ward, desk: StaffAccount, people: list[Volunteer]) -> None:
    roster = work_out(client, ward)
    slot = "2026-12-03:morning"
    out = sorted(on_duty(roster, slot))[0]
    into = next(v.public_id for v in people if v.public_id not in on_duty(roster, slot))
    assert client.post(f"{PAGE}/doi", data={"slot": slot, "out": out, "into": into}).status_code == 303
    db.session.expire_all()
    assert into in on_duty(roster, slot)
    assert out not in on_duty(roster, slot)
    again = work_out(client, ward)
    assert again.id != roster.id
    assert into in on_duty(again, slot)
    assert out not in on_duty(again, slot)
    nobody = client.post(f"{PAGE}/doi", data={"slot": slot, "out": "", "into": ""})
    assert nobody.status_code == 422
    assert "Hãy chọn người" in nobody.text


def test_duties_that_stand_are_kept_unless_the_month_is_made_anew(
    client: FlaskClient, ward: Ward, desk: StaffAccount, people: list[Volunteer]
) -> None:
    day = date(2026, 12, 7)
    three = people[:3]
    for volunteer in three:
        make_duty(ward, volunteer, day, ("morning",))
    db.session.commit()
    kept = work_out(client, ward)
    assert on_duty(kept, "2026-12-07:morning") == {volunteer.public_id for volunteer in three}
    anew = work_out(client, ward, afresh="y")
    assert len(on_duty(anew, "2026-12-07:morning")) == 2


def test_what_was_served_before_is_counted(ward: Ward, people: list[Volunteer]) -> None:
    for number in range(5):
        set_duty(ward, people[0], date(2026, 11, 23) + timedelta(days=number), ["morning", "afternoon"])
    set_duty(ward, people[1], date(2026, 11, 30), ["morning"])
    duty = make_duty(ward, people[2], date(2026, 12, 4))
    take_off(duty)
    roster = MonthRoster(ward_id=ward.id, month=DECEMBER, by_hand=[])
    roster.asked = {"wanted": 2, "backups": 1, "most_a_week": 6, "work_days": 4, "skills": {}, "afresh": False}
    first, second, third, *_others = ask(ward, roster, TODAY).people
    assert (first.history.served, first.history.fair_share) == (10, 5.5)
    assert second.recent == (date(2026, 11, 30),)
    assert (third.history.served, third.history.fair_share) == (0, 0)
    assert {slot for slot in third.unavailable if slot.startswith("2026-12-04")} == {
        "2026-12-04:morning",
        "2026-12-04:afternoon",
    }


def test_nothing_to_fill_is_a_sentence(client: FlaskClient, ward: Ward, desk: StaffAccount) -> None:
    assert client.post(PAGE, data=ASKED).status_code == 303
    run_tasks()
    assert "Danh sách chưa có tình nguyện viên nào" in client.get(PAGE).text
    assert client.post("/truc/thang/2026-10", data=ASKED).status_code == 303
    run_tasks()
    assert "Tháng này không còn buổi nào" in client.get("/truc/thang/2026-10").text
    assert client.get("/truc/thang/2026-13").status_code == 404
    assert client.post("/truc/thang/2026-10/ap-dung").status_code == 404


def test_it_runs_in_the_background_and_can_be_stopped(
    client: FlaskClient, ward: Ward, desk: StaffAccount, people: list[Volunteer]
) -> None:
    client.post(PAGE, data=ASKED)
    client.post(PAGE, data=ASKED)
    (task,) = db.session.scalars(select(Task))
    assert "data-progress-url" in client.get(PAGE).text
    request_stop(task)
    db.session.commit()
    assert client.get(f"/viec-nen/{task.public_id}").get_json()["url"] == PAGE


def test_filling_a_day_asks_nobody_who_has_no_time(ward: Ward, people: list[Volunteer]) -> None:
    day = date(2026, 12, 1)
    people[0].busy = ["1:morning", "1:afternoon"]
    say(people[1], {"2026-12-01:morning": "cannot"}, [day])
    fill_fairly(ward, day)
    served = {d.volunteer_id: {shift.half for shift in d.shifts} for d in duties_of(ward.id, day, day)}
    assert people[0].id not in served
    assert served[people[1].id] == {"afternoon"}
    assert len(served) == len(people) - 1
