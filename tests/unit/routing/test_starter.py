"""The starter map of Thọ Quang."""

import itertools

import pytest

from routing.geo import Point, distance_m
from routing.roads.boundary import Boundary
from routing.roads.osm import MapImport
from routing.roads.starter import starter_map


@pytest.fixture(scope="module")
def starter() -> MapImport:
    return starter_map()


def test_what_is_on_it(starter: MapImport) -> None:
    report = starter.report
    assert (report.streets, report.streets_by_name_only, report.house_numbers) == (92, 77, 0)
    assert report.warnings == ["no_house_numbers"]


def test_no_street_is_an_island(starter: MapImport) -> None:
    assert starter.network.main.all()
    assert starter.report.islands == 0
    middles = [c.point for name in starter.network.names for c in starter.gazetteer.locate(name)[:1] if c.point]
    assert len(middles) == len(starter.network.names) == 15
    for leg in starter.network.legs(middles):
        straight_m = distance_m(leg.line[0], leg.line[-1])
        assert straight_m <= leg.distance_m <= 5 * straight_m + 500


def test_streets_that_end_short_of_each_other_meet(starter: MapImport) -> None:
    """Bùi Quốc Hưng ends 38 m from Yết Kiêu and 43 m from Ngô Quyền."""
    leg = starter.network.leg(Point(16.0962, 108.2451), Point(16.1018, 108.2472))
    assert not leg.estimated
    assert leg.streets[0] == "Ngô Quyền"
    assert leg.distance_m < 900


def test_over_a_wide_gap_the_time_is_called_an_estimate(starter: MapImport) -> None:
    """Hoàng Sa begins 476 m from the nearest street whose line is known."""
    leg = starter.network.leg(Point(16.0900, 108.2424), Point(16.1002, 108.2812))
    assert leg.estimated
    assert leg.streets[-1] == "Hoàng Sa"


def test_a_door_off_the_known_roads_is_an_estimate(starter: MapImport) -> None:
    doors = [Point(16.0900, 108.2424), Point(16.0950, 108.2440), Point(16.0930, 108.2520)]
    assert starter.network.matrix(doors).estimated.tolist() == [False, False, True]


def test_a_street_known_by_name_only_has_no_point(starter: MapImport) -> None:
    found = starter.gazetteer.locate("19 Mân Quang 3")
    assert [(c.label, c.match_class, c.point, c.radius_m) for c in found] == [("19 Mân Quang 3", "name_only", None, 0)]


def test_a_main_street_is_found_with_an_honest_radius(starter: MapImport) -> None:
    found = starter.gazetteer.locate("12 Ngo Quyen, P. Tho Quang")[0]
    assert (found.label, found.match_class, found.street) == ("12 Ngô Quyền", "street", "Ngô Quyền")
    assert found.point
    ends = Point(16.07873, 108.23271), Point(16.10151, 108.24757)
    assert min(distance_m(found.point, end) for end in ends) < 100  # a low number, from one of the ends
    assert found.radius_m >= 50
    assert found.probability < 0.8  # no number is known: somebody has to look


def test_the_base_map_shows_known_streets_only(starter: MapImport) -> None:
    roads = [f for f in starter.basemap.features if f["properties"]["layer"] == "road"]
    assert {f["properties"].get("name") for f in roads} == set(starter.network.names)
    assert "OpenStreetMap" in starter.basemap.attribution
    numbers = itertools.chain.from_iterable(itertools.chain.from_iterable(f["geometry"]["coordinates"] for f in roads))
    assert all(round(number, 6) == number for number in numbers)


def test_the_wards_boundary_is_drawn_when_known() -> None:
    features = starter_map(Boundary.from_box(16.07, 108.22, 16.12, 108.31)).basemap.features
    assert features[0]["properties"]["layer"] == "boundary"
