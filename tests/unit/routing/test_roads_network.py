"""Travel on small hand-made maps at the equator, where 0.009 degrees are 1000.756 m whichever way one rides."""

import math

import numpy as np
import pytest

from routing.geo import Plane, Point, distance_m
from routing.roads.build import Way, build_network
from routing.roads.network import RoadNetwork
from routing.roads.profile import Ride

BOTH = Ride("residential", True, True)  # 21 km/h
FORWARD = Ride("primary", True, False)  # 32 km/h

#        4
#      / |        one way on 4 -> 2 (primary), 2 -> 5 -> 4 both ways (residential)
#     5  |
#      \ |
#  1 --- 2 --- 3  both ways (residential), 1000.756 m each
NODES = {
    1: Point(0.0, 0.0),
    2: Point(0.0, 0.009),
    3: Point(0.0, 0.018),
    4: Point(0.009, 0.009),
    5: Point(0.0045, 0.0045),
}
WAYS = [
    Way("Ngô Quyền", BOTH, (1, 2, 3)),
    Way("2 Tháng 9", FORWARD, (4, 2)),
    Way("Yết Kiêu", BOTH, (2, 5, 4)),
]


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return build_network(NODES, WAYS)


def test_a_ride_along_one_street(network: RoadNetwork) -> None:
    """1000.756 m at 21 km/h (5.8333 m/s) are 171.56 s; both figures are rounded up."""
    leg = network.leg(Point(0.0, 0.0045), Point(0.0, 0.0135))
    assert (leg.duration_s, leg.distance_m, leg.estimated, leg.streets) == (172, 1001, False, ["Ngô Quyền"])
    assert leg.line == [Point(0.0, 0.0045), Point(0.0, 0.009), Point(0.0, 0.0135)]


def test_the_way_from_the_door_counts_as_a_walk(network: RoadNetwork) -> None:
    """0.0009 degrees are 100.08 m, x 1.35 = 135.1 m at 8 km/h (2.2222 m/s) = 60.8 s more."""
    leg = network.leg(Point(-0.0009, 0.0045), Point(0.0, 0.0135))
    assert (leg.duration_s, leg.distance_m) == (math.ceil(171.56 + 60.80), math.ceil(1000.756 + 135.10))


def test_one_way_streets_are_ridden_one_way(network: RoadNetwork) -> None:
    """Down: 1000.756 m at 32 km/h = 112.6 s. Up: twice 707.64 m at 21 km/h = 242.6 s."""
    top, bottom = NODES[4], NODES[2]
    matrix = network.matrix([top, bottom])
    assert matrix.duration_s.tolist() == [[0, 113], [243, 0]]
    assert matrix.distance_m.tolist() == [[0, 1001], [1416, 0]]
    assert network.leg(bottom, top).streets == ["Yết Kiêu"]


def test_two_doors_on_a_one_way_street(network: RoadNetwork) -> None:
    """Backward on the same edge means all the way round."""
    upper, lower = Point(0.006, 0.009), Point(0.003, 0.009)
    matrix = network.matrix([upper, lower])
    assert matrix.distance_m[0, 1] == math.ceil(1000.756 / 3)
    assert matrix.distance_m[1, 0] == pytest.approx(1000.756 / 3 + 1415.3 + 1000.756 / 3, abs=2)


def test_the_same_door_twice_costs_nothing(network: RoadNetwork) -> None:
    door = Point(0.001, 0.004)
    matrix = network.matrix([door, NODES[3], door])
    assert matrix.duration_s[0, 2] == matrix.distance_m[0, 2] == 0
    assert matrix.duration_s[0, 1] == matrix.duration_s[2, 1]
    assert network.leg(door, door).line == [door, door]


def test_a_door_without_a_road_is_a_straight_line_and_says_so(network: RoadNetwork) -> None:
    """0.09 degrees are 10007.557 m; x 1.35 = 13510.2 m; at 18 km/h (5 m/s) 2702.04 s."""
    near, far = Point(0.0, 0.018), Point(0.0, 0.108)
    matrix = network.matrix([near, NODES[1], far])
    assert matrix.estimated.tolist() == [False, False, True]
    assert (matrix.duration_s[0, 2], matrix.distance_m[0, 2]) == (2703, 13511)
    leg = network.leg(near, far)
    assert (leg.duration_s, leg.distance_m, leg.estimated) == (2703, 13511, True)
    assert leg.line == [near, far]


def test_an_island_is_not_ridden_on_and_flags_its_doors() -> None:
    nodes = {**NODES, 8: Point(0.002, 0.012), 9: Point(0.002, 0.0124)}
    network = build_network(nodes, [*WAYS, Way("Kiệt 1", BOTH, (8, 9))])
    assert network.main.sum() == len(network.edges) - 1
    matrix = network.matrix([nodes[8], NODES[1], NODES[3]])
    assert matrix.estimated.tolist() == [True, False, False]
    assert matrix.distance_m[0, 1] >= 1.35 * 222


def test_a_street_that_can_only_be_entered_is_no_place_to_send_somebody() -> None:
    """A one-way stub at the edge of the map: reachable, but nobody comes back."""
    nodes = {**NODES, 6: Point(0.0, 0.027)}
    network = build_network(nodes, [*WAYS, Way("Cụt", FORWARD, (3, 6))])
    matrix = network.matrix([Point(0.0, 0.0202), NODES[1], NODES[2]])
    assert matrix.estimated.tolist() == [True, False, False]
    assert np.isfinite(matrix.duration_s).all()


