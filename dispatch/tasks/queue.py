"""The queue that wakes workers. What is to be done stands in the database; a lost wake-up costs seconds, not work."""

import logging
from typing import Any, cast

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import event as sa_event
from sqlalchemy.orm import Session

from dispatch.database import db

log = logging.getLogger(__name__)
WORKERS = 3
# How long an idle worker of the embedded queue may sleep; Redis wakes its workers by itself.
LONGEST_SLEEP_S = 0.25
GRACE_S = 20


def configure_queue(app: Flask, queue_url: str, mode: str) -> None:
    """Attach the queue: in memory beside the embedded worker, or Redis for workers of their own.

    `mode` is `embedded` (a worker in this process), `worker` (`python app.py worker` elsewhere) or `manual` (tests).
    """
    huey = RedisHuey("ship-ho-so", url=queue_url) if queue_url else MemoryHuey("ship-ho-so")
    app.extensions["huey"] = huey
    app.extensions["queue_mode"] = mode

    def run(kind: str, ward_id: int) -> None:
        from dispatch.tasks.runner import run_kind

        with app.app_context():
            run_kind(kind, ward_id)

    app.extensions["huey_run"] = huey.task(name="run")(run)

    def sweep() -> None:
        from dispatch.tasks.runner import due_work

        with app.app_context():
            for kind, ward_id in due_work():
                app.extensions["huey_run"](kind, ward_id)

    # The consumer's scheduler runs this when it starts, and every minute: what a crash or a lost wake-up left is found.
    huey.periodic_task(crontab(minute="*"), name="sweep")(sweep)


def wake(kind: str, ward_id: int) -> None:
    """After the commit of the transaction under way, have a worker look for this kind of work."""
    # The application is kept beside it: the commit may come when no application context is there any more.
    db.session.info["wake_app"] = cast(Any, current_app)._get_current_object()
    db.session.info.setdefault("wake", set()).add((kind, ward_id))


@sa_event.listens_for(Session, "after_commit")
def _wake_after_commit(session: Session) -> None:
    # The end of a savepoint is no commit: nobody else would see the work yet.
    if "wake" not in session.info or session.in_nested_transaction():
        return
    due: set[tuple[str, int]] = session.info.pop("wake")
    app: Flask = session.info.pop("wake_app")
    if app.extensions["queue_mode"] == "manual":
        return
    for kind, ward_id in due:
        try:
            app.extensions["huey_run"](kind, ward_id)
        except Exception:
            log.exception("queue out of reach; the sweep will find the work")


@sa_event.listens_for(Session, "after_rollback")
def _forget_after_rollback(session: Session) -> None:
    # After a savepoint's end the rest may still be committed; one wake-up too many does no harm.
    if not session.in_nested_transaction():
        session.info.pop("wake", None)


class QuietConsumer(Consumer):
    """A consumer inside a web process leaves the process's signals alone."""

    def _set_signal_handlers(self) -> None:
        return


def start_embedded_worker(app: Flask, workers: int = WORKERS) -> Consumer:
    """Run the queue's worker threads in this process; returns the consumer, whose `stop()` ends them."""
    huey: Huey = app.extensions["huey"]
    consumer = QuietConsumer(huey, workers=workers, worker_type="thread", max_delay=LONGEST_SLEEP_S)
    consumer.start()
    return consumer


def run_worker(app: Flask, workers: int = WORKERS) -> None:
    """A worker process of its own (`python app.py worker`); SIGTERM or Ctrl-C lets it finish what it has begun."""
    consumer = Consumer(
        app.extensions["huey"],
        workers=workers,
        worker_type="thread",
        max_delay=LONGEST_SLEEP_S,
        graceful_signal="TERM",
        shutdown_timeout=GRACE_S,
    )
    consumer.run()
