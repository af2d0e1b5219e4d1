"""Photos and signatures: kept once a key and kind, found again for a dossier, forgotten after a set time."""

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from dispatch.clock import now
from dispatch.custody.models import ProofFile
from dispatch.custody.pictures import made_anew
from dispatch.custody.store import store
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier, Event
from dispatch.duty.models import Device
from dispatch.tasks.runner import sweep

AT_ONCE = 200


def keep_file(device: Device, event_key: str, kind: str, raw: bytes) -> tuple[ProofFile, bool]:
    """Keep a picture of this phone's; the second time nothing changes. Gives the row and whether it is new.

    Raises NotAPicture. The caller commits.
    """
    known = select(ProofFile).where(
        ProofFile.ward_id == device.ward_id, ProofFile.event_key == event_key, ProofFile.kind == kind
    )
    found = db.session.scalars(known.limit(1)).first()
    if found is not None:
        return found, False
    picture = made_anew(kind, raw)
    row = ProofFile(
        ward_id=device.ward_id,
        event_key=event_key,
        kind=kind,
        device_id=device.id,
        size_bytes=len(picture),
        received_at=now(),
    )
    db.session.add(row)
    db.session.flush()
    store().put(row.public_id, picture)
    return row, True


def files_of(dossier: Dossier) -> Sequence[ProofFile]:
    """What is kept of a dossier's hand-overs and tries, oldest first."""
    keys = select(Event.key).where(Event.ward_id == dossier.ward_id, Event.dossier_id == dossier.id)
    kept = of_ward(ProofFile).where(ProofFile.event_key.in_(keys), ProofFile.deleted_at.is_(None))
    return db.session.scalars(kept.order_by(ProofFile.id).limit(100)).all()


def dossier_of(file: ProofFile) -> Dossier | None:
    """Whose papers the picture is about; None while its event has not arrived."""
    query = select(Dossier).join(Event, Event.dossier_id == Dossier.id)
    return db.session.scalars(query.where(Event.ward_id == file.ward_id, Event.key == file.event_key).limit(1)).first()


@sweep("forget_files")
def forget_files(ward_id: int) -> None:
    """Delete pictures that have been kept for as long as the settings say (`KEEP_FILES_DAYS`)."""
    oldest = now() - timedelta(days=current_app.config["SETTINGS"].keep_files_days)
    query = select(ProofFile).where(
        ProofFile.ward_id == ward_id, ProofFile.received_at < oldest, ProofFile.deleted_at.is_(None)
    )
    for file in db.session.scalars(query.limit(AT_ONCE)).all():
        store().delete(file.public_id)
        file.deleted_at = now()
    db.session.commit()
