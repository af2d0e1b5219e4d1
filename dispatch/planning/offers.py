"""Windows that the hotline may offer: those that one more job can be put into, with the plans in force.

Where no plan is in force yet there is nothing to offer; then the sentence is "we will tell you by ...".
"""

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.clock import at, local, now
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.working_days import is_working_day, next_working_day
from dispatch.wards.models import Ward, clock_seconds


@dataclass(frozen=True)
class OfferedWindow:
    """From when to when (aware UTC) somebody can come on a service date."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Offers:
    """Windows that will hold, in order of time; where there is none, until when the ward tells one (aware UTC)."""

    windows: list[OfferedWindow]
    tell_by: datetime | None


def offers_for(ward: Ward, point: tuple[float, float] | None, leg: str, procedure: Procedure) -> Offers:
    """Windows of today's rest and the next working day that can be kept for one more job at this door.

    `point` is (latitude, longitude), or None while the pin is missing; `leg` is `collect` or `return`.
    """
    return Offers([], tell_by(ward))


def tell_by(ward: Ward) -> datetime:
    """When a caller whose window is still open will have been told: at the ward's hour, on a working day."""
    moment = now()
    day = local(moment, ward.timezone).date()
    hour_s = clock_seconds(ward.tell_by)
    if not is_working_day(ward, day) or at(day, hour_s, ward.timezone) <= moment:
        day = next_working_day(ward, day)
    return at(day, hour_s, ward.timezone)
