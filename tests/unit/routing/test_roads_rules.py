"""Barriers, ferries, surfaces and forbidden turns, on a cross of four streets at the equator."""

from pathlib import Path

import numpy as np
import pytest

from routing.geo import Point
from routing.roads.network import RoadNetwork
from routing.roads.osm import MapImport, import_map, import_overpass
from tests.unit.routing.test_roads_osm import as_overpass

#            N=4
#             |
#  W=2 ----- X=1 ----- E=3      every arm 0.01 degrees (1112 m) long, S twice that; N-E and S-W are joined as well
#             |
#            S=5
NODES = {1: (0.01, 0.01), 2: (0.01, 0.0), 3: (0.01, 0.02), 4: (0.02, 0.01), 5: (-0.01, 0.01)}
WEST, EAST, NORTH, SOUTH = (Point(*NODES[node]) for node in (2, 3, 4, 5))
ARMS = {20: (2, 1), 30: (1, 3), 40: (1, 4), 50: (5, 1), 60: (4, 3), 70: (5, 2)}
STREET = "".join(
    f'<way id="{id}"><nd ref="{a}"/><nd ref="{b}"/><tag k="highway" v="residential"/><tag k="name" v="Lê {id}"/></way>'
    for id, (a, b) in ARMS.items()
)


def osm(more: str = "", tags_at_crossing: str = "", ways: str = STREET) -> str:
    nodes = "".join(
        f'<node id="{id}" lat="{lat}" lon="{lon}">{tags_at_crossing if id == 1 else ""}</node>'
        for id, (lat, lon) in NODES.items()
    )
    return f'<osm version="0.6">{nodes}{ways}{more}</osm>'


def rule(kind: str, begin: int, end: int, *tags: str, via: str = "node:1") -> str:
    what, ref = via.split(":")
    written = "".join(f'<tag k="{tag.split("=")[0]}" v="{tag.split("=")[1]}"/>' for tag in tags)
    return (
        f'<relation id="{begin}{end}"><member type="way" ref="{begin}" role="from"/>'
        f'<member type="{what}" ref="{ref}" role="via"/><member type="way" ref="{end}" role="to"/>'
        f'<tag k="type" v="restriction"/><tag k="restriction" v="{kind}"/>{written}</relation>'
    )


@pytest.fixture(params=["osm", "overpass"])
def bring_in(request: pytest.FixtureRequest, tmp_path: Path):
    def bring(text: str) -> MapImport:
        if request.param == "overpass":
            return import_overpass(as_overpass(text))
        (tmp_path / "map.osm").write_text(text, encoding="utf-8")
        return import_map(tmp_path / "map.osm")

    return bring


def streets(network: RoadNetwork, *doors: Point) -> list[list[str]]:
    return [leg.streets for leg in network.legs(doors)]


def test_a_forbidden_left_turn_is_ridden_round(bring_in) -> None:
    """From the west to the north only by the east; the other way round nothing is forbidden."""
    imported = bring_in(osm(rule("no_left_turn", 20, 40)))
    assert (imported.report.turns, imported.report.turns_skipped) == (1, 0)
    assert streets(imported.network, WEST, NORTH, WEST) == [["Lê 20", "Lê 30", "Lê 60"], ["Lê 40", "Lê 20"]]
    matrix = imported.network.matrix([WEST, NORTH])
    assert matrix.distance_m[0, 1] == pytest.approx(2 * 1112 + 1573, abs=3)
    assert matrix.distance_m[1, 0] == pytest.approx(2 * 1112, abs=2)


def test_only_straight_on_forbids_the_rest(bring_in) -> None:
    network = bring_in(osm(rule("only_straight_on", 20, 30))).network
    assert streets(network, WEST, EAST, WEST, NORTH) == [
        ["Lê 20", "Lê 30"],
        ["Lê 30", "Lê 20"],
        ["Lê 20", "Lê 30", "Lê 60"],
    ]
    assert streets(network, WEST, SOUTH) == [["Lê 70"]]


@pytest.mark.parametrize("exempt", ["except=motorcycle", "except=bus;moped", "restriction:motorcycle=none"])
def test_a_rule_that_spares_scooters_is_none(bring_in, exempt: str) -> None:
    imported = bring_in(osm(rule("no_left_turn", 20, 40, exempt)))
    assert imported.report.turns == 0
    assert streets(imported.network, WEST, NORTH) == [["Lê 20", "Lê 40"]]


def conditional(value: str) -> str:
    """West to north, with a sign for some hours only."""
    return rule("", 20, 40).replace('k="restriction" v=""', f'k="restriction:conditional" v="{value}"')


@pytest.mark.parametrize(
    ("hours", "counts"),
    [
        ("no_left_turn @ (06:30-08:30)", (1, 0)),
        ("no_left_turn @ (22:00-05:00)", (0, 0)),
        ("no_left_turn @ sunset", (0, 1)),
    ],
)
def test_a_turn_forbidden_for_some_hours(bring_in, hours: str, counts: tuple[int, int]) -> None:
    imported = bring_in(osm(conditional(hours)))
    assert (imported.report.turns, imported.report.turns_skipped) == counts
    direct = streets(imported.network, WEST, NORTH) == [["Lê 20", "Lê 40"]]
    assert direct == (counts[0] == 0)


