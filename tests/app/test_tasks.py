"""Long work: claimed once, kept alive, taken over, stopped; and what its page is told."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from dispatch.accounts.models import Role
from dispatch.clock import real_now
from dispatch.database import db
from dispatch.tasks import runner, words
from dispatch.tasks.models import Task
from dispatch.tasks.queue import start_embedded_worker
from dispatch.tasks.runner import Running, TaskFailed, request_stop, run_kind, start_task
from dispatch.tasks.words import Words, describe
from dispatch.wards.models import Ward
from tests.app.makers import login_as, make_account, make_ward

KIND = "test_work"


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Callable[[runner.Work], None]:
    """`works(function)` makes it the work of the tests' kind, for this test only."""

    def register(function: runner.Work) -> None:
        monkeypatch.setitem(runner._works, KIND, function)

    return register


@pytest.fixture
def embedded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Worker threads in this process, as `serve` starts them."""
    monkeypatch.setitem(app.extensions, "queue_mode", "embedded")
    consumer = start_embedded_worker(app)
    yield
    consumer.stop(graceful=True)


def begin(ward: Ward, **payload: Any) -> Task:
    task = start_task(ward.id, KIND, payload)
    db.session.commit()
    return task


def look(task: Task) -> Task:
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get_one(Task, sa.inspect(task).identity)
    db.session.commit()
    return found


def wait_for(task: Task, state: str, within_s: float = 20) -> Task:
    end = time.monotonic() + within_s
    while look(task).state != state and time.monotonic() < end:
        time.sleep(0.05)
    found = look(task)
    assert found.state == state, (found.state, found.error)
    return found


def test_work_leaves_its_result_and_progress(ward: Ward, works: Callable[[runner.Work], None]) -> None:
    def count(task: Running) -> dict[str, Any]:
        assert task.report(0.5, cost=12)
        return {"sum": task.payload["a"] + 1}

    works(count)
    task = begin(ward, a=1)
    run_kind(KIND, ward.id)
    done = look(task)
    assert (done.state, done.result, done.progress, done.fraction) == ("done", {"sum": 2}, {"cost": 12}, 1.0)
    assert done.finished_at is not None


def test_a_failure_leaves_a_sentence_and_an_accident_does_not_stop_the_queue(
    ward: Ward, works: Callable[[runner.Work], None]
) -> None:
    def fail(task: Running) -> dict[str, Any]:
        if task.payload["how"] == "said":
            raise TaskFailed("Hôm nay không ai trực.")
        raise ZeroDivisionError

    works(fail)
    said, accident = begin(ward, how="said"), begin(ward, how="accident")
    run_kind(KIND, ward.id)
    assert (look(said).state, look(said).error) == ("failed", "Hôm nay không ai trực.")
    assert (look(accident).state, look(accident).error) == ("failed", runner.UNEXPECTED)


def test_a_task_that_waits_is_stopped_at_once(ward: Ward, works: Callable[[runner.Work], None]) -> None:
    ran: list[int] = []

    def note(task: Running) -> dict[str, Any]:
        ran.append(task.task_id)
        return {}

    works(note)
    task = begin(ward)
    request_stop(task)
    db.session.commit()
    run_kind(KIND, ward.id)
    assert (look(task).state, ran) == ("stopped", [])


def test_a_running_task_heeds_the_stop_request(ward: Ward, works: Callable[[runner.Work], None]) -> None:
    def stopped_half_way(task: Running) -> dict[str, Any]:
        assert task.report(0.1)
        request_stop(db.session.get_one(Task, task.task_id))
        db.session.commit()
        return {"stopped": not task.report(0.2)}

    works(stopped_half_way)
    task = begin(ward)
    run_kind(KIND, ward.id)
    assert look(task).state == "stopped"


def test_two_workers_never_run_one_task_twice(app: Flask, ward: Ward, works: Callable[[runner.Work], None]) -> None:
    ran: list[int] = []

    def note(task: Running) -> dict[str, Any]:
        ran.append(task.task_id)
        return {}

    works(note)
    tasks = [begin(ward) for _ in range(12)]
    start = threading.Barrier(4)

    def worker() -> None:
        with app.app_context():
            start.wait()
            run_kind(KIND, ward.id)

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == sorted(t.id for t in tasks)
    assert {look(t).state for t in tasks} == {"done"}


def test_a_dead_workers_task_is_taken_over_and_given_up_in_the_end(
    ward: Ward, works: Callable[[runner.Work], None]
) -> None:
    works(lambda task: {"ran": True})
    task, hopeless = begin(ward), begin(ward)
    for dead, attempts in ((task, 1), (hopeless, runner.MAX_ATTEMPTS)):
        dead.state, dead.lease_key, dead.attempts = "running", "somebody else's", attempts
        dead.lease_until = real_now() + timedelta(seconds=30)
    db.session.commit()
    run_kind(KIND, ward.id)
    assert look(task).state == "running"
    for dead in (look(task), look(hopeless)):
        dead.lease_until = real_now() - timedelta(seconds=1)
    db.session.commit()
    assert (KIND, ward.id) in runner.due_work()
    run_kind(KIND, ward.id)
    assert (look(task).state, look(task).attempts) == ("done", 2)
    assert (look(hopeless).state, look(hopeless).error) == ("failed", runner.GAVE_UP)


def test_work_that_is_too_busy_to_report_keeps_its_lease(
    ward: Ward, works: Callable[[runner.Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LEASE", timedelta(seconds=0.6))
    free: list[bool] = []

    def busy(task: Running) -> dict[str, Any]:
        for _ in range(12):
            time.sleep(0.1)
            free.append((KIND, task.ward_id) in runner.due_work())
        return {}

    works(busy)
    task = begin(ward)
    run_kind(KIND, ward.id)
    assert look(task).state == "done"
    assert not any(free)


def test_a_worker_that_lost_its_lease_is_told_to_stop_and_writes_nothing(
    ward: Ward, works: Callable[[runner.Work], None]
) -> None:
    going: list[bool] = []

    def slow(task: Running) -> dict[str, Any]:
        taken = db.session.get_one(Task, task.task_id)
        taken.lease_key = "another worker's"
        db.session.commit()
        going.append(task.report(0.9, cost=1))
        return {"mine": True}

    works(slow)
    task = begin(ward)
    run_kind(KIND, ward.id)
    assert going == [False]
    assert (look(task).state, look(task).result, look(task).progress) == ("running", {}, {})


def test_the_embedded_worker_runs_what_was_committed(
    ward: Ward, works: Callable[[runner.Work], None], embedded: None
) -> None:
    works(lambda task: {"thread": threading.current_thread().name})
    task = begin(ward)
    assert wait_for(task, "done").result["thread"] != threading.current_thread().name


def test_what_a_crash_left_is_found_when_the_worker_starts(
    app: Flask, ward: Ward, works: Callable[[runner.Work], None], request: pytest.FixtureRequest
) -> None:
    works(lambda task: {})
    task = begin(ward)  # in manual mode nobody is woken
    assert look(task).state == "queued"
    request.getfixturevalue("embedded")
    wait_for(task, "done")


def test_a_worker_is_woken_by_the_commit_and_by_nothing_before(
    app: Flask, ward: Ward, works: Callable[[runner.Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setitem(app.extensions, "queue_mode", "embedded")
    monkeypatch.setitem(app.extensions, "huey_run", lambda kind, ward_id: woken.append((kind, ward_id)))
    start_task(ward.id, KIND, {})
    with db.session.begin_nested():
        start_task(ward.id, "inner", {})
    assert woken == []
    db.session.commit()
    assert sorted(woken) == [("inner", ward.id), (KIND, ward.id)]
    start_task(ward.id, KIND, {})
    db.session.rollback()
    db.session.commit()
    assert len(woken) == 2


def test_a_queue_out_of_reach_fails_no_commit(app: Flask, ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach(kind: str, ward_id: int) -> None:
        raise ConnectionError

    monkeypatch.setitem(app.extensions, "queue_mode", "worker")
    monkeypatch.setitem(app.extensions, "huey_run", out_of_reach)
    assert look(begin(ward)).state == "queued"


def test_the_commit_may_come_outside_of_the_application(
    app: Flask, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setitem(app.extensions, "queue_mode", "embedded")
    monkeypatch.setitem(app.extensions, "huey_run", lambda kind, ward_id: woken.append(kind))
    with app.app_context():
        start_task(ward.id, KIND, {})
        session = db.session()
        thread = threading.Thread(target=session.commit)  # a thread has no application context
        thread.start()
        thread.join()
    assert woken == [KIND]


# --- What the page is told


def test_the_page_hears_where_a_task_stands(client: FlaskClient, ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_described", {})

    @describe(KIND)
    def of(task: Task) -> Words:
        return Words(text="Đang xếp tuyến", detail=f"{task.progress['cost']} giây", url="/ke-hoach/")

    account = login_as(client, ward, Role.DISPATCHER)
    task = start_task(ward.id, KIND, {}, account.id)
    task.state, task.fraction, task.progress = "running", 0.25, {"cost": 12}
    news = {"state": "running", "fraction": 0.25, "text": "Đang xếp tuyến", "detail": "12 giây", "url": None}
    assert client.get(f"/viec-nen/{task.public_id}").get_json() == news
    task.stop_requested = True
    assert client.get(f"/viec-nen/{task.public_id}").get_json()["state"] == "stopping"
    task.state = "done"
    assert client.get(f"/viec-nen/{task.public_id}").get_json()["url"] == "/ke-hoach/"


@pytest.mark.parametrize("state", ["queued", "running", "done", "stopped", "failed"])
def test_a_kind_without_words_of_its_own_has_the_usual_ones(client: FlaskClient, ward: Ward, state: str) -> None:
    account = login_as(client, ward, Role.ADMIN)
    task = start_task(ward.id, KIND, {}, account.id)
    task.state = state
    assert client.get(f"/viec-nen/{task.public_id}").get_json()["text"]


def test_who_may_see_and_stop_a_task(client: FlaskClient, ward: Ward) -> None:
    starter = make_account(ward, Role.HOTLINE)
    task = start_task(ward.id, KIND, {}, starter.id)
    for role, status in ((Role.OFFICER, 404), (Role.CHAIRMAN, 404), (Role.DISPATCHER, 200), (Role.ADMIN, 200)):
        login_as(client, ward, role)
        assert client.get(f"/viec-nen/{task.public_id}").status_code == status
    elsewhere = make_ward("Mân Thái")
    login_as(client, elsewhere, Role.ADMIN)
    assert client.get(f"/viec-nen/{task.public_id}").status_code == 404
    assert client.post(f"/viec-nen/{task.public_id}/dung").status_code == 404
    assert look(task).state == "queued"


def test_the_stop_button_stops_and_leads_back(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.DISPATCHER)
    task = start_task(ward.id, KIND, {})
    back = {"Referer": "http://ward.test/ke-hoach/2026-11-23"}
    answer = client.post(f"/viec-nen/{task.public_id}/dung", headers=back)
    assert (answer.status_code, answer.location) == (303, "/ke-hoach/2026-11-23")
    assert look(task).state == "stopped"
    for elsewhere in ("http://evil.test/", "http://ward.test//evil.test"):
        answer = client.post(f"/viec-nen/{task.public_id}/dung", headers={"Referer": elsewhere})
        assert "evil" not in answer.location
