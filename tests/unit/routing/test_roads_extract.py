"""The real extract of Hải Châu: counts, and travel against a judge that reads the file itself."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from routing.geo import Point, distance_m
from routing.roads.boundary import Boundary
from routing.roads.network import RoadNetwork
from routing.roads.osm import MapImport, import_map
from tests.conftest import skip_or_fail
from tests.unit.routing.street_judge import Judge


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
def judge(file: Path) -> Judge:
    return Judge(file)


@pytest.fixture(scope="module")
def sample(imported: MapImport, judge: Judge) -> list[Point]:
    """Sixty points of the map's own lines, from the part that everything reaches, and all around forbidden turns."""
    network, rules = imported.network, judge.rules
    points = {p for edge in np.flatnonzero(network.main) for p in network.edge_points(int(edge))} - rules.barriers
    ruled = {point for turn in rules.turns for point in turn} & points
    return [*random.Random(2020).sample(sorted(points - ruled), 60), *sorted(ruled)]


def test_the_extract_forbids_turns(imported: MapImport, judge: Judge) -> None:
    """Two restrictions over a node, five U-turns over one or two ways."""
    turns = judge.rules.turns
    assert {len(turn) for turn in turns} >= {3, 4}
    assert (imported.report.turns, len(turns), imported.report.turns_skipped) == (7, 7, 0)


def test_counts(imported: MapImport) -> None:
    """1,525 ways have `highway`; sidewalks, crossings, steps, private and unnamed foot ways are not ridden."""
    report = imported.report
    assert (report.ways, report.nodes) == (1352, 4857)
    assert (report.streets, report.alleys) == (90, 159)
    assert report.house_numbers == 393
    assert report.junctions < 0.5 * report.nodes
    assert report.islands_m < 0.1 * report.length_m


def test_travel_equals_a_fresh_dijkstra(imported: MapImport, judge: Judge, sample: list[Point]) -> None:
    matrix = imported.network.matrix(sample)
    assert not matrix.estimated.any()
    for i, best in enumerate(judge.between(sample)):
        for j, end in enumerate(sample):
            seconds, metres = best[end]
            assert matrix.duration_s[i, j] == pytest.approx(seconds, abs=1.1), (sample[i], end)
            assert matrix.distance_m[i, j] == pytest.approx(metres, abs=3), (sample[i], end)


def test_streets_are_named(imported: MapImport, sample: list[Point]) -> None:
    assert all(leg.streets for leg in imported.network.legs(sample))


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
