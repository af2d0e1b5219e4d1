"""What volunteers' own taps say about riding: from setting out to arriving, against what the map's table expects."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select

from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.taking_back import taken_back_in
from dispatch.places.models import Place
from dispatch.wards.map_store import current_map
from dispatch.wards.models import Ward
from routing.geo import Point
from routing.roads.pace import Ride

SINCE = timedelta(days=90)
MOST_EVENTS = 20_000
MOST_RIDES = 300
AT_ONCE = 60  # rides whose ways are searched together
STILL_THERE = timedelta(minutes=10)  # who sets out later than this after a door may have been elsewhere
AT_THE_DOOR = ("arrived", "done", "not_done")


@dataclass(frozen=True)
class Ridden:
    """From one spot to another, beginning at a moment, in so many seconds."""

    start: Point
    end: Point
    began_at: datetime
    took_s: float


def rides_of(ward: Ward) -> list[Ride]:
    """The newest rides of the last three months that can be trusted, each with its estimate."""
    ridden = sorted(_ridden(ward), key=lambda one: one.began_at)[-MOST_RIDES:]
    network = current_map(ward).network
    rides = []
    for first in range(0, len(ridden), AT_ONCE):
        part = ridden[first : first + AT_ONCE]
        legs = network.legs([point for one in part for point in (one.start, one.end)])[::2]
        rides += [
            Ride.of(leg, local(one.began_at, ward.timezone).hour, one.took_s)
            for one, leg in zip(part, legs, strict=True)
            if not leg.estimated and leg.duration_s
        ]
    return [ride for ride in rides if ride.plausible]


def _ridden(ward: Ward) -> Iterator[Ridden]:
    since = now() - SINCE
    rows = db.session.execute(
        select(Event.duty_id, Event.kind, Event.job_id, Event.occurred_at, Place.lat, Place.lon)
        .join(Job, Event.job_id == Job.id)
        .join(Place, Job.place_id == Place.id)
        .where(
            Event.ward_id == ward.id,
            Event.kind.in_(("set_out", *AT_THE_DOOR)),
            Event.actor_kind == "volunteer",
            Event.duty_id.is_not(None),
            Event.occurred_at >= since,
            Event.key.not_in(taken_back_in(ward.id)),
            Place.lat.is_not(None),
        )
        .order_by(Event.duty_id, Event.occurred_at, Event.device_seq)
        .limit(MOST_EVENTS)
    ).all()
    for _duty, taps in groupby(rows, key=lambda row: row.duty_id):
        yield from _of_one_duty(
            ward, [(tap.kind, tap.job_id, tap.occurred_at, Point(tap.lat, tap.lon)) for tap in taps]
        )


def _of_one_duty(ward: Ward, taps: list[tuple[str, int, datetime, Point]]) -> Iterator[Ridden]:
    here = Point(*ward.office) if ward.office else None
    left_at: datetime | None = None
    under_way: tuple[int, datetime, Point] | None = None
    for kind, job_id, moment, door in taps:
        if kind == "set_out":
            sure = here is not None and (left_at is None or moment - left_at <= STILL_THERE)
            under_way = (job_id, moment, here) if here is not None and sure else None
            continue
        if kind == "arrived" and under_way is not None and under_way[0] == job_id and under_way[2] != door:
            yield Ridden(under_way[2], door, under_way[1], (moment - under_way[1]).total_seconds())
        here, left_at, under_way = door, moment, None
