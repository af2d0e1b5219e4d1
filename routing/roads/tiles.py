"""A base map cut into vector tiles (Mapbox Vector Tile 2.1), for maps too large to be sent whole.

One layer, `base`, whose features carry the properties of `routing.roads.basemap`, so that one style draws both. Tiles
exist from zoom 10 to 14; beyond that the last one is drawn larger. Narrow streets and house numbers come with zoom.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
import shapely.geometry
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from routing.roads.basemap import Feature

FIRST_ZOOM, LAST_ZOOM = 10, 14
LAYER = "base"
EXTENT = 4096
EDGE = 80  # drawn beyond the tile, so that lines meet and names are not cut
ALWAYS = {"boundary", "water", "green"}
CLASS_FROM = {"trunk": 10, "primary": 10, "secondary": 11, "tertiary": 12, "unclassified": 13, "residential": 13}
POINT, LINE, POLYGON = 1, 2, 3
MOVE, DRAW, CLOSE = 1, 2, 7


class TileSet:
    """The features of a base map, ready to be cut."""

    def __init__(self, features: list[Feature]) -> None:
        self._properties = [feature["properties"] for feature in features]
        self._from = np.array([_first_zoom(properties) for properties in self._properties], dtype=np.int64)
        shapes = shapely.get_parts(
            shapely.from_geojson([_text(feature["geometry"]) for feature in features]), return_index=True
        )
        self._shapes, self._owner = shapes
        self._tree = shapely.STRtree(self._shapes)

    @property
    def bounds(self) -> list[float]:
        """West, south, east, north in degrees; the whole earth where nothing is drawn."""
        if not len(self._shapes):
            return [-180.0, -85.0, 180.0, 85.0]
        return [round(float(value), 5) for value in shapely.total_bounds(self._shapes)]

    def tile(self, z: int, x: int, y: int) -> bytes:
        """One tile; empty where nothing lies or no such tile exists."""
        if not (FIRST_ZOOM <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
            return b""
        grown = EDGE / EXTENT
        west, north = _degrees(z, x - grown, y - grown)
        east, south = _degrees(z, x + 1 + grown, y + 1 + grown)
        found = np.sort(self._tree.query(shapely.box(west, south, east, north)))
        found = found[self._from[self._owner[found]] <= z]
        cut = shapely.clip_by_rect(self._shapes[found], west, south, east, north)
        layer = _Layer()
        for index, shape in zip(found.tolist(), cut, strict=True):
            for part in shapely.get_parts(shape):
                layer.add(
                    self._properties[self._owner[index]], shapely.transform(part, lambda xy: _pixels(z, x, y, xy))
                )
        return layer.to_bytes()


def _first_zoom(properties: dict[str, Any]) -> int:
    if properties["layer"] in ALWAYS:
        return FIRST_ZOOM
    return CLASS_FROM.get(properties.get("class", ""), LAST_ZOOM)


def _text(geometry: dict[str, Any]) -> str:
    return shapely.to_geojson(shapely.geometry.shape(geometry))


def _degrees(z: int, x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a corner of tiles (web Mercator)."""
    return x / 2**z * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**z))))


def _pixels(z: int, x: int, y: int, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Degrees to positions within the tile, y downward."""
    across = (lonlat[:, 0] + 180) / 360 * 2**z - x
    down = (1 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / np.pi) / 2 * 2**z - y
    return np.round(np.column_stack((across, down)) * EXTENT)


class _Layer:
    """The protocol buffer of one layer, as it grows."""

    def __init__(self) -> None:
        self._keys: dict[str, int] = {}
        self._values: dict[str, int] = {}
        self._features: list[bytes] = []

    def add(self, properties: dict[str, Any], shape: BaseGeometry) -> None:
        kind, rings = _rings(shape)
        commands = list(_commands(kind, rings))
        if not commands:
            return
        tags = [
            number
            for key, value in properties.items()
            for number in (
                self._keys.setdefault(key, len(self._keys)),
                self._values.setdefault(str(value), len(self._values)),
            )
        ]
        self._features.append(_field(2, _packed(tags)) + _varint(3 << 3) + _varint(kind) + _field(4, _packed(commands)))

    def to_bytes(self) -> bytes:
        if not self._features:
            return b""
        parts = [_varint(15 << 3) + _varint(2), _field(1, LAYER.encode())]
        parts += [_field(2, feature) for feature in self._features]
        parts += [_field(3, key.encode()) for key in self._keys]
        parts += [_field(4, _field(1, value.encode())) for value in self._values]
        return _field(3, b"".join(parts) + _varint(5 << 3) + _varint(EXTENT))


def _rings(shape: BaseGeometry) -> tuple[int, list[list[tuple[int, int]]]]:
    if isinstance(shape, Polygon):
        turned = orient(shape, sign=1.0)  # outer rings have a positive area where y runs downward
        return POLYGON, [_row(ring)[:-1] for ring in (turned.exterior, *turned.interiors)]
    return (POINT, [_row(shape)]) if shape.geom_type == "Point" else (LINE, [_row(shape)])


def _row(shape: BaseGeometry) -> list[tuple[int, int]]:
    """Whole positions, none twice in a row but the end of a ring."""
    row = [(int(x), int(y)) for x, y in shapely.get_coordinates(shape).tolist()]
    return [spot for i, spot in enumerate(row) if i == 0 or spot != row[i - 1] or i == len(row) - 1]


def _commands(kind: int, rings: list[list[tuple[int, int]]]) -> Iterator[int]:
    """Pen movements, each relative to the one before, signs folded in (zigzag)."""
    x = y = 0
    for ring in rings:
        if len(ring) < kind:  # a point has 1 position, a line 2, an area 3 at the least
            continue
        for i, (to_x, to_y) in enumerate(ring):
            if i < 2:
                yield (MOVE | 1 << 3) if i == 0 else (DRAW | (len(ring) - 1) << 3)
            yield from (_zigzag(to_x - x), _zigzag(to_y - y))
            x, y = to_x, to_y
        if kind == POLYGON:
            yield CLOSE | 1 << 3


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _packed(numbers: list[int]) -> bytes:
    return b"".join(map(_varint, numbers))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data
