"""Reading a ward's boundary from GeoJSON that somebody uploads or pastes."""

import json
from typing import Any

from flask_babel import gettext as _
from shapely.errors import ShapelyError
from werkzeug.datastructures import FileStorage

from dispatch.wards.fields import LAT_RANGE, LON_RANGE
from routing.roads.boundary import Boundary

LARGEST_DEGREES = 2.0  # no ward or commune is wider
TOLERANCE_DEGREES = 5e-5  # about 5 m: finer lines only make every page slower


class NoBoundary(ValueError):
    """The text is no boundary of a ward; the message says so to the person who gave it."""


def read_boundary(file: FileStorage | None, pasted: str | None) -> dict[str, Any] | None:
    """The boundary as a GeoJSON geometry, or None where nothing was given. Raises NoBoundary with a sentence."""
    text = file.read().decode("utf-8", "replace") if file else (pasted or "")
    if not text.strip():
        return None
    try:
        shape = Boundary.from_geojson(json.loads(text)).shape
        boundary = Boundary(shape.simplify(TOLERANCE_DEGREES))
        south, west, north, east = boundary.box
    except (ValueError, TypeError, RecursionError, ShapelyError) as error:
        raise NoBoundary(_("This is not a boundary in GeoJSON: a polygon in degrees is needed.")) from error
    inside = LAT_RANGE[0] <= south <= north <= LAT_RANGE[1] and LON_RANGE[0] <= west <= east <= LON_RANGE[1]
    if not inside or max(north - south, east - west) > LARGEST_DEGREES:
        raise NoBoundary(_("This boundary does not lie in Việt Nam, or is larger than any ward."))
    return boundary.to_geojson()
