"""Working days and promised dates. Public holidays and swapped days come from `holidays` (VN); a ward adds its own."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays

from dispatch.clock import local, seconds_into
from dispatch.dossiers.catalogue import Procedure
from dispatch.wards.models import Ward, clock_seconds


@lru_cache(maxsize=16)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=[year])


def is_working_day(ward: Ward, day: date) -> bool:
    """Monday to Friday but for public holidays, plus Saturdays that the decree swapped in; the ward's own dates win."""
    if day.isoformat() in ward.extra_workdays:
        return True
    if day.isoformat() in ward.extra_holidays:
        return False
    return bool(_calendar(day.year).is_working_day(day))


def add_working_days(ward: Ward, day: date, count: int) -> date:
    """The working day that many working days after `day` (0: that day, or the next working day)."""
    while not is_working_day(ward, day):
        day += timedelta(days=1)
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working_day(ward, day):
            day += timedelta(days=1)
    return day


def next_working_day(ward: Ward, day: date) -> date:
    """The first working day after `day`."""
    return add_working_days(ward, day + timedelta(days=1), 0)


def promised_on(ward: Ward, procedure: Procedure, received_at: datetime, *, verified: bool = False) -> date:
    """The date on the slip (Mẫu 01): the clock starts at the office, and same-day work ends at the cut-off."""
    day = local(received_at, ward.timezone).date()
    if procedure.same_day and not verified:
        cutoff = clock_seconds(procedure.cutoff or ward.cutoff)
        late = seconds_into(day, received_at, ward.timezone) > cutoff
        return add_working_days(ward, day, 1 if late else 0)
    days = procedure.working_days
    if verified and procedure.working_days_verified:
        days = procedure.working_days_verified
    return add_working_days(ward, day, days)
