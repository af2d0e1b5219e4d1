"""A ward in one file: every row of every table at one moment, whichever engine keeps them; but not where phones are.

The file is a zip: `manifest.json` and a `TABLE.jsonl` a table, one JSON object a row; times are ISO 8601 in UTC, bytes
are base64. It is written and put back while the server runs.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from dispatch.backup_rows import batches, insert_into, read, rows_at_once, written
from dispatch.clock import real_now
from dispatch.database import MIGRATIONS, db, engine_name, will_write

PRODUCT, FORMAT = "ship-ho-so", 1
WAIT_FOR_WRITERS_S = 30
MANIFEST = "manifest.json"
PASSING = ("phone_position", "push_subscription")
"""Gone with the shift, so no file may keep them: where phones are, and where push services reach them."""


class BackupError(Exception):
    """The file cannot be written or put back; the text is a sentence that says what to do."""


def write_backup(file: Path) -> dict[str, int]:
    """Write everything as it stands at one moment; returns rows a table. The file appears only when it is whole."""
    part = file.with_name(file.name + ".part")
    try:
        # Personal data: only this user may read it.
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BackupError(_("%(file)s cannot be written: %(why)s", file=file, why=error.strerror)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            with ZipFile(stream, "w", ZIP_DEFLATED) as archive, _snapshot() as connection:
                counts = _write_tables(archive, connection)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return counts


def restore_backup(file: Path) -> dict[str, int]:
    """Replace everything by what the file holds, in one transaction; returns rows a table.

    Raises BackupError before anything was touched where the file is broken or of another version.
    """
    try:
        with ZipFile(file) as archive:
            manifest = _checked(archive)
            with _sole_writer() as connection:
                _replace(archive, connection)
    except (OSError, BadZipFile, EOFError) as error:
        raise BackupError(_("%(file)s is no backup that can be read, or it is broken.", file=file)) from error
    except SQLAlchemyError as error:
        raise BackupError(_("The database did not take it; nothing was changed. Try again in a while.")) from error
    return {name: entry["rows"] for name, entry in manifest["tables"].items()}


def keep_what_is_there(folder: Path) -> Path | None:
    """A backup of the present state in the data folder, before it is replaced; None where there is no ward yet."""
    with db.engine.connect() as connection:
        if connection.scalar(select(func.count()).select_from(db.metadata.tables["ward"])) == 0:
            return None
    file = folder / f"before-restore-{real_now():%Y%m%d-%H%M%S}.zip"
    write_backup(file)
    return file


def _write_tables(archive: ZipFile, connection: Connection) -> dict[str, int]:
    tables: dict[str, dict[str, Any]] = {}
    for table in db.metadata.sorted_tables:
        digest, rows = hashlib.sha256(), 0
        with archive.open(_entry(table), "w", force_zip64=True) as out:
            for row in _rows(connection, table):
                line = written(row)
                digest.update(line)
                out.write(line)
                rows += 1
        tables[table.name] = {"rows": rows, "sha256": digest.hexdigest()}
    manifest = {
        "product": PRODUCT,
        "format": FORMAT,
        "schema": _schema(connection),
        "created": real_now().isoformat(),
        "tables": tables,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return {name: entry["rows"] for name, entry in tables.items()}


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """One read transaction: the database as it stood when the first row was read, whatever is written meanwhile."""
    token = will_write.set(False)
    try:
        with db.engine.connect() as connection:
            if engine_name() == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection
    finally:
        will_write.reset(token)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    if table.name in PASSING:
        return
    query = select(table).order_by(*table.primary_key)
    if table.name == "event_note":
        query = query.where(table.c.kind != "position")
    for row in connection.execution_options(yield_per=rows_at_once(table)).execute(query).mappings():
        yield dict(row)


def _checked(archive: ZipFile) -> dict[str, Any]:
    """The manifest, once every row was read and understood."""
    try:
        manifest = json.loads(archive.read(MANIFEST))
        known = manifest["product"] == PRODUCT and manifest["format"] == FORMAT
        tables, schema = manifest["tables"], manifest["schema"]
    except (KeyError, TypeError, ValueError) as error:
        raise BackupError(_("This file is no backup of this program.")) from error
    if not known:
        raise BackupError(_("This file is no backup of this program, or of a later version. Update the program first."))
    _check_schema(schema)
    try:
        for table in db.metadata.sorted_tables:
            _check_table(archive, table, tables[table.name])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupError(_("The backup is damaged; nothing was changed. Please take another one.")) from error
    _keep_the_demo_out(archive)
    return dict(manifest)


def _keep_the_demo_out(archive: ZipFile) -> None:
    """The demo opens every role with one click: its data never come among a real ward's."""
    wards = db.metadata.tables["ward"]
    with archive.open(_entry(wards)) as lines:
        is_demo = any(read(wards, line)["is_demo"] for line in lines)
    if is_demo and not current_app.config["SETTINGS"].demo:
        raise BackupError(_("This is a backup of the demo ward: it cannot be put back into a real one."))


def _check_schema(schema: str) -> None:
    with db.engine.connect() as connection:
        here = _schema(connection)
    if schema == here:
        return
    versions = ScriptDirectory(str(MIGRATIONS))
    if any(schema == script.revision for script in versions.walk_revisions()):
        raise BackupError(
            _(
                "This backup is from an older version (schema %(old)s, here %(here)s). Put it back into that version "
                "of the program in an empty data folder, update the program there, and take a new backup.",
                old=schema,
                here=here,
            )
        )
    later = _("This backup is from a later version (schema %(new)s). Update the program, then try again.", new=schema)
    raise BackupError(later)


def _check_table(archive: ZipFile, table: Table, entry: dict[str, Any]) -> None:
    digest, rows = hashlib.sha256(), 0
    with archive.open(_entry(table)) as lines:
        for line in lines:
            digest.update(line)
            read(table, line)
            rows += 1
    if rows != entry["rows"] or digest.hexdigest() != entry["sha256"]:
        raise ValueError(table.name)


@contextmanager
def _sole_writer() -> Iterator[Connection]:
    """A transaction that no writer of the running server can come between; readers go on seeing what was."""
    end = time.monotonic() + WAIT_FOR_WRITERS_S
    while True:
        with db.engine.connect() as connection, connection.begin() as transaction:
            try:
                _lock(connection)
            except OperationalError as error:
                transaction.rollback()
                if time.monotonic() > end:
                    raise BackupError(_("The server is too busy just now; nothing was changed. Try again.")) from error
                time.sleep(0.05)
                continue
            yield connection
            return


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # The transaction began as the only writer already. Rows may refer to each other in any order until its end.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        return
    names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    # Not waiting while it holds some of the locks, this can never be part of a deadlock.
    connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE NOWAIT")


def _replace(archive: ZipFile, connection: Connection) -> None:
    for table in reversed(db.metadata.sorted_tables):
        connection.execute(table.delete())
    for table in db.metadata.sorted_tables:
        if table.name in PASSING:  # a file from before they were left out
            continue
        insert = insert_into(table)
        with archive.open(_entry(table)) as lines:
            for rows in batches(table, lines):
                connection.execute(insert, rows)
        if connection.dialect.name == "postgresql" and "id" in table.columns:
            _continue_numbers(connection, table)


def _continue_numbers(connection: Connection, table: Table) -> None:
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
            f'(SELECT COALESCE(MAX(id), 0) + 1 FROM "{table.name}"), false)'
        )
    )


def _schema(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _entry(table: Table) -> str:
    return f"{table.name}.jsonl"
