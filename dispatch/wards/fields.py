"""Fields of the set-up pages: times, whole numbers, degrees and days, each with a sentence of its own when wrong."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FloatField, IntegerField, SelectChoice
from wtforms.validators import NumberRange, ValidationError

LAT_RANGE = (7.0, 24.0)  # Việt Nam with its islands
LON_RANGE = (102.0, 118.0)


class ClockTime:
    """A time of day as people write it (`7:30`, `7h30`, `07.30`, `7h`); the field's data becomes `07:30`."""

    def __call__(self, form: Any, field: Any) -> None:
        found = re.fullmatch(r"(\d{1,2})(?:\s*[:.hg]\s*(\d{2})?)?", (field.data or "").lower(), re.ASCII)
        hours, minutes = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
        if hours > 23 or minutes > 59:
            raise ValidationError(_l("Please write a time like 07:30."))
        field.data = f"{hours:02d}:{minutes:02d}"


def whole_number(label: Any, least: int, most: int, *rules: Any, **options: Any) -> "WholeNumber":
    """A number from `least` to `most`; anything else gets a sentence with both."""
    message = _l("Please write a whole number from %(min)d to %(max)d.", min=least, max=most)
    limits = {"min": least, "max": most, **options.pop("render_kw", {})}
    return WholeNumber(
        label, [*rules, NumberRange(least, most, message=message)], message=message, render_kw=limits, **options
    )


class WholeNumber(IntegerField):
    def __init__(self, label: Any = None, validators: Any = None, *, message: Any = "", **options: Any) -> None:
        self.message = message
        super().__init__(label, validators, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            if not re.fullmatch(r"\s*-?\d{1,9}\s*", valuelist[0], re.ASCII):
                raise ValueError(self.message)
            self.data = int(valuelist[0])


class Degrees(FloatField):
    """Latitude or longitude, with a point or a comma."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = float(valuelist[0].strip().replace(",", "."))
            except ValueError as error:
                raise ValueError(_l("Please write degrees like 16.0678.")) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.6f}"


def in_range(limits: tuple[float, float]) -> NumberRange:
    return NumberRange(*limits, message=_l("This position is not in Việt Nam. Please set the pin on the map."))


class Day(DateField):
    """A date from the browser's calendar; years that a database can hold and a ward can mean."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = read_day(valuelist[0])
            if self.data is None:
                raise ValueError(_l("Please write a date like 31/12/2026."))


def choices_of(labels: Mapping[Any, Any]) -> list[SelectChoice]:
    """The options of a select field, from {value: label}."""
    return [SelectChoice(str(value), label) for value, label in labels.items()]


def read_day(text: str) -> date | None:
    """`2026-12-31` or `31/12/2026`; None where it is no date of 2000 to 2100."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            day = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 a date has no zone
        except ValueError:
            continue
        return day if 2000 <= day.year <= 2100 else None
    return None
