"""Worker processes of their own behind a real Redis server: they run what is committed, also after one was killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask

from app import create_app
from dispatch.citizens.outbox import tell
from dispatch.clock import real_now
from dispatch.config import load_settings
from dispatch.database import db
from dispatch.tasks.models import Task
from dispatch.tasks.runner import request_stop, start_task
from dispatch.wards.models import Ward
from tests.app.makers import make_dossier
from tests.app.postgres import free_port
from tests.app.worker_process import KIND
from tests.conftest import skip_or_fail

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of the tests' own on a free port."""
    program = shutil.which("redis-server")
    if program is None:
        skip_or_fail("Redis is not installed (Debian: apt-get install redis-server)")
        return
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with ended(subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)):
        with redis.Redis(port=port) as client:
            until(lambda: answers(client))
        yield f"redis://127.0.0.1:{port}/0"


def answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def ended(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def until(holds: Callable[[], bool], within_s: float = 40) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def desk(app: Flask, redis_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The web side: an application on the same database whose queue is the Redis server."""
    url = db.engine.url.render_as_string(hide_password=False)
    settings = {"data_dir": tmp_path, "database_url": url, "queue_url": redis_url, "tasks": "worker"}
    web = create_app(load_settings(secret_key="test", **settings))
    web.extensions["huey"].flush()
    with web.app_context():
        yield web
        db.session.remove()
        db.engine.dispose()
    web.extensions["huey"].storage.close()


@pytest.fixture
def start(desk: Flask, tmp_path: Path) -> Iterator[Start]:
    """`start("app.py", "worker")` runs a program with the settings of a worker; it is gone after the test."""
    settings = desk.config["SETTINGS"]
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": settings.database,
        "QUEUE_URL": settings.queue_url,
        "TASKS": "worker",
        "SECRET_KEY": "test",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    with ExitStack() as stack:

        def run(*program: str) -> "subprocess.Popen[str]":
            command = [sys.executable, *program]
            return stack.enter_context(
                ended(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True))
            )

        yield run


def state_of(task_id: int) -> str:
    db.session.rollback()
    state = db.session.get_one(Task, task_id, populate_existing=True).state
    db.session.commit()
    return state


def waiting(ward: Ward, file: Path) -> int:
    task = start_task(ward.id, KIND, {"file": str(file)})
    db.session.commit()
    return task.id


def test_a_worker_process_sends_messages_and_runs_tasks(ward: Ward, start: Start) -> None:
    ward_id = ward.id
    worker = start("app.py", "worker")
    message = tell("returned", make_dossier(ward), key="one", values={"time": "10:05"})
    task = start_task(ward_id, "plan_day", {"day": "2026-11-23", "seconds": 1})
    db.session.commit()
    assert message is not None
    until(lambda: state_of(task.id) == "failed")
    assert db.session.get_one(Task, task.id, populate_existing=True).error  # a sentence: there is nothing to plan
    db.session.commit()

    def sent() -> bool:
        db.session.rollback()
        db.session.refresh(message)
        return message.state == "sent"

    until(sent)
    worker.send_signal(signal.SIGTERM)
    shown, _ = worker.communicate(timeout=30)
    assert message.body in shown
    assert "905123456" not in shown


def test_a_killed_workers_task_is_taken_over_by_the_next(ward: Ward, start: Start, tmp_path: Path) -> None:
    file = tmp_path / "go"
    task_id = waiting(ward, file)
    first = start("-m", "tests.app.worker_process")
    until(lambda: state_of(task_id) == "running")
    first.kill()
    first.wait()
    db.session.get_one(Task, task_id).lease_until = real_now() - timedelta(seconds=1)
    db.session.commit()
    start("-m", "tests.app.worker_process")
    file.touch()
    until(lambda: state_of(task_id) == "done")
    assert db.session.get_one(Task, task_id, populate_existing=True).attempts == 2


def test_a_worker_that_is_asked_to_end_finishes_what_it_has_begun(ward: Ward, start: Start, tmp_path: Path) -> None:
    file = tmp_path / "go"
    task_id = waiting(ward, file)
    worker = start("-m", "tests.app.worker_process")
    until(lambda: state_of(task_id) == "running")
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    file.touch()
    assert worker.wait(timeout=30) == 0
    assert state_of(task_id) == "done"


def test_a_stop_request_reaches_another_process(ward: Ward, start: Start, tmp_path: Path) -> None:
    task_id = waiting(ward, tmp_path / "never")
    start("-m", "tests.app.worker_process")
    until(lambda: state_of(task_id) == "running")
    request_stop(db.session.get_one(Task, task_id))
    db.session.commit()
    until(lambda: state_of(task_id) == "stopped")
