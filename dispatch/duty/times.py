"""When volunteers have time: every week, day by day, and who fell out. A *slot* is a half-day, `2026-12-01:morning`."""

from collections import defaultdict
from datetime import date

from sqlalchemy import select

from dispatch.database import db
from dispatch.duty.models import Duty, DutyWish, Volunteer

CANNOT = "cannot"


def slot_id(day: date, half: str) -> str:
    return f"{day.isoformat()}:{half}"


def is_busy(volunteer: Volunteer, slot: str, says: dict[str, str], off: set[tuple[int, date]]) -> bool:
    """Whether the volunteer has no time then: what was said of the day overrules the week."""
    day, _colon, half = slot.partition(":")
    date_ = date.fromisoformat(day)
    if (volunteer.id, date_) in off or says.get(slot) == CANNOT:
        return True
    return slot not in says and f"{date_.weekday()}:{half}" in volunteer.busy


def said_by(ward_id: int, first: date, last: date) -> dict[int, dict[str, str]]:
    """By volunteer: what was said of each slot."""
    rows = select(DutyWish).where(DutyWish.ward_id == ward_id, DutyWish.service_date.between(first, last)).limit(20_000)
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for wish in db.session.scalars(rows):
        said[wish.volunteer_id][slot_id(wish.service_date, wish.half)] = wish.says
    return said


def fallen_out(ward_id: int, first: date, last: date) -> set[tuple[int, date]]:
    """(volunteer, day) of those who fell out."""
    rows = select(Duty.volunteer_id, Duty.service_date).where(
        Duty.ward_id == ward_id, Duty.service_date.between(first, last), Duty.off_at.is_not(None)
    )
    return {(row[0], row[1]) for row in db.session.execute(rows.limit(5000))}


def say(volunteer: Volunteer, words: dict[str, str], days: list[date]) -> None:
    """Replace what a volunteer said of these days by `words` (slot -> word)."""
    rows = select(DutyWish).where(DutyWish.ward_id == volunteer.ward_id, DutyWish.volunteer_id == volunteer.id)
    for wish in db.session.scalars(rows.where(DutyWish.service_date.in_(days)).limit(200)):
        db.session.delete(wish)
    db.session.flush()
    for slot, word in words.items():
        day, _colon, half = slot.partition(":")
        db.session.add(
            DutyWish(
                ward_id=volunteer.ward_id,
                volunteer_id=volunteer.id,
                service_date=date.fromisoformat(day),
                half=half,
                says=word,
            )
        )
