"""The real extract of Hải Châu: counts, and travel against a Dijkstra of its own on the raw segments."""

import heapq
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest

from routing.geo import Point, distance_m
from routing.roads.boundary import Boundary
from routing.roads.network import RoadNetwork
from routing.roads.osm import MapImport, import_map
from routing.roads.profile import SPEED_KMH, SURFACE_SHARE, ride, stops
from tests.conftest import skip_or_fail

Segments = dict[Point, dict[Point, tuple[float, float]]]  # from, to: seconds and metres
Rules = tuple[set[Point], set[tuple[Point, ...]]]  # barriers; points in a row that nobody may ride


@pytest.fixture(scope="module")
def file(shared_data: Path) -> Path:
    file = shared_data / "hai_chau.osm.pbf"
    if not file.is_file():
        skip_or_fail(f"no {file}")
    return file


@pytest.fixture(scope="module")
def imported(file: Path) -> MapImport:
    return import_map(file)


@pytest.fixture(scope="module")
def segments(file: Path) -> Segments:
    """Every stretch between two neighbouring nodes of a way that a scooter may ride."""
    found: Segments = {}
    for way in osmium.FileProcessor(str(file)).with_locations():
        rule = ride(dict(way.tags)) if way.is_way() else None
        if rule is None:
            continue
        points = [Point(round(node.lat, 7), round(node.lon, 7)) for node in way.nodes]
        for a, b in pairwise(points):
            metres = distance_m(a, b)
            cost = metres / (SPEED_KMH[rule.road_class] * SURFACE_SHARE[rule.surface] / 3.6), metres
            for begin, end, open_ in ((a, b, rule.forward), (b, a, rule.backward)):
                if open_:
                    old = found.setdefault(begin, {}).get(end)
                    found[begin][end] = min(old, cost) if old else cost
    return found


@pytest.fixture(scope="module")
def rules(file: Path) -> Rules:
    """Walls, and forbidden turns (`no_...` is all that this extract has), as the file's own relations have them."""
    at: dict[int, Point] = {}
    ways: dict[int, list[int]] = {}
    barriers: set[Point] = set()
    turns: set[tuple[Point, ...]] = set()
    for one in osmium.FileProcessor(str(file)):
        if one.is_node():
            at[one.id] = Point(round(one.lat, 7), round(one.lon, 7))
            barriers |= {at[one.id]} if stops(dict(one.tags)) else set()
        elif one.is_way():
            ways[one.id] = [node.ref for node in one.nodes]
        elif "restriction" in one.tags:
            assert one.tags["restriction"].startswith("no_")
            members = {role: [m for m in one.members if m.role == role] for role in ("from", "via", "to")}
            line = ways[members["from"][0].ref]
            for step in [*members["via"], *members["to"]]:
                line = _joined(line, [step.ref] if step.type == "n" else ways[step.ref])
            length = sum(len(ways[m.ref]) - 1 for m in members["via"] if m.type == "w") + 3
            begin = len(ways[members["from"][0].ref]) - 2
            turns.add(tuple(at[node] for node in line[begin : begin + length]))
    return barriers, turns


def _joined(line: list[int], more: list[int]) -> list[int]:
    """One line of two that share an end, `line` keeping its direction unless it has to be turned."""
    for first in (line, line[::-1]):
        for second in (more, more[::-1]):
            if first[-1] == second[0]:
                return first + second[1:]
    raise AssertionError("these two do not meet")


def dijkstra(segments: Segments, rules: Rules, start: Point) -> dict[Point, tuple[float, float]]:
    """Seconds and metres of the fastest way to everywhere; the search remembers how a forbidden turn began."""
    barriers, turns = rules
    begun = {turn[:i] for turn in turns for i in range(2, len(turn))}
    best: dict[Point, tuple[float, float]] = {}
    seen: set[tuple[Point, ...]] = set()
    heap: list[tuple[float, float, tuple[Point, ...]]] = [(0.0, 0.0, (start,))]
    while heap:
        seconds, metres, ridden = heapq.heappop(heap)
        point = ridden[-1]
        if ridden in seen:
            continue
        seen.add(ridden)
        best.setdefault(point, (seconds, metres))
        if point in barriers:
            continue
        for after, (more_s, more_m) in segments.get(point, {}).items():
            row = (*ridden, after)
            if not any(row[k:] in turns for k in range(len(row))):
                kept = next((row[k:] for k in range(len(row)) if row[k:] in begun), (after,))
                heapq.heappush(heap, (seconds + more_s, metres + more_m, kept))
    return best


@pytest.fixture(scope="module")
def sample(imported: MapImport, rules: Rules) -> list[Point]:
    """Sixty points of the map's own lines, from the part that everything reaches, and all around forbidden turns."""
    network = imported.network
    points = {p for edge in np.flatnonzero(network.main) for p in network.edge_points(int(edge))} - rules[0]
    ruled = {point for turn in rules[1] for point in turn} & points
    return [*random.Random(2020).sample(sorted(points - ruled), 60), *sorted(ruled)]


