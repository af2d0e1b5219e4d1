"""What the phone needs to tell the times by itself, each minute and without a network (`static/js/field-eta.js`)."""

from datetime import datetime
from typing import Any

from dispatch.database import db
from dispatch.field.expected import AT_A_DOOR, Said
from dispatch.field.route import Door, Route
from dispatch.planning.figures import duration_patterns
from dispatch.wards.models import Ward


def times_of(route: Route) -> dict[str, Any]:
    """The doors in riding order and what was said; moments are milliseconds since 1970."""
    zone = db.session.get_one(Ward, route.duty.ward_id).timezone
    return {
        "zone": zone,
        "words": duration_patterns(),
        "said": said_in_ms(route.said),
        "doors": [door_in_ms(door) for door in route.doors],
    }


def said_in_ms(said: Said) -> dict[str, Any]:
    spot = said.spot
    return {
        "pauses": [[_ms(start), _ms(end)] for start, end in said.pauses],
        "late_at": _ms(said.late_at),
        "late_s": said.late_s,
        "spot": {"at": _ms(spot.at), "lat": spot.lat, "lon": spot.lon} if spot else None,
    }


def door_in_ms(door: Door) -> dict[str, Any]:
    job, stop = door.job, door.stop
    service = stop.leaves_at - stop.starts_at if stop else AT_A_DOOR
    return {
        "id": job.public_id,
        "state": job.state,
        "set_out": _ms(job.set_out_at),
        "arrived": _ms(job.arrived_at),
        "start": _ms(job.promised_start),
        "from": _ms(job.promised_start or job.window_start),
        "end": _ms(job.promised_end or job.window_end),
        "planned": _ms(stop.arrives_at) if stop else None,
        "trip": stop.trip if stop else None,
        "travel_ms": 1000 * stop.travel_s if stop else 0,
        "distance_m": stop.distance_m if stop else 0,
        "service_ms": round(1000 * service.total_seconds()),
        "place": job.place.point if job.place else None,
    }


def _ms(moment: datetime | None) -> int | None:
    return round(1000 * moment.timestamp()) if moment else None
