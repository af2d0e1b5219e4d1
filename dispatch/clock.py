"""The clock as a port: business time may be offset (the demo), security time never is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app


def real_now() -> datetime:
    """Aware UTC from the machine; for tokens, sessions and leases."""
    return datetime.now(UTC)


@dataclass
class Clock:
    """Business time: the machine's clock plus a fixed offset, which phones are told."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return real_now() + self.offset


def now() -> datetime:
    """Aware UTC of the running application's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def local(moment: datetime, zone: str) -> datetime:
    """The moment as the ward's wall clocks show it."""
    return moment.astimezone(ZoneInfo(zone))


def at(day: date, seconds: int, zone: str) -> datetime:
    """UTC moment of so many seconds after the local midnight of a service date."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return (midnight + timedelta(seconds=seconds)).astimezone(UTC)


def seconds_into(day: date, moment: datetime, zone: str) -> int:
    """Whole seconds from the local midnight of `day` to `moment` (negative before it)."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int((moment - midnight).total_seconds())
