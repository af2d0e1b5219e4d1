"""The clock as a port: business time may be offset (the demo), security time never is."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from flask import current_app


def real_now() -> datetime:
    """Aware UTC from the machine; for tokens, sessions and leases."""
    return datetime.now(UTC)


@dataclass
class Clock:
    """Business time: the machine's clock plus a fixed offset, which phones are told."""

    offset: timedelta = timedelta(0)
    _last: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False, repr=False)
    _ticking: Lock = field(default_factory=Lock, init=False, repr=False)

    def now(self) -> datetime:
        return real_now() + self.offset

    def tick(self) -> datetime:
        """Now, but later than every tick before: some machines' clocks stand still for milliseconds."""
        with self._ticking:
            moment = self.now()
            if timedelta(0) <= self._last - moment < timedelta(seconds=1):
                moment = self._last + timedelta(microseconds=1)
            self._last = moment
            return moment


def now() -> datetime:
    """Aware UTC of the running application's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def tick() -> datetime:
    """As `now`, but never the same moment twice."""
    clock: Clock = current_app.extensions["clock"]
    return clock.tick()


def local(moment: datetime, zone: str) -> datetime:
    """The moment as the ward's wall clocks show it."""
    return moment.astimezone(ZoneInfo(zone))


def today_in(zone: str) -> date:
    """The day on the ward's wall clocks."""
    return local(now(), zone).date()


def at(day: date, seconds: int, zone: str) -> datetime:
    """UTC moment of so many seconds after the local midnight of a service date."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return (midnight + timedelta(seconds=seconds)).astimezone(UTC)


def seconds_into(day: date, moment: datetime, zone: str) -> int:
    """Whole seconds from the local midnight of `day` to `moment` (negative before it)."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int((moment - midnight).total_seconds())
