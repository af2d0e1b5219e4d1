"""The record of looks: personal data is shown only to who needs it, and every look is written down."""

from datetime import timedelta

from flask import Flask, g, request
from flask_login import current_user
from sqlalchemy import insert, select
from werkzeug.wrappers import Response

from dispatch.accounts.models import Look
from dispatch.clock import now
from dispatch.database import db, will_write

LOOK_LASTS = timedelta(hours=1)


def looked_at(subject_kind: str, *subject_ids: int) -> None:
    """Note that the page being made shows personal data of these `citizen`s (or `volunteer`s, `inbox_message`s)."""
    g.looks.extend((subject_kind, subject_id) for subject_id in subject_ids)


def not_seen_lately(subject_kind: str, subject_ids: set[int], actor: tuple[str, int], *pages: str) -> set[int]:
    """Without those whom this (kind, id) has seen within the hour, on these pages if any are named: what is drawn
    again and again, or in two parts, is one look."""
    recent = select(Look.subject_id).where(
        Look.ward_id == g.ward.id,
        Look.actor_kind == actor[0],
        Look.actor_id == actor[1],
        Look.subject_kind == subject_kind,
        Look.subject_id.in_(subject_ids),
        Look.at > now() - LOOK_LASTS,
    )
    return subject_ids - set(db.session.scalars((recent.where(Look.page.in_(pages)) if pages else recent).distinct()))


def configure_looks(app: Flask) -> None:
    """Write the looks of a request once its page has been made."""
    app.after_request(_write)


def _write(response: Response) -> Response:
    looks = set(g.get("looks", ()))
    if not looks or response.status_code >= 400 or g.get("ward") is None:
        return response
    kind, id = ("staff", current_user.id) if current_user.is_authenticated else ("citizen", None)
    if g.get("device") is not None:
        kind, id = "volunteer", g.device.link.duty.volunteer_id
    rows = [
        {
            "ward_id": g.ward.id,
            "actor_kind": kind,
            "actor_id": id,
            "subject_kind": subject,
            "subject_id": subject_id,
            "page": request.endpoint,
            "at": now(),
        }
        for subject, subject_id in sorted(looks)
    ]
    db.session.rollback()
    will_write.set(True)
    with db.engine.begin() as connection:
        connection.execute(insert(Look), rows)
    return response
