"""The queue that wakes workers. What is to be done stands in the database; a lost wake-up costs seconds, not work."""

import logging

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import event as sa_event
from sqlalchemy.orm import Session

from dispatch.database import db

log = logging.getLogger(__name__)


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
        from dispatch.tasks.runner import run_all_due

        with app.app_context():
            run_all_due()

    huey.periodic_task(crontab(minute="*"), name="sweep")(sweep)


def wake(kind: str, ward_id: int) -> None:
    """After the commit of the transaction under way, have a worker look for this kind of work."""
    db.session.info.setdefault("wake", set()).add((kind, ward_id))


@sa_event.listens_for(Session, "after_commit")
def _wake_after_commit(session: Session) -> None:
    due: set[tuple[str, int]] = session.info.pop("wake", set())
    if not due or current_app.extensions["queue_mode"] == "manual":
        return
    for kind, ward_id in due:
        try:
            current_app.extensions["huey_run"](kind, ward_id)
        except Exception:
            log.exception("queue out of reach; the sweep will find the work")


@sa_event.listens_for(Session, "after_rollback")
def _forget_after_rollback(session: Session) -> None:
    session.info.pop("wake", None)


class QuietConsumer(Consumer):
    """A consumer inside a web process leaves the process's signals alone."""

    def _set_signal_handlers(self) -> None:
        return


def start_embedded_worker(app: Flask, workers: int = 2) -> Consumer:
    """Run the queue's worker threads in this process; returns the consumer, whose `stop()` ends them."""
    huey: Huey = app.extensions["huey"]
    consumer = QuietConsumer(huey, workers=workers, worker_type="thread", check_worker_health=True)
    consumer.start()
    return consumer


def run_worker(app: Flask, workers: int = 2) -> None:
    """A worker process of its own (`python app.py worker`); ends on SIGTERM or Ctrl-C."""
    Consumer(app.extensions["huey"], workers=workers, worker_type="thread").run()
