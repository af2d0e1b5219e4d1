"""The map as it is ridden on a day: at the measured pace, without what staff closed, slower where they said so.

Changes are kept by where they lie, and laid over whichever map is in force.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from dispatch.clock import now
from dispatch.database import db
from dispatch.wards.map_store import LoadedMap, current_map
from dispatch.wards.models import RoadChange, RoadPace, Ward
from routing.geo import Point
from routing.roads.changes import Change, with_changes
from routing.roads.pace import with_pace

MOST = 200  # changes that hold at one time; more would be a new map
SHOWN_BEFORE = timedelta(days=14)


def map_of_day(ward: Ward, day: date) -> LoadedMap:
    """The ward's map as it is ridden on this day: what is closed or slow at any time of it, from now on, counts."""
    begin, end = _span(ward, day)
    changes = holding(ward.id, max(begin, now()), end)
    plain, pace = current_map(ward), pace_in_force(ward.id)
    factors = tuple(sorted(pace.factors.items())) if pace else ()
    hours = {int(hour): factor for hour, factor in pace.hours.items()} if pace else {}
    if changes or factors:
        plain = _ridden(plain, factors, tuple((change.id, change.made_at) for change in changes))
    return replace(plain, hours=hours) if hours else plain


def pace_in_force(ward_id: int) -> RoadPace | None:
    """The pace that somebody chose last, or None where the table's speeds were never left."""
    rows = select(RoadPace).where(RoadPace.ward_id == ward_id).order_by(RoadPace.id.desc())
    return db.session.scalars(rows.limit(1)).first()


def _span(ward: Ward, day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight."""
    midnight = datetime.combine(day, time(), ZoneInfo(ward.timezone))
    return midnight, midnight + timedelta(days=1)


def holding(ward_id: int, begin: datetime, end: datetime) -> list[RoadChange]:
    """Changes that hold at some time from `begin` until `end`."""
    rows = select(RoadChange).where(
        RoadChange.ward_id == ward_id,
        RoadChange.lifted_at.is_(None),
        RoadChange.starts_at < end,
        or_(RoadChange.ends_at.is_(None), RoadChange.ends_at > begin),
    )
    return list(db.session.scalars(rows.order_by(RoadChange.id).limit(MOST)))


def shown(ward_id: int) -> list[RoadChange]:
    """What holds now or will, and for two weeks what no longer does; the newest first."""
    since = now() - SHOWN_BEFORE
    rows = select(RoadChange).where(
        RoadChange.ward_id == ward_id,
        or_(RoadChange.lifted_at.is_(None), RoadChange.lifted_at > since),
        or_(RoadChange.ends_at.is_(None), RoadChange.ends_at > since),
    )
    return list(db.session.scalars(rows.order_by(RoadChange.id.desc()).limit(MOST)))


def changed_since(ward: Ward, day: date, since: datetime) -> bool:
    """Whether a street was closed, slowed or opened for this day after that moment."""
    begin, end = _span(ward, day)
    rows = select(RoadChange.id).where(
        RoadChange.ward_id == ward.id,
        or_(RoadChange.made_at > since, RoadChange.lifted_at > since),
        RoadChange.starts_at < end,
        or_(RoadChange.ends_at.is_(None), RoadChange.ends_at > begin),
    )
    return db.session.scalar(rows.limit(1)) is not None


@lru_cache(maxsize=8)
def _ridden(
    plain: LoadedMap, factors: tuple[tuple[str, float], ...], keys: tuple[tuple[int, datetime], ...]
) -> LoadedMap:
    # The time it was made is part of the key: a restored database may use a number again.
    rows = db.session.scalars(select(RoadChange).where(RoadChange.id.in_([id for id, _ in keys])).limit(MOST)).all()
    changes = [
        Change(tuple(tuple(Point(*spot) for spot in line) for line in row.lines), row.speed_percent / 100)
        for row in rows
    ]
    network = with_pace(plain.network, dict(factors))
    return replace(plain, network=with_changes(network, changes) if changes else network)
