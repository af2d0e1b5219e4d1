"""Backup and restore: an equal ward, on each engine and across, while a server runs and others write."""

import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from dispatch.backup import MANIFEST, PASSING, BackupError, restore_backup, write_backup
from dispatch.command_line import cli
from dispatch.config import load_settings
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.wards.models import Ward
from tests.app.makers import make_dossier, make_ward
from tests.app.postgres import free_port
from tests.app.rows import everything, fill_every_table

ROOT = Path(__file__).parents[2]


@pytest.fixture
def filled(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """Every table has rows, but those that no file keeps; gives them all."""
    with db.engine.begin() as connection:
        fill_every_table(connection)
        for name in PASSING:
            connection.execute(db.metadata.tables[name].delete())
    return rows_now()


def rows_now() -> dict[str, list[dict[str, Any]]]:
    db.session.rollback()
    with db.engine.connect() as connection:
        return everything(connection)


@contextmanager
def another_database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application of the other kind, with an empty schema."""
    url = ""
    if kind == "postgresql":
        server = request.getfixturevalue("postgres_url")
        name = f"copy_{os.urandom(4).hex()}"
        engine = sa.create_engine(server + "postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = server + name
    other = create_app(load_settings(data_dir=folder / "copy", database_url=url, secret_key="test", tasks="manual"))
    with other.app_context():
        upgrade()
        yield other
        db.session.remove()
        db.engine.dispose()


def test_the_demo_stays_out_of_a_real_installation(app: Flask, tmp_path: Path) -> None:
    make_ward().is_demo = True
    db.session.commit()
    write_backup(tmp_path / "demo.zip")
    before = rows_now()
    with pytest.raises(BackupError, match="dùng thử"):
        restore_backup(tmp_path / "demo.zip")
    assert rows_now() == before


def test_every_row_comes_back(filled: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    counts = write_backup(tmp_path / "ward.zip")
    assert counts == {name: len(rows) for name, rows in filled.items()}
    assert {name for name, count in counts.items() if count != 3} == set(PASSING)
    with db.engine.begin() as connection:
        connection.execute(db.metadata.tables["look"].delete())
        connection.execute(db.metadata.tables["ward"].update().values(name="Mân Thái"))
        connection.execute(db.metadata.tables["ward"].insert().values(name="Nại Hiên Đông", public_id="new"))
    assert rows_now() != filled
    assert restore_backup(tmp_path / "ward.zip") == counts
    assert rows_now() == filled


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_one_engine_comes_back_on_the_other(
    filled: dict[str, list[dict[str, Any]]], kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    write_backup(tmp_path / "there.zip")
    with another_database(kind, tmp_path, request):
        restore_backup(tmp_path / "there.zip")
        assert rows_now() == filled
        write_backup(tmp_path / "back.zip")
    restore_backup(tmp_path / "back.zip")
    assert rows_now() == filled


def test_where_phones_are_is_in_no_file_and_comes_back_from_none(app: Flask, tmp_path: Path) -> None:
    file, notes = tmp_path / "ward.zip", db.metadata.tables["event_note"]
    with db.engine.begin() as connection:
        fill_every_table(connection)
        connection.execute(notes.update().where(notes.c.id == 1).values(kind="position", text="16.0935,108.2438"))
    counts = write_backup(file)
    assert (*(counts[name] for name in PASSING), counts["event_note"]) == (0, 0, 2)
    with ZipFile(file) as archive:
        assert not any(b"108.2438" in archive.read(name) for name in archive.namelist())
        manifest = json.loads(archive.read(MANIFEST))
    line = b'{"id": 1, "ward_id": 1, "duty_id": 1, "at": "2026-11-23T01:00:00+00:00", "lat": 16.1, "lon": 108.2}\n'
    manifest["tables"]["phone_position"] = {"rows": 1, "sha256": hashlib.sha256(line).hexdigest()}
    spoil(file, lambda entries: entries.update({"phone_position.jsonl": line}))
    spoil(file, in_manifest(tables=manifest["tables"]))
    restore_backup(file)
    assert rows_now()["phone_position"] == []


def test_the_numbers_go_on_after_the_last(ward: Ward, tmp_path: Path) -> None:
    last = make_dossier(ward)
    db.session.commit()
    write_backup(tmp_path / "ward.zip")
    restore_backup(tmp_path / "ward.zip")
    db.session.remove()
    after = make_dossier(db.session.scalars(sa.select(Ward)).one())
    db.session.commit()
    assert after.id > last.id


def test_missing_json_stays_missing(app: Flask, tmp_path: Path) -> None:
    make_ward()
    db.session.commit()
    write_backup(tmp_path / "ward.zip")
    restore_backup(tmp_path / "ward.zip")
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM ward WHERE boundary IS NULL")) == 1


def test_only_the_operator_may_read_the_file(filled: object, tmp_path: Path) -> None:
    write_backup(tmp_path / "ward.zip")
    assert stat.S_IMODE((tmp_path / "ward.zip").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ward.zip"]
    with pytest.raises(BackupError, match="Không ghi được"):
        write_backup(tmp_path / "no such folder" / "ward.zip")


# --- Broken files


def spoil(file: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    with ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def in_manifest(**changes: Any) -> Callable[[dict[str, bytes]], object]:
    def change(entries: dict[str, bytes]) -> None:
        entries[MANIFEST] = json.dumps({**json.loads(entries[MANIFEST]), **changes}).encode()

    return change


def without_last_row(entries: dict[str, bytes]) -> None:
    entries["dossier.jsonl"] = b"".join(entries["dossier.jsonl"].splitlines(keepends=True)[:-1])


BROKEN: dict[str, Callable[[dict[str, bytes]], object]] = {
    "a row is missing": without_last_row,
    "a letter changed": lambda entries: entries.update({"ward.jsonl": entries["ward.jsonl"].replace(b"1", b"2", 1)}),
    "no JSON": lambda entries: entries.update({"ward.jsonl": b"{"}),
    "a table is missing": lambda entries: entries.pop("event.jsonl"),
    "no manifest": lambda entries: entries.pop(MANIFEST),
    "manifest of no sense": lambda entries: entries.update({MANIFEST: b"[]"}),
    "another product": in_manifest(product="other"),
    "a later format": in_manifest(format=99),
    "a later schema": in_manifest(schema="9999"),
    "tables of no sense": in_manifest(tables={"ward": None}),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_before_anything_is_touched(
    filled: dict[str, list[dict[str, Any]]], tmp_path: Path, change: Callable[[dict[str, bytes]], object]
) -> None:
    file = tmp_path / "ward.zip"
    write_backup(file)
    spoil(file, change)
    with pytest.raises(BackupError):
        restore_backup(file)
    assert rows_now() == filled


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_half_a_file_is_refused(filled: dict[str, list[dict[str, Any]]], tmp_path: Path, share: float) -> None:
    file = tmp_path / "ward.zip"
    write_backup(file)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BackupError, match="hỏng"):
        restore_backup(file)
    assert rows_now() == filled


def test_an_older_schema_is_refused_with_what_to_do(app: Flask, tmp_path: Path) -> None:
    write_backup(tmp_path / "ward.zip")
    with db.engine.begin() as connection:
        here = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'later'"))
    try:
        with pytest.raises(BackupError, match="phiên bản cũ hơn"):
            restore_backup(tmp_path / "ward.zip")
    finally:
        with db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :here"), {"here": here})


def test_what_fails_in_the_middle_changes_nothing(
    filled: dict[str, list[dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that refers to nothing passes the check of the file; the database refuses it at the end."""
    file = tmp_path / "ward.zip"
    write_backup(file)

    def orphan(entries: dict[str, bytes]) -> None:
        rows = [json.loads(line) for line in entries["message.jsonl"].splitlines()]
        rows[0]["dossier_id"] = 987654
        entries["message.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        manifest = json.loads(entries[MANIFEST])
        manifest["tables"]["message"]["sha256"] = hashlib.sha256(entries["message.jsonl"]).hexdigest()
        entries[MANIFEST] = json.dumps(manifest).encode()

    spoil(file, orphan)
    with pytest.raises(BackupError):
        restore_backup(file)
    assert rows_now() == filled


# --- While others write


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


def test_the_commands(
    app: Flask, filled: dict[str, list[dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", db.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    run = CliRunner().invoke
    assert run(cli, ["backup", str(tmp_path / "ward.zip")]).exit_code == 0
    answer = run(cli, ["restore", str(tmp_path / "ward.zip")])
    assert (answer.exit_code, "Đã phục hồi" in answer.output) == (0, True)
    assert rows_now() == filled
    assert len(list((tmp_path / "var").glob("before-restore-*.zip"))) == 1
    broken = tmp_path / "broken.zip"
    broken.write_text("x")
    answer = run(cli, ["restore", str(broken)])
    assert (answer.exit_code, "hỏng" in answer.output) == (1, True)
    assert "Traceback" not in answer.output


def test_states_are_derived_again_by_one_command(
    app: Flask, ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = make_dossier(ward)
    db.session.commit()
    right = dossier.state
    dossier.state = "closed"
    db.session.commit()
    monkeypatch.setenv("DATABASE_URL", db.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    assert CliRunner().invoke(cli, ["rebuild"]).exit_code == 0
    db.session.refresh(dossier)
    assert dossier.state == right
