"""The pages of planning, as a dispatcher goes through them; and everybody else's way past them."""

from datetime import timedelta
from inspect import cleandoc

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Look, Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.planning import reasons
from dispatch.planning.models import Plan
from dispatch.planning.proving import start_proof
from dispatch.tasks.models import Task
from dispatch.tasks.runner import run_kind
from dispatch.tasks.words import words_of
from dispatch.wards.models import Ward
from routing.constraints import PLAN_CONSTRAINTS, ROUTE_CONSTRAINTS
from routing.why import why_unserved
from tests.app.makers import TODAY, login_as, make_ward
from tests.app.planning_days import a_draft, a_job, a_published_plan, hour, on_duty, run_planning, set_clock, stops_of

DAY = f"/ke-hoach/ngay/{TODAY}"


@pytest.fixture
def desk(app: Flask, ward: Ward, client: FlaskClient) -> FlaskClient:
    set_clock(app, hour(ward, 6.5))
    login_as(client, ward, Role.DISPATCHER)
    return client


def test_from_the_list_of_days_to_a_published_plan(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An", "Bình")
    jobs = [a_job(ward, door) for door in range(3)]
    late = a_job(ward, 4, hours=(19, 20))
    days = desk.get("/ke-hoach/").text
    assert f"/ke-hoach/ngay/{TODAY}" in days
    assert "chưa có kế hoạch" in days

    before = desk.get(DAY)
    assert before.status_code == 200
    assert "Lập kế hoạch" in before.text
    answer = desk.post(DAY, data={"seconds": "10.0"})
    assert (answer.status_code, answer.location) == (303, DAY)
    task = db.session.scalars(select(Task).where(Task.kind == "plan_day")).one()
    assert f"/viec-nen/{task.public_id}" in desk.get(DAY).text
    task.payload = {**task.payload, "seconds": 0.3}
    assert run_planning(ward) is task
    told = desk.get(f"/viec-nen/{task.public_id}", headers={"Accept": "application/json"}).json
    assert told is not None
    assert told["state"] == "done"

    draft = desk.get(told["url"])
    assert draft.status_code == 200
    assert "bản nháp" in draft.text
    assert all(job.place.spoken in draft.text for job in (*jobs, late))  # type: ignore[union-attr]
    assert "19:00–20:00" in draft.text
    drawn = desk.get(told["url"] + "/tuyen.json").json
    assert drawn is not None
    kinds = [feature["properties"]["kind"] for feature in drawn["features"]]
    assert kinds.count("stop") == 3
    assert kinds.count("job") == kinds.count("office") == 1
    assert "route" in kinds

    published = desk.post(told["url"] + "/ban-hanh", follow_redirects=True)
    assert "đã được ban hành" in published.text
    assert {job.state for job in jobs} == {"planned"}
    assert late.state == "open"
    assert DAY + "/chen/" + late.public_id in desk.get(DAY).text


def test_planning_that_failed_says_why_on_the_days_page(ward: Ward, desk: FlaskClient) -> None:
    an = on_duty(ward, "An")[0]
    a_job(ward)
    desk.post(DAY, data={"seconds": "10.0"})
    an.off_at = now()
    assert run_planning(ward).state == "failed"
    assert "không còn ai trực" in desk.get(DAY).text


def test_a_stale_draft_is_refused_with_a_sentence(app: Flask, ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An")
    a_job(ward)
    draft = a_draft(ward)
    set_clock(app, hour(ward, 10))
    answer = desk.post(f"/ke-hoach/{draft.public_id}/ban-hanh", follow_redirects=True)
    assert "Vui lòng lập lại" in answer.text
    assert draft.state == "draft"


def test_a_draft_can_be_thrown_away_once(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An")
    a_job(ward)
    draft = a_draft(ward)
    assert "Đã bỏ bản nháp" in desk.post(f"/ke-hoach/{draft.public_id}/bo", follow_redirects=True).text
    assert draft.state == "discarded"
    assert "Chỉ bỏ được bản nháp" in desk.post(f"/ke-hoach/{draft.public_id}/bo", follow_redirects=True).text
    assert desk.post(f"/ke-hoach/{draft.public_id}/ban-hanh").status_code == 303
    assert draft.state == "discarded"


def test_the_route_sheet_has_what_a_volunteer_needs_and_is_logged(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An")
    job, back = a_job(ward), a_job(ward, 1, "return")
    plan = a_draft(ward)
    assert desk.get(f"/ke-hoach/{plan.public_id}/phieu").status_code == 404
    desk.post(f"/ke-hoach/{plan.public_id}/ban-hanh")
    sheet = desk.get(f"/ke-hoach/{plan.public_id}/phieu").text
    for shown in (
        job.dossier.code[:3],
        job.place.spoken,
        back.place.spoken,
        "data:image/svg+xml",
        "<polyline",
        "OpenStreetMap",
    ):  # type: ignore[union-attr]
        assert shown in sheet
    phone = job.dossier.request.caller.phone
    assert phone is not None
    assert phone[-3:] in sheet
    seen = db.session.scalars(
        select(Look.subject_id).where(Look.page == "planning.sheet", Look.subject_kind == "citizen")
    )
    assert {job.dossier.beneficiary_id, back.dossier.beneficiary_id} <= set(seen)


def test_a_door_that_no_road_reaches_is_named_before_planning(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An")
    near, far = a_job(ward), a_job(ward, 1)
    assert near.place is not None
    assert far.place is not None
    db.session.commit()
    assert "Chưa có đường nào trên bản đồ" not in desk.get(DAY).text
    far.place.lat, far.place.lon = 16.2, 108.4
    db.session.commit()
    told = desk.get(DAY).text.partition("Chưa có đường nào trên bản đồ")[2].partition("</div>")[0]
    assert far.place.spoken in told
    assert near.place.spoken not in told


def test_a_guessed_pin_is_named_before_somebody_rides_there(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An")
    place = a_job(ward).place
    assert place
    assert "mới chỉ ước chừng" not in desk.get(DAY).text
    place.match_class, place.radius_m = "street", 380
    db.session.commit()
    assert "mới chỉ ước chừng" in desk.get(DAY).text
    place.match_class = "confirmed"
    db.session.commit()
    assert "mới chỉ ước chừng" not in desk.get(DAY).text


def test_a_volunteer_falls_out(ward: Ward, desk: FlaskClient) -> None:
    an, binh = on_duty(ward, "An", "Bình")
    for door in range(4):
        a_job(ward, door)
    plan = a_published_plan(ward)
    out = an if stops_of(plan, an) else binh
    answer = desk.post(f"/ke-hoach/truc/{out.public_id}/nghi", follow_redirects=True)
    assert "khỏi kế hoạch" in answer.text
    assert "Đang lập kế hoạch" in answer.text
    assert out.off_at is not None
    assert "đã được rút khỏi" in desk.post(f"/ke-hoach/truc/{out.public_id}/nghi", follow_redirects=True).text


def test_one_job_is_put_onto_a_route(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An", "Bình")
    for door in range(3):
        a_job(ward, door)
    a_published_plan(ward)
    urgent = a_job(ward, 5)
    address = f"{DAY}/chen/{urgent.public_id}"
    page = desk.get(address).text
    assert 'name="place"' in page
    place = page.split('name="place" value="')[1].split('"')[0]
    wrong = desk.post(address, data={"place": "nowhere"}, follow_redirects=True)
    assert "Vui lòng chọn lại" in wrong.text
    assert urgent.state == "open"
    assert "có hiệu lực" in desk.post(address, data={"place": place}, follow_redirects=True).text
    assert urgent.state == "planned"
    assert "Không chèn được" in desk.get(address).text


@pytest.mark.parametrize("seconds", ["", "-1", "1e9", "nan", "x" * 5000, "30; DROP TABLE plan"])
def test_a_wrong_time_for_the_search_starts_nothing(ward: Ward, desk: FlaskClient, seconds: str) -> None:
    on_duty(ward, "An")
    a_job(ward)
    assert desk.post(DAY, data={"seconds": seconds}).status_code == 422
    assert db.session.scalars(select(Task)).first() is None


@pytest.mark.parametrize("day", ["2026-02-30", "hom-nay", "9999-99-99", "0001-01-01", "99999999999999999999"])
def test_a_day_that_is_none_is_not_found(desk: FlaskClient, day: str) -> None:
    assert desk.get(f"/ke-hoach/ngay/{day}").status_code == 404
    assert desk.get(f"/dieu-phoi/{day}").status_code == 404


def test_another_wards_plans_jobs_and_duties_are_not_found(app: Flask, ward: Ward, client: FlaskClient) -> None:
    set_clock(app, hour(ward, 6.5))
    an = on_duty(ward, "An")[0]
    job = a_job(ward)
    plan = a_published_plan(ward)
    login_as(client, make_ward("Mân Thái"), Role.DISPATCHER)
    for address in (plan.public_id, f"{plan.public_id}/tuyen.json", f"{plan.public_id}/phieu"):
        assert client.get(f"/ke-hoach/{address}").status_code == 404
    for address in (f"{plan.public_id}/ban-hanh", f"{plan.public_id}/bo", f"truc/{an.public_id}/nghi"):
        assert client.post(f"/ke-hoach/{address}").status_code == 404
    assert client.get(f"{DAY}/chen/{job.public_id}").status_code == 404
    assert client.post(f"{DAY}/chen/{job.public_id}").status_code == 404
    assert job.place is not None
    assert job.place.spoken not in client.get(DAY).text
    assert job.place.spoken not in client.get(f"/dieu-phoi/{TODAY}").text
    assert db.session.get_one(Plan, plan.id).state == "published"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DISPATCHER])
def test_only_dispatchers_plan(ward: Ward, client: FlaskClient, role: Role) -> None:
    login_as(client, ward, role)
    assert client.get("/ke-hoach/").status_code == 403
    assert client.post(DAY).status_code == 403


def test_a_ward_without_people_or_pin_is_told_what_is_missing(ward: Ward, desk: FlaskClient) -> None:
    a_job(ward)
    assert "Xếp người trực" in desk.get(DAY).text
    ward.office_lat = None
    assert "ghim vị trí trụ sở" in desk.get(DAY).text
    assert desk.get(f"/ke-hoach/ngay/{TODAY - timedelta(days=7)}").status_code == 200


def test_every_reason_and_every_constraint_has_words(app: Flask) -> None:
    names = {constraint.__name__ for constraint in (*ROUTE_CONSTRAINTS, *PLAN_CONSTRAINTS)}
    assert names == set(reasons.BROKEN)
    # Python 3.13 and later take the indentation away, those before keep it.
    codes = {part.split("``")[0] for part in cleandoc(why_unserved.__doc__ or "").split("\n``")[1:]}
    assert codes
    assert codes <= set(reasons.UNSERVED)
    values = {
        "skills": ["ho-tich"],
        "capacity": 3,
        "cutoff_s": 54_000,
        "windows": [{"start_s": 28_800, "end_s": 36_000}],
    }
    with app.test_request_context():
        for code in reasons.UNSERVED:
            assert reasons.why_not([{"code": code, "values": values}], {})[0].endswith(".")
        for name in names:
            assert reasons.what_breaks(name)


def test_the_bar_and_the_draft_say_how_far_the_plan_is_from_the_best_possible(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An", "Bình")
    for door in range(6):
        a_job(ward, door)
    plan = a_draft(ward)
    gap = plan.figures["gap"]
    assert gap is None or 0 <= gap < 1
    task = db.session.scalars(select(Task).where(Task.kind == "plan_day")).one()
    assert task.progress["gap"] == gap
    task.state, task.progress = "running", {**task.progress, "gap": 0.118}
    assert "còn cách mức tốt nhất có thể nhiều nhất 12\N{NO-BREAK SPACE}%" in words_of(task).detail
    for known, said in (
        (0.118, ">12 %<"),
        (0.0412, ">4,2 %<"),
        (0.7, "chưa biết"),
        (None, "chưa biết"),
    ):
        plan.figures = {**plan.figures, "gap": known}
        db.session.commit()
        assert said in " ".join(desk.get(f"/ke-hoach/{plan.public_id}").text.split())
    plan.figures = {key: value for key, value in plan.figures.items() if key != "gap"}
    db.session.commit()
    assert "chưa biết" in desk.get(f"/ke-hoach/{plan.public_id}").text


def run_proof(ward: Ward) -> None:
    """As a worker would, with a session of its own."""
    ward_id = ward.id
    db.session.commit()
    with current_app.app_context():
        run_kind("prove_plan", ward_id)
    db.session.expire_all()


def test_how_much_better_a_plan_could_be_is_worked_out_when_asked(ward: Ward, desk: FlaskClient) -> None:
    on_duty(ward, "An", "Bình")
    for door in range(6):
        a_job(ward, door)
    plan = a_draft(ward)
    plan.figures = {**plan.figures, "gap": 0.9}
    db.session.commit()
    page, before = f"/ke-hoach/{plan.public_id}", dict(plan.figures)
    assert "Kế hoạch còn tốt hơn được bao nhiêu?" in desk.get(page).text
    for _twice in range(2):
        assert desk.post(f"{page}/chung-minh").location == page
    task = db.session.scalars(select(Task).where(Task.kind == "prove_plan")).one()
    shown = desk.get(page).text
    assert f"/viec-nen/{task.public_id}/dung" in shown
    assert "/chung-minh" not in shown

    run_proof(ward)
    assert task.state == "done", task.error
    assert 0 <= task.result["gap"] < 0.9
    told = desk.get(f"/viec-nen/{task.public_id}", headers={"Accept": "application/json"}).json
    assert told is not None
    assert told["url"] == page
    task.result = {**task.result, "gap": 0.043}
    db.session.commit()
    tried = desk.get(page).text
    assert "4,3\N{NO-BREAK SPACE}%" in tried
    assert "Máy đã tính xong: nếu còn tốt hơn được thì cũng không quá 4,3\N{NO-BREAK SPACE}%." in tried
    assert "/chung-minh" not in tried  # it would find no more
    task.state = "stopped"
    db.session.commit()
    assert "/chung-minh" in desk.get(page).text
    task.result = {**task.result, "gap": 0.0}
    db.session.commit()
    best = desk.get(page).text
    assert "/chung-minh" not in best
    assert ">0\N{NO-BREAK SPACE}%<" in best
    assert plan.figures == before


def test_a_proof_that_breaks_off_says_so(ward: Ward, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    on_duty(ward, "An")
    a_job(ward)
    plan = a_draft(ward)
    task = start_proof(plan, None)
    db.session.commit()
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    run_proof(ward)
    assert (task.state, task.error) == ("failed", "Việc tính bị ngắt giữa chừng. Kế hoạch vẫn như cũ.")
    assert desk.get(f"/ke-hoach/{plan.public_id}").status_code == 200
