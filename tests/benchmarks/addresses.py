"""How well unseen addresses are found: known house numbers are taken away and looked for again.

python -m tests.benchmarks.addresses [MAP.osm.pbf]        # errors and calibration, cross-validated by street
python -m tests.benchmarks.addresses fit [MAP.osm.pbf]    # the parameters of routing.places.certainty
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from routing.geo import FloatArray, Point, distance_m
from routing.places import certainty
from routing.places.certainty import NEAR_M, Evidence
from routing.places.gazetteer import Gazetteer
from routing.places.numbers import number_value
from routing.places.street import Alley, Street
from routing.roads.osm import import_map
from tests.conftest import SHARED_DATA

EXTRACT = SHARED_DATA / "hai_chau.osm.pbf"
NEIGHBOURHOOD = 20  # numbers up and down that are taken away together
FOLDS = 10
RADIUS_SHARE = 0.8
WEIGHTS = {"one": 1.0, "fifth": 0.5, "half": 0.5, "neighbourhood": 0.5, "line": 1.0, "street": 0.5}
BUCKETS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)

Door = tuple[Alley, str]


@dataclass(frozen=True)
class Case:
    """One door looked for without its own number; `taken` says what else was taken away."""

    taken: str
    street: str
    error_m: float
    evidence: Evidence
    probability: float


def cases(gazetteer: Gazetteer) -> Iterator[Case]:
    """Every known door in every experiment."""
    chance = random.Random(7)
    for street in gazetteer.streets.values():
        for (alley, number), point in street.houses.items():
            for taken, without in _without(street, alley, number, point):
                yield from _case(taken, without, alley, number, point)
        for taken, share in (("fifth", 0.2), ("half", 0.5)):
            for _ in range(3):
                yield from _by_chance(street, taken, share, chance)


def _without(street: Street, alley: Alley, number: str, point: Point) -> Iterator[tuple[str, Street]]:
    value = number_value(number) or 0
    others = {door: place for door, place in street.houses.items() if place != point}
    yield "one", Street(street.name, street.lines, others, street.alleys)
    far = {door: place for door, place in others.items() if door[0] != alley or _far(door, value)}
    yield "neighbourhood", Street(street.name, street.lines, far, street.alleys)
    if alley:
        rest = {door: place for door, place in others.items() if door[0] != alley}
        lines = {other: line for other, line in street.alleys.items() if other != alley}
        yield "line", Street(street.name, street.lines, rest, lines)
    elif street.lines:
        yield "street", Street(street.name, street.lines, {}, {})


def _far(door: Door, value: int) -> bool:
    return abs((number_value(door[1]) or 0) - value) > NEIGHBOURHOOD


def _by_chance(street: Street, taken: str, share: float, chance: random.Random) -> Iterator[Case]:
    kept = {door: place for door, place in street.houses.items() if chance.random() > share}
    without = Street(street.name, street.lines, kept, street.alleys)
    for (alley, number), point in street.houses.items():
        if (alley, number) not in kept and point not in kept.values():
            yield from _case(taken, without, alley, number, point)


def _case(taken: str, street: Street, alley: Alley, number: str, point: Point) -> Iterator[Case]:
    guess = street.where(alley, number)
    if guess.point is not None and guess.evidence is not None:
        yield Case(taken, street.name, distance_m(guess.point, point), guess.evidence, guess.probability)


def fit_near(rows: list[Case]) -> FloatArray:
    """Logistic regression of "within 100 m" on the features, with a light ridge."""
    x, weight = _features(rows), np.array([WEIGHTS[row.taken] for row in rows])
    sign = np.where([row.error_m <= NEAR_M for row in rows], 1.0, -1.0)

    def loss(b: FloatArray) -> float:
        return float(np.sum(weight * np.logaddexp(0.0, -sign * (x @ b))) + 0.1 * np.sum(b[1:] ** 2))

    return np.asarray(minimize(loss, np.zeros(x.shape[1])).x)


def fit_radius(rows: list[Case]) -> FloatArray:
    """Quantile regression of the logarithm of the error."""
    x, weight = _features(rows), np.array([WEIGHTS[row.taken] for row in rows])
    log_error = np.log(np.maximum(1.0, [row.error_m for row in rows]))

    def loss(b: FloatArray) -> float:
        over = log_error - x @ b
        return float(np.sum(weight * np.maximum(RADIUS_SHARE * over, (RADIUS_SHARE - 1) * over)))

    start = np.array([3.5, 0.5, 0.3, 0.1, 0.0, 0.0])
    return np.asarray(minimize(loss, start, method="Nelder-Mead", options={"maxiter": 20000, "maxfev": 20000}).x)


def cross_validated(rows: list[Case]) -> FloatArray:
    """Probability of every case by a model that has not seen its street."""
    streets = sorted({row.street for row in rows})
    random.Random(1).shuffle(streets)
    probability = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = set(streets[fold::FOLDS])
        weights = fit_near([row for row in rows if row.street not in held])
        chosen = np.array([row.street in held for row in rows])
        odds = _features(rows)[chosen] @ weights - certainty.MARGIN
        probability[chosen] = 1.0 / (1.0 + np.exp(-odds))
    return probability


def _features(rows: list[Case]) -> FloatArray:
    return np.array([row.evidence.features for row in rows])


def show(rows: list[Case], probability: FloatArray) -> None:
    """Errors, how many are sure, and the calibration table, for each experiment."""
    error = np.array([row.error_m for row in rows])
    for taken in WEIGHTS:
        own = np.array([row.taken == taken for row in rows])
        p50, p75, p90 = np.percentile(error[own], (50, 75, 90))
        sure = own & (probability >= 0.8)
        right = np.mean(error[sure] <= NEAR_M) if sure.any() else float("nan")
        far = int(np.sum(own & (probability >= 0.5) & (error > 1000)))
        print(f"{taken:14} n {own.sum():4} | error m p50 {p50:.0f} p75 {p75:.0f} p90 {p90:.0f}", end=" | ")
        print(f"sure {sure.sum() / own.sum():.1%}, of these within 100 m {right:.1%}, over 1 km {far}")
        for low, high in pairwise(BUCKETS):
            inside = own & (probability >= low) & (probability < high)
            if inside.any():
                said, seen = probability[inside].mean(), np.mean(error[inside] <= NEAR_M)
                print(f"    said {said:.2f}  seen {seen:.2f}  n {inside.sum()}")


def main(arguments: list[str]) -> None:
    """Fit or show."""
    fitting = arguments[:1] == ["fit"]
    path = Path(arguments[-1]) if arguments[int(fitting) :] else EXTRACT
    rows = list(cases(import_map(path).gazetteer))
    if fitting:
        print("NEAR_ODDS =", tuple(np.round(fit_near(rows), 2).tolist()))
        print("LOG_RADIUS =", tuple(np.round(fit_radius(rows), 2).tolist()))
    else:
        show(rows, cross_validated(rows))
        inside = np.mean([row.error_m <= certainty.sureness(row.evidence).radius_m for row in rows])
        print(f"within radius_m: {inside:.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
