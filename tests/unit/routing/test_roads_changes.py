"""Closed and slow streets on the cross of test_roads_rules, and on the same streets drawn anew."""

import pytest

from routing.geo import Point
from routing.roads.build import Way, build_network
from routing.roads.changes import Change, stretch_at, with_changes
from routing.roads.network import RoadNetwork
from routing.roads.profile import Ride

BOTH = Ride("residential", True, True)
#  4 --- 5 --- 6     every side 0.009 degrees (1000.756 m)
#  |     |     |
#  1 --- 2 --- 3
NODES = {
    1: Point(0.0, 0.0), 2: Point(0.0, 0.009), 3: Point(0.0, 0.018),
    4: Point(0.009, 0.0), 5: Point(0.009, 0.009), 6: Point(0.009, 0.018),
}  # fmt: skip
WAYS = [
    Way("Ngô Quyền", BOTH, (1, 2, 3)),
    Way("Yết Kiêu", BOTH, (4, 5, 6)),
    Way("Lê Lai", BOTH, (1, 4)),
    Way("Lê Lợi", BOTH, (2, 5)),
    Way("Lê Lư", BOTH, (3, 6)),
]
ON_NGO_QUYEN = Point(0.0, 0.0045)


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return build_network(NODES, WAYS)


def test_a_stretch_ends_at_the_crossings_or_follows_the_name(network: RoadNetwork) -> None:
    short, long = stretch_at(network, ON_NGO_QUYEN), stretch_at(network, ON_NGO_QUYEN, 10_000)
    assert short is not None
    assert long is not None
    assert (short.street, short.length_m, len(short.lines)) == ("Ngô Quyền", 1001, 1)
    assert (long.street, long.length_m, len(long.lines)) == ("Ngô Quyền", 2002, 2)
    assert stretch_at(network, Point(1.0, 1.0)) is None


def test_who_rides_goes_round_a_closed_street(network: RoadNetwork) -> None:
    stretch = stretch_at(network, ON_NGO_QUYEN)
    assert stretch is not None
    closed = with_changes(network, [Change(stretch.lines, 0.0)])
    assert network.leg(NODES[1], NODES[2]).streets == ["Ngô Quyền"]
    leg = closed.leg(NODES[1], NODES[2])
    assert (leg.streets, leg.estimated) == (["Lê Lai", "Yết Kiêu", "Lê Lợi"], False)
    assert closed.matrix([NODES[1], NODES[2]]).duration_s[0, 1] == leg.duration_s


def test_a_slow_street_takes_longer_and_the_slowest_word_counts(network: RoadNetwork) -> None:
    """1000.756 m at half and at a quarter of 21 km/h; crossing streets stay as they were."""
    stretch = stretch_at(network, ON_NGO_QUYEN)
    assert stretch is not None
    half = with_changes(network, [Change(stretch.lines, 0.5)])
    assert half.leg(NODES[1], NODES[2]).duration_s == 344
    quarter = with_changes(network, [Change(stretch.lines, 0.25), Change(stretch.lines, 0.5)])
    assert quarter.leg(NODES[1], NODES[2]).streets == ["Lê Lai", "Yết Kiêu", "Lê Lợi"]
    assert half.leg(NODES[2], NODES[5]).duration_s == network.leg(NODES[2], NODES[5]).duration_s


def test_another_import_finds_the_street_again(network: RoadNetwork) -> None:
    """Drawn three metres farther north, turned round, cut by a new side street, under another name."""
    stretch = stretch_at(network, ON_NGO_QUYEN)
    assert stretch is not None
    moved = {**NODES, 1: Point(0.00003, 0.0), 7: Point(0.00003, 0.003), 8: Point(-0.002, 0.003)}
    ways = [Way("Ngô Quyền mới", BOTH, (3, 2, 7, 1)), Way("Kiệt 1", BOTH, (7, 8)), *WAYS[1:]]
    again = with_changes(build_network(moved, ways), [Change(stretch.lines, 0.0)])
    shut = ~(again.edges.forward | again.edges.backward)
    assert [again.names[again.edges.name[edge]] for edge in shut.nonzero()[0]] == ["Ngô Quyền mới"] * 2
    assert again.length_m[shut].sum() == pytest.approx(1000.756, abs=1)


def test_a_door_in_a_closed_street_is_reached_on_foot_and_is_an_estimate(network: RoadNetwork) -> None:
    stretch = stretch_at(network, ON_NGO_QUYEN)
    assert stretch is not None
    closed = with_changes(network, [Change(stretch.lines, 0.0)])
    matrix = closed.matrix([Point(0.0001, 0.008), NODES[3], NODES[5]])
    assert matrix.estimated.tolist() == [True, False, False]
    assert not network.matrix([Point(0.0001, 0.008), NODES[3], NODES[5]]).estimated.any()
