"""The base map as GeoJSON that MapLibre draws without any outside server.

One FeatureCollection; each feature has a property `layer`: boundary, water, green, road, house. Roads, water and
green carry their `name`, roads their `class` (one of `profile.ROAD_CLASSES`, or `foot`), houses their `number`.
Coordinates have 6 digits (0.1 m).
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry import LineString, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import polygonize

from routing.geo import Point
from routing.places.text import nfc
from routing.roads.boundary import Boundary
from routing.roads.network import RoadNetwork
from routing.roads.profile import ROAD_CLASSES
from routing.roads.raw_map import NodeTable, RawMap, RawWay, Tags

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
_DIGITS = 6
_GREEN = {
    "leisure": {"park", "garden", "pitch", "golf_course", "nature_reserve", "stadium", "playground"},
    "landuse": {"grass", "forest", "meadow", "recreation_ground", "cemetery", "village_green", "orchard"},
    "natural": {"wood", "grassland", "scrub", "heath"},
}
_WATER = {"natural": {"water", "bay", "coastline"}, "waterway": {"river", "riverbank", "canal", "stream", "dock"}}

Feature = dict[str, Any]


@dataclass(frozen=True)
class Basemap:
    """Features to draw. `attribution` must be shown with them."""

    features: list[Feature]
    attribution: str = ATTRIBUTION

    def to_geojson(self) -> dict[str, Any]:
        """One FeatureCollection for MapLibre, `attribution` as a member of its own."""
        return {"type": "FeatureCollection", "attribution": self.attribution, "features": self.features}

    def to_bytes(self) -> bytes:
        """The GeoJSON, gzipped: may be served as it is with `Content-Encoding: gzip`."""
        text = json.dumps(self.to_geojson(), ensure_ascii=False, separators=(",", ":"))
        return gzip.compress(text.encode(), mtime=0)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Basemap":
        """Inverse of `to_bytes`; raises ValueError when `data` is not such a file."""
        try:
            stored = json.loads(gzip.decompress(data))
            return cls(stored["features"], stored["attribution"])
        except (OSError, EOFError, LookupError, TypeError) as error:
            raise ValueError("These bytes are not a saved base map.") from error


def feature(layer: str, geometry: BaseGeometry, **properties: Any) -> Feature:
    """One feature with rounded coordinates."""
    rounded = _rounded(mapping(geometry))
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": rounded}


def road_features(network: RoadNetwork) -> list[Feature]:
    """Every known edge of the network as a line with its street's name."""
    features = []
    for edge in np.flatnonzero(~network.is_link).tolist():
        name = int(network.edges.name[edge])
        properties = {"class": ROAD_CLASSES[int(network.edges.road_class[edge])]}
        if name >= 0:
            properties["name"] = network.names[name]
        features.append(feature("road", _line(network.edge_points(edge)), **properties))
    return features


def draw(raw: RawMap, network: RoadNetwork, houses: Iterable[tuple[str, Point]], area: Boundary | None) -> Basemap:
    """The base map of imported data, in the order in which it is painted."""
    features = [feature("boundary", area.shape)] if area else []
    features += _surfaces(raw, "green", _GREEN) + _surfaces(raw, "water", _WATER)
    features += [
        feature("road", _line([raw.points[i] for i in run]), **{"class": "foot"})
        for way in raw.ways
        if way.tags.get("highway") in ("footway", "path", "steps", "pedestrian")
        for run in way.runs
    ]
    features += road_features(network)
    features += house_features(houses)
    return Basemap(features)


def house_features(houses: Iterable[tuple[str, Point]]) -> list[Feature]:
    """A point for every house number."""
    return [
        {
            "type": "Feature",
            "properties": {"layer": "house", "number": number},
            "geometry": {"type": "Point", "coordinates": [round(point.lon, _DIGITS), round(point.lat, _DIGITS)]},
        }
        for number, point in houses
    ]


def _surfaces(raw: RawMap, layer: str, kinds: dict[str, set[str]]) -> list[Feature]:
    """Closed ways and multipolygons as areas; a river that is only a line, or cut by the edge, as lines."""
    features = []
    for way in raw.ways:
        if _is(way.tags, kinds):
            features += [feature(layer, shape, **_named(way.tags)) for shape in _shapes(raw.points, way)]
    by_id = {way.id: way for way in raw.outlines}
    for area in raw.areas:
        if _is(area.tags, kinds):
            sides = [by_id[way] for way in area.outer if way in by_id]
            rings = [_line([raw.points[i] for i in run]) for way in sides for run in way.runs]
            areas = [orient(polygon) for polygon in polygonize(rings)]
            whole = areas and all(way.whole for way in sides) and len(sides) == len(area.outer)
            features += [feature(layer, shape, **_named(area.tags)) for shape in (areas if whole else rings)]
    return features


def _named(tags: Tags) -> dict[str, str]:
    return {"name": nfc(tags["name"])} if "name" in tags else {}


def _shapes(points: NodeTable, way: RawWay) -> list[BaseGeometry]:
    lines = [[points[i] for i in run] for run in way.runs]
    if way.closed:
        return [orient(Polygon([(p.lon, p.lat) for p in lines[0]]))]
    return [_line(line) for line in lines]


def _is(tags: Tags, kinds: dict[str, set[str]]) -> bool:
    return any(tags.get(key) in values for key, values in kinds.items())


def _line(points: Sequence[Point]) -> LineString:
    return LineString([(point.lon, point.lat) for point in points])


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list | tuple) else value
