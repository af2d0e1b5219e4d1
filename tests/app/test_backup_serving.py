"""Backup and restore while a server runs and others write: one moment, and nothing half put back."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from zipfile import ZipFile

import sqlalchemy as sa
from flask import Flask

from dispatch.backup import MANIFEST, restore_backup, write_backup
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.wards.models import Ward
from tests.app.makers import make_dossier
from tests.app.postgres import free_port
from tests.app.test_backup import rows_now

ROOT = Path(__file__).parents[2]


@contextmanager
def process_of(app: Flask, folder: Path, *command: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of this program on the same database; gone afterwards."""
    url = db.engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder), "SECRET_KEY": "test", **settings}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


class Codes:
    """The codes of the dossiers that a writing process has committed, as it says them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self._listen, args=(process,), daemon=True)
        self._thread.start()

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.seen.append(line.strip())

    def wait_for(self, more: int) -> list[str]:
        """So many more than now; returns those."""
        known, end = len(self.seen), time.monotonic() + 60
        while len(self.seen) < known + more:
            assert time.monotonic() < end, "the writer does not write"
            time.sleep(0.02)
        return self.seen[known : known + more]


def counts_of(file: Path) -> dict[str, int]:
    with ZipFile(file) as archive:
        return {name: entry["rows"] for name, entry in json.loads(archive.read(MANIFEST))["tables"].items()}


def test_a_backup_while_others_write_is_of_one_moment(app: Flask, ward: Ward, tmp_path: Path) -> None:
    file = tmp_path / "ward.zip"
    with process_of(app, tmp_path, "-m", "tests.app.busy_ward", TASKS="manual") as writer:
        codes = Codes(writer)
        before = codes.wait_for(5)
        for _ in range(6):
            write_backup(file)
            counts = counts_of(file)
            # each transaction wrote one dossier, one job, three events and one message
            assert counts["job"] == counts["message"] == counts["dossier"]
            assert counts["event"] == 3 * counts["dossier"]
            codes.wait_for(3)
    with ZipFile(file) as archive:
        kept = {json.loads(line)["code"] for line in archive.read("dossier.jsonl").splitlines()}
    assert set(before) <= kept


def test_a_restore_while_a_server_serves_and_others_write(app: Flask, ward: Ward, tmp_path: Path) -> None:
    file, port = tmp_path / "ward.zip", free_port()
    kept = make_dossier(ward).code
    db.session.commit()
    write_backup(file)
    wanted = rows_now()
    db.session.remove()
    with ExitStack() as stack:
        stack.enter_context(process_of(app, tmp_path, "app.py", "serve", PORT=str(port)))
        until_served(port)
        writer = process_of(app, tmp_path, "-m", "tests.app.busy_ward", TASKS="manual")
        codes = Codes(stack.enter_context(writer))
        lost = codes.wait_for(10)
        restore_backup(file)
        codes.wait_for(1)  # it may have been under way to be told
        later = codes.wait_for(10)
        assert status_of(port) == 200
    there = rows_now()
    stand = {row["code"] for row in there["dossier"]}
    assert kept in stand
    assert not set(lost) & stand
    assert set(later) <= stand  # the writer went on, and what it committed afterwards is there
    for name, rows in wanted.items():
        if name not in ("message", "task", "look"):
            known = {row["id"]: row for row in there[name]} if "id" in db.metadata.tables[name].columns else {}
            assert [known[row["id"]] for row in rows if known] == (rows if known else [])
    check_whole()


def check_whole() -> None:
    """What the writer left after the restore is whole: no half transaction, nothing that refers to nothing."""
    dossiers = db.session.scalar(sa.select(sa.func.count(Dossier.id))) or 0
    assert db.session.scalar(sa.select(sa.func.count(Job.id))) == dossiers - 1
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) == 3 * (dossiers - 1) + 1
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(sa.text("PRAGMA foreign_key_check")).all() == []


def status_of(port: int) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (URLError, ConnectionError):
        return 0


def until_served(port: int) -> None:
    end = time.monotonic() + 90
    while status_of(port) != 200:
        assert time.monotonic() < end
        time.sleep(0.1)


# --- The commands
