"""Where a tổ, a khu phố or a ward lies: from the doors and nodes that are known to belong to it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from routing.geo import Point, distance_m
from routing.places.certainty import NEAR_M
from routing.places.text import fold

LEAST_RADIUS_M = {"tổ": 200, "khu phố": 400, "thôn": 600, "": 800}  # "": a ward; thought to reach so far at least
ENOUGH = 4  # known doors, from which on their spread counts
BEYOND = 1.2  # the doors that are not known lie farther out
AT_MOST = 0.75


@dataclass(frozen=True)
class AreaSpot:
    """A place known to lie in a group (`tổ 25`) of a ward; either is empty where it is not known."""

    group: str
    ward: str
    point: Point


@dataclass(frozen=True)
class Neighbourhood:
    """A group or a ward: its middle, and the radius in metres that holds four doors in five."""

    label: str
    middle: Point
    radius_m: int

    @property
    def probability(self) -> float:
        """That a door lies within 100 m of the middle, where doors are spread evenly."""
        return min(AT_MOST, 0.8 * (NEAR_M / self.radius_m) ** 2)


class Neighbourhoods:
    """All groups and wards of which a spot is known. Groups are numbered anew in every ward."""

    def __init__(self, spots: Iterable[AreaSpot]) -> None:
        self._groups: dict[str, dict[str, list[AreaSpot]]] = defaultdict(lambda: defaultdict(list))
        self._wards: dict[str, list[AreaSpot]] = defaultdict(list)
        for spot in spots:
            if spot.group:
                self._groups[fold(spot.group)][fold(spot.ward)].append(spot)
            if spot.ward:
                self._wards[fold(spot.ward)].append(spot)

    def find(self, group: str, ward: str) -> list[Neighbourhood]:
        """The group in that ward; where no ward is said, in every one that has such a group; else the ward."""
        by_ward = self._groups.get(fold(group), {}) if group else {}
        asked = [fold(ward), ""] if ward else list(by_ward)
        found = [_around(by_ward[name]) for name in asked if name in by_ward][: 1 if ward else None]
        if not found and ward and (spots := self._wards.get(fold(ward))):
            found = [_around([AreaSpot("", spot.ward, spot.point) for spot in spots])]
        return found


def _around(spots: list[AreaSpot]) -> Neighbourhood:
    one = spots[0]
    middle = Point(*(float(np.median([spot.point[axis] for spot in spots])) for axis in (0, 1)))
    least = LEAST_RADIUS_M.get(one.group.rpartition(" ")[0], LEAST_RADIUS_M["tổ"])
    spread = np.quantile([distance_m(middle, spot.point) for spot in spots], 0.8) if len(spots) >= ENOUGH else 0.0
    label = ", ".join(filter(None, (one.group, one.ward)))
    return Neighbourhood(label, middle, max(least, round(BEYOND * float(spread))))
