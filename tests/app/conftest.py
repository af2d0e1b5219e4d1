"""The application on each engine. One database a worker and engine; every test starts with empty tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy.orm import close_all_sessions
from werkzeug.test import TestResponse

from app import create_app
from dispatch.clock import Clock, real_now
from dispatch.config import load_settings
from dispatch.database import db, will_write
from dispatch.security import limiter
from dispatch.wards.models import Ward
from tests.app import postgres
from tests.app.full_ward import Worlds, make_worlds
from tests.app.makers import make_ward
from tests.app.snapshots import restore
from tests.conftest import skip_or_fail

MONDAY = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)  # 07:45 in Đà Nẵng


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    folder = postgres.binaries()
    if folder is None:
        skip_or_fail("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        return
    with postgres.server(folder) as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose schema was made by the migrations, once for all tests of a worker."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_url")
        engine = sa.create_engine(server + "postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # The engines take turns: with tests split by file this fixture is made more than once.
            connection.execute(sa.text("DROP DATABASE IF EXISTS ward WITH (FORCE)"))
            connection.execute(sa.text("CREATE DATABASE ward"))
        engine.dispose()
        url = server + "ward"
    app = create_app(load_settings(data_dir=folder, database_url=url, secret_key="test", tasks="manual"))
    app.test_client_class = Browser
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SERVER_NAME="ward.test")
    limiter.enabled = False
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        close_all_sessions()
        db.engine.dispose()


@pytest.fixture
def app(engine_app: Flask) -> Iterator[Flask]:
    """The application with empty tables, at 07:45 on a Monday."""
    clock = Clock(MONDAY - real_now())
    engine_app.extensions["clock"] = clock
    engine_app.extensions["huey"].flush()
    with engine_app.app_context():
        yield engine_app
        db.session.rollback()
        db.session.remove()
        with db.engine.begin() as connection:
            if db.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for table in db.metadata.sorted_tables:
                    connection.execute(table.delete())
            else:
                names = ", ".join(f'"{t.name}"' for t in db.metadata.sorted_tables)
                connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


class Browser(FlaskClient):
    """A client beside a test's own session: what the test wrote is committed, what it holds is read again."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.commit()
        try:
            with self.application.app_context():  # what a request keeps in `g` must not outlive it
                return super().open(*args, **kwargs)
        finally:
            will_write.set(True)  # what a page that only reads has said of its own transaction
            db.session.expire_all()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def made_worlds(engine_app: Flask) -> Worlds:
    """Two wards with one of everything: made once, they take seconds."""
    engine_app.extensions["clock"] = Clock(MONDAY - real_now())
    with engine_app.app_context():
        made = make_worlds()
        restore({table: [] for table in made.rows})
        return made


@pytest.fixture
def worlds(app: Flask, made_worlds: Worlds) -> Iterator[Worlds]:
    """Both wards as they were made."""
    with as_in_a_ward(app, made_worlds):
        yield made_worlds


@contextmanager
def as_in_a_ward(app: Flask, made: Worlds, **settings: object) -> Iterator[None]:
    """The worlds are there, an error is answered with its page, and nobody is told to come back in a minute."""
    restore(made.rows)
    app.extensions["clock"] = Clock(MONDAY + timedelta(minutes=5) - real_now())  # what is there has happened
    before = {name: app.config.get(name) for name in (*settings, "PROPAGATE_EXCEPTIONS", "WTF_CSRF_ENABLED")}
    app.config.update(PROPAGATE_EXCEPTIONS=False, **settings)
    yield
    app.config.update(before)
    restore({table: [] for table in made.rows})


@pytest.fixture
def ward(app: Flask) -> Ward:
    """A ward that is set up, with the starter catalogue and an office pin."""
    ward = make_ward()
    db.session.commit()
    return ward


def move_clock(app: Flask, **by: float) -> None:
    """Let business time pass: `move_clock(app, minutes=10)`."""
    clock: Clock = app.extensions["clock"]
    clock.offset += timedelta(**by)
