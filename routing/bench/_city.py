"""An invented city as an .osm.pbf file: a crooked grid of streets with one-ways, house numbers and many buildings."""

import random
from itertools import count, product
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

SOUTH, WEST, STEP = 16.0, 108.0, 0.0009  # degrees; a block is some 100 m long
SYLLABLES = """An Bình Châu Dũng Giang Hà Hải Hạnh Hòa Hùng Hưng Khánh Kim Lan Lâm Liên Linh Long Mai Minh Nam Nga Ngọc
Nhân Phong Phú Phúc Quang Quý Sơn Tâm Thanh Thành Thảo Thu Thủy Tiến Toàn Trang Trung Tú Tuấn Vân Việt Vinh Xuân Yến"""


class City:
    """Writes `side` x `side` crossings and `buildings` outlines; the same seed gives the same city."""

    def __init__(self, path: Path, side: int, buildings: int, seed: int = 1) -> None:
        path.unlink(missing_ok=True)
        self._random, self._side = random.Random(seed), side
        self._ids, self._ways = count(1), list[tuple[list[int], dict[str, str]]]()
        self._writer = osmium.SimpleWriter(str(path))
        crossings = {at: self._crossing(*at) for at in product(range(side), repeat=2)}
        for (row, column), begin in crossings.items():
            for after in ((row, column + 1), (row + 1, column)):
                if after in crossings and self._random.random() < 0.85:
                    line = row if after[0] == row else side + column
                    self._street(line, begin, crossings[after])
        for _ in range(buildings):
            self._building()
        for number, (nodes, tags) in enumerate(self._ways, 1):
            self._writer.add_way(Way(id=number, nodes=nodes, tags=tags))
        self._writer.close()

    def _node(self, lat: float, lon: float, **tags: str) -> int:
        number = next(self._ids)
        self._writer.add_node(Node(id=number, location=(lon, lat), tags=tags))
        return number

    def _crossing(self, row: int, column: int) -> tuple[int, float, float]:
        lat = SOUTH + (row + self._random.uniform(-0.2, 0.2)) * STEP
        lon = WEST + (column + self._random.uniform(-0.2, 0.2)) * STEP
        return self._node(lat, lon), lat, lon

    def _street(self, line: int, begin: tuple[int, float, float], end: tuple[int, float, float]) -> None:
        """One block with a bend in the middle and a house beside it."""
        lat, lon = (begin[1] + end[1]) / 2, (begin[2] + end[2]) / 2
        bend = self._node(lat + self._random.uniform(-0.1, 0.1) * STEP, lon)
        tags = {"highway": "residential", "name": name_of(line)}
        if line % 10 == 0:
            tags["highway"] = "primary" if line % 20 == 0 else "secondary"
        if self._random.random() < 0.1:
            tags["oneway"] = "yes"
        self._ways.append(([begin[0], bend, end[0]], tags))
        house = {"addr:housenumber": str(self._random.randrange(1, 900)), "addr:street": tags["name"]}
        self._node(lat + 0.1 * STEP, lon + 0.1 * STEP, **house)

    def _building(self) -> None:
        lat = SOUTH + self._random.random() * self._side * STEP
        lon = WEST + self._random.random() * self._side * STEP
        corners = [self._node(lat + y * 8e-5, lon + x * 6e-5) for y, x in ((0, 0), (0, 1), (1, 1), (1, 0))]
        self._ways.append(([*corners, corners[0]], {"building": "yes"}))


def name_of(line: int) -> str:
    """A Vietnamese-looking name for a line of the grid; no two are alike below 100,000."""
    words = SYLLABLES.split()
    size = len(words)
    return " ".join(words[number % size] for number in (line * 7, line // size + line * 3, line // size // size + line))
