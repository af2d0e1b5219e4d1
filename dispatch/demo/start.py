"""Starting the demo: a database of its own, made anew each time, its clock at 07:45 of the next working day."""

import secrets
from datetime import timedelta
from pathlib import Path

from flask import Flask

from dispatch.clock import Clock, real_now
from dispatch.config import Settings
from dispatch.database import db
from dispatch.demo.build import build_demo

FILE = "demo.sqlite"


def demo_settings(data_dir: Path) -> dict[str, object]:
    """Overrides under which the application can neither reach a real ward's data nor send anything out."""
    path = (data_dir / FILE).absolute()
    apart = {"database_url": f"sqlite:///{path}", "files_url": "", "queue_url": "", "ward": ""}
    return {"demo": True, "tasks": "embedded", **apart}


def put_away_the_last(data_dir: Path) -> None:
    """Keep what somebody tried last time as `demo-before.sqlite`; nothing typed is thrown away."""
    for ending in ("", "-wal", "-shm"):
        old = data_dir / (FILE + ending)
        if old.exists():
            old.replace(data_dir / f"demo-before.sqlite{ending}")


def prepare(app: Flask, settings: Settings) -> None:
    """Fill the empty demo database and set the demo's clock."""
    real = real_now()
    with app.app_context():
        ward = build_demo(real, secrets.token_urlsafe(16))
        offset = timedelta(seconds=ward.demo_offset_s)
        db.session.commit()
    app.extensions["clock"] = Clock(offset)
