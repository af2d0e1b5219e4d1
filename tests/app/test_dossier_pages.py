"""Finding dossiers, their page, and what the desk does with their visits."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Look, Role, StaffAccount
from dispatch.citizens.outbox import messages_of
from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor, record
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.operations import Window
from dispatch.dossiers.search import find
from dispatch.intake.forms import write_offer
from dispatch.places.corrections import corrections
from dispatch.places.operations import set_pin
from dispatch.planning.offers import offers_for
from dispatch.tracking.status import steps_of
from dispatch.wards.models import Ward
from tests.app.html import Page
from tests.app.makers import STAFF, TODAY, login_as, make_citizen, make_dossier, make_job, make_place, make_ward
from tests.app.planning_days import a_job, a_published_plan, hour, on_duty, set_clock

RIDER = Actor("volunteer", None)


@pytest.fixture
def desk(client: FlaskClient, ward: Ward) -> FlaskClient:
    login_as(client, ward, Role.DISPATCHER)
    return client


def not_done(dossier: Dossier, leg: str = "collect") -> Job:
    job = make_job(dossier, leg)
    record("not_done", job, RIDER, data={"reason": "nobody_home"}, notes={"note": "Cửa khóa"})
    return job


def address(job: Job, action: str) -> str:
    return f"/ho-so/{job.dossier.code}/viec/{job.public_id}/{action}"


@pytest.mark.parametrize(
    "text",
    [
        "0905 123 456",
        "+84905123456",
        "3456",
        "512",
        "tran hoa",
        "Hoa",
        "TRẦN THỊ",
        "ngo quyen",
        "120 Ngô Quyền",
        "hoa ngo quyen",
        "H17.61.09-261123-0001",
        "h17.61.09",
    ],
)
def test_a_dossier_is_found_by_what_people_know(ward: Ward, text: str) -> None:
    dossier = make_dossier(ward)
    make_dossier(ward, citizen=make_citizen(ward, "Lê Văn Tám", "+84905999111"), place=make_place(ward, "7 Yết Kiêu"))
    operations.receive(dossier, "H17.61.09-261123-0001", TODAY, STAFF)
    assert find(ward.id, text) == ([dossier], False)


def test_the_code_is_found_as_spoken_and_opens_the_page(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward)
    spoken = f"{dossier.code[:3]} {dossier.code[3:]}"
    answer = desk.post("/ho-so/", data={"q": spoken})
    assert answer.location.endswith(f"/ho-so/{dossier.code}")
    assert desk.get("/ho-so/", query_string={"q": dossier.code}).status_code == 303


@pytest.mark.parametrize("text", ["", "a", "%", "__", "' or 1=1 --", "x" * 150, "٣٤٥٦", "\x00\x01", "khong co ai"])
def test_nothing_is_found_by_nothing(desk: FlaskClient, ward: Ward, text: str) -> None:
    make_dossier(ward)
    assert find(ward.id, text) == ([], False)
    assert desk.post("/ho-so/", data={"q": text, "page": "9" * 30}).status_code == 200


def test_a_search_that_is_too_long_is_said(desk: FlaskClient, ward: Ward) -> None:
    assert desk.post("/ho-so/", data={"q": "x" * 5000}).status_code == 422


def test_names_never_stand_in_an_address(desk: FlaskClient, ward: Ward) -> None:
    make_dossier(ward)
    assert "Trần Thị Hoa" not in desk.get("/ho-so/", query_string={"q": "hoa"}).text
    assert "Trần Thị Hoa" in desk.post("/ho-so/", data={"q": "hoa"}).text
    assert db.session.scalars(select(Look.page).where(Look.subject_kind == "citizen")).all() == ["dossiers.find"]


def test_results_come_in_pages(desk: FlaskClient, ward: Ward) -> None:
    citizen, place = make_citizen(ward), make_place(ward)
    dossiers = [make_dossier(ward, citizen=citizen, place=place) for _ in range(27)]
    first, more = find(ward.id, "hoa")
    second, rest = find(ward.id, "hoa", page=2)
    assert (len(first), more, len(second), rest) == (25, True, 2, False)
    assert {d.id for d in first + second} == {d.id for d in dossiers}
    assert 'name="page" value="2"' in desk.post("/ho-so/", data={"q": "hoa"}).text


def test_lists_hold_what_has_to_be_worked_off(desk: FlaskClient, ward: Ward) -> None:
    undecided, unpinned, flagged = (make_dossier(ward) for _ in range(3))
    not_done(undecided)
    lost = make_place(ward, "sau chùa")
    lost.lat = lost.lon = None
    operations.open_job(unpinned, "collect", lost, operations.Window(), STAFF)
    job = make_job(flagged)
    operations.cancel(flagged, STAFF)
    record("done", job, RIDER)
    for name, dossier in (("undecided", undecided), ("pin", unpinned), ("flagged", flagged)):
        page = desk.get(f"/ho-so/?list={name}").text
        assert [d.code for d in (undecided, unpinned, flagged) if f"/ho-so/{d.code}" in page] == [dossier.code]


def test_the_page_tells_the_whole_way(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward)
    operations.promise(not_done(dossier), now(), now() + timedelta(hours=2), STAFF)
    page = desk.get(f"/ho-so/{dossier.code}").text
    for words in ("không có ai ở nhà", "Cửa khóa", "0905 123 456", "120 Ngô Quyền", "Quyết định xử lý"):
        assert words in page
    looked = db.session.scalars(select(Look.subject_id).where(Look.page == "dossiers.show")).all()
    assert looked == [dossier.beneficiary_id]
    features = desk.get(f"/ho-so/{dossier.code}/ban-do.json").get_json()["features"]
    assert [f["properties"]["kind"] for f in features] == ["job", "office"]


def test_flags_are_said_and_ticked_off(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    operations.cancel(dossier, STAFF)
    record("done", job, RIDER)
    assert "trong khi tình trạng là “Đã hủy”" in desk.get(f"/ho-so/{dossier.code}").text
    desk.post(f"/ho-so/{dossier.code}/da-xem")
    assert (dossier.flags, job.flags, job.state) == ([], [], "done")


def test_a_note_is_kept_beside_its_event(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward)
    assert desk.post(f"/ho-so/{dossier.code}/ghi-chu", data={"note": ""}).status_code == 422
    desk.post(f"/ho-so/{dossier.code}/ghi-chu", data={"note": "<b>Gọi</b> sau 5 giờ"})
    assert "&lt;b&gt;Gọi&lt;/b&gt; sau 5 giờ" in desk.get(f"/ho-so/{dossier.code}").text
    assert dossier.flags == []


def test_how_to_find_the_door_is_written_without_moving_the_visit(desk: FlaskClient, ward: Ward) -> None:
    job = make_job(make_dossier(ward))
    assert desk.post(address(job, "chi-duong"), data={"access_note": "cổng xanh sau quán cà phê"}).status_code == 303
    assert job.place
    assert (job.place.access_note, job.state) == ("cổng xanh sau quán cà phê", "open")
    assert "cổng xanh sau quán cà phê" in desk.get(f"/ho-so/{job.dossier.code}").text
    desk.post(address(job, "chi-duong"), data={"access_note": "x" * 301})
    assert job.place.access_note == "cổng xanh sau quán cà phê"


def test_the_desk_sees_who_said_how_to_find_the_door_and_who_set_the_pin(desk: FlaskClient, ward: Ward) -> None:
    job = make_job(make_dossier(ward))
    assert job.place
    name = db.session.scalars(select(StaffAccount.name).order_by(StaffAccount.id.desc()).limit(1)).one()
    for words in ("cổng xanh", "cổng xanh", "cổng đỏ", ""):
        desk.post(address(job, "chi-duong"), data={"access_note": words})
    set_pin(job.place, (16.1, 108.25), None, match_class="interpolated")
    db.session.commit()
    told = corrections(ward.id, {job.place_id or 0})[job.place.id]
    said = [(one.what, one.who) for one in told if "Ghim" not in one.what]
    wanted = ["Đã xóa lời chỉ đường", "Chỉ đường vào nhà: “cổng đỏ”", "Chỉ đường vào nhà: “cổng xanh”"]
    assert sorted(said) == sorted((words, name) for words in wanted)
    assert ("Ghim lấy từ bản đồ", "") in [(one.what, one.who) for one in told]
    page = desk.get(f"/ho-so/{job.dossier.code}").text
    assert f"Chỉ đường vào nhà: “cổng đỏ” · {name}" in page


def test_another_day_and_window(desk: FlaskClient, ward: Ward) -> None:
    job = make_job(make_dossier(ward))
    operations.promise(job, now(), now() + timedelta(hours=2), STAFF)
    assert desk.get(address(job, "doi-gio")).status_code == 200
    asked = {"window": "ask", "asked_day": "2026-11-25", "asked_from": "08:00", "asked_to": "10:00"}
    assert desk.post(address(job, "doi-gio"), data=asked).status_code == 303
    assert (job.service_date.isoformat(), job.promised_start) == ("2026-11-25", None)
    wrong = desk.post(address(job, "doi-gio"), data={**asked, "asked_day": "2026-11-01"})
    assert wrong.status_code == 422
    assert "2026-11-01" in wrong.text


def test_saving_untouched_keeps_what_was_wished_for(desk: FlaskClient, ward: Ward) -> None:
    wish = Window(TODAY + timedelta(days=1), hour(ward, 33), hour(ward, 34))
    job = operations.open_job(make_dossier(ward), "collect", make_place(ward), wish, STAFF)
    page = Page(desk.get(address(job, "doi-gio")).text)
    form = next(form for form in page.forms if form.action.endswith("/doi-gio"))
    desk.post(address(job, "doi-gio"), data={name: values[0] for name, values in form.fields.items() if values})
    assert Window(job.service_date, job.window_start, job.window_end) == wish


def test_an_offered_window_is_promised_again(app: Flask, desk: FlaskClient, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An")
    job = a_job(ward)
    a_published_plan(ward)
    place = job.place
    assert place is not None
    offer = offers_for(ward, place.point, "collect", job.dossier.procedure).windows[1]
    answer = desk.post(address(job, "doi-gio"), data={"window": write_offer(offer.start, offer.end)})
    assert answer.status_code == 303
    assert (job.state, job.promised_start, job.promised_end) == ("open", offer.start, offer.end)
    told = [m for m in messages_of(job.dossier) if m.kind == "planned_window"]
    assert [m.state for m in told] == ["queued", "cancelled"]
    assert local(offer.start, ward.timezone).strftime("%H:%M") in told[0].body
    gone = write_offer(offer.start + timedelta(minutes=7), offer.end)
    assert desk.post(address(job, "doi-gio"), data={"window": gone}).status_code == 422


def test_another_address_holds_for_the_way_back_too(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    assert desk.get(address(job, "doi-dia-chi")).status_code == 200
    assert desk.post(address(job, "doi-dia-chi"), data={"address": ""}).status_code == 422
    moved = {"address": "7 Yết Kiêu", "lat": "16.101", "lon": "108.251", "pin_for": "7 Yết Kiêu", "pin_confirmed": "y"}
    assert desk.post(address(job, "doi-dia-chi"), data=moved).status_code == 303
    assert (job.place.spoken, job.place.point) == ("7 Yết Kiêu", (16.101, 108.251))
    record("done", job, RIDER)
    operations.receive(dossier, "H1", TODAY, STAFF)
    back = operations.result_ready(dossier, STAFF)
    assert back is not None
    assert back.place_id == job.place_id


def test_the_address_is_understood_while_one_types(desk: FlaskClient, ward: Ward) -> None:
    answer = desk.post("/ho-so/dia-chi/dang-go", data={"address": "120 Ngô Quyền", "changed": "address"}).get_json()
    assert "Ngô Quyền" in answer["parts"]["understood"]
    assert desk.post("/ho-so/dia-chi/dang-go", data={"address": "\x00", "lat": "x"}).status_code == 200


def test_try_again_after_not_done(desk: FlaskClient, ward: Ward) -> None:
    job = not_done(make_dossier(ward))
    assert "không có ai ở nhà" in desk.get(address(job, "quyet-dinh")).text
    again = {"decision": "retry", "window": "ask", "asked_day": "2026-11-25"}
    assert desk.post(address(job, "quyet-dinh"), data=again).status_code == 303
    assert (job.state, job.service_date.isoformat(), job.attempts) == ("open", "2026-11-25", 1)


def test_giving_up_before_collection_ends_the_request(desk: FlaskClient, ward: Ward) -> None:
    job = not_done(make_dossier(ward))
    assert desk.post(address(job, "quyet-dinh"), data={"decision": "posted"}).status_code == 422
    assert desk.post(address(job, "quyet-dinh"), data={"decision": "gave_up"}).status_code == 303
    assert (job.state, job.dossier.state) == ("given_up", "cancelled")


def test_a_result_can_be_handed_to_the_post(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward, legs="return")
    job = operations.result_ready(dossier, STAFF)
    assert job is not None
    record("not_done", job, RIDER, data={"reason": "refused"})
    receipt = {"decision": "posted", "post_number": "eb 123.456.789 vn", "posted_on": "2026-11-23"}
    for field, text in (("number", ""), ("number", "Viettel"), ("on", "2026-11-24"), ("on", "hôm qua")):
        wrong = {"posted_on" if field == "on" else "post_number": text}
        assert desk.post(address(job, "quyet-dinh"), data=receipt | wrong).status_code == 422
    assert job.state == "undecided"
    assert desk.post(address(job, "quyet-dinh"), data=receipt).status_code == 303
    assert (job.state, dossier.state) == ("posted", "closed")
    page = desk.get(f"/ho-so/{dossier.code}").text
    assert "chuyển bưu điện Thứ Hai 23/11/2026" in page
    assert "số bưu gửi EB123456789VN" in page


def test_whoever_waits_for_a_posted_result_gets_the_number(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward, legs="return")
    job = operations.result_ready(dossier, STAFF)
    assert job is not None
    operations.send_by_post(job, STAFF, "EB123456789VN", date(2026, 11, 24))
    last = steps_of(dossier)[-1]
    assert (last.text, last.place) == ("Đã chuyển bưu điện", "now")
    assert "EB123456789VN" in last.more
    assert "24/11/2026" in last.more


def test_cancelling_says_what_becomes_of_the_papers(desk: FlaskClient, ward: Ward) -> None:
    early, late = make_dossier(ward), make_dossier(ward)
    make_job(early)
    record("done", make_job(late), RIDER)
    assert "chưa nhận giấy tờ nào" in desk.get(f"/ho-so/{early.code}").text.lower()
    assert "mang trả" in desk.get(f"/ho-so/{late.code}").text
    for dossier in (early, late):
        desk.post(f"/ho-so/{dossier.code}/huy")
    assert (early.state, late.state) == ("cancelled", "to_bring_in")
    assert [job.leg for job in late.jobs] == ["collect", "return"]


def test_what_is_no_longer_possible_is_a_sentence(desk: FlaskClient, ward: Ward) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    operations.cancel(dossier, STAFF)
    for action, data in (("doi-gio", {"window": "any"}), ("doi-dia-chi", {"address": "7 Yết Kiêu"})):
        answer = desk.post(address(job, action), data=data, follow_redirects=True)
        assert answer.status_code == 200
        assert "notice--error" in answer.text
    assert "notice--error" in desk.post(f"/ho-so/{dossier.code}/huy", follow_redirects=True).text
    assert (
        "notice--error" in desk.post(address(job, "quyet-dinh"), data={"decision": "retry"}, follow_redirects=True).text
    )


def test_another_wards_dossier_answers_404(desk: FlaskClient, ward: Ward) -> None:
    other = make_dossier(make_ward("Mân Thái"))
    job = make_job(other)
    own = make_dossier(ward)
    for path in (f"/ho-so/{other.code}", f"/ho-so/{other.code}/ban-do.json", address(job, "doi-gio")):
        assert desk.get(path).status_code == 404
    for path in ("huy", "ghi-chu", "da-xem"):
        assert desk.post(f"/ho-so/{other.code}/{path}", data={"note": "x"}).status_code == 404
    for action in ("doi-gio", "doi-dia-chi", "quyet-dinh", "rut-lai"):
        assert desk.post(f"/ho-so/{own.code}/viec/{job.public_id}/{action}").status_code == 404
    assert find(ward.id, "hoa") == ([own], False)


def test_the_officer_reads_and_notes_but_does_not_move(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.OFFICER)
    job = make_job(make_dossier(ward))
    page = client.get(f"/ho-so/{job.dossier.code}")
    assert page.status_code == 200
    assert "doi-gio" not in page.text
    assert client.get(address(job, "doi-gio")).status_code == 403
    assert client.post(f"/ho-so/{job.dossier.code}/huy").status_code == 403
    assert client.post(f"/ho-so/{job.dossier.code}/ghi-chu", data={"note": "x"}).status_code == 303
