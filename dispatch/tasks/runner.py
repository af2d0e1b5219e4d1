"""Running tasks: claim by lease, report progress, heed a stop request, leave a result or a plain sentence."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from dispatch.clock import now, real_now
from dispatch.database import db
from dispatch.tasks.models import Task
from dispatch.tasks.queue import wake
from dispatch.wards.models import Ward

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
# What stands in `error` where no sentence of the work's own does; the page translates them.
GAVE_UP, UNEXPECTED = "gave up", "unexpected"


class TaskFailed(Exception):
    """The work cannot be done; the text is a sentence for the person who waits."""


class Running:
    """What a task's function gets: its payload, and how to say where it stands."""

    def __init__(self, task: Task, lease_key: str) -> None:
        self.task_id, self.ward_id, self.payload, self._key = task.id, task.ward_id, task.payload, lease_key
        self.created_by = task.created_by

    def report(self, fraction: float, **progress: Any) -> bool:
        """Write progress in a transaction of its own. False: stop, because somebody asked to or the lease was lost."""
        with db.engine.begin() as connection:
            written = connection.execute(
                update(Task)
                .where(_held(self.task_id, self._key))
                .values(fraction=fraction, progress=progress, lease_until=real_now() + LEASE)
            )
            stop = connection.scalar(select(Task.stop_requested).where(Task.id == self.task_id))
        return written.rowcount == 1 and not stop


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


def request_stop(task: Task) -> None:
    """Ask a task to stop. One that still waits is stopped at once; the caller commits."""
    ours = update(Task).where(Task.id == task.id)
    db.session.execute(ours.where(Task.state == "queued").values(state="stopped", finished_at=now()))
    db.session.execute(ours.where(Task.state == "running").values(stop_requested=True))


def run_kind(kind: str, ward_id: int) -> None:
    """Do what waits of one kind for one ward."""
    if kind in _sweeps:
        _sweeps[kind](ward_id)
        return
    while (claimed := _claim(kind, ward_id)) is not None:
        _run(*claimed)


def due_work() -> list[tuple[str, int]]:
    """(kind, ward_id) of everything that may wait anywhere: after a restart, a lost wake-up or a dead worker."""
    tasks = select(Task.kind, Task.ward_id).where(_is_free(), Task.kind.in_(_works)).distinct()
    due = [(kind, ward_id) for kind, ward_id in db.session.execute(tasks)]
    wards = db.session.scalars(select(Ward.id).order_by(Ward.id)).all()
    db.session.rollback()
    return due + [(kind, ward_id) for ward_id in wards for kind in _sweeps]


def run_all_due() -> None:
    """Do all of it here and now."""
    for kind, ward_id in due_work():
        try:
            run_kind(kind, ward_id)
        except Exception:
            log.exception("sweep of %s failed", kind)
            db.session.rollback()


def _is_free() -> ColumnElement[bool]:
    return or_(Task.state == "queued", (Task.state == "running") & (Task.lease_until < real_now()))


def _held(task_id: int, key: str) -> ColumnElement[bool]:
    return (Task.id == task_id) & (Task.lease_key == key) & (Task.state == "running")


def _claim(kind: str, ward_id: int) -> tuple[Task, str] | None:
    """Take the oldest task that waits or whose worker died; two workers never get the same one.

    On PostgreSQL rows that another worker is taking are passed over; on SQLite there is one writer at a time.
    """
    free = (
        select(Task)
        .where(Task.ward_id == ward_id, Task.kind == kind, _is_free())
        .order_by(Task.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    task = db.session.scalars(free).first()
    if task is None:
        db.session.rollback()
        return None
    key = str(uuid4())
    task.state, task.lease_key, task.lease_until = "running", key, real_now() + LEASE
    task.attempts += 1
    db.session.commit()
    return task, key


def _run(task: Task, key: str) -> None:
    try:
        if task.attempts > MAX_ATTEMPTS:
            raise TaskFailed(GAVE_UP)
        with _lease_kept(db.engine, task.id, key):
            result = _works[task.kind](Running(task, key))
        _finish(task.id, key, "done", result=result)
    except TaskFailed as failure:
        db.session.rollback()
        _finish(task.id, key, "failed", error=str(failure))
    except Exception:
        log.exception("task %s failed", task.kind)
        db.session.rollback()
        _finish(task.id, key, "failed", error=UNEXPECTED)
    finally:
        db.session.remove()


@contextmanager
def _lease_kept(engine: Engine, task_id: int, key: str) -> Iterator[None]:
    """Renew the lease for as long as the work runs: it may be too busy to report."""
    over = Event()

    def renew() -> None:
        while not over.wait(LEASE.total_seconds() / 3):
            try:
                with engine.begin() as connection:
                    connection.execute(update(Task).where(_held(task_id, key)).values(lease_until=real_now() + LEASE))
            except SQLAlchemyError:
                log.warning("lease of task %s could not be renewed just now", task_id)

    keeper = Thread(target=renew, name=f"lease-{task_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(timeout=1)


def _finish(task_id: int, key: str, state: str, result: dict[str, Any] | None = None, error: str = "") -> None:
    held = select(Task).where(_held(task_id, key)).with_for_update().execution_options(populate_existing=True)
    task = db.session.scalars(held).first()
    if task is not None:
        if state == "done" and task.stop_requested and (result or {}).get("stopped"):
            state = "stopped"
        task.state, task.result, task.error = state, result or {}, error
        task.finished_at, task.lease_until = now(), None
        if state == "done":
            task.fraction = 1.0
    db.session.commit()
