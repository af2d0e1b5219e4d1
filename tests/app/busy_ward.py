"""A process that keeps writing: dossiers with their events and messages, each in one transaction, its code printed.

A transaction that a restore came between fails as it may on any server; the next one goes on with what is there.
"""

import sys
import time

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from dispatch.citizens.outbox import tell
from dispatch.database import db
from dispatch.dossiers.events import record
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, make_dossier, make_job


def write_one() -> str:
    """One dossier: two events, one job, one message."""
    ward = db.session.scalars(select(Ward).limit(1)).one()
    dossier = make_dossier(ward)
    job = make_job(dossier)
    record("done", job, STAFF, data={"originals": 1})
    tell("returned", dossier, key=f"busy-{dossier.code}", values={"time": "10:05"})
    db.session.commit()
    return dossier.code


def main() -> None:
    app = create_app()
    while True:
        with app.app_context():
            try:
                print(write_one(), flush=True)
            except SQLAlchemyError as error:
                db.session.rollback()
                print(type(error).__name__, file=sys.stderr, flush=True)
        time.sleep(0.02)  # SQLite lets writers in by luck: one that never rests would leave none for the others


if __name__ == "__main__":
    main()
