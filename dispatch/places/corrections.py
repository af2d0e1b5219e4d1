"""Who put a place's pin and said how to find its door, and when: for the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.accounts.models import StaffAccount
from dispatch.database import db, of_ward
from dispatch.places.models import PlaceNote, PlacePin

MOST = 200  # of all places asked for together


@dataclass(frozen=True)
class Correction:
    """What was said about a place; `who` is empty where no person of the office said it."""

    at: datetime
    what: str
    who: str


def corrections(ward_id: int, places: Collection[int]) -> dict[int, list[Correction]]:
    """By place, the newest first."""
    pins = of_ward(PlacePin, ward_id).where(PlacePin.place_id.in_(places)).order_by(PlacePin.id.desc())
    notes = of_ward(PlaceNote, ward_id).where(PlaceNote.place_id.in_(places)).order_by(PlaceNote.id.desc())
    rows: list[PlacePin | PlaceNote] = [*db.session.scalars(pins.limit(MOST)), *db.session.scalars(notes.limit(MOST))]
    names = _names(ward_id, {row.account_id for row in rows if row.account_id is not None})
    told: dict[int, list[Correction]] = {}
    for row in sorted(rows, key=lambda row: row.at, reverse=True):
        said = Correction(row.at, _what(row), names.get(row.account_id or 0, ""))
        told.setdefault(row.place_id, []).append(said)
    return told


def _what(row: PlacePin | PlaceNote) -> str:
    if isinstance(row, PlaceNote):
        return str(_("How to find the door: “%(words)s”", words=row.words) if row.words else _("Note taken away"))
    words = {
        "map": _("Pin taken from the map"),
        "arrived": _("A volunteer’s phone on arrival"),
        "visits": _("Pin confirmed by two visits"),
    }
    return str(words.get(row.source) or _("Pin set by the desk"))


def _names(ward_id: int, accounts: Collection[int]) -> dict[int, str]:
    query = select(StaffAccount.id, StaffAccount.name).where(
        StaffAccount.ward_id == ward_id, StaffAccount.id.in_(accounts)
    )
    return {row.id: row.name for row in db.session.execute(query.limit(MOST))}
