"""Backup and restore: an equal ward, on each engine and across; while others write: `test_backup_serving.py`."""

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
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
from dispatch.wards.models import Ward
from tests.app.makers import make_dossier, make_ward
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
