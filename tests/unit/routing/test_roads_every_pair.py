"""From every door to every door: the matrix, the leg, the line that is drawn and an independent search agree."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from routing.bench._city import City
from routing.geo import Point, distance_m
from routing.roads.network import Leg, RoadNetwork
from routing.roads.osm import import_map
from tests.conftest import SHARED_DATA, skip_or_fail
from tests.unit.routing.street_judge import Joint, Judge, Rules

DOORS = 40
WITHIN_S, WITHIN_M = 1.1, 3.0  # the matrix rounds up, and keeps milliseconds and decimetres a stretch


@dataclass(frozen=True)
class Town:
    """A map as imported, as its judge has it, and doors on it that can be reached."""

    network: RoadNetwork
    judge: Judge
    doors: list[Point]
    joints: list[Joint]


def the_town(file: Path) -> Town:
    imported, judge = import_map(file), Judge(file)
    doors = sorted({point for _name, point in imported.gazetteer.doors()})
    random.Random(7).shuffle(doors)
    beside = [door for turn in sorted(judge.rules.turns) for door in (_beside(*turn[:2]), _beside(*turn[-2:]))]
    known = [(door, joint) for door in dict.fromkeys([*beside, *doors[: 2 * DOORS]]) if (joint := judge.join(door))]
    chosen, joints = zip(*(known[:DOORS]), strict=True)
    return Town(imported.network, judge, list(chosen), list(joints))


def _beside(a: Point, b: Point) -> Point:
    """A door five metres or so from the middle of a stretch."""
    return Point((a.lat + b.lat) / 2 + 4e-5, (a.lon + b.lon) / 2 + 3e-5)


@pytest.fixture(scope="module", params=["hai_chau", "invented"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Town:
    if request.param == "invented":
        file = tmp_path_factory.mktemp("city") / "city.osm.pbf"
        City(file, side=25, buildings=0)
    elif not (file := SHARED_DATA / "hai_chau.osm.pbf").is_file():
        skip_or_fail(f"no {file}")
    return the_town(file)


def there_and_back(town: Town, begin: int) -> Iterator[tuple[int, int, Leg]]:
    """The ways between one door and all later ones, both directions, as one long route."""
    others = range(begin + 1, DOORS)
    stops = [begin, *(stop for other in others for stop in (other, begin))]
    legs = town.network.legs([town.doors[stop] for stop in stops])
    yield from zip(stops[:-1], stops[1:], legs, strict=True)


def test_the_line_between_every_pair_is_the_way_whose_time_the_matrix_gives(town: Town) -> None:
    """All 40 x 39 of them: ridden stretch by stretch, the line costs what matrix, leg and a fresh Dijkstra say."""
    matrix = town.network.matrix(town.doors)
    reached = [town.judge.reach(joint) for joint in town.joints]
    checked = 0
    for begin in range(DOORS):
        for i, j, leg in there_and_back(town, begin):
            figures = int(matrix.duration_s[i, j]), int(matrix.distance_m[i, j])
            assert (leg.duration_s, leg.distance_m) == figures
            assert (leg.line[0], leg.line[-1]) == (town.doors[i], town.doors[j])
            best = town.judge.travel(town.joints[i], reached[i], town.joints[j])
            assert leg.estimated == (best is None)
            if best is None:  # one door lies where every turn into its stretch is forbidden
                assert matrix.estimated[j]
                continue
            for seconds, metres in (best, town.judge.ride(leg.line, town.joints[i], town.joints[j])):
                assert figures[0] == pytest.approx(seconds, abs=WITHIN_S), (town.doors[i], town.doors[j])
                assert figures[1] == pytest.approx(metres, abs=WITHIN_M), (town.doors[i], town.doors[j])
            checked += 1
    assert checked >= (DOORS - 1) * (DOORS - 1)
    assert matrix.estimated.sum() <= 1


def test_the_turns_that_are_forbidden_matter_to_these_doors(town: Town) -> None:
    """Otherwise the test above would say nothing of them; the invented city forbids none."""
    free = Judge.__new__(Judge)
    free.__dict__.update(town.judge.__dict__, rules=Rules(town.judge.rules.barriers, set()), _begun=set())
    quicker = 0
    for start in town.joints[: 2 * len(town.judge.rules.turns)]:
        bound, unbound = town.judge.reach(start), free.reach(start)
        pairs = [(free.travel(start, unbound, end), town.judge.travel(start, bound, end)) for end in town.joints]
        quicker += sum(with_rules is None or without < with_rules for without, with_rules in pairs if without)
    assert (quicker > 0) == bool(town.judge.rules.turns)


def test_the_judge_sees_a_line_that_takes_another_way(town: Town) -> None:
    """Going by way of a third door is longer, and a line through the houses is none."""
    a, b, c = sorted(range(DOORS), key=lambda i: town.doors[i])[:: DOORS // 2 - 1][:3]
    there, on = town.network.legs([town.doors[a], town.doors[b], town.doors[c]])
    direct = town.network.leg(town.doors[a], town.doors[c])
    straight = [direct.line[0], town.joints[a].spot, town.joints[c].spot, direct.line[-1]]
    assert distance_m(straight[1], straight[2]) > 200
    with pytest.raises((AssertionError, KeyError)):
        town.judge.ride(straight, town.joints[a], town.joints[c])
    assert there.duration_s + on.duration_s >= direct.duration_s
