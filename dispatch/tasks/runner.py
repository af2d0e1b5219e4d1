"""Running tasks: claim by lease, report progress, heed a stop request, leave a result or a plain sentence."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import or_, select, update

from dispatch.clock import now, real_now
from dispatch.database import db
from dispatch.tasks.models import Task
from dispatch.tasks.queue import wake
from dispatch.wards.models import Ward

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3


class TaskFailed(Exception):
    """The work cannot be done; the text is a sentence for the person who waits."""


class Running:
    """What a task's function gets: its payload, and how to say where it stands."""

    def __init__(self, task: Task, lease_key: str) -> None:
        self.task_id, self.ward_id, self.payload, self._key = task.id, task.ward_id, task.payload, lease_key
        self.created_by = task.created_by

    def report(self, fraction: float, **progress: Any) -> bool:
        """Write progress in a transaction of its own and renew the lease. False: somebody asked to stop."""
        with db.engine.begin() as connection:
            connection.execute(
                update(Task)
                .where(Task.id == self.task_id, Task.lease_key == self._key)
                .values(fraction=fraction, progress=progress, lease_until=real_now() + LEASE)
            )
            stop = connection.scalar(select(Task.stop_requested).where(Task.id == self.task_id))
        return not stop


Work = Callable[[Running], dict[str, Any]]
Sweep = Callable[[int], None]
_works: dict[str, Work] = {}
_sweeps: dict[str, Sweep] = {}


def work(kind: str) -> Callable[[Work], Work]:
    """Register the function of a task kind. It returns the result, or raises TaskFailed with a sentence."""

    def register(function: Work) -> Work:
        _works[kind] = function
        return function

    return register


def sweep(kind: str) -> Callable[[Sweep], Sweep]:
    """Register work without a task row: it finds what is due by itself (`function(ward_id)`), and may run often."""

    def register(function: Sweep) -> Sweep:
        _sweeps[kind] = function
        return function

    return register


def start_task(ward_id: int, kind: str, payload: dict[str, Any], account_id: int | None = None) -> Task:
    """Write a task in the transaction under way; it runs after the commit."""
    task = Task(ward_id=ward_id, kind=kind, payload=payload, created_at=now(), created_by=account_id)
    db.session.add(task)
    db.session.flush()
    wake(kind, ward_id)
    return task


def run_kind(kind: str, ward_id: int) -> None:
    """Do what waits of one kind for one ward."""
    if kind in _sweeps:
        _sweeps[kind](ward_id)
        return
    while (claimed := _claim(kind, ward_id)) is not None:
        _run(*claimed)


def run_all_due() -> None:
    """Everything that waits anywhere: after a restart, a lost wake-up or a dead worker."""
    for ward_id in db.session.scalars(select(Ward.id)).all():
        db.session.rollback()
        for kind in (*_works, *_sweeps):
            try:
                run_kind(kind, ward_id)
            except Exception:
                log.exception("sweep of %s failed", kind)
                db.session.rollback()


def _claim(kind: str, ward_id: int) -> tuple[Task, str] | None:
    """Take the oldest task that waits or whose worker died; two workers never get the same one."""
    key, moment = str(uuid4()), real_now()
    free = or_(Task.state == "queued", (Task.state == "running") & (Task.lease_until < moment))
    found = db.session.scalar(
        select(Task.id).where(Task.ward_id == ward_id, Task.kind == kind, free).order_by(Task.id).limit(1)
    )
    if found is None:
        db.session.rollback()
        return None
    taken = db.session.execute(
        update(Task)
        .where(Task.id == found, free)
        .values(state="running", lease_key=key, lease_until=moment + LEASE, attempts=Task.attempts + 1)
    )
    db.session.commit()
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    task = db.session.get_one(Task, found, populate_existing=True)
    db.session.commit()
    return task, key


def _run(task: Task, key: str) -> None:
    try:
        if task.attempts > MAX_ATTEMPTS:
            raise TaskFailed("gave up after several attempts")
        result = _works[task.kind](Running(task, key))
        _finish(task.id, key, "done", result=result)
    except TaskFailed as failure:
        db.session.rollback()
        _finish(task.id, key, "failed", error=str(failure))
    except Exception:
        log.exception("task %s failed", task.kind)
        db.session.rollback()
        _finish(task.id, key, "failed", error="unexpected")
    finally:
        db.session.remove()


def _finish(task_id: int, key: str, state: str, result: dict[str, Any] | None = None, error: str = "") -> None:
    task = db.session.scalars(select(Task).where(Task.id == task_id, Task.lease_key == key)).first()
    if task is not None:
        if state == "done" and task.stop_requested and (result or {}).get("stopped"):
            state = "stopped"
        task.state, task.result, task.error = state, result or {}, error
        task.finished_at, task.lease_until = now(), None
        if state == "done":
            task.fraction = 1.0
    db.session.commit()