def test_a_link_over_a_gap_is_ridden_but_flagged() -> None:
    """Two streets of equal length, a gap of 111.2 m between them: x 1.35 at 18 km/h."""
    nodes = [Point(0, 0), Point(0, 0.009), Point(0, 0.010), Point(0, 0.019)]
    ways = [
        Way("A", BOTH, (0, 1)),
        Way("", Ride("link", True, True), (1, 2)),
        Way("B", BOTH, (2, 3)),
    ]
    network = build_network(nodes, ways)
    leg = network.leg(nodes[0], nodes[3])
    assert leg.estimated
    assert leg.streets == ["A", "B"]
    assert leg.distance_m == math.ceil(2 * 1000.756 + 1.35 * 111.195)
    assert leg.duration_s == math.ceil(2 * 1000.756 / (21 / 3.6) + 1.35 * 111.195 / 5)
    assert network.matrix([nodes[0], nodes[1], nodes[3]]).estimated.tolist() == [False, False, True]


def test_pieces_melt_where_nothing_branches_off() -> None:
    """Three pieces of one street, drawn in different directions, become one edge."""
    nodes = [Point(0, 0), Point(0, 0.001), Point(0, 0.002), Point(0, 0.003)]
    turned = Ride("primary", False, True)
    ways = [Way("A", FORWARD, (0, 1)), Way("A", turned, (2, 1)), Way("A", FORWARD, (2, 3))]
    network = build_network(nodes, ways)
    assert len(network.edges) == 1
    line = network.edge_points(0)
    assert sorted(line) == nodes
    assert bool(network.edges.forward[0]) == (line[0] == nodes[0])
    assert bool(network.edges.forward[0]) != bool(network.edges.backward[0])


@pytest.mark.parametrize("other", [Way("B", FORWARD, (1, 2)), Way("A", BOTH, (1, 2))])
def test_pieces_of_another_name_or_kind_stay_apart(other: Way) -> None:
    nodes = [Point(0, 0), Point(0, 0.001), Point(0, 0.002)]
    assert len(build_network(nodes, [Way("A", FORWARD, (0, 1)), other]).edges) == 2


def test_a_ring_road_has_no_edge_that_starts_where_it_ends() -> None:
    nodes = [Point(0, 0), Point(0, 0.003), Point(0.003, 0.003), Point(0.003, 0)]
    network = build_network(nodes, [Way("Ring", Ride("primary", True, False), (0, 1, 2, 3, 0))])
    assert (network.edges.start != network.edges.end).all()
    quarter_m = 1000.756 / 3
    matrix = network.matrix([nodes[1], nodes[0]])
    assert matrix.distance_m.tolist() == [[0, math.ceil(3 * quarter_m)], [math.ceil(quarter_m), 0]]


def test_of_two_ways_between_the_same_crossings_the_faster_is_taken() -> None:
    nodes = [Point(0, 0), Point(0, 0.009), Point(0.001, 0.0045)]
    ways = [Way("Straight", Ride("alley", True, True), (0, 1)), Way("Bent", Ride("primary", True, True), (0, 2, 1))]
    leg = build_network(nodes, ways).leg(nodes[0], nodes[1])
    assert leg.streets == ["Bent"]
    assert leg.line == [nodes[0], nodes[2], nodes[1]]


def test_a_route_of_many_doors_is_its_legs(network: RoadNetwork) -> None:
    doors = [Point(0.0001, 0.002), NODES[4], Point(0.004, 0.0045), NODES[3]]
    matrix = network.matrix(doors)
    legs = network.legs(doors)
    assert [leg.duration_s for leg in legs] == [int(matrix.duration_s[i, i + 1]) for i in range(3)]
    assert [leg.distance_m for leg in legs] == [int(matrix.distance_m[i, i + 1]) for i in range(3)]
    assert [leg.line[0] for leg in legs] == doors[:-1]
    assert [leg.line[-1] for leg in legs] == doors[1:]


def test_saved_and_loaded_it_is_the_same_network(network: RoadNetwork) -> None:
    loaded = RoadNetwork.from_bytes(network.to_bytes())
    doors = [*NODES.values(), Point(0.002, 0.002), Point(1.0, 1.0)]
    before, after = network.matrix(doors), loaded.matrix(doors)
    assert loaded.names == network.names
    assert (before.duration_s == after.duration_s).all()
    assert (before.distance_m == after.distance_m).all()
    assert loaded.to_bytes() == network.to_bytes()


@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04 broken"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a saved road network"):
        RoadNetwork.from_bytes(data)


def test_no_road_at_all_still_answers() -> None:
    matrix = build_network({}, []).matrix([Point(16.0, 108.0), Point(16.0, 108.01)])
    assert matrix.estimated.all()
    assert matrix.distance_m[0, 1] == math.ceil(1.35 * distance_m(Point(16.0, 108.0), Point(16.0, 108.01)))


def test_no_points_make_an_empty_matrix(network: RoadNetwork) -> None:
    assert network.matrix([]).duration_s.shape == (0, 0)
    assert network.legs([NODES[1]]) == []


def test_distance_and_projection_agree() -> None:
    """Hà Nội to Đà Nẵng is known to be some 606 km; a plane keeps a ward's distances to 0.1 %."""
    assert distance_m(Point(21.0285, 105.8542), Point(16.0678, 108.2208)) == pytest.approx(606_000, rel=0.01)
    a, b = Point(16.10, 108.25), Point(16.05, 108.20)
    plane = Plane(a)
    assert math.dist(plane.xy(*a)[0], plane.xy(*b)[0]) == pytest.approx(distance_m(a, b), rel=1e-3)
    x, y = plane.xy(*b)[0]
    assert plane.point(x, y) == pytest.approx(b, abs=1e-9)
