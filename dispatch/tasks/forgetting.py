"""Retention in one place: every sweep that deletes what has been kept for its time, run here and now."""

from sqlalchemy import select

from dispatch.database import db
from dispatch.tasks.runner import run_kind
from dispatch.wards.models import Ward

SWEEPS = ("forget_files", "forget_positions")


def forget_all() -> None:
    """For every ward. Commits."""
    for ward_id in db.session.scalars(select(Ward.id).order_by(Ward.id)).all():
        for kind in SWEEPS:
            run_kind(kind, ward_id)
