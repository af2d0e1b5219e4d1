"""The database: base class, column types, and what every table has."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from flask import Flask, abort, g
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, ForeignKey, MetaData, Select, String, event, select
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import JSON, TypeDecorator

from dispatch.identity import public_id

BUSY_S = 30
MIGRATIONS = Path(__file__).parent / "migrations"

# Whether the transaction that begins next in this context will write. SQLite must know at the start: a read
# transaction that turns into a writing one fails at once when another writer came between, and would lose a tap.
will_write: ContextVar[bool] = ContextVar("will_write", default=True)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. SQLite would give naive times back; a naive time going in is a mistake of ours."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class NfcText(TypeDecorator[str]):
    """Unicode text, NFC at the entrance (Unicode Standard Annex 15), without the NUL that PostgreSQL refuses."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unicodedata.normalize("NFC", str(value)).replace("\x00", "")


class _Shape(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            str: NfcText(),
            dict[str, Any]: JSON(),
            list[str]: JSON(),
            list[Any]: JSON(),
        },
    )


db = SQLAlchemy(model_class=_Shape, disable_autonaming=True, session_options={"expire_on_commit": False})
migrate = Migrate()

if TYPE_CHECKING:

    class Base(DeclarativeBase):
        """Base of all tables."""
else:
    Base = db.Model

Row = Annotated[int, mapped_column(primary_key=True)]
PublicId = Annotated[str, mapped_column(NfcText(16), default=public_id)]


class OfWard:
    """Mixed into every table: the row's own number and the ward that it belongs to."""

    id: Mapped[Row]
    ward_id: Mapped[int] = mapped_column(ForeignKey("ward.id"), index=True)


Model = TypeVar("Model", bound=OfWard)


def of_ward(model: type[Model], ward_id: int | None = None) -> Select[Model]:
    """All rows of one table that belong to the ward (of this request, unless named)."""
    return select(model).where(model.ward_id == (g.ward.id if ward_id is None else ward_id))


def one_or_404(model: type[Model], **columns: Any) -> Model:
    """The ward's row with these column values. Another ward's row answers 404 like one that never was."""
    found = db.session.scalars(of_ward(model).filter_by(**columns).limit(1)).first()
    if found is None:
        abort(404)
    return found


@contextmanager
def reading() -> Iterator[None]:
    """What happens inside only reads, also in a POST: on SQLite nobody waits for it, however long it computes."""
    db.session.rollback()
    before = will_write.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        will_write.reset(before)


def configure_database(app: Flask, url: str) -> None:
    """Connect the application; on SQLite choose the settings under which a commit survives a power cut."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    # A failed statement's error is logged; the names and numbers that it held must not be.
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if url.startswith("sqlite"):
        options = {"hide_parameters": True, "connect_args": {"timeout": BUSY_S}}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    with app.app_context():
        if url.startswith("sqlite"):
            event.listen(db.engine, "connect", _sqlite_pragmas)
            writers = Writers()
            event.listen(db.engine, "begin", writers.begin)
            event.listen(db.engine, "checkin", writers.leave)


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    # Transactions are begun by us, never half-way by the driver.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={1000 * BUSY_S}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Writers:
    """SQLite has one writer at a time, and whoever waits for it sleeps and looks again, longer each time: with many
    phones some would sleep for seconds. So the threads of one process wait for each other here, where they are woken;
    other processes are still waited for by SQLite itself."""

    def __init__(self) -> None:
        self._turn = Lock()

    def begin(self, connection: Any) -> None:
        """Begin a transaction; one that writes, when no other thread writes."""
        if not will_write.get():
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info.get("writes"):
            connection.info["writes"] = self._turn.acquire(timeout=BUSY_S)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def leave(self, _driver_connection: Any, record: Any) -> None:
        """The connection goes back to the pool: its transaction is over, however it ended."""
        if record.info.pop("writes", False):
            self._turn.release()


def engine_name(engine: Engine | None = None) -> str:
    """`sqlite` or `postgresql`."""
    return (engine or db.engine).dialect.name
