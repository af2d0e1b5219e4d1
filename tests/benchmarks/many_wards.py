"""How long does one machine plan for a whole city? Every ward's day as one batch over the real task queue.

`python -m tests.benchmarks.many_wards [--wards 94] [--jobs 150] [--seconds 2] [--workers 2] [--queue memory|redis]`
builds the wards in a SQLite database of its own, commits all planning tasks at once and waits for them: worker threads
of this process (memory), or one worker process behind a Redis server of its own. Prints how long it took, how many jobs
found no place, how many tasks failed, and the most memory that the worker and one search process held (Linux).
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from dispatch.clock import now, today_in
from dispatch.config import load_settings
from dispatch.database import db, reading
from dispatch.dossiers.models import Job
from dispatch.dossiers.working_days import next_working_day
from dispatch.places.models import Place
from dispatch.planning.models import Plan
from dispatch.planning.solving import KIND, start_planning
from dispatch.tasks.models import Task
from dispatch.tasks.queue import start_embedded_worker
from dispatch.wards.models import Ward
from dispatch.words import fold
from routing.roads.starter import starter_map
from tests.app.makers import make_dossier, make_duty, make_volunteer, make_ward
from tests.app.postgres import free_port

ROOT = Path(__file__).parents[2]
VOLUNTEERS = 10
WORKER = "import sys; from app import create_app; from dispatch.tasks.queue import run_worker; "


def build(wards: int, jobs: int) -> list[tuple[int, date]]:
    """Wards with their volunteers on duty and their jobs at doors along the streets; which day is to be planned.

    The jobs are written down without their events, a dossier a ward, which planning does not ask for.
    """
    days = []
    for number in range(wards):
        ward = make_ward(f"Phường {number}")
        day = next_working_day(ward, today_in(ward.timezone))
        for volunteer in range(VOLUNTEERS):
            make_duty(ward, make_volunteer(ward, f"Người {volunteer}"), day)
        dossier = make_dossier(ward)
        places = list(doors(ward, jobs, random.Random(number)))
        db.session.add_all(places)
        db.session.flush()
        shared = {"ward_id": ward.id, "dossier_id": dossier.id, "leg": "collect", "service_date": day}
        db.session.add_all(Job(**shared, place_id=place.id, created_at=now()) for place in places)
        db.session.commit()
        days.append((ward.id, day))
    return days


def doors(ward: Ward, count: int, rng: random.Random) -> Iterator[Place]:
    network = starter_map().network
    for number in range(count):
        point, spoken = rng.choice(network.edge_points(rng.randrange(len(network.edges)))), f"{number} Ngô Quyền"
        spot = {"lat": point.lat, "lon": point.lon, "match_class": "confirmed", "created_at": now()}
        yield Place(ward_id=ward.id, spoken=spoken, folded=fold(spoken), **spot)


@contextmanager
def working(app: Flask, folder: Path, workers: int, redis_port: int | None) -> Iterator[int]:
    """Workers that take tasks; gives the id of their process."""
    if redis_port is None:
        consumer = start_embedded_worker(app, workers)
        try:
            yield os.getpid()
        finally:
            consumer.stop(graceful=True)
        return
    environment = {"DATA_DIR": str(folder), "TASKS": "worker", "QUEUE_URL": f"redis://127.0.0.1:{redis_port}/0"}
    with ended([sys.executable, "-c", f"{WORKER}run_worker(create_app(), {workers})"], environment) as process:
        yield process.pid


@contextmanager
def ended(command: list[str], environment: dict[str, str] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


class Memory(Thread):
    """Looks twice a second how much the worker holds, and the largest of the processes that it starts, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.over, self.worker, self.search = pid, Event(), 0, 0

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.worker = max(self.worker, held(self.pid))
            for child in Path(f"/proc/{self.pid}/task").glob("*/children"):
                self.search = max([self.search, *(held(int(pid)) for pid in child.read_text().split())])


def held(pid: int) -> int:
    """The most that a process has held so far, in MB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def states() -> Counter[str]:
    """How many planning tasks are in which state."""
    with reading():
        rows = db.session.execute(
            select(Task.state, func.count().label("tasks")).where(Task.kind == KIND).group_by(Task.state)
        )
        return Counter({row.state: row.tasks for row in rows})


def run(app: Flask, folder: Path, options: argparse.Namespace, redis_port: int | None) -> None:
    """Builds, plans and prints, in the application's context."""
    days = build(options.wards, options.jobs)
    with working(app, folder, options.workers, redis_port) as pid:
        memory, began_s = Memory(pid), time.monotonic()
        memory.start()
        for ward_id, day in days:
            start_planning(ward_id, day, None, options.seconds)
        db.session.commit()
        while (known := states())["queued"] + known["running"]:
            time.sleep(0.5)
        took_s = time.monotonic() - began_s
        memory.over.set()
    plans = db.session.scalars(select(Plan)).all()
    served, unserved = (sum(plan.figures[name] for plan in plans) for name in ("served", "unserved"))
    broken = {task.error for task in db.session.scalars(select(Task).where(Task.state == "failed"))}
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"{options.wards} wards x {options.jobs} jobs, {options.seconds:g} s each, {options.workers} workers, "
        f"{options.queue}: {took_s:.0f} s ({took_s / options.wards:.1f} s a ward), {len(plans)} plans, "
        f"{known['failed']} failed {broken or ''}, {served} served, {unserved} not; "
        f"worker {memory.worker} MB, search {memory.search} MB; load average {load:.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wards", type=int, default=94)
    parser.add_argument("--jobs", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each search")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--queue", choices=("memory", "redis"), default="memory")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder, redis_port, settings = Path(stack.enter_context(tempfile.TemporaryDirectory())), None, {}
        if options.queue == "redis":
            redis_port = free_port()
            command = [
                "redis-server",
                "--port",
                str(redis_port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                str(folder),
            ]
            stack.enter_context(ended(command))
            settings = {"tasks": "worker", "queue_url": f"redis://127.0.0.1:{redis_port}/0"}
        app = create_app(load_settings(data_dir=folder, secret_key="batch", **settings))
        with app.app_context():
            upgrade()
            run(app, folder, options, redis_port)


if __name__ == "__main__":
    main()