def test_signs_whose_hours_cannot_be_read_are_counted(bring_in) -> None:
    """One on a street, one on a gate at the crossing; they change nothing."""
    gate = '<tag k="barrier" v="gate"/><tag k="access:conditional" v="no @ wet"/>'
    sign = '<tag k="motorcycle:conditional" v="no @ (Tết)"/><tag k="name" v="Lê 20"/>'
    imported = bring_in(osm(tags_at_crossing=gate, ways=STREET.replace('<tag k="name" v="Lê 20"/>', sign)))
    assert imported.report.signs_unread == 2
    assert streets(imported.network, WEST, NORTH) == [["Lê 20", "Lê 40"]]


def test_a_door_just_behind_the_crossing_is_not_reached_by_the_forbidden_turn(bring_in) -> None:
    door = Point(0.011, 0.01)
    network = bring_in(osm(rule("no_left_turn", 20, 40))).network
    leg = network.leg(WEST, door)  # straight on to the next crossing, round, and from there it is a right turn
    assert (leg.streets, leg.distance_m) == (["Lê 20", "Lê 30", "Lê 40"], pytest.approx(3 * 1112 + 111, abs=3))


def test_a_turn_over_a_way_is_forbidden_as_a_whole(bring_in) -> None:
    """Not from 20 over 30 into 60; from 40 over 30 into 60, and to a door on 30, one may."""
    network = bring_in(osm(rule("no_left_turn", 20, 60, via="way:30"))).network
    on_60 = Point(0.014, 0.016)
    assert streets(network, WEST, on_60) == [["Lê 20", "Lê 40", "Lê 60"]]
    assert streets(network, WEST, Point(0.01, 0.0199)) == [["Lê 20", "Lê 30"]]
    assert streets(network, Point(0.0101, 0.01), Point(0.0101, 0.0199)) == [["Lê 40", "Lê 30", "Lê 60"]]


def test_a_rule_whose_ways_do_not_meet_is_counted(bring_in) -> None:
    imported = bring_in(osm(rule("no_left_turn", 60, 70)))
    assert (imported.report.turns, imported.report.turns_skipped) == (0, 1)


def test_saved_turns_stay_forbidden(bring_in) -> None:
    network = bring_in(osm(rule("no_left_turn", 20, 40))).network
    loaded = RoadNetwork.from_bytes(network.to_bytes())
    assert loaded.turns == network.turns
    doors = [WEST, EAST, NORTH, SOUTH]
    assert np.array_equal(loaded.matrix(doors).duration_s, network.matrix(doors).duration_s)


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "wall"}, False),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "gate"}, True),
        ({"barrier": "bollard", "motor_vehicle": "no", "moped": "yes"}, True),
        ({"barrier": "block", "motorcycle": "yes"}, True),
    ],
)
def test_a_barrier_across_the_crossing(bring_in, tags: dict[str, str], passes: bool) -> None:
    """What blocks all four arms leaves only the two ring roads, which do not meet."""
    written = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    network = bring_in(osm(tags_at_crossing=written)).network
    matrix = network.matrix([WEST, NORTH])
    leg = network.leg(WEST, NORTH)
    assert (leg.streets == ["Lê 20", "Lê 40"]) == passes
    assert leg.estimated != passes
    assert matrix.estimated.any() != passes


def test_a_ferry_is_slow_and_has_no_name_of_a_street(bring_in) -> None:
    """1112 m at 8 km/h; a ferry that takes no motor vehicle is none."""
    ferry = '<way id="90"><nd ref="2"/><nd ref="1"/><tag k="route" v="ferry"/><tag k="name" v="Phà"/>{}</way>'
    arms = STREET.replace('<way id="20"><nd ref="2"/><nd ref="1"/>', '<way id="20"><nd ref="2"/><nd ref="5"/>').split(
        '<way id="70">'
    )[0]
    network = bring_in(osm(ways=arms + ferry.format(""))).network
    leg = network.leg(WEST, Point(*NODES[1]))
    assert (leg.streets, leg.duration_s) == ([], pytest.approx(1112 / (8 / 3.6), abs=2))
    refused = bring_in(osm(ways=arms + ferry.format('<tag k="motorcycle" v="no"/>'))).network
    assert refused.leg(WEST, Point(*NODES[1])).streets == ["Lê 20", "Lê 50"]


def test_a_dirt_road_is_slower(bring_in) -> None:
    """1112 m at 21 km/h x 0.55."""
    dirt = STREET.replace('v="Lê 20"/>', 'v="Lê 20"/><tag k="surface" v="dirt"/>')
    network = bring_in(osm(ways=dirt)).network
    assert network.leg(WEST, Point(*NODES[1])).duration_s == pytest.approx(1112 / (21 * 0.55 / 3.6), abs=2)
