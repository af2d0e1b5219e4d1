"""The road network of a ward or a city: travel times between doors, and the line to draw.

Units: seconds, metres, degrees. See `RoadNetwork`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.geo import Point


@dataclass(frozen=True)
class Matrix:
    """Travel from every point (row) to every point (column).

    `duration_s`, `distance_m`: int32 of shape (n, n), the diagonal zero, always finite. `estimated`: bool of shape
    (n,), true for a point that the known roads do not reach; its row and column are straight lines x 1.35.
    """

    duration_s: npt.NDArray[np.int32]
    distance_m: npt.NDArray[np.int32]
    estimated: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Leg:
    """The way from one door to the next: `line` follows the streets, `streets` names them in order."""

    duration_s: int
    distance_m: int
    line: list[Point]
    estimated: bool
    streets: list[str]


class RoadNetwork:
    """Streets as flat arrays; made by `routing.roads.osm.import_map` or `routing.roads.starter.starter_map`."""

    def to_bytes(self) -> bytes:
        """The network as a compressed npz file without pickled objects."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> "RoadNetwork":
        """Inverse of `to_bytes`; raises ValueError when `data` is not such a file."""
        raise NotImplementedError

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """Fastest scooter travel between all points."""
        raise NotImplementedError

    def leg(self, a: Point, b: Point) -> Leg:
        """The way from a to b; duration and distance equal the matrix entry."""
        raise NotImplementedError

    def legs(self, points: Sequence[Point]) -> list[Leg]:
        """The n - 1 ways along a route of n points."""
        raise NotImplementedError
