"""Founding a ward: an empty one that its people set up on pages."""

from typing import Any

from dispatch.database import db
from dispatch.dossiers.seed import seed_catalogue
from dispatch.wards.models import Ward

HALF_DAYS = [
    {"key": "morning", "name": "Sáng", "start": "07:30", "end": "11:30"},
    {"key": "afternoon", "name": "Chiều", "start": "13:30", "end": "17:00"},
]


def found_ward(name: str, **columns: Any) -> Ward:
    """A ward with half-days and the starting catalogue, to be set up on pages. The caller commits."""
    ward = Ward(name=name, half_days=HALF_DAYS, **columns)
    db.session.add(ward)
    db.session.flush()
    seed_catalogue(ward.id)
    return ward
