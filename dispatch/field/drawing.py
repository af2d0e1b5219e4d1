"""A volunteer's route for the map on the phone: GeoJSON as `static/js/map-routes.js` reads it."""

from flask_babel import gettext as _

from dispatch.field.route import Door, Route
from dispatch.pages import show_time
from dispatch.planning.drawing import Feature, collection, lines_of, office_of, point
from dispatch.wards.models import Ward


def draw_route(ward: Ward, route: Route) -> Feature:
    """The office, the line to ride, and the doors that are left. No names: the list beside it has them."""
    lines = lines_of(route.planned) if route.planned else []
    return collection([*office_of(ward), *lines, *(one for door in route.doors for one in _door(route, door))])


def _door(route: Route, door: Door) -> list[Feature]:
    place = door.job.place
    if place is None or place.point is None:
        return []
    expected = door.expected.arrives_at if door.expected else None
    properties = {
        "kind": "stop",
        "route": route.planned.position if route.planned else 0,
        "number": str(door.number),
        "title": place.spoken,
        "lines": [_("There at about %(time)s", time=show_time(expected))],
        "url": f"#door-{door.job.public_id}",
    }
    return [point(place.point, properties)]
