"""The map on paper: well-formed, everything on the sheet, north up, names that cannot break the page."""

import xml.etree.ElementTree as ET

import pytest

from routing.geo import Point
from routing.roads.build import Way, build_network
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


def test_streets_route_and_stops_lie_on_the_sheet_north_up(network: RoadNetwork) -> None:
    sheet = drawn(network, ("⌂", SOUTH), ("1", NORTH), ("2", EAST))
    assert sheet.attrib["aria-label"] == "Tuyến <1>"
    lines = [line.attrib["points"] for line in sheet.iter("polyline")]
    assert len(lines) == 3
    for spot in " ".join(lines).split():
        x, y = map(int, spot.split(","))
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT
    home, north, east = ((int(c.attrib["cx"]), int(c.attrib["cy"])) for c in sheet.iter("circle"))
    assert (home[0], home[1]) == (north[0], east[1])
    assert north[1] < home[1]
    assert east[0] > home[0]
    assert {text.text for text in sheet.iter("text")} == {"Phố <Đêm> & Ngày", "Lê Lợi", "⌂", "1", "2"}


def test_one_door_shows_its_surroundings_and_nothing_shows_nothing(network: RoadNetwork) -> None:
    sheet = ET.fromstring(paper_map(network, [], [("1", NORTH)], "Tuyến"))
    circle = next(sheet.iter("circle"))
    assert (circle.attrib["cx"], circle.attrib["cy"]) == (str(WIDTH // 2), str(HEIGHT // 2))
    assert paper_map(network, [], [], "Tuyến") == ""


def test_a_map_without_a_road_draws_the_route_alone() -> None:
    assert len(list(drawn(build_network({}, []), ("1", NORTH)).iter("polyline"))) == 1
