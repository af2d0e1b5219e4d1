"""Results that are promised for today, or were promised for a day that is over, and have not come out yet."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from dispatch.database import db
from dispatch.dossiers.models import Dossier

SHOWN = 200


def overdue(ward_id: int, today: date) -> Sequence[Dossier]:
    """Dossiers in process whose promised day is over, the longest late first. While papers are missing, the clock
    stands still and nothing is late."""
    query = (
        select(Dossier)
        .where(_in_process(ward_id), Dossier.promised_on < today)
        .order_by(Dossier.promised_on, Dossier.id)
        .limit(SHOWN)
        .options(joinedload(Dossier.procedure))
    )
    return db.session.scalars(query).all()


def count_due(ward_id: int, today: date) -> tuple[int, int]:
    """How many results are due today, and how many are overdue."""
    promised = select(func.count(Dossier.id)).where(_in_process(ward_id))
    due_today = db.session.scalar(promised.where(Dossier.promised_on == today)) or 0
    return due_today, db.session.scalar(promised.where(Dossier.promised_on < today)) or 0


def _in_process(ward_id: int) -> ColumnElement[bool]:
    return (Dossier.ward_id == ward_id) & (Dossier.state == "in_process")
