"""Doors on the ward's real streets: a number and the point of the street where it would be."""

import random
from collections.abc import Sequence
from itertools import pairwise

from dispatch.demo.people import STREETS, Door
from dispatch.wards.map_store import current_map
from dispatch.wards.models import Ward
from routing.geo import Point, distance_m

REACH_M = 3000  # some streets run far out along the peninsula; nobody in the demo lives there
METRES_A_NUMBER = 3.65


def doors(ward: Ward, rng: random.Random, count: int) -> list[Door]:
    """Invented house numbers on real streets within reach of the office, in random order."""
    streets = current_map(ward).gazetteer.streets
    office = Point(*(ward.office or (0.0, 0.0)))
    every: list[Door] = []
    for name in STREETS:
        line = max(streets[name].lines, key=_length_m, default=None)
        if line is None:
            continue
        for at_m in range(20, int(_length_m(line)), 15):
            point = _along(line, at_m)
            if distance_m(office, point) < REACH_M:
                every.append(_door(name, at_m, point, rng))
    rng.shuffle(every)
    return every[:count]


def _door(street: str, at_m: int, point: Point, rng: random.Random) -> Door:
    number = max(1, round(at_m / METRES_A_NUMBER))
    aside = Point(point.lat + rng.uniform(-1e-4, 1e-4), point.lon + rng.uniform(-1e-4, 1e-4))
    if rng.random() < 0.25:
        return Door(f"K{number}/{rng.randint(2, 40)} {street}", street, aside)
    return Door(f"{number} {street}", street, aside)


def _length_m(line: Sequence[Point]) -> float:
    return sum(distance_m(a, b) for a, b in pairwise(line))


def _along(line: Sequence[Point], at_m: float) -> Point:
    """The point so many metres from the line's beginning."""
    for a, b in pairwise(line):
        step = distance_m(a, b)
        if at_m <= step and step > 0:
            share = at_m / step
            return Point(a.lat + (b.lat - a.lat) * share, a.lon + (b.lon - a.lon) * share)
        at_m -= step
    return line[-1]
