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
from routing.places.certainty import LOG_RADIUS, NEAR_M, Evidence, sureness
from routing.places.gazetteer import Gazetteer
from routing.places.numbers import number_value
from routing.places.street import Alley, Guess, Street
from routing.roads.osm import import_map
from tests.conftest import SHARED_DATA

EXTRACT = SHARED_DATA / "hai_chau.osm.pbf"
NEIGHBOURHOOD = 20  # numbers up and down that are taken away together
FOLDS, PARTINGS = 10, 8
RIDGE = 0.5
RADIUS_SHARE = 0.8
WEIGHTS = {
    "one": 1.0,
    "fifth": 0.5,
    "half": 0.5,
    "neighbourhood": 0.5,
    "alley": 0.5,  # its line is taken away
    "alley, numbers": 1.0,  # its line and all numbers in it
    "street, numbers": 0.5,  # all numbers and alleys of the street
    "asked: alley": 0.25,  # without the door's number
    "asked: street": 0.0,
}
BUCKETS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)

Door = tuple[Alley, str]


@dataclass(frozen=True)
class Case:
    """One door looked for without its own number; `taken` says what else was taken away."""

    taken: str
    street: str
    error_m: float
    guess: Guess

    @property
    def form(self) -> str:
        """What kind of answer it is."""
        evidence = self.guess.evidence
        inside = ", in an alley" if evidence and evidence.in_alley else ""
        return f"{self.guess.match_class}{inside}"


def cases(gazetteer: Gazetteer) -> Iterator[Case]:
    """Every known door in every experiment."""
    chance = random.Random(7)
    for street in gazetteer.streets.values():
        for door, point in street.houses.items():
            for taken, asked, without in _without(street, door, point):
                yield from _case(taken, without, asked, point)
        for taken, share in (("fifth", 0.2), ("half", 0.5)):
            for _ in range(3):
                yield from _by_chance(street, taken, share, chance)


def _without(street: Street, door: Door, point: Point) -> Iterator[tuple[str, Door, Street]]:
    """Experiment, what is asked for, and the street that is left."""
    alley, number = door
    value = number_value(number) or 0
    others = {other: place for other, place in street.houses.items() if place != point}
    one = Street(street.name, street.lines, others, street.alleys)
    yield "one", door, one
    far = {other: place for other, place in others.items() if other[0] != alley or _far(other, value)}
    yield "neighbourhood", door, Street(street.name, street.lines, far, street.alleys)
    yield "asked: street", ((), ""), one
    if alley:
        rest = {other: place for other, place in others.items() if other[0] != alley}
        lines = {other: line for other, line in street.alleys.items() if other != alley}
        yield "alley", door, Street(street.name, street.lines, others, lines)
        yield "alley, numbers", door, Street(street.name, street.lines, rest, lines)
        yield "asked: alley", (alley, ""), one
    elif street.lines:
        yield "street, numbers", door, Street(street.name, street.lines, {}, {})


def _far(door: Door, value: int) -> bool:
    return abs((number_value(door[1]) or 0) - value) > NEIGHBOURHOOD


def _by_chance(street: Street, taken: str, share: float, chance: random.Random) -> Iterator[Case]:
    kept = {door: place for door, place in street.houses.items() if chance.random() > share}
    without = Street(street.name, street.lines, kept, street.alleys)
    for door, point in street.houses.items():
        if door not in kept and point not in kept.values():
            yield from _case(taken, without, door, point)


def _case(taken: str, street: Street, asked: Door, point: Point) -> Iterator[Case]:
    guess = street.where(*asked)
    if guess.point is not None:
        yield Case(taken, street.name, distance_m(guess.point, point), guess)


# -- fitting --


def fit_near(rows: list[Case]) -> FloatArray:
    """Logistic regression of "within 100 m" on the features, with a light ridge."""
    x, error_m, weight = _table(rows)
    sign = np.where(error_m <= NEAR_M, 1.0, -1.0)

    def loss(b: FloatArray) -> tuple[float, FloatArray]:
        agreed = sign * (x @ b)
        ridge = RIDGE * np.concatenate([[0.0], b[1:]])
        slope = -(weight * sign / (1.0 + np.exp(agreed))) @ x
        return float(np.sum(weight * np.logaddexp(0.0, -agreed)) + ridge @ b), slope + 2 * ridge

    return np.asarray(minimize(loss, np.zeros(x.shape[1]), jac=True).x)


