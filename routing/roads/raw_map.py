"""OpenStreetMap elements as they come, cut to an area; every reader gives this, every builder takes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from routing.geo import Point
from routing.roads.boundary import Boundary
from routing.roads.conditional import SUFFIX, TURN_KEYS

Tags = Mapping[str, str]
OnProgress = Callable[[float, str], None]
Stop = Callable[[], bool]

WANTED_KEYS = ("highway", "addr:housenumber", "natural", "waterway", "landuse", "leisure", "amenity", "route")
NEIGHBOURHOODS = {"suburb", "quarter", "neighbourhood", "village", "hamlet"}  # values of `place`
RULE_KEYS = ("barrier", *TURN_KEYS, *(key + SUFFIX for key in TURN_KEYS))


class MapError(Exception):
    """A map could not be taken over; the text says why."""


class MapFileError(MapError):
    """The file is not OpenStreetMap data that we can read."""


class MapEmpty(MapError):
    """The data holds no road within the area."""


class ImportStopped(MapError):
    """Somebody pressed stop."""


@dataclass(frozen=True)
class Watch:
    """Tells how far the work is, and ends it when asked: `on_progress(fraction, code)`, `stop()`."""

    on_progress: OnProgress = lambda fraction, code: None
    stop: Stop = lambda: False

    def tell(self, fraction: float, code: str) -> None:
        """Report progress (0 to 1); raises ImportStopped when a stop was asked for."""
        if self.stop():
            raise ImportStopped("The import was stopped.")
        self.on_progress(min(1.0, fraction), code)


@dataclass(frozen=True)
class RawWay:
    """A way's tags and its nodes as indexes into `RawMap.points`, in runs: it is cut where it leaves the area."""

    id: int
    tags: Tags
    runs: tuple[tuple[int, ...], ...]
    whole: bool

    @property
    def closed(self) -> bool:
        return self.whole and len(self.runs[0]) > 3 and self.runs[0][0] == self.runs[0][-1]


@dataclass(frozen=True)
class RawArea:
    """A multipolygon: its tags and the ids of its outer ways."""

    tags: Tags
    outer: tuple[int, ...]


@dataclass(frozen=True)
class RawTurn:
    """A turn restriction: its tags, and the ids of the ways and nodes by role (`from`, `via`, `to`)."""

    tags: Tags
    ways: tuple[tuple[str, int], ...]
    nodes: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, tags: Tags, members: Iterable[tuple[str, str, int]]) -> "RawTurn":
        """From the relation's members as (type, role, id); types are written `node`, `way` or `n`, `w`."""
        rows = list(members)
        return cls(
            tags,
            tuple((role, ref) for kind, role, ref in rows if kind[0] == "w"),
            tuple((role, ref) for kind, role, ref in rows if kind[0] == "n"),
        )


@dataclass
class RawMap:
    """Everything of the area that we use. `outlines` are ways that only serve as sides of an area; `barriers` the ids
    of nodes that no scooter passes; `unread` counts barriers whose hours cannot be read."""

    points: "NodeTable"
    nodes: list[tuple[Point, Tags]] = field(default_factory=list)
    ways: list[RawWay] = field(default_factory=list)
    areas: list[RawArea] = field(default_factory=list)
    outlines: list[RawWay] = field(default_factory=list)
    turns: list[RawTurn] = field(default_factory=list)
    barriers: list[int] = field(default_factory=list)
    unread: int = 0


class NodeTable:
    """Positions of many nodes in little memory (24 bytes each), found by OpenStreetMap id."""

    def __init__(
        self, ids: npt.ArrayLike, lat: npt.ArrayLike, lon: npt.ArrayLike, area: Boundary | None = None
    ) -> None:
        id_array = np.asarray(ids, dtype=np.int64)
        lat_array, lon_array = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
        if area is not None:
            inside = shapely.contains_xy(area.shape, lon_array, lat_array)
            id_array, lat_array, lon_array = id_array[inside], lat_array[inside], lon_array[inside]
        _, first = np.unique(id_array, return_index=True)
        self._ids, self._lat, self._lon = id_array[first], lat_array[first], lon_array[first]

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, index: int) -> Point:
        return Point(float(self._lat[index]), float(self._lon[index]))

    def index(self, node_id: int) -> int | None:
        """Where the node of this OpenStreetMap id stands; None when it lies outside."""
        at = int(np.searchsorted(self._ids, node_id))
        return at if at < len(self._ids) and self._ids[at] == node_id else None

    def way(self, way_id: int, tags: Tags, refs: Iterable[int]) -> RawWay | None:
        """A way over these nodes, cut where nodes are missing; None when nothing of it is left."""
        wanted = np.fromiter(refs, dtype=np.int64)
        if not len(self._ids) or len(wanted) < 2:
            return None
        index = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
        known = self._ids[index] == wanted
        if known.all():
            return RawWay(way_id, tags, (tuple(index.tolist()),), whole=True)
        pieces = np.split(index, np.flatnonzero(~known))
        keep = np.split(known, np.flatnonzero(~known))
        runs = [tuple(piece[ok].tolist()) for piece, ok in zip(pieces, keep, strict=True)]
        runs = [run for run in runs if len(run) > 1]
        return RawWay(way_id, tags, tuple(runs), whole=False) if runs else None


def is_turn_rule(tags: Tags) -> bool:
    """Whether a relation with these tags forbids or commands a turn."""
    return any(key in tags for key in RULE_KEYS[1:])


def is_wanted(tags: Tags) -> bool:
    """Whether a way with these tags is a road, a surface to draw, or says where a house or a named place is."""
    return any(key in tags for key in WANTED_KEYS) or worth_keeping(tags)


def worth_keeping(tags: Tags) -> bool:
    """Whether a node says where a house or a named place is."""
    named = "name" in tags and (any(key in tags for key in landmark_kinds) or tags.get("place") in NEIGHBOURHOODS)
    return "addr:housenumber" in tags or named


landmark_kinds = {"amenity", "office", "shop", "tourism", "healthcare", "leisure", "historic", "building"}
