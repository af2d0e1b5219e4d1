"""The hotline form."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import StopValidation

from dispatch.clock import at, local, now, today_in
from dispatch.database import db, of_ward
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.operations import Window
from dispatch.dossiers.working_days import is_working_day
from dispatch.forms import PhoneNumber, at_most, required
from dispatch.phones import read_phone
from dispatch.places.forms import AddressForm

SELF, PERSON, ORGANISATION = "self", "person", "organisation"
ANY, ASK = "any", "ask"
FIRST = ("phone", "caller_name", "for_whom", "beneficiary_name", "beneficiary_phone", "procedure", "legs")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class WhenAsked:
    """Counts only where the caller asks for a time; then it must be readable, and filled in where `missing` says so."""

    def __init__(self, missing: Any = None) -> None:
        self.missing = missing

    def __call__(self, form: Any, field: Any) -> None:
        typed = bool(field.raw_data and field.raw_data[0].strip())
        if form.window.data == ASK and typed and field.data is not None:
            return
        field.errors = []
        if form.window.data == ASK and typed:
            raise StopValidation(_l("This could not be read. Please choose it from the calendar or the clock."))
        raise StopValidation(self.missing if form.window.data == ASK else None)


class WindowFields:
    """When somebody may come: an offered window, any time, or the day and hours that the caller asks for."""

    window = StringField(_l("When"), default=ANY)
    asked_day = DateField(_l("Day"), [WhenAsked(_l("Please say on which day."))])
    asked_from = TimeField(_l("From"), [WhenAsked()])
    asked_to = TimeField(_l("To"), [WhenAsked()])

    @property
    def offer(self) -> tuple[datetime, datetime] | None:
        """The offered window that was chosen (aware UTC)."""
        return read_offer(self.window.data)

    @property
    def wanted(self) -> Window:
        """The window to plan with. Call it after validation."""
        if self.offer is not None:
            start, end = self.offer
            return Window(local(start, g.ward.timezone).date(), start, end)
        if self.window.data == ASK and self.asked_day.data is not None:
            day = self.asked_day.data
            return Window(day, _moment(day, self.asked_from.data), _moment(day, self.asked_to.data))
        return Window()

    def validate_window(self, field: Any) -> None:
        field.data = field.data or ANY
        if field.data not in (ANY, ASK) and read_offer(field.data) is None:
            raise ValidationError(_l("Please choose one of these times."))

    def validate_asked_day(self, field: Any) -> None:
        today = today_in(g.ward.timezone)
        if field.data < today:
            raise ValidationError(_l("That day is over. Please choose today or a later day."))
        if (field.data - today).days > 60:
            raise ValidationError(_l("Please choose a day within the next two months."))
        if not (g.ward.serves_on(field.data) and is_working_day(g.ward, field.data)):
            raise ValidationError(_l("The service does not run on that day. Please choose another one."))

    def validate_asked_to(self, field: Any) -> None:
        start, end = self.asked_from.data, field.data
        if self.asked_day.data is None:
            return
        if start and end and end <= start:
            raise ValidationError(_l("The end must be later than the beginning."))
        until = _moment(self.asked_day.data, end)
        if until is not None and until <= now():
            raise ValidationError(_l("That time is over. Please choose a later one."))


def _moment(day: date, clock: time | None) -> datetime | None:
    if clock is None:
        return None
    return at(day, clock.hour * 3600 + clock.minute * 60, g.ward.timezone)


def write_offer(start: datetime, end: datetime) -> str:
    """An offered window as the value of a radio button."""
    return f"{start.isoformat()}/{end.isoformat()}"


def read_offer(text: str | None) -> tuple[datetime, datetime] | None:
    """Inverse of `write_offer`; None for anything else."""
    begin, _slash, finish = (text or "").partition("/")
    try:
        start, end = datetime.fromisoformat(begin), datetime.fromisoformat(finish)
    except ValueError:
        return None
    return (start, end) if start.tzinfo and end.tzinfo and start < end else None


class RequestForm(WindowFields, AddressForm):
    """One call: who calls, for whom, what, where, when, and that they agreed."""

    form_key = HiddenField()
    inbox = HiddenField()
    phone = StringField(_l("Phone of the caller"), [required(), at_most(40), PhoneNumber()])
    caller_name = StringField(_l("Name of the caller"), [required(), at_most(120)])
    for_whom = RadioField(
        _l("Who is it for"),
        choices=[
            SelectChoice(SELF, _l("The caller")),
            SelectChoice(PERSON, _l("Another person")),
            SelectChoice(ORGANISATION, _l("An organisation")),
        ],
        default=SELF,
    )
    beneficiary_name = StringField(_l("Name of the person or organisation"), [at_most(160)])
    beneficiary_phone = StringField(_l("Phone at the door"), [at_most(40), PhoneNumber()])
    procedure = SelectField(_l("Procedure"), [required()], validate_choice=False)
    legs = RadioField(
        _l("What shall we do"),
        choices=[
            SelectChoice("both", _l("Collect the papers and bring the result")),
            SelectChoice("collect", _l("Only collect the papers")),
            SelectChoice("return", _l("Only bring the result")),
        ],
        default="both",
    )
    result_ready = BooleanField(_l("The result is ready at the office now"))
    note = TextAreaField(_l("Note for the volunteer and the office"), [at_most(1000)])
    consent = BooleanField(_l("The caller agrees"))
    another = BooleanField(_l("It is another request"))

    def __iter__(self) -> Iterator[Any]:
        """As the page has them: who and what come before where and when."""
        return iter(sorted(super().__iter__(), key=lambda f: FIRST.index(f.name) if f.name in FIRST else len(FIRST)))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        query = of_ward(Procedure).where(Procedure.active).order_by(Procedure.position, Procedure.id).limit(300)
        self.procedures = list(db.session.scalars(query))
        # Numbered, so that a clerk chooses by typing the number: no list can be searched by a letter like Đ.
        choices = [SelectChoice(p.public_id, f"{n}. {p.name}") for n, p in enumerate(self.procedures, 1)]
        self.procedure.choices = [SelectChoice("", _l("Please choose")), *choices]
        if not _UUID.fullmatch(self.form_key.data or ""):
            self.renew_key()

    def renew_key(self) -> None:
        """Make this another request than the one that was saved under the old key."""
        self.form_key.data = str(uuid4())

    @property
    def chosen(self) -> Procedure | None:
        """The procedure that is selected."""
        return next((p for p in self.procedures if p.public_id == self.procedure.data), None)

    @property
    def e164(self) -> str | None:
        """The caller's number, as far as it can be read."""
        return read_phone((self.phone.data or "")[:40])

    @property
    def beneficiary(self) -> str:
        """Whose papers it is about."""
        other = self.for_whom.data in (PERSON, ORGANISATION)
        return (self.beneficiary_name.data if other else self.caller_name.data) or ""

    @property
    def first_leg(self) -> str | None:
        """The visit that can be planned at once; None where the result has to be ready first."""
        if self.legs.data != "return":
            return "collect"
        return "return" if self.result_ready.data else None

    def validate_beneficiary_name(self, field: Any) -> None:
        if self.for_whom.data in (PERSON, ORGANISATION) and not field.data:
            raise ValidationError(_l("Please say for whom it is."))

    def validate_procedure(self, field: Any) -> None:
        if self.chosen is None:
            raise ValidationError(_l("Please choose a procedure from the list."))
        if self.chosen.ship_policy == "never":
            raise ValidationError(_l("This procedure cannot be done at home. Tell the caller why and what to do."))

    def validate_legs(self, field: Any) -> None:
        if self.chosen is None or self.chosen.ship_policy == "never" or field.data == "return":
            return
        if not self.chosen.ships("collect"):
            raise ValidationError(_l("For this procedure only the result can be brought home."))

    def validate_window(self, field: Any) -> None:
        super().validate_window(field)
        if self.ended:
            raise ValidationError(self.ended)

    @property
    def ended(self) -> str:
        """What to tell the caller where the service is over; empty while it runs."""
        if not g.ward.has_ended(today_in(g.ward.timezone)):
            return ""
        day = g.ward.service_off.strftime("%d/%m/%Y")
        return _("The service ended on %(day)s. Ask the caller to come to the one-stop office.", day=day)

    def validate_consent(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Please read the sentence out and tick when the caller has agreed."))
