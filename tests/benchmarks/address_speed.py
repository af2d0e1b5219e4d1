"""How quickly an address is found and suggested among 100,000: `python -m tests.benchmarks.address_speed`.

An invented city: 2,000 streets of three words, each with a bent line, 45 houses and five alleys.
"""

import random
import time
from collections.abc import Callable

import numpy as np

from routing.geo import Point
from routing.places.gazetteer import Gazetteer
from routing.places.street import Street
from routing.places.text import fold

STREETS, HOUSES, ALLEYS, QUESTIONS = 2_000, 45, 5, 1_000
FIRST = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Tôn",
    "Huỳnh",
    "Mai",
    "Cao",
]
MIDDLE = [
    "Văn",
    "Thị",
    "Hữu",
    "Đình",
    "Quang",
    "Xuân",
    "Thanh",
    "Công",
    "Bá",
    "Duy",
    "Ngọc",
    "Minh",
    "Đức",
    "Trọng",
    "Thế",
    "Hồng",
]
LAST = [
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Hà",
    "Hải",
    "Hùng",
    "Khánh",
    "Lan",
    "Linh",
    "Long",
    "Nam",
    "Nghĩa",
    "Phong",
    "Phúc",
    "Quyền",
    "Sơn",
    "Thái",
    "Tín",
    "Tùng",
    "Vinh",
]


def city(chance: random.Random) -> Gazetteer:
    """The invented city."""
    names: set[str] = set()
    while len(names) < STREETS:
        words = [chance.choice(FIRST), chance.choice(MIDDLE), chance.choice(LAST)]
        names.add(" ".join(words) + chance.choice(["", "", "", " 1", " 2", " 3"]))
    return Gazetteer([_street(name, chance) for name in sorted(names)])


def _street(name: str, chance: random.Random) -> Street:
    lat, lon = 16.0 + chance.random() * 0.1, 108.15 + chance.random() * 0.1
    line = [Point(lat + 0.0005 * step, lon + 0.0001 * chance.random()) for step in range(12)]
    street = Street(name, [line])
    for number in chance.sample(range(1, 180), HOUSES):
        side = 0.0001 if number % 2 else -0.0001
        street.add_house((), str(number), Point(lat + 0.0000328 * number, lon + side))
    for number in chance.sample(range(1, 180), ALLEYS):
        mouth = Point(lat + 0.0000328 * number, lon)
        street.alleys[str(number),] = [[mouth, Point(mouth.lat, mouth.lon + 0.001)]]
    return street


def measure(ask: Callable[[str], object], texts: list[str]) -> str:
    """p50 and p95 of one question after the other."""
    spent = []
    for text in texts:
        begin = time.perf_counter()
        ask(text)
        spent.append(1000 * (time.perf_counter() - begin))
    p50, p95, most = np.percentile(spent, (50, 95, 100))
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, most {most:.0f} ms"


def main() -> None:
    """Build, ask, print."""
    chance = random.Random(5)
    gazetteer = city(chance)
    streets = list(gazetteer.streets)
    doors = [f"{chance.randint(1, 200)} {chance.choice(streets)}" for _ in range(QUESTIONS)]
    wrong = [door[: chance.randint(4, len(door) - 1)] + "h" + door[-1] for door in doors]
    gazetteer.suggest("ng")
    print(f"{len(streets)} streets, {sum(len(s.houses) for s in gazetteer.streets.values())} house numbers")
    print("lookup                ", measure(gazetteer.locate, doors))
    print("lookup, folded        ", measure(gazetteer.locate, [fold(door) for door in doors]))
    print("lookup, typing errors ", measure(gazetteer.locate, wrong))
    print("suggestion            ", measure(gazetteer.suggest, [d[: chance.randint(2, len(d))] for d in doors]))
    print("suggestion, two letters", measure(gazetteer.suggest, [fold(chance.choice(streets))[:2] for _ in doors]))


if __name__ == "__main__":
    main()