def test_the_extract_forbids_turns(imported: MapImport, rules: Rules) -> None:
    """Two restrictions over a node, five U-turns over one or two ways."""
    assert {len(turn) for turn in rules[1]} >= {3, 4}
    assert (imported.report.turns, len(rules[1]), imported.report.turns_skipped) == (7, 7, 0)


def test_counts(imported: MapImport) -> None:
    """1,525 ways have `highway`; sidewalks, crossings, steps, private and unnamed foot ways are not ridden."""
    report = imported.report
    assert (report.ways, report.nodes) == (1352, 4857)
    assert (report.streets, report.alleys) == (90, 159)
    assert report.house_numbers == 393
    assert report.junctions < 0.5 * report.nodes
    assert report.islands_m < 0.1 * report.length_m


def test_travel_equals_a_fresh_dijkstra(
    imported: MapImport, segments: Segments, rules: Rules, sample: list[Point]
) -> None:
    matrix = imported.network.matrix(sample)
    assert not matrix.estimated.any()
    for i, start in enumerate(sample):
        best = dijkstra(segments, rules, start)
        for j, end in enumerate(sample):
            seconds, metres = best[end]
            assert matrix.duration_s[i, j] == pytest.approx(seconds, abs=1.1), (start, end)
            assert matrix.distance_m[i, j] == pytest.approx(metres, abs=3), (start, end)


def test_the_line_is_made_of_streets_ridden_the_right_way(
    imported: MapImport, segments: Segments, rules: Rules, sample: list[Point]
) -> None:
    """Every step of a line is a segment open in that direction, and they add up to the leg's figures."""
    matrix = imported.network.matrix(sample)
    for i, leg in enumerate(imported.network.legs(sample)):
        line = [Point(round(p.lat, 7), round(p.lon, 7)) for p in leg.line]
        steps = [segments[a][b] for a, b in pairwise(line) if a != b]
        assert not any(tuple(line[k : k + len(turn)]) == turn for turn in rules[1] for k in range(len(line)))
        assert leg.duration_s == matrix.duration_s[i, i + 1] == pytest.approx(sum(s for s, _ in steps), abs=1.1)
        assert leg.distance_m == matrix.distance_m[i, i + 1] == pytest.approx(sum(m for _, m in steps), abs=3)
        assert leg.streets


def test_from_door_to_door(imported: MapImport) -> None:
    """Doors beside the road: the line starts and ends at them, its length is the leg's less the walk's detour."""
    doors = [point for _, point in imported.gazetteer.doors()][::12]
    matrix = imported.network.matrix(doors)
    assert matrix.estimated.mean() < 0.1
    assert (matrix.duration_s[~np.eye(len(doors), dtype=bool)] >= 0).all()
    for leg, a, b in zip(imported.network.legs(doors), doors, doors[1:], strict=False):
        assert (leg.line[0], leg.line[-1]) == (a, b)
        length_m = sum(distance_m(p, q) for p, q in pairwise(leg.line))
        walked_m = distance_m(*leg.line[:2]) + distance_m(*leg.line[-2:])
        assert length_m <= leg.distance_m + 1 <= length_m + 0.36 * walked_m + 5


def test_going_by_way_of_a_third_door_is_never_shorter(imported: MapImport) -> None:
    doors = [point for _, point in imported.gazetteer.doors()][:60]
    matrix = imported.network.matrix(doors)
    sure = ~matrix.estimated
    time_s = matrix.duration_s[np.ix_(sure, sure)].astype(int)
    through = (time_s[:, :, None] + time_s[None, :, :]).min(axis=1)
    assert (time_s <= through).all()


def test_saved_and_loaded(imported: MapImport, sample: list[Point]) -> None:
    data = imported.network.to_bytes()
    loaded = RoadNetwork.from_bytes(data)
    assert (loaded.matrix(sample).duration_s == imported.network.matrix(sample).duration_s).all()
    assert len(data) < 130_000


def test_cut_to_a_part(file: Path, imported: MapImport) -> None:
    """A quarter of the town and 100 m: nothing outside is kept."""
    area = Boundary.from_box(16.053, 108.21, 16.057, 108.215)
    part = import_map(file, area)
    grown = area.grown()
    edges = part.network.edges
    assert part.report.ways < imported.report.ways
    assert all(map(grown.contains, map(Point, edges.shape_lat.tolist(), edges.shape_lon.tolist())))
    layers = {feature["properties"]["layer"] for feature in part.basemap.features}
    assert layers >= {"boundary", "road", "house", "green"}


def test_positions_kept_on_disk_give_the_same_map(
    file: Path, imported: MapImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a country extract is read."""
    monkeypatch.setattr("routing.roads.read_file.LARGE_FILE_BYTES", 0)
    assert import_map(file).network.to_bytes() == imported.network.to_bytes()
