"""The road network of a ward or a city: travel times between doors, and the line to draw.

Units: seconds, metres, degrees. See `RoadNetwork`.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from routing.geo import Plane, Point, distances_m
from routing.roads import profile, travel
from routing.roads.hierarchy import Hierarchy
from routing.roads.snap import Snapper
from routing.roads.streets import Arcs, Streets, Turn

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_DEGREES_TO_INT = 1e7
MAIN_SHARE = 0.1  # a connected piece shorter than this share of the longest is an island


@dataclass(frozen=True)
class Matrix:
    """Travel from every point (row) to every point (column).

    `duration_s`, `distance_m`: int32 of shape (n, n), the diagonal zero, always finite. `estimated`: bool
    of shape (n,), true for a point that the known roads do not reach; its row and column are straight
    lines x 1.35.
    """

    duration_s: npt.NDArray[np.int32]
    distance_m: npt.NDArray[np.int32]
    estimated: BoolArray


@dataclass(frozen=True)
class Leg:
    """The way from one door to the next: `line` follows the streets, `streets` names them in order; `class_s` says how
    many of the seconds are ridden on which class of road."""

    duration_s: int
    distance_m: int
    line: list[Point]
    estimated: bool
    streets: list[str]
    class_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Edges:
    """Pieces of street between two junctions, as flat arrays of equal length m (m + 1 for `shape_start`).

    An edge runs from junction `start` to another junction `end`; `forward` and `backward` say which ways
    a scooter may ride it. Its points are `shape_lat[shape_start[e]:shape_start[e + 1]]` (degrees),
    likewise `shape_lon`. `road_class` indexes `profile.ROAD_CLASSES`, `surface` indexes
    `profile.SURFACES`, `name` the network's street names (-1: no name).
    """

    start: IntArray
    end: IntArray
    forward: BoolArray
    backward: BoolArray
    road_class: IntArray
    surface: IntArray
    name: IntArray
    shape_start: IntArray
    shape_lat: FloatArray
    shape_lon: FloatArray

    def __len__(self) -> int:
        return len(self.start)


class RoadNetwork:
    """Streets as flat arrays; made by `routing.roads.osm.import_map` or `routing.roads.starter.starter_map`.

    Doors are joined to the nearest point of the nearest street. Where the streets do not reach, the
    answer is a straight line x 1.35 and flagged `estimated`: never infinite, never silent.
    """

    def __init__(self, edges: Edges, names: Sequence[str], turns: Iterable[Turn] = ()) -> None:
        """`turns` are forbidden: whoever has ridden all but the last of these edges must not ride that one next."""
        self.edges = edges
        self.names = tuple(names)
        self.turns = tuple(turns)
        self._share: FloatArray | float = 1.0
        self.usual: RoadNetwork | None = None

    # -- figures --

    @cached_property
    def length_m(self) -> FloatArray:
        """Length of every edge, shape (m,)."""
        e = self.edges
        if not len(e):
            return np.zeros(0)
        steps = distances_m(e.shape_lat[:-1], e.shape_lon[:-1], e.shape_lat[1:], e.shape_lon[1:])
        steps[e.shape_start[1:-1] - 1] = 0.0  # from the last point of one edge to the first of the next
        straight_m = np.add.reduceat(np.append(steps, 0.0), e.shape_start[:-1])
        return np.where(self.is_link, straight_m * profile.DETOUR, straight_m)

    @cached_property
    def is_link(self) -> BoolArray:
        """Which edges only bridge a gap between known roads, shape (m,)."""
        link: BoolArray = self.edges.road_class == profile.LINK
        return link

    @cached_property
    def speed_mps(self) -> FloatArray:
        """Scooter speed on every edge, shape (m,)."""
        share = np.array(list(profile.SURFACE_SHARE.values()))[self.edges.surface]
        speed_mps: FloatArray = np.array(list(profile.SPEED_KMH.values()))[self.edges.road_class] * share / 3.6
        return speed_mps * self._share

    @cached_property
    def main(self) -> BoolArray:
        """Which edges belong to a piece worth riding on; the others are islands, shape (m,)."""
        component = self.component
        metres = np.bincount(component[component >= 0], self.length_m[component >= 0], minlength=1)
        big: BoolArray = metres >= MAIN_SHARE * metres.max(initial=0.0)
        main: BoolArray = (component >= 0) & big[component]
        return main

    @cached_property
    def component(self) -> IntArray:
        """Number of the strongly connected piece of every edge; -1 between pieces, shape (m,)."""
        return travel.components(self.edges)

    @cached_property
    def known_piece(self) -> IntArray:
        """As `component`, without the links: between two such pieces every figure is an estimate."""
        return travel.components(self.edges, without=self.is_link)

    @cached_property
    def plane(self) -> Plane:
        """The flat map on which doors are joined to streets."""
        e = self.edges
        if not len(e):
            return Plane(Point(0.0, 0.0))
        return Plane(Point(float(np.mean(e.shape_lat)), float(np.mean(e.shape_lon))))

    @cached_property
    def snapper(self) -> Snapper:
        """Finds the street nearest to a door."""
        return Snapper(self.edges, self.length_m, self.main & ~self.is_link, self.plane)

    def edge_points(self, edge: int) -> list[Point]:
        """The line of one edge, from its start to its end."""
        e = self.edges
        part = slice(int(e.shape_start[edge]), int(e.shape_start[edge + 1]))
        return [Point(float(a), float(b)) for a, b in zip(e.shape_lat[part], e.shape_lon[part], strict=True)]

    @cached_property
    def streets(self) -> Streets:
        """The directed graph that keeps one-ways and forbidden turns."""
        return Streets(self)

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The contracted graph; made on first use where the saved one does not fit today's speeds."""
        return Hierarchy.of(self.streets.size, self.streets.arcs)

    def slowed(self, share: FloatArray) -> "RoadNetwork":
        """The same streets, each ridden at a share of its speed, closed where that is 0; `usual` remembers these."""
        open_ = share > 0
        edges = replace(self.edges, forward=self.edges.forward & open_, backward=self.edges.backward & open_)
        slowed = RoadNetwork(edges, self.names, self.turns)
        slowed._share, slowed.usual = self._share * np.where(open_, share, 1.0), self
        return slowed

    def paced(self, share: FloatArray) -> "RoadNetwork":
        """The same streets, each ridden at a share of its speed, as on every day."""
        paced = RoadNetwork(self.edges, self.names, self.turns)
        paced._share = self._share * share
        return paced

    # -- travel --

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """Fastest scooter travel between all points."""
        trips = travel.Trips(self, points)
        return Matrix(*trips.figures(), trips.estimated)

    def leg(self, a: Point, b: Point) -> Leg:
        """The way from a to b; duration and distance equal the matrix entry."""
        return self.legs([a, b])[0]

    def legs(self, points: Sequence[Point]) -> list[Leg]:
        """The n - 1 ways along a route of n points."""
        if len(points) < 2:
            return []
        trips = travel.Trips(self, points)
        duration_s, distance_m = trips.figures()
        legs = []
        for i, (line, streets, class_s) in enumerate(trips.paths()):
            estimated = bool(trips.guessed[i, i + 1])
            legs.append(Leg(int(duration_s[i, i + 1]), int(distance_m[i, i + 1]), line, estimated, streets, class_s))
        return legs

    # -- keeping --

    def to_bytes(self) -> bytes:
        """The network as a compressed npz file without pickled objects."""
        e = self.edges
        text = json.dumps(
            {"classes": profile.ROAD_CLASSES, "names": self.names, "turns": self.turns}, ensure_ascii=False
        )
        arrays: dict[str, Any] = {
            "start": e.start.astype(np.int32),
            "end": e.end.astype(np.int32),
            "forward": e.forward,
            "backward": e.backward,
            "road_class": e.road_class.astype(np.uint8),
            "name": e.name.astype(np.int32),
            "shape_start": e.shape_start.astype(np.int32),
            "shape_lat": np.round(e.shape_lat * _DEGREES_TO_INT).astype(np.int32),
            "shape_lon": np.round(e.shape_lon * _DEGREES_TO_INT).astype(np.int32),
            "surface": e.surface.astype(np.uint8),
            "weights": np.array([_checksum(self.streets.arcs)], dtype=np.int64),
            "text": np.frombuffer(text.encode(), dtype=np.uint8),
        }
        out = io.BytesIO()
        np.savez_compressed(out, **arrays, **self.hierarchy.arrays())
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "RoadNetwork":
        """Inverse of `to_bytes`; raises ValueError when `data` is not such a file."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                text = json.loads(stored["text"].tobytes().decode())
                arrays = {field.name: stored[field.name] for field in fields(Edges)}
                hierarchy = Hierarchy.from_arrays(stored)
                weights = int(stored["weights"][0])
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise ValueError("These bytes are not a saved road network.") from error
        for key in ("start", "end", "name", "shape_start"):
            arrays[key] = arrays[key].astype(np.int64)
        for key in ("shape_lat", "shape_lon"):
            arrays[key] = arrays[key] / _DEGREES_TO_INT
        here = np.array([profile.ROAD_CLASSES.index(name) for name in text["classes"]], dtype=np.int64)
        arrays["road_class"] = here[arrays["road_class"]]
        arrays["surface"] = arrays["surface"].astype(np.int64)
        network = cls(Edges(**arrays), text["names"], map(tuple, text["turns"]))
        if _checksum(network.streets.arcs) == weights:
            network.__dict__["hierarchy"] = hierarchy
        return network


def _checksum(arcs: Arcs) -> int:
    """One number for the weights of a graph: a hierarchy serves only the weights it was made of."""
    return crc32(arcs.weight.tobytes())
