"""What a clerk should hear about an address before anybody rides: it lies elsewhere, or its street is not known."""

import json
from dataclasses import replace
from functools import lru_cache

import shapely
from flask_babel import gettext as _

from dispatch.wards.models import Ward
from routing.geo import Plane, Point
from routing.places.address import Address
from routing.places.elsewhere import elsewhere
from routing.places.gazetteer import Candidate
from routing.roads.boundary import Boundary

ELSEWHERE_SHARE = 0.2  # of the probability: few who name another ward mean a door of this one
BESIDE_M = 100.0  # as near to the boundary as this, the ward is not told apart from its neighbour


def named_elsewhere(ward: Ward, parts: Address) -> str:
    """The other ward, district or city that the words name; empty where they name none."""
    return elsewhere(parts, (ward.name, *ward.old_names), ward.city)


def outside_by_m(ward: Ward, point: Point, radius_m: int) -> int:
    """How far a position lies outside the boundary, in metres; 0 within it, near it, or where no boundary is set."""
    if not ward.boundary:
        return 0
    boundary = _boundary(json.dumps(ward.boundary))
    if boundary.contains(point):
        return 0
    plane = Plane(point)
    shape = shapely.transform(boundary.shape, lambda xy: plane.xy(xy[:, 1], xy[:, 0]))
    away = float(shape.distance(shapely.Point(0.0, 0.0)))
    return round(away) if away > max(BESIDE_M, radius_m) else 0


def judged(ward: Ward, found: list[Candidate]) -> list[Candidate]:
    """The map's answers, as far as they can be believed where the words name another ward or city."""
    if not any(named_elsewhere(ward, candidate.parts) for candidate in found):
        return found
    doors = [candidate for candidate in found if candidate.match_class != "area"]
    return [replace(candidate, probability=candidate.probability * ELSEWHERE_SHARE) for candidate in doors]


def warnings(ward: Ward, parts: Address, best: Candidate | None) -> tuple[str, ...]:
    """Sentences about an address and the best answer that the map has for it."""
    named = named_elsewhere(ward, parts)
    said = []
    if named:
        said.append(_("This address is in %(name)s, outside %(ward)s: please ask again.", name=named, ward=ward.name))
    elif parts.street and (best is None or best.instead_of or best.match_class == "area"):
        said.append(_("The map has no street named %(street)s: please ask again.", street=parts.street))
    elif best is not None and best.point and (away := outside_by_m(ward, best.point, best.radius_m)):
        said.append(_("This address lies outside %(ward)s, %(away)s m beyond it.", ward=ward.name, away=away))
    if best is not None and parts.errors and not best.instead_of:
        said.append(_("No street is written quite like this; taken for %(street)s.", street=parts.street))
    return tuple(map(str, said))


@lru_cache(maxsize=8)
def _boundary(text: str) -> Boundary:
    return Boundary.from_geojson(json.loads(text))
