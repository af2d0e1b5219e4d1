"""Photos and signatures: kept once a key and kind, found again for a dossier, forgotten after a set time."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from dispatch.clock import now
from dispatch.custody.models import ProofFile
from dispatch.custody.pictures import made_anew
from dispatch.custody.store import store
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier, Event
from dispatch.duty.models import Device
from dispatch.tasks.runner import sweep

AT_ONCE = 200


def keep_file(device: Device, event_key: str, kind: str, raw: bytes) -> bool:
    """Keep a picture of this phone's; the second time nothing changes. Whether it is new. Commits.

    Raises NotAPicture, and StoreUnreachable where it is to be sent again later.
    """
    ward_id, device_id = device.ward_id, device.id
    known = select(ProofFile.id).where(
        ProofFile.ward_id == ward_id, ProofFile.event_key == event_key, ProofFile.kind == kind
    )
    is_known = db.session.scalar(known.limit(1)) is not None
    db.session.rollback()  # nobody waits while the picture is made anew and carried away
    if is_known:
        return False
    name, picture = _name(ward_id, event_key, kind), made_anew(kind, raw)
    store().put(name, picture)
    db.session.add(
        ProofFile(
            ward_id=ward_id,
            public_id=name,
            event_key=event_key,
            kind=kind,
            device_id=device_id,
            size_bytes=len(picture),
            received_at=now(),
        )
    )
    try:
        db.session.commit()
    except IntegrityError:  # the same file came in by two ways at once
        db.session.rollback()
        return False
    return True


def _name(ward_id: int, event_key: str, kind: str) -> str:
    """Unguessable, and the same when the phone sends the picture again: whatever stopped us before the row was
    written, no second copy stays behind that retention does not know of."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"file:{ward_id}:{event_key}:{kind}".encode(), hashlib.sha256).hexdigest()[:16]


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
    overdue = select(ProofFile.id, ProofFile.public_id).where(
        ProofFile.ward_id == ward_id, ProofFile.received_at < oldest, ProofFile.deleted_at.is_(None)
    )
    found = db.session.execute(overdue.limit(AT_ONCE)).all()
    db.session.rollback()
    for id, name in found:
        store().delete(name)
        db.session.execute(update(ProofFile).where(ProofFile.id == id).values(deleted_at=now()))
        db.session.commit()
