"""The ward's map with what its people have learned: a pin that was confirmed improves its whole street.

Pins stand in the ward's own rows by the words of the address, so that a new map loses none of them.
"""

from functools import lru_cache

from sqlalchemy import func, select

from dispatch.database import db
from dispatch.places.models import Place, PlacePin
from dispatch.wards.map_store import current_map, map_in_force
from dispatch.wards.models import Ward
from routing.geo import Point
from routing.places.gazetteer import Gazetteer, Pin
from routing.places.neighbourhoods import AreaSpot

MOST_PINS = 20_000
KEPT_IN_MEMORY = 8
Version = tuple[str, int | None, int, int]


def learned_gazetteer(ward: Ward) -> Gazetteer:
    """Streets and numbers of the map in force, with the confirmed pins of the ward laid over them."""
    plain = current_map(ward).gazetteer
    return _learned(ward.id, _version(ward), plain)


def _version(ward: Ward) -> Version:
    """Changes whenever a pin is set or forgotten, or another map comes in."""
    newest = map_in_force(ward.id)
    pins = select(func.count(PlacePin.id), func.max(PlacePin.id)).where(PlacePin.ward_id == ward.id).limit(1)
    count, last = db.session.execute(pins).one()
    return ward.public_id, newest.id if newest else None, count, last or 0


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _learned(ward_id: int, _version: Version, plain: Gazetteer) -> Gazetteer:
    confirmed = select(Place.parts, Place.lat, Place.lon).where(
        Place.ward_id == ward_id, Place.match_class == "confirmed", Place.lat.is_not(None)
    )
    rows = db.session.execute(confirmed.order_by(Place.id.desc()).limit(MOST_PINS)).all()
    known = [(parts, Point(lat, lon)) for parts, lat, lon in reversed(rows) if lat is not None and lon is not None]
    pins = (
        Pin(parts["street"], tuple(parts.get("alley") or ()), parts["number"], point)
        for parts, point in known
        if parts.get("street") and parts.get("number")
    )
    spots = [AreaSpot(parts.get("group", ""), parts.get("ward", ""), point) for parts, point in known]
    return plain.with_pins(pins, (spot for spot in spots if spot.group or spot.ward))
