"""How well addresses are found that are written otherwise: `python -m tests.benchmarks.spellings [MAP.osm.pbf]`.

Every known door is looked for in a map that lacks it and a fifth of the others, in each of the ways below.
"""

import random
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np

from routing.geo import Point, distance_m
from routing.places.certainty import NEAR_M
from routing.places.gazetteer import Gazetteer
from routing.places.street import Alley, Street
from routing.places.text import fold
from routing.roads.osm import import_map
from tests.benchmarks.addresses import EXTRACT

FOLDS = 5
LOST_M = 1e9  # the error of an address that is not found
SURE = 0.8
LETTERS = "aeionhtgc"  # what is typed by mistake

Door = tuple[str, Alley, str, Point]
Writer = Callable[[str, Alley, str], str]
Row = tuple[float, float]


def ways(chance: random.Random) -> dict[str, Writer]:
    """The ways to write an address of (street, alley, number); the first is what the others are held against."""
    around = "P. Hải Châu, Q. Hải Châu, TP. Đà Nẵng"
    return {
        "as it should be": lambda street, alley, number: f"{_door(alley, number)} {street}",
        "without diacritics": lambda street, alley, number: fold(f"{_door(alley, number)} {street}"),
        "capitals": lambda street, alley, number: f"{_door(alley, number)} {street}".upper(),
        "decomposed": lambda street, alley, number: unicodedata.normalize("NFD", f"{_door(alley, number)} {street}"),
        "one typing error": lambda street, alley, number: f"{_door(alley, number)} {mistyped(street, chance)}",
        "both": lambda street, alley, number: f"{_door(alley, number)} {mistyped(fold(street), chance)}",
        "slashes alone": lambda street, alley, number: f"{'/'.join([*alley, number])} {street}",
        "H for K": lambda street, alley, number: f"{_door(alley, number).replace('K', 'H')} {street}",
        "kiệt ... nhà": lambda street, alley, number: f"{_in_words(alley, number)} {street}",
        "số, đường, ward, city": lambda street, alley, number: f"số {_door(alley, number)} đường {street}, {around}",
    }


def mistyped(name: str, chance: random.Random) -> str:
    """One letter left out, another in its place, one too many, or two changed over."""
    place = chance.choice([place for place, letter in enumerate(name) if letter.isalpha()])
    before, letter, after = name[:place], name[place], name[place + 1 :]
    wrong = chance.choice(LETTERS)
    swapped = after[:1] + letter + after[1:]
    return before + chance.choice([after, wrong + after, wrong + letter + after, swapped])


def _door(alley: Alley, number: str) -> str:
    return ("K" if alley else "") + "/".join([*alley, number])


def _in_words(alley: Alley, number: str) -> str:
    return f"kiệt {'/'.join(alley)} nhà {number}" if alley else f"nhà {number}"


def measure(whole: Gazetteer) -> dict[str, list[Row]]:
    """(error in metres, probability) of each door for each way of writing."""
    chance = random.Random(3)
    doors = [(street.name, *door, point) for street in whole.streets.values() for door, point in street.houses.items()]
    chance.shuffle(doors)
    found: dict[str, list[Row]] = {way: [] for way in ways(chance)}
    for fold_number in range(FOLDS):
        held = doors[fold_number::FOLDS]
        without = _without(whole, held)
        for street, alley, number, point in held:
            for way, write in ways(chance).items():
                found[way].append(_asked(without, write(street, alley, number), point))
    return found


def _without(whole: Gazetteer, held: list[Door]) -> Gazetteer:
    gone = {point for *_, point in held}
    streets = [
        Street(
            street.name,
            street.lines,
            {door: point for door, point in street.houses.items() if point not in gone},
            street.alleys,
            base=street.base,
        )
        for street in whole.streets.values()
    ]
    return Gazetteer(streets, whole.landmarks, whole.wards, whole.spots)


def _asked(gazetteer: Gazetteer, text: str, truth: Point) -> Row:
    answers = [(one.point, one.probability) for one in gazetteer.locate(text) if one.point]
    return (distance_m(answers[0][0], truth), answers[0][1]) if answers else (LOST_M, 0.0)


def main(arguments: list[str]) -> None:
    """Measure and print a line for each way of writing."""
    found = measure(import_map(Path(arguments[0]) if arguments else EXTRACT).gazetteer)
    for way, rows in found.items():
        error_m, probability = np.array(rows).T
        sure, near = probability >= SURE, error_m <= NEAR_M
        p50, p75, p90 = np.percentile(error_m, (50, 75, 90))
        print(f"{way:22} n {len(rows)} | found {np.mean(error_m < LOST_M):.1%}", end=" | ")
        print(f"error m p50 {p50:.0f} p75 {p75:.0f} p90 {p90:.0f}, within {NEAR_M} m {near.mean():.1%}", end=" | ")
        far = int(np.sum((probability >= 0.5) & (error_m > 1000)))
        print(f"sure {sure.mean():.1%}, of these within {NEAR_M} m {near[sure].mean():.1%}, over 1 km {far}")


if __name__ == "__main__":
    main(sys.argv[1:])