def fit_radius(rows: list[Case]) -> FloatArray:
    """Quantile regression of the logarithm of the error."""
    x, error_m, weight = _table(rows)
    x = x[:, : len(LOG_RADIUS)]
    log_error = np.log(np.maximum(1.0, error_m))

    def loss(b: FloatArray) -> float:
        over = log_error - x @ b
        return float(np.sum(weight * np.maximum(RADIUS_SHARE * over, (RADIUS_SHARE - 1) * over)))

    start = np.array([3.5, 0.5, 0.3, 0.1, 0.0])
    return np.asarray(minimize(loss, start, method="Nelder-Mead", options={"maxiter": 20000, "maxfev": 20000}).x)


def cross_validated(rows: list[Case]) -> FloatArray:
    """Probability of every case by a model that has not seen its street; a row for each way to part the streets, since
    one way alone is a matter of luck."""
    streets = sorted({row.street for row in rows})
    probability = np.tile([row.guess.probability for row in rows], (PARTINGS, 1))
    for parting in range(PARTINGS):
        shuffled = random.Random(parting + 1).sample(streets, len(streets))
        for fold in range(FOLDS):
            held = set(shuffled[fold::FOLDS])
            weights = fit_near([row for row in rows if row.street not in held]).tolist()
            for place, row in enumerate(rows):
                if row.street in held and row.guess.evidence:
                    probability[parting, place] = sureness(row.guess.evidence, weights).probability
    return probability


def _table(rows: list[Case]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Features, errors and weights of the cases that are estimated."""
    told: list[tuple[Case, Evidence]] = [(row, row.guess.evidence) for row in rows if row.guess.evidence]
    features = np.array([evidence.features for _, evidence in told])
    errors = np.array([row.error_m for row, _ in told])
    return features, errors, np.array([WEIGHTS[row.taken] for row, _ in told])


# -- showing --


def show(name: str, error_m: FloatArray, probability: FloatArray) -> None:
    """Errors, how many are sure, and the calibration table, over all partings."""
    counted = len(error_m)
    error_m = np.tile(error_m, len(probability))
    probability, share = probability.ravel(), len(probability)
    p50, p75, p90 = np.percentile(error_m, (50, 75, 90))
    sure, near = probability >= 0.8, error_m <= NEAR_M
    right = f"{near[sure].mean():.1%}" if sure.any() else "-"
    far = int(np.sum((probability >= 0.5) & (error_m > 1000)))
    print(f"{name:24} n {counted:4} | error m p50 {p50:.0f} p75 {p75:.0f} p90 {p90:.0f}", end=" | ")
    print(f"sure {sure.mean():.1%}, of these within {NEAR_M} m {right}, over 1 km {far}")
    for low, high in pairwise(BUCKETS):
        inside = (probability >= low) & (probability < high)
        if inside.any():
            said, seen = probability[inside].mean(), near[inside].mean()
            n = inside.sum() / share
            print(f"    said {said:.2f}  seen {seen:.2f}  n {n:.0f}{'' if n >= 100 else '  (few)'}")


def main(arguments: list[str]) -> None:
    """Fit or show."""
    fitting = arguments[:1] == ["fit"]
    path = Path(arguments[-1]) if arguments[int(fitting) :] else EXTRACT
    rows = list(cases(import_map(path).gazetteer))
    if fitting:
        print("NEAR_ODDS =", tuple(np.round(fit_near(rows), 2).tolist()))
        print("LOG_RADIUS =", tuple(np.round(fit_radius(rows), 2).tolist()))
        return
    error_m = np.array([row.error_m for row in rows])
    unseen = cross_validated(rows)
    final = np.array([[row.guess.probability for row in rows]])
    for title, probability, kinds in (
        ("cross-validated by street, by what was taken away", unseen, [row.taken for row in rows]),
        ("with the parameters in force, by what was answered", final, [row.form for row in rows]),
    ):
        print(f"\n{title}")
        for kind in dict.fromkeys([*WEIGHTS, *sorted(set(kinds))]):
            chosen = np.array([kind == other for other in kinds])
            if chosen.any():
                show(kind, error_m[chosen], probability[:, chosen])
        show("all", error_m, probability)
    within = np.array([row.error_m <= row.guess.radius_m for row in rows])
    print(f"\nwithin radius_m: {within.mean():.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
