"""The volunteer's pages: link, route, news."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dispatch.accounts.models import Look
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.duty.links import link_for, reissue, revoke, token_of
from dispatch.duty.models import Device
from dispatch.wards.models import Hotline, Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_return, make_route, open_phone, send, tap
from tests.app.makers import STAFF, make_citizen, make_dossier, make_duty, make_job, make_place, make_volunteer


def test_the_link_enrols_the_phone_and_leaves_no_token_in_the_address(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    response = open_phone(client, duty)
    assert (response.status_code, response.location) == (302, "/tuyen")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=1209600" in cookie
    open_phone(client, duty)
    assert db.session.scalar(select(func.count()).select_from(Device)) == 1, "the same phone is enrolled once"


def test_the_cookie_is_secure_behind_https(app: Flask, ward: Ward, client: FlaskClient) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    try:
        response = open_phone(client, make_duty(ward, make_volunteer(ward)))
    finally:
        app.config["SESSION_COOKIE_SECURE"] = False
    assert "Secure" in response.headers["Set-Cookie"]


def test_the_next_door_shows_what_the_volunteer_needs(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    hoa = make_citizen(ward, "Trần Thị Hoa")
    place = make_place(ward, "K45/12 Ngô Quyền", 16.09, 108.24)
    place.access_note = "Cổng xanh bên trái"
    place.parts = {"alley": ["45"], "number": "12", "landmark": "đối diện chợ Mai"}
    job = make_job(make_dossier(ward, citizen=hoa, place=place))
    operations.promise(job, now() + timedelta(minutes=15), now() + timedelta(minutes=75), STAFF)
    later = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job, later])
    open_phone(client, duty)
    page = client.get("/tuyen").text
    for words in (
        "Trần Thị Hoa",
        "K45/12 Ngô Quyền",
        "kiệt 45, nhà 12",
        "Cổng xanh bên trái",
        "đối diện chợ Mai",
        "Hẹn 08:00 – 09:00",
        "kịp giờ hẹn",
        'href="tel:+84905123456"',
        "destination=16.090000,108.240000",
        "Bản chính giấy tờ cần chứng thực",
        "0/2 điểm",
    ):
        assert words in page
    assert page.count("<h1") == 1
    looked = db.session.execute(select(Look.actor_kind, Look.actor_id, Look.subject_id)).all()
    assert ("volunteer", duty.volunteer_id, hoa.id) in [tuple(look) for look in looked]
    client.get("/tuyen")
    assert db.session.execute(select(Look.actor_kind, Look.actor_id, Look.subject_id)).all() == looked, (
        "one look an hour"
    )


def test_a_guessed_pin_is_called_a_guess(ward: Ward, client: FlaskClient) -> None:
    duty, job = make_duty(ward, make_volunteer(ward)), make_jobs(ward, 1)[0]
    assert job.place
    job.place.match_class, job.place.radius_m = "street", 380
    make_route(ward, duty, [job])
    open_phone(client, duty)
    assert "có thể lệch đến 380 m" in client.get("/tuyen").text


def test_a_window_that_will_not_hold_is_said(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    operations.promise(job, now() + timedelta(minutes=15), now() + timedelta(minutes=30), STAFF)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    move_clock(app, minutes=45)
    assert "trễ khoảng 25 phút" in client.get("/tuyen").text


def test_a_return_says_what_to_fetch_and_to_whom(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_return(ward, procedure="khai-sinh")
    make_route(ward, duty, [job])
    open_phone(client, duty)
    page = client.get("/tuyen").text
    assert "Trước khi đi, nhận ở bộ phận Một cửa" in page
    assert "Chỉ giao cho: Cha, mẹ hoặc người thân thích đi khai sinh" in page


def test_counters_are_filled_from_the_checklist(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_job(make_dossier(ward, procedure="khai-sinh"))
    make_route(ward, duty, [job])
    open_phone(client, duty)
    send(client, tap("arrived", job))
    page = client.get("/tuyen").text
    assert 'name="originals" type="number" inputmode="numeric" min="0" max="999" value="2"' in page
    assert 'name="copies" type="number" inputmode="numeric" min="0" max="999" value="1"' in page


def test_trips_and_lunch_stand_between_the_doors(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 3), trips=(2, 1))
    open_phone(client, duty)
    page = client.get("/tuyen").text
    assert "Về lại phường khoảng 10:00 · nghỉ trưa 11:30 – 13:30" in page
    assert "Bắt đầu đi" in page


def test_the_last_tap_can_be_taken_back_on_the_page(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    open_phone(client, duty)
    send(client, tap("arrived", job))
    assert "Hoàn tác" in client.get("/tuyen").text.split("<template")[1].split("</template>")[1]
    move_clock(app, minutes=6)
    assert 'name="corrects"' not in client.get("/tuyen").text


def test_somebody_at_a_door_sees_it_first_even_when_it_left_the_plan(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    other = make_duty(ward, make_volunteer(ward, "Lê Bình"))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    send(client, tap("arrived", jobs[1]))
    make_route(ward, other, [jobs[1]])
    page = client.get("/tuyen").text
    assert page.index(f"door-{jobs[1].public_id}") >= 0
    assert f'form="done-{jobs[1].public_id}"' in page


def test_what_the_desk_took_off_is_not_a_door_any_more(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    hoa = make_citizen(ward, "Đặng Thị Lựu")
    job = make_job(make_dossier(ward, citizen=hoa))
    make_route(ward, duty, [job])
    open_phone(client, duty)
    operations.cancel(job.dossier, STAFF)
    page = client.get("/tuyen").text
    assert "đã bỏ, không cần đến" in page
    assert "Đặng Thị Lựu" not in page


def test_the_end_of_the_day_has_its_figures(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
    jobs = [*make_jobs(ward, 2), make_return(ward)]
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    send(client, tap("done", jobs[0], originals=2), tap("not_done", jobs[1], reason="unsafe"), tap("done", jobs[2]))
    page = client.get("/tuyen").text
    for words in ("Cảm ơn An", "4,2 km", "Bạn còn giữ", "2 bản chính, 0 bản sao", "Không an toàn", "3/3 điểm"):
        assert words in page


def test_no_plan_yet(ward: Ward, client: FlaskClient) -> None:
    open_phone(client, make_duty(ward, make_volunteer(ward)))
    assert "Chưa có tuyến" in client.get("/tuyen").text


def test_news_speak_up_only_when_something_changed(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 2)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    page = client.get("/tuyen").text
    address = page.split('data-poll-url="')[1].split('"')[0]
    assert client.get(address).text == ""
    operations.cancel(jobs[1].dossier, STAFF)
    assert "vừa có thay đổi" in client.get(address).text
    assert client.get("/tuyen/tin?v=" + "x" * 5000).status_code == 200


@pytest.mark.parametrize("ending", ["revoked", "expired", "off"])
def test_a_link_that_has_ended_shows_no_personal_data(app: Flask, ward: Ward, client: FlaskClient, ending: str) -> None:
    ward.hotlines.append(Hotline(ward_id=ward.id, number="+842363831234"))
    duty = make_duty(ward, make_volunteer(ward))
    hoa = make_citizen(ward, "Đặng Thị Lựu")
    make_route(ward, duty, [make_job(make_dossier(ward, citizen=hoa))])
    open_phone(client, duty)
    token = token_of(link_for(duty))
    assert "Đặng Thị Lựu" in client.get("/tuyen").text
    if ending == "revoked":
        revoke(duty)
    elif ending == "off":
        duty.off_at = now()
    else:
        move_clock(app, days=1)
    for address in ("/tuyen", f"/r/{token}"):
        closed = client.get(address)
        assert closed.status_code == 410
        assert "không còn dùng được" in closed.text
        assert "0236 3831 234" in closed.text
        assert "Đặng" not in closed.text
    assert "hết hạn" in client.get("/tuyen/tin").text


def test_a_reissued_link_opens_again(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    open_phone(client, duty)
    old = token_of(link_for(duty))
    reissue(duty)
    assert client.get("/tuyen").status_code == 410
    assert open_phone(client, duty).status_code == 302
    assert client.get("/tuyen").status_code == 200
    assert client.get(f"/r/{old}").location == "/tuyen", "the old paper leads this phone to its route all the same"


@pytest.mark.parametrize("token", ["x", "-", "a-b", "ö" * 300, "%00", "'--", "%ED%A0%80"])
def test_guessed_links_open_nothing(ward: Ward, client: FlaskClient, token: str) -> None:
    assert client.get(f"/r/{token}").status_code in (404, 410)
    assert client.get("/tuyen").status_code == 401


def test_a_link_with_more_pasted_behind_it_opens_nothing(ward: Ward, client: FlaskClient) -> None:
    link = link_for(make_duty(ward, make_volunteer(ward)))
    assert client.get(f"/r/{token_of(link)}…").status_code == 410


def test_another_volunteers_names_are_not_on_my_page(ward: Ward, client: FlaskClient) -> None:
    mine, theirs = make_duty(ward, make_volunteer(ward)), make_duty(ward, make_volunteer(ward, "Lê Bình"))
    hoa = make_citizen(ward, "Đặng Thị Lựu")
    plan_jobs = make_jobs(ward, 1)
    make_route(ward, theirs, [make_job(make_dossier(ward, citizen=hoa))])
    make_route(ward, mine, plan_jobs)
    open_phone(client, mine)
    assert "Đặng Thị Lựu" not in client.get("/tuyen").text


def test_a_page_inside_a_messenger_says_how_to_get_out(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    token = token_of(link_for(duty))
    db.session.commit()
    zalo = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36 Zalo android/24"}
    page = client.get(f"/r/{token}", headers=zalo)
    assert "Bạn đang mở trong Zalo" in page.text
    assert f'/r/{token}"' in page.text
    assert db.session.scalar(select(func.count()).select_from(Device)) == 0, "the other browser is enrolled, not this"
    assert client.get(f"/r/{token}?o-lai=1", headers=zalo).location == "/tuyen"


def test_the_page_says_how_the_shift_stands_and_lets_it_be_taken_back(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    carried, other = make_jobs(ward, 2)
    make_route(ward, duty, [carried, other])
    open_phone(client, duty)
    send(client, tap("done", carried, originals=1))

    def say(kind: str, **more: str) -> str:
        report = {"key": str(uuid4()), "kind": kind, "job": "", "occurred_at": now().isoformat(), **more}
        send(client, report)
        return report["key"]

    say("break_started")
    say("running_late", minutes="20")
    page = client.get("/tuyen").text
    assert "Bạn đang nghỉ từ" in page
    assert page.count("Tôi đi tiếp") == 2, "at the top and in the shift's own box, though a delay was told since"
    ended = say("shift_ended")
    page = client.get("/tuyen").text
    assert "Bạn đã báo hết ca lúc" in page
    assert "Túi còn 1 hồ sơ" in page
    assert "Còn 1 điểm chưa làm" in page
    assert f'name="corrects" value="{ended}"' in page
    say("undone", corrects=ended)
    assert "Bạn đã báo hết ca" not in client.get("/tuyen").text
