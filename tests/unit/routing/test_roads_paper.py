"""The map on paper: well-formed, everything on the sheet, north up, names that cannot break the page."""

import random
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from routing.geo import Point
from routing.roads.build import Way, build_network
from routing.roads.marks import Mark, joined
from routing.roads.network import RoadNetwork
from routing.roads.paper import HEIGHT, WIDTH, paper_map
from routing.roads.profile import Ride

SOUTH, NORTH, EAST = Point(16.0, 108.0), Point(16.009, 108.0), Point(16.0, 108.009)


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    nodes = [SOUTH, NORTH, EAST]
    ways = [
        Way("Phố <Đêm> & Ngày", Ride("primary", True, True), (0, 1)),
        Way("Lê Lợi", Ride("alley", True, True), (0, 2)),
    ]
    return build_network(nodes, ways)


def drawn(network: RoadNetwork, *stops: tuple[str, Point]) -> ET.Element:
    return ET.fromstring(paper_map(network, [[SOUTH, NORTH]], stops, "Tuyến <1>"))


def marks(sheet: ET.Element) -> dict[str | None, tuple[int, int]]:
    """What the marks say, and where; street names are turned, these are not."""
    texts = [text for text in sheet.iter("text") if "transform" not in text.attrib]
    return {text.text: (int(text.attrib["x"]), int(text.attrib["y"])) for text in texts}


def test_streets_route_and_stops_lie_on_the_sheet_north_up(network: RoadNetwork) -> None:
    sheet = drawn(network, ("⌂", SOUTH), ("1", NORTH), ("2", EAST))
    assert sheet.attrib["aria-label"] == "Tuyến <1>"
    lines = [line.attrib["points"] for line in sheet.iter("polyline")]
    assert len(lines) == 3
    for spot in " ".join(lines).split():
        x, y = map(int, spot.split(","))
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT
    home, north, east = marks(sheet).values()
    assert (home[0], home[1]) == (north[0], east[1])
    assert north[1] < home[1]
    assert east[0] > home[0]
    assert {text.text for text in sheet.iter("text")} == {"Phố <Đêm> & Ngày", "Lê Lợi", "⌂", "1", "2"}


def test_one_door_shows_its_surroundings_and_nothing_shows_nothing(network: RoadNetwork) -> None:
    sheet = ET.fromstring(paper_map(network, [], [("1", NORTH)], "Tuyến"))
    assert marks(sheet) == {"1": (WIDTH // 2, HEIGHT // 2)}
    assert paper_map(network, [], [], "Tuyến") == ""


def test_a_map_without_a_road_draws_the_route_alone() -> None:
    assert len(list(drawn(build_network({}, []), ("1", NORTH)).iter("polyline"))) == 1


def test_numbers_that_would_cover_one_another_stand_together(network: RoadNetwork) -> None:
    beside, beyond = Point(16.00001, 108.0), Point(16.00002, 108.0)
    sheet = drawn(network, ("⌂", EAST), ("1", SOUTH), ("2", beside), ("3", beyond), ("4", NORTH), ("8", beyond))
    assert list(marks(sheet)) == ["⌂", "4", "1–3, 8"]
    two = drawn(network, ("1", SOUTH), ("2", beside), ("3", NORTH))
    assert list(marks(two)) == ["3", "1, 2"]


@pytest.mark.parametrize("seed", range(20))
def test_no_mark_is_lost_or_hidden(seed: int) -> None:
    rng = random.Random(seed)
    spots = [Mark((str(n),), rng.uniform(0, 600), rng.uniform(0, 600)) for n in range(40)]
    left = joined(spots)
    assert sorted(label for mark in left for label in mark.labels) == sorted(str(n) for n in range(40))
    assert not any(a.covers(b) for a, b in combinations(left, 2))
