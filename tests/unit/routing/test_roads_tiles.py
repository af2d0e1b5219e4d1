"""Vector tiles, read back by a small decoder of the test's own (Mapbox Vector Tile specification 2.1)."""

from typing import Any

import pytest

from routing.roads.tiles import EXTENT, TileSet

# Tile 14/13116/7451 begins at 108.193359375 E and is some 0.02197 degrees wide.
Z, X, Y = 14, 13116, 7451
WEST, EAST = 108.193359375, 108.21533203125


def line(*spots: tuple[float, float], **properties: str) -> dict[str, Any]:
    geometry = {"type": "LineString", "coordinates": [list(spot) for spot in spots]}
    return {"type": "Feature", "properties": {"layer": "road", **properties}, "geometry": geometry}


FEATURES = [
    line((WEST - 0.05, 16.05), (EAST + 0.05, 16.05), name="Điện Biên Phủ", **{"class": "primary"}),
    line((WEST + 0.001, 16.052), (WEST + 0.002, 16.052), **{"class": "alley"}),
    {
        "type": "Feature",
        "properties": {"layer": "house", "number": "45"},
        "geometry": {"type": "Point", "coordinates": [(WEST + EAST) / 2, 16.05]},
    },
    {
        "type": "Feature",
        "properties": {"layer": "water", "name": "Hồ"},
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [
                [
                    [[WEST + 0.004, 16.05], [WEST + 0.008, 16.05], [WEST + 0.008, 16.054], [WEST + 0.004, 16.05]],
                ]
            ],
        },
    },
    line((0.0, 0.0), (1.0, 1.0), **{"class": "trunk"}),
]


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data: bytes) -> list[tuple[int, Any]]:
    found, at = [], 0
    while at < len(data):
        key, at = varint(data, at)
        value: Any
        value, at = varint(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
        found.append((key >> 3, value))
    return found


def numbers(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        found.append(value)
    return found


def spots(commands: list[int]) -> list[tuple[int, int]]:
    x = y = at = 0
    found = []
    while at < len(commands):
        command, times = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(times if command != 7 else 0):
            dx, dy = ((n >> 1) ^ -(n & 1) for n in commands[at : at + 2])
            x, y, at = x + dx, y + dy, at + 2
            found.append((x, y))
    return found


def read(tile: bytes) -> list[tuple[dict[str, str], int, list[tuple[int, int]]]]:
    """Properties, kind and positions of every feature."""
    if not tile:
        return []
    ((number, layer),) = fields(tile)
    assert number == 3
    rows = fields(layer)
    assert dict(rows)[15] == 2
    assert (dict(rows)[1], dict(rows)[5]) == (b"base", EXTENT)
    keys = [value.decode() for number, value in rows if number == 3]
    values = [dict(fields(value))[1].decode() for number, value in rows if number == 4]
    found = []
    for feature in (dict(fields(value)) for number, value in rows if number == 2):
        tags = numbers(feature[2])
        properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        found.append((properties, feature[3], spots(numbers(feature[4]))))
    return found


@pytest.fixture(scope="module")
def tiles() -> TileSet:
    return TileSet(FEATURES)


def test_a_tile_holds_what_lies_in_it_cut_at_its_edge(tiles: TileSet) -> None:
    road, alley, house, water = read(tiles.tile(Z, X, Y))
    assert road[:2] == ({"layer": "road", "name": "Điện Biên Phủ", "class": "primary"}, 2)
    assert [x for x, _y in road[2]] == [-80, EXTENT + 80]
    assert alley[0]["class"] == "alley"
    assert alley[2][0][0] == pytest.approx(0.001 / 0.02197265625 * EXTENT, abs=1)
    assert (house[0]["number"], house[1]) == ("45", 1)
    assert house[2][0][0] == EXTENT // 2
    assert (water[0]["name"], water[1], len(water[2])) == ("Hồ", 3, 3)


def test_an_outer_ring_turns_the_way_the_specification_asks(tiles: TileSet) -> None:
    ring = read(tiles.tile(Z, X, Y))[3][2]
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    assert twice > 0


def test_narrow_streets_and_numbers_come_with_zoom(tiles: TileSet) -> None:
    far = read(tiles.tile(Z - 4, X >> 4, Y >> 4))
    assert [(one[0]["layer"], one[0].get("class")) for one in far] == [("road", "primary"), ("water", None)]


@pytest.mark.parametrize(
    ("z", "x", "y"), [(Z, 0, 0), (9, X >> 5, Y >> 5), (15, 2 * X, 2 * Y), (Z, -1, Y), (Z, 2**14, Y)]
)
def test_elsewhere_is_empty(tiles: TileSet, z: int, x: int, y: int) -> None:
    assert tiles.tile(z, x, y) == b""
    assert TileSet([]).tile(z, x, y) == b""
