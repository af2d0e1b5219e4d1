"""Papers that travel by post: the number and the day on the receipt, asked for once and told to whoever asks."""

import re
from datetime import date, timedelta
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import StopValidation

from dispatch.clock import today_in
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, EventNote
from dispatch.forms import at_most
from dispatch.wards.fields import Day

POSTED = "posted"
NUMBER_NOTE = "post_number"
LONGEST_AGO = timedelta(days=31)
_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9]{8,30}")
_BETWEEN = re.compile(r"[\s.-]")


class WhenPosted:
    """Counts only where the post takes the papers; otherwise the field is empty, whatever was typed before."""

    def __call__(self, form: Any, field: Any) -> None:
        if form.decision.data != POSTED:
            field.data, field.errors = None, []
            raise StopValidation


class PostFields:
    """Number and day of the post's receipt."""

    post_number = StringField(_l("Number on the post's receipt"), [WhenPosted(), at_most(60)])
    posted_on = Day(_l("Handed in on"), [WhenPosted()], default=lambda: today_in(g.ward.timezone))

    def validate_post_number(self, field: StringField) -> None:
        field.data = _BETWEEN.sub("", field.data or "").upper()
        if not _NUMBER.fullmatch(field.data):
            raise StopValidation(
                _l("Please type the number on the post's receipt: 8 to 30 letters and digits, such as EB123456789VN.")
            )

    def validate_posted_on(self, field: Day) -> None:
        if field.data is None or not today_in(g.ward.timezone) - LONGEST_AGO <= field.data <= today_in(g.ward.timezone):
            raise StopValidation(_l("Please give the day on the post's receipt: today, or one of the last 31 days."))


def parcel_of(dossier: Dossier) -> tuple[str, date | None] | None:
    """(number, day of the receipt) under which the post carries this dossier's papers; None where it does not.

    The number is empty where it has been erased with the other notes.
    """
    job = next((job for job in dossier.jobs if job.state == POSTED), None)
    if job is None:
        return None
    query = (
        select(Event.data, EventNote.text)
        .outerjoin(EventNote, (EventNote.event_key == Event.key) & (EventNote.ward_id == Event.ward_id))
        .where(Event.ward_id == dossier.ward_id, Event.job_id == job.id, Event.kind == POSTED)
        .order_by(Event.id.desc())
    )
    data, number = db.session.execute(query.limit(1)).one()
    day = data.get("posted_on")
    return number or "", date.fromisoformat(day) if day else None
