"""Measured pace against the table's: fitted by class, drawn towards the table where little was ridden."""

import random

import pytest

from routing.geo import Point
from routing.roads.build import Way, build_network
from routing.roads.pace import ENOUGH_AN_HOUR, Pace, Ride, before_and_after, by_class, by_hour, over_hours, with_pace
from routing.roads.profile import Ride as Rule


def rides(count: int, *, hour: int = 8, slower: float = 1.0, **factors: float) -> list[Ride]:
    """Invented rides over two classes and a walk of 30 s, each class ridden at its factor, all at that of the hour."""
    source = random.Random(7)
    made = []
    for _ in range(count):
        class_s = {"primary": source.uniform(60, 400), "alley": source.uniform(10, 120)}
        took_s = 30 + sum(seconds * factors.get(name, 1.0) for name, seconds in class_s.items())
        made.append(Ride(hour, slower * took_s * source.uniform(0.95, 1.05), 30 + sum(class_s.values()), class_s))
    return made


def test_many_rides_tell_each_class_apart() -> None:
    found = by_class(rides(400, primary=1.5, alley=0.8))
    assert found["primary"].factor == pytest.approx(1.5, abs=0.06)
    assert found["alley"].factor == pytest.approx(0.8, abs=0.12)
    assert (found["primary"].rides, "tertiary" in found) == (400, False)


def test_few_rides_move_the_table_little() -> None:
    few, many = by_class(rides(3, primary=2.0))["primary"].factor, by_class(rides(400, primary=2.0))["primary"].factor
    assert 1.0 < few < 1.6 < many


def test_hours_are_compared_and_nothing_gives_nothing() -> None:
    """Two rides of 1000 s that took 1500 s, with 600 s of belief: (3000 + 600) / (2000 + 600)."""
    slow = Ride(7, 1500, 1000, {"primary": 1000})
    assert by_hour([slow, slow])[7].factor == pytest.approx(3600 / 2600)
    assert (by_class([]), by_hour([])) == ({}, {})


def test_an_hour_counts_beside_the_classes_once_enough_was_ridden_in_it() -> None:
    """Main roads take 1.4 times as long at any hour, and everything another 1.3 times between five and six."""
    calm, busy = rides(200, hour=9, primary=1.4), rides(60, hour=17, slower=1.3, primary=1.4)
    pace = Pace.of([*calm, *busy])
    assert pace.hours[17] / pace.hours[9] == pytest.approx(1.3, abs=0.04)
    ride = Ride(17, 0, 330, {"primary": 300})
    assert pace.estimate_s(ride) == pytest.approx(1.3 * (30 + 1.4 * 300), rel=0.05)
    assert set(Pace.of([*calm, *busy[: ENOUGH_AN_HOUR - 1]]).hours) == {9}


def test_a_plan_takes_the_mean_of_the_hours_that_are_to_be_ridden() -> None:
    hours = {7: 1.3, 16: 1.2}
    assert over_hours(hours, [(7 * 3600, 8 * 3600)]) == pytest.approx(1.3)
    assert over_hours(hours, [(7 * 3600 + 1800, 9 * 3600)]) == pytest.approx((0.5 * 1.3 + 1) / 1.5)
    assert over_hours(hours, [(8 * 3600, 11 * 3600), (14 * 3600, 17 * 3600)]) == pytest.approx((5 + 1.2) / 6)
    assert over_hours(hours, []) == over_hours({}, [(0, 3600)]) == 1.0


def test_what_was_learned_is_tried_on_rides_that_came_later() -> None:
    days = [ride for _day in range(4) for ride in (*rides(40, hour=9, primary=1.5), *rides(40, hour=17, slower=1.3))]
    table, by_road, by_road_and_hour = before_and_after(days)
    assert table.off_s > by_road.off_s > by_road_and_hour.off_s
    assert table.ratio > 1.15
    assert by_road_and_hour.ratio == pytest.approx(1.0, abs=0.05)


def test_a_break_on_the_way_is_no_ride() -> None:
    assert Ride(8, 1000, 900, {}).plausible
    assert not Ride(8, 9000, 900, {}).plausible
    assert not Ride(8, 100, 900, {}).plausible


def test_the_network_is_ridden_at_the_measured_pace() -> None:
    """1000.756 m at 32 km/h are 112.6 s, at a factor of 2 twice that; the alley stays as it is."""
    nodes = [Point(0, 0), Point(0, 0.009), Point(0, 0.018)]
    ways = [Way("A", Rule("primary", True, True), (0, 1)), Way("B", Rule("alley", True, True), (1, 2))]
    network = build_network(nodes, ways)
    slow = with_pace(network, {"primary": 2.0})
    assert network.leg(nodes[0], nodes[1]).duration_s == 113
    assert slow.leg(nodes[0], nodes[1]).duration_s == 226
    leg = slow.leg(nodes[0], nodes[2])
    assert leg.class_s == pytest.approx({"primary": 225.2, "alley": 300.2}, abs=0.1)
    assert leg.duration_s == 526
