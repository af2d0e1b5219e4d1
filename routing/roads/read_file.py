"""Reading .osm.pbf and .osm files, however large: only what lies in the area is kept in memory."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import IdFilter, KeyFilter
from osmium.osm import NODE, RELATION, WAY

from routing.geo import Point
from routing.roads.boundary import Boundary
from routing.roads.raw_map import (
    WANTED_KEYS,
    MapFileError,
    NodeTable,
    RawArea,
    RawMap,
    RawWay,
    Tags,
    Watch,
    worth_keeping,
)

_TELL_EVERY = 50_000
_BYTES_PER_NODE = 12  # in a .pbf; only used to guess how far the reading is
_E7 = 1e7


def read_osm(path: Path, area: Boundary | None, watch: Watch) -> RawMap:
    """Everything of the file that lies in the area (all of it without one); raises MapFileError.

    The file is read once for its nodes and once or twice for ways and areas, so that a country costs time but
    no memory.
    """
    try:
        raw = _nodes(path, area, watch)
        raw.ways = list(_ways(raw, _elements(path, WAY, KeyFilter(*WANTED_KEYS)), watch, 0.5))
        watch.tell(0.65, "read_areas")
        raw.areas = [
            RawArea(dict(relation.tags), outer)
            for relation in _elements(path, RELATION, KeyFilter("natural", "landuse", "leisure", "waterway"))
            if (outer := tuple(m.ref for m in relation.members if m.type == "w" and m.role != "inner"))
        ]
        sides = {way for area_ in raw.areas for way in area_.outer}
        if sides:
            raw.outlines = list(_ways(raw, _elements(path, WAY, IdFilter(sides)), watch, 0.7))
    except (RuntimeError, ValueError, OSError) as error:
        raise MapFileError(f"{path.name} is not an OpenStreetMap file that can be read.") from error
    return raw


def _elements(path: Path, kind: Any, keep: Any = None) -> Iterator[Any]:
    """Elements of one kind; filters run in C++, which is what makes a country bearable."""
    elements = osmium.FileProcessor(str(path), kind)
    return iter(elements.with_filter(keep) if keep else elements)


def _nodes(path: Path, area: Boundary | None, watch: Watch) -> RawMap:
    """First pass: where the nodes are, and the tagged ones among them."""
    south, west, north, east = area.box if area else (-90.0, -180.0, 90.0, 180.0)
    box = [round(value * _E7) for value in (south, west, north, east)]
    expected = max(1, path.stat().st_size // _BYTES_PER_NODE)
    ids, lats, lons = array("q"), array("d"), array("d")
    tagged: list[tuple[Point, Tags]] = []
    for count, node in enumerate(_elements(path, NODE)):
        if count % _TELL_EVERY == 0:
            watch.tell(0.5 * min(1.0, count / expected), "read_nodes")
        location = node.location
        y, x = location.y, location.x
        if box[0] <= y <= box[2] and box[1] <= x <= box[3]:
            ids.append(node.id)
            lats.append(y / _E7)
            lons.append(x / _E7)
            if len(node.tags) and worth_keeping(tags := dict(node.tags)):
                tagged.append((Point(y / _E7, x / _E7), tags))
    kept = [(point, tags) for point, tags in tagged if area is None or area.contains(point)]
    return RawMap(NodeTable(ids, lats, lons, area), kept)


def _ways(raw: RawMap, ways: Iterator[Any], watch: Watch, done: float) -> Iterator[RawWay]:
    for count, way in enumerate(ways):
        if count % _TELL_EVERY == 0:
            watch.tell(done, "read_ways")
        found = raw.points.way(way.id, dict(way.tags), (node.ref for node in way.nodes))
        if found:
            yield found
