"""Reading .osm.pbf and .osm files, however large: only what lies in the area reaches Python."""

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import IdFilter, KeyFilter
from osmium.osm import ALL, WAY

from routing.geo import Point
from routing.roads import profile
from routing.roads.boundary import Boundary
from routing.roads.conditional import unread
from routing.roads.raw_map import (
    RULE_KEYS,
    WANTED_KEYS,
    MapFileError,
    NodeTable,
    RawArea,
    RawMap,
    RawTurn,
    Tags,
    Watch,
    is_turn_rule,
    is_wanted,
    worth_keeping,
)

LARGE_FILE_BYTES = 60_000_000  # beyond this the positions of all nodes are kept on disk, 16 bytes each
FARTHEST_E7 = 3_000_000  # 0.3 degrees: a way that begins farther than this from the area is not looked at
_TELL_EVERY = 2_000
_BYTES_PER_ELEMENT = 60  # of those that reach Python; only used to guess how far the reading is
_AREA_KEYS = {"natural", "landuse", "leisure", "waterway"}
_E7 = 1e7

Refs = list[tuple[int, int, int]]  # node id, latitude and longitude in 1e-7 degrees
Box = tuple[int, int, int, int]  # south, west, north, east in 1e-7 degrees


def read_osm(path: Path, area: Boundary | None, watch: Watch) -> RawMap:
    """Everything of the file that lies in the area (all of it without one); raises MapFileError.

    Positions of nodes are looked up and tags are sifted in C++, so that a country costs some minutes but little
    memory: the table of its nodes lies in a temporary file.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            large = path.stat().st_size > LARGE_FILE_BYTES
            storage = f"sparse_file_array,{folder}/nodes" if large else "flex_mem"
            return _Reading(path, area, watch).read(storage)
    except (RuntimeError, ValueError, OSError) as error:
        raise MapFileError(f"{path.name} is not an OpenStreetMap file that can be read.") from error


@dataclass
class _Reading:
    path: Path
    area: Boundary | None
    watch: Watch
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    lats: "array[int]" = field(default_factory=lambda: array("q"))
    lons: "array[int]" = field(default_factory=lambda: array("q"))
    barriers: list[int] = field(default_factory=list)
    unread: int = 0

    def read(self, storage: str) -> RawMap:
        nodes: list[tuple[Point, Tags]] = []
        ways: list[tuple[int, Tags, list[int]]] = []
        areas: list[RawArea] = []
        turns: list[RawTurn] = []
        elements = osmium.FileProcessor(str(self.path), ALL).with_locations(storage)
        for element in self._watched(elements.with_filter(KeyFilter(*WANTED_KEYS, *RULE_KEYS, "name"))):
            if element.is_node():
                nodes += self._node(element)
            elif element.is_way():
                wanted = self._near(element) and is_wanted(element.tags)
                refs = [(node.ref, node.y, node.x) for node in element.nodes] if wanted else []
                if self._keep(refs):
                    ways.append((element.id, dict(element.tags), [ref for ref, _, _ in refs]))
            elif is_turn_rule(element.tags):
                turns.append(RawTurn.of(dict(element.tags), ((m.type, m.role, m.ref) for m in element.members)))
            elif _AREA_KEYS & {tag.k for tag in element.tags}:
                outer = tuple(m.ref for m in element.members if m.type == "w" and m.role != "inner")
                areas.append(RawArea(dict(element.tags), outer))
        self.watch.tell(0.65, "read_areas")
        outlines = self._outlines(elements.node_location_storage, {way for one in areas for way in one.outer})
        table = NodeTable(self.ids, self._degrees(self.lats), self._degrees(self.lons), self.area)
        raw = RawMap(table, nodes, areas=areas, turns=turns, barriers=self.barriers, unread=self.unread)
        raw.ways = [way for row in ways if (way := table.way(*row))]
        raw.outlines = [way for row in outlines if (way := table.way(*row))]
        return raw

    def _watched(self, elements: Iterable[Any]) -> Iterator[Any]:
        expected = max(1, self.path.stat().st_size // _BYTES_PER_ELEMENT)
        for count, element in enumerate(elements):
            if count % _TELL_EVERY == 0:
                code = "read_nodes" if element.is_node() else "read_ways"
                self.watch.tell(0.65 * min(1.0, count / expected), code)
            yield element

    @property
    def _box(self) -> Box:
        south, west, north, east = self.area.box if self.area else (-90.0, -180.0, 90.0, 180.0)
        return round(south * _E7), round(west * _E7), round(north * _E7), round(east * _E7)

    def _node(self, node: Any) -> list[tuple[Point, Tags]]:
        point = Point(node.lat, node.lon)
        if self.area and not self.area.contains(point):
            return []
        tags = dict(node.tags)
        if profile.stops(tags):
            self.barriers.append(node.id)
        self.unread += unread(tags) if "barrier" in tags else 0
        return [(point, tags)] if worth_keeping(tags) else []

    def _near(self, way: Any) -> bool:
        if self.area is None:
            return True
        if not len(way.nodes):
            return False
        south, west, north, east = self._box
        y, x, far = int(way.nodes[0].y), int(way.nodes[0].x), FARTHEST_E7
        return south - far <= y <= north + far and west - far <= x <= east + far

    def _keep(self, refs: Refs) -> bool:
        """Remember the positions of a way's nodes when any of them lies in the box."""
        south, west, north, east = self._box
        inside = [one for one in refs if south <= one[1] <= north and west <= one[2] <= east]
        for ref, y, x in inside:
            self.ids.append(ref)
            self.lats.append(y)
            self.lons.append(x)
        return bool(inside)

    def _outlines(self, positions: Any, wanted: set[int]) -> list[tuple[int, Tags, list[int]]]:
        """The sides of multipolygons, which have no tags of their own."""
        if not wanted:
            return []
        rows: list[tuple[int, Tags, list[int]]] = []
        ways: Iterable[Any] = osmium.FileProcessor(str(self.path), WAY).with_filter(IdFilter(wanted))
        for way in ways:
            refs: Refs = []
            for node in way.nodes:
                try:
                    at = positions.get(node.ref)
                except KeyError:
                    continue
                refs.append((node.ref, at.y, at.x))
            if self._keep(refs):
                rows.append((way.id, {}, [node.ref for node in way.nodes]))
        return rows

    @staticmethod
    def _degrees(values: "array[int]") -> list[float]:
        return [value / _E7 for value in values]
