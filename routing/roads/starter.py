"""The starter map of Thọ Quang: its main streets from a list of facts, until real map data is imported.

Data in `data/tho_quang_streets.csv`, © OpenStreetMap contributors, ODbL 1.0. The lines are simplified: some end a few
dozen metres short of the street they meet, and are led up to it. Wider gaps are bridged by links, over which every
travel time is an estimate.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import resources
from itertools import combinations

import shapely
from scipy.cluster.hierarchy import DisjointSet
from shapely.geometry import LineString
from shapely.geometry import Point as Spot
from shapely.ops import nearest_points

from routing.geo import Plane, Point
from routing.places.gazetteer import Gazetteer
from routing.places.street import Street
from routing.roads.basemap import Basemap, feature, road_features
from routing.roads.boundary import Boundary
from routing.roads.build import Way, build_network
from routing.roads.osm import MapImport
from routing.roads.profile import Ride
from routing.roads.report import Source, make_report

JOIN_M = 60.0  # ends nearer than this to another street meet it
MAIN_STREET_M = 1000.0  # the list does not say how wide a street is; a long one is a main one

XY = tuple[float, float]


def starter_map(boundary: Boundary | None = None) -> MapImport:
    """The same result as an import, from the list of streets that comes with the product."""
    known, names = _read()
    plane = Plane(known[names[0]][0] if names[0] in known else Point(16.1, 108.25))
    sketch = _Sketch({name: _flat(plane, line) for name, line in known.items()})
    sketch.cross()
    sketch.meet()
    sketch.bridge()
    points, ways = sketch.ways(plane)
    network = build_network(points, ways)
    streets = [Street(name, [known[name]] if name in known else []) for name in names]
    gazetteer = Gazetteer(streets)
    drawn = [feature("boundary", boundary.shape)] if boundary else []
    basemap = Basemap([*drawn, *road_features(network)])
    return MapImport(network, gazetteer, basemap, make_report(network, gazetteer, Source(len(ways), len(points))))


def _read() -> tuple[dict[str, list[Point]], list[str]]:
    """Centre lines by street name, and all names."""
    file = resources.files("routing.roads") / "data" / "tho_quang_streets.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    lines = {
        row["name"]: [Point(*map(float, pair.split(","))) for pair in row["points"].split()]
        for row in rows
        if row["points"]
    }
    return lines, [row["name"] for row in rows]


def _flat(plane: Plane, line: list[Point]) -> LineString:
    return LineString(plane.xy([p.lat for p in line], [p.lon for p in line]))


@dataclass
class _Sketch:
    """Lines in metres and the spots where they meet: `stops[name]` are the spots on a line, anywhere along it."""

    lines: dict[str, LineString]
    stops: dict[str, list[XY]] = field(default_factory=lambda: defaultdict(list))
    links: list[tuple[XY, XY]] = field(default_factory=list)
    joined: DisjointSet = field(init=False)

    def __post_init__(self) -> None:
        self.joined = DisjointSet(self.lines)

    def cross(self) -> None:
        """Streets meet where their lines cross."""
        for a, b in combinations(self.lines, 2):
            crossing = shapely.intersection(self.lines[a], self.lines[b])
            for part in shapely.get_parts(crossing):
                if not part.is_empty:
                    self._stop((part.centroid.x, part.centroid.y), a, b)

    def meet(self) -> None:
        """An end that comes near another street is led up to it."""
        for name in self.lines:
            for last in (False, True):
                end = Spot(self.lines[name].coords[-1 if last else 0])
                others = [other for other in self.lines if other != name]
                nearest = min(others, key=lambda other: self.lines[other].distance(end))
                if 0 < self.lines[nearest].distance(end) <= JOIN_M:
                    on = nearest_points(self.lines[nearest], end)[0]
                    self._lead(name, last, (on.x, on.y))
                    self._stop((on.x, on.y), nearest, name)

    def bridge(self) -> None:
        """Pieces that are still apart are linked over the narrowest gap."""
        while self.joined.n_subsets > 1:
            pairs = [p for p in combinations(self.lines, 2) if not self.joined.connected(*p)]
            a, b = min(pairs, key=lambda pair: self.lines[pair[0]].distance(self.lines[pair[1]]))
            on_a, on_b = nearest_points(self.lines[a], self.lines[b])
            self.stops[a].append((on_a.x, on_a.y))
            self.stops[b].append((on_b.x, on_b.y))
            self.links.append(((on_a.x, on_a.y), (on_b.x, on_b.y)))
            self.joined.merge(a, b)

    def ways(self, plane: Plane) -> tuple[list[Point], list[Way]]:
        """The streets with a node at every spot where they meet, and the links."""
        nodes: dict[XY, int] = {}

        def node(xy: XY) -> int:
            return nodes.setdefault((round(xy[0], 1), round(xy[1], 1)), len(nodes))

        ways = [
            Way(name, _rule(line.length), _without_repeats([node(xy) for xy in self._with_stops(name)]))
            for name, line in self.lines.items()
        ]
        ways += [Way("", Ride("link", True, True), (node(a), node(b))) for a, b in self.links]
        return [plane.point(*xy) for xy in nodes], ways

    def _stop(self, xy: XY, *names: str) -> None:
        for name in names:
            self.stops[name].append(xy)
        self.joined.merge(*names)

    def _lead(self, name: str, last: bool, xy: XY) -> None:
        coords = list(self.lines[name].coords)
        self.lines[name] = LineString([*coords, xy] if last else [xy, *coords])

    def _with_stops(self, name: str) -> list[XY]:
        line = self.lines[name]
        spots = [(line.project(Spot(xy)), xy) for xy in {*line.coords, *self.stops[name]}]
        return [(xy[0], xy[1]) for _, xy in sorted(spots)]


def _rule(length_m: float) -> Ride:
    return Ride("secondary" if length_m >= MAIN_STREET_M else "residential", True, True)


def _without_repeats(nodes: list[int]) -> tuple[int, ...]:
    return tuple(node for i, node in enumerate(nodes) if i == 0 or node != nodes[i - 1])
