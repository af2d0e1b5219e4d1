"""Streets that are closed or slow for a while, anchored by where they lie, so that another import finds them again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString

from routing.geo import Point

if TYPE_CHECKING:
    from routing.roads.network import RoadNetwork

BESIDE_M = 10.0  # a street drawn anew lies within this of where it lay


@dataclass(frozen=True)
class Change:
    """Stretches of road on which one rides at `speed_share` of the usual speed; 0 where nobody passes."""

    lines: tuple[tuple[Point, ...], ...]
    speed_share: float


@dataclass(frozen=True)
class Stretch:
    """Part of a street: its name (may be empty), the lines of its edges, and their length."""

    street: str
    lines: tuple[tuple[Point, ...], ...]
    length_m: int


def stretch_at(network: "RoadNetwork", point: Point, reach_m: float = 0.0) -> Stretch | None:
    """The street nearest to a point: between its two crossings there, or everything of that name within `reach_m`.

    None where no street is near.
    """
    edge = int(network.snapper.snap([point]).edge[0])
    if edge < 0:
        return None
    name = int(network.edges.name[edge])
    edges = [edge]
    if reach_m and name >= 0:
        alike = np.flatnonzero(network.edges.name == name)
        spot = shapely.Point(network.plane.flat(point))
        near = shapely.distance(network.snapper.lines[alike], spot) <= reach_m
        edges = sorted({edge, *alike[near].tolist()})
    lines = tuple(tuple(network.edge_points(one)) for one in edges)
    return Stretch(network.names[name] if name >= 0 else "", lines, round(float(network.length_m[edges].sum())))


def with_changes(network: "RoadNetwork", changes: Iterable[Change]) -> "RoadNetwork":
    """The network as it is ridden while these changes hold; the slowest counts where several meet."""
    share = np.ones(len(network.edges))
    for change in changes:
        for line in change.lines:
            edges = _edges_along(network, line)
            share[edges] = np.minimum(share[edges], change.speed_share)
    return network.slowed(share)


def _edges_along(network: "RoadNetwork", line: Sequence[Point]) -> npt.NDArray[np.int64]:
    """Edges that run beside the line for half of the shorter one of the two; a street that crosses it does not."""
    flat = LineString(network.plane.xy([p.lat for p in line], [p.lon for p in line]))
    lines = network.snapper.lines
    beside = shapely.intersection(lines, flat.buffer(BESIDE_M))
    common_m = shapely.length(beside)
    first = shapely.line_locate_point(flat, shapely.get_point(lines, 0))
    last = shapely.line_locate_point(flat, shapely.get_point(lines, -1))
    shorter_m = np.minimum(shapely.length(lines), flat.length)
    along = (common_m >= 0.5 * shorter_m) & (np.abs(last - first) >= 0.5 * common_m) & (common_m > 0)
    return np.flatnonzero(along & ~network.is_link)
