"""What is done to a ward: founding it empty, and writing what its people say about it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers.seed import seed_catalogue
from dispatch.dossiers.working_days import is_working_day
from dispatch.duty.operations import move_shifts
from dispatch.phones import show_phone
from dispatch.wards.models import Hotline, Ward

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


def only_ward() -> Ward | None:
    """The ward that this installation serves to the public: the one named in the settings, else the first."""
    named = current_app.config["WARD"]
    wards = select(Ward).order_by(Ward.id).limit(1)
    return db.session.scalars(wards.where(Ward.public_id == named) if named else wards).first()


def half_day_fields(ward: Ward) -> dict[str, Any]:
    """The ward's half-days as the fields of the form: `morning`, `morning_start`, `morning_end`, ..."""
    kept = {half.key: half for half in ward.halves}
    fields: dict[str, Any] = {}
    for usual in HALF_DAYS:
        key = usual["key"]
        half = kept.get(key, usual)
        fields |= {key: key in kept, f"{key}_start": half["start"], f"{key}_end": half["end"]}
    return fields


def set_half_days(ward: Ward, fields: Mapping[str, Any]) -> None:
    """Write the half-days, and move the shifts that no published plan counts on yet. The caller commits."""
    ward.half_days = [
        {**usual, "start": fields[f"{usual['key']}_start"], "end": fields[f"{usual['key']}_end"]}
        for usual in HALF_DAYS
        if fields[usual["key"]]
    ]
    move_shifts(ward, local(now(), ward.timezone).date())


def hotline_lines(ward: Ward) -> str:
    """The numbers, one a line."""
    return "\n".join(show_phone(hotline.number) for hotline in ward.hotlines)


def set_hotlines(ward: Ward, numbers: list[tuple[str, str]]) -> None:
    """Exactly these (number, kind), in this order. The caller commits."""
    rows = {hotline.number: hotline for hotline in ward.hotlines}
    ward.hotlines = [rows.get(number) or Hotline(ward_id=ward.id, number=number) for number, _kind in numbers]
    for position, (hotline, (_number, kind)) in enumerate(zip(ward.hotlines, numbers, strict=True)):
        hotline.kind, hotline.position = kind, position


def day_lines(days: list[str]) -> str:
    """ISO days as people write them, one a line."""
    return "\n".join(date.fromisoformat(day).strftime("%d/%m/%Y") for day in days)


def unusual_days(ward: Ward, start: date, days: int = 120) -> list[tuple[date, bool]]:
    """Days to come that are off though it is Monday to Friday, or worked on a weekend: (day, whether worked)."""
    coming = [start + timedelta(days=number) for number in range(days)]
    worked = [(day, is_working_day(ward, day)) for day in coming]
    return [(day, works) for day, works in worked if works != (day.weekday() < 5)]
