"""What a ward says about itself, a form a step."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from dispatch.accounts.forms import new_password, same_as, username_field
from dispatch.forms import Form, at_most, required
from dispatch.phones import is_landline, read_hotline
from dispatch.wards.fields import LAT_RANGE, LON_RANGE, ClockTime, Day, Degrees, in_range, read_day, whole_number

MOST_HOTLINES = 10
MOST_DAYS = 200


class FirstForm(Form):
    code = StringField(_l("Set-up code"), [required(), at_most(40)], render_kw={"autocomplete": "off"})
    ward_name = StringField(_l("Name of the ward"), [required(), at_most(80)])
    name = StringField(_l("Your name"), [required(), at_most(80)], render_kw={"autocomplete": "name"})
    username = username_field()
    password = new_password(_l("Password"))
    again = PasswordField(
        _l("Password once more"), [required(), same_as("password")], render_kw={"autocomplete": "new-password"}
    )


class WardForm(Form):
    name = StringField(_l("Name of the ward"), [required(), at_most(80)])
    city = StringField(_l("City or province"), [required(), at_most(80)])
    old_names = TextAreaField(_l("Old names"), [at_most(2000)], render_kw={"rows": 4})

    @property
    def names(self) -> list[str]:
        """Every old name once, in the order of the lines."""
        return list(dict.fromkeys(line.strip() for line in self.old_names.data.splitlines() if line.strip()))


class OfficeForm(Form):
    office_name = StringField(_l("Name of the office"), [at_most(120)])
    office_address = StringField(_l("Address of the office"), [required(), at_most(200)])
    office_lat = Degrees(_l("Latitude"), [required(), in_range(LAT_RANGE)], render_kw={"inputmode": "decimal"})
    office_lon = Degrees(_l("Longitude"), [required(), in_range(LON_RANGE)], render_kw={"inputmode": "decimal"})
    boundary_file = FileField(_l("Boundary of the ward as a GeoJSON file"), render_kw={"accept": ".geojson,.json"})
    boundary_text = TextAreaField(_l("Or paste the GeoJSON here"), render_kw={"rows": 3, "spellcheck": "false"})
    boundary_away = BooleanField(_l("Remove the boundary"))


class HoursForm(Form):
    office_hours = StringField(_l("Opening hours of the office"), [at_most(120)])
    morning = BooleanField(_l("Serve in the morning"))
    morning_start = StringField(_l("Morning from"), [ClockTime()])
    morning_end = StringField(_l("Morning until"), [ClockTime()])
    afternoon = BooleanField(_l("Serve in the afternoon"))
    afternoon_start = StringField(_l("Afternoon from"), [ClockTime()])
    afternoon_end = StringField(_l("Afternoon until"), [ClockTime()])
    people_wanted = whole_number(_l("Volunteers wanted a day"), 1, 200, InputRequired())
    bag_capacity = whole_number(_l("Dossiers that fit into one bag"), 1, 500, InputRequired())
    cutoff = StringField(_l("Cut-off for same-day results"), [ClockTime()])
    tell_by = StringField(_l("Callers are told their window by"), [ClockTime()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Half-days must have a length and not overlap: everything later is measured in them."""
        if not super().validate(extra_validators):
            return False
        if not (self.morning.data or self.afternoon.data):
            self.morning.errors = [_("At least one half-day is needed.")]
        for key in ("morning", "afternoon"):
            start, end = self[f"{key}_start"], self[f"{key}_end"]
            if self[key].data and start.data >= end.data:
                end.errors = [_("The end must be later than the start.")]
        if self.morning.data and self.afternoon.data and self.morning_end.data > self.afternoon_start.data:
            self.afternoon_start.errors = [_("The afternoon must begin after the morning has ended.")]
        return not self.errors


class ContactsForm(Form):
    hotlines = TextAreaField(_l("Hotline numbers"), [required(), at_most(400)], render_kw={"rows": 3})
    fanpage = StringField(_l("Address of the fanpage"), [Optional(), at_most(200)], render_kw={"inputmode": "url"})

    def validate_hotlines(self, field: TextAreaField) -> None:
        lines = [line.strip() for line in field.data.splitlines() if line.strip()]
        wrong = [line for line in lines if read_hotline(line) is None]
        if wrong:
            field.errors = [_("This number cannot be read: %(line)s", line=line) for line in wrong]
        if len(lines) > MOST_HOTLINES:
            field.errors = [_("Please keep to %(most)d numbers.", most=MOST_HOTLINES)]

    def validate_fanpage(self, field: StringField) -> None:
        if field.data and "://" not in field.data:
            field.data = f"https://{field.data}"
        if (field.data and not field.data.startswith(("https://", "http://"))) or " " in (field.data or ""):
            field.errors = [_("Please write an address like https://facebook.com/tenphuong.")]

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """(E.164, `landline` or `mobile`), each number once."""
        found = [read_hotline(line) for line in self.hotlines.data.splitlines() if line.strip()]
        return [(number, "landline" if is_landline(number) else "mobile") for number in dict.fromkeys(found) if number]


class ServiceForm(Form):
    service_on = Day(_l("First day of the service"), [Optional()])
    service_off = Day(_l("Last day of the service"), [Optional()])
    extra_holidays = TextAreaField(_l("Further days off"), [at_most(4000)], render_kw={"rows": 4})
    extra_workdays = TextAreaField(_l("Further working days"), [at_most(4000)], render_kw={"rows": 4})
    no_cash = BooleanField(_l("No cash at the door"))
    pay_how = StringField(_l("How citizens pay the fee instead"), [at_most(200)])

    def validate_service_off(self, field: Day) -> None:
        if field.data and self.service_on.data and field.data < self.service_on.data:
            field.errors = [_("The last day must not be before the first.")]

    def validate_extra_holidays(self, field: TextAreaField) -> None:
        _check_days(field)

    validate_extra_workdays = validate_extra_holidays

    def validate_pay_how(self, field: StringField) -> None:
        if self.no_cash.data and not field.data:
            field.errors = [_("Please write what the volunteer is to say, as no money is taken.")]


def _check_days(field: TextAreaField) -> None:
    lines = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
    wrong = [line for line in lines if read_day(line) is None]
    field.errors = [_("This is not a date like 31/12/2026: %(line)s", line=line[:40]) for line in wrong[:5]]
    if len(lines) > MOST_DAYS:
        field.errors = [_("Please keep to %(most)d days.", most=MOST_DAYS)]


def days_of(field: TextAreaField) -> list[str]:
    """The days of a checked field, ISO, each once, in order."""
    found = {read_day(line) for line in (field.data or "").splitlines() if line.strip()}
    return sorted(day.isoformat() for day in found if day)
