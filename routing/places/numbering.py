"""House numbers along a street: where a number should be, from the numbers whose place is known.

A number's distance from the street's beginning is taken for a random walk over the numbers: 3.65 m each at the
median, shared by both sides to a part, wandering off by a few metres a number. Between two known numbers of a side
that is interpolation, past the last one extrapolation; its variance says how far off the answer may be. The figures
were fitted by `tests/benchmarks/addresses.py` on known numbers left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routing.geo import FloatArray

METRES_PER_NUMBER = 3.65
STREET_ASIDE_M = 8.0
ALLEY_ASIDE_M = 4.0
NEAR_LINE_M = 60.0  # known numbers farther than this from the street's line say nothing about the others
_NEAREST = 14  # numbers below and above that are asked
_BLOCK = 48  # numbers that are checked against each other at a time
_KIND_SD_M = {"pin": 3.0, "house": 3.0, "mouth": 8.0, "end": 40.0}
_ANYWHERE_M2 = 1e6  # variance of a street's beginning
_UNLIKELY = 3.5  # standard deviations from what the others say: not believed
AROUND = 30  # numbers up and down
_WITNESSES = 8  # known numbers near by whose agreement with each other is measured


@dataclass(frozen=True)
class Walk:
    """How numbers wander, in square metres a number: both sides together, and each side for itself; and the
    variance between the beginnings of the sides."""

    both: float = 20.0
    side: float = 55.0
    apart: float = 120.0


@dataclass(frozen=True)
class Known:
    """A number whose place is known, as a place beside the street's spine; kind is pin, house, mouth or end."""

    value: int
    along_m: float
    aside_m: float
    kind: str = "house"


@dataclass(frozen=True)
class Support:
    """What stands behind an estimate: how many numbers away the nearest known one is (None without any), how much the
    known ones near by strain against each other, in standard deviations, how many of them are within 30 numbers, and
    whether the number's own side is known both below and above it.
    """

    gap: int | None
    strain: float = 1.0
    around: int = 0
    flanked: bool = False


@dataclass(frozen=True)
class Estimate:
    """Where a number should be, its standard deviation along the street, and what stands behind it."""

    along_m: float
    aside_m: float
    sd_m: float
    support: Support


class Numbering:
    """The known numbers of a street or an alley of `length_m`; they grow along the spine when `rule` is 1, against
    it when it is -1, unless the known ones say otherwise. Doors lie `aside_m` from the middle where none is known."""

    def __init__(self, known: Sequence[Known], length_m: float, rule: int, aside_m: float = STREET_ASIDE_M) -> None:
        self.length_m = length_m
        self.aside_m = aside_m
        self.walk = Walk()
        near = [one for one in known if abs(one.aside_m) < NEAR_LINE_M]
        self.direction = _direction(near, rule)
        near = near or [Known(0, 0.0 if self.direction > 0 else length_m, 0.0, "end")]
        if not any(one.kind == "mouth" and one.value == 0 for one in near):
            near = [*near, Known(0, 0.0 if self.direction > 0 else length_m, 0.0, "end")]
        self.known = sorted(near, key=lambda one: one.value)

    @cached_property
    def trusted(self) -> list[Known]:
        """The known numbers without those that contradict the others."""
        return [one for one, unlikely in self._judged if unlikely < _UNLIKELY]

    @cached_property
    def _judged(self) -> list[tuple[Known, float]]:
        """Every known number with its distance from what the others say, in standard deviations."""
        judged: list[tuple[Known, float]] = []
        for first in range(0, len(self.known), _BLOCK):
            judged += self._judge(self.known[first : first + _BLOCK])
        return sorted(judged, key=lambda one: one[0].value)

    def at(self, value: int) -> Estimate:
        """Where a number should be."""
        asked, wanted = self._nearest(value), np.array([float(value)])
        to_known = (self._shared(wanted, _values(asked)) + self._own(wanted, _values(asked)))[0]
        weights = np.linalg.solve(self._covariance(asked), to_known)
        along = float(self._trend(wanted)[0] + weights @ self._residuals(asked))
        alone = float(self._shared(wanted, wanted)[0, 0] + self._own(wanted, wanted)[0, 0])
        sd_m = max(1.0, alone - float(weights @ to_known)) ** 0.5
        return Estimate(along, self._aside(value), sd_m, self._support(value))

    def _support(self, value: int) -> Support:
        apart = [one.value - value for one in self.trusted if one.kind != "end"]
        own_side = [away for away in apart if away % 2 == 0]
        flanked = any(away <= 0 for away in own_side) and any(away > 0 for away in own_side)
        around = sum(abs(away) <= AROUND for away in apart)
        return Support(min(map(abs, apart), default=None), self._strain(value), around, flanked)

    # -- the walk --

    def _trend(self, values: FloatArray) -> FloatArray:
        begin = 0.0 if self.direction > 0 else self.length_m
        return np.asarray(begin + self.direction * METRES_PER_NUMBER * values)

    def _shared(self, one: FloatArray, other: FloatArray) -> FloatArray:
        return np.asarray(_ANYWHERE_M2 + self.walk.both * np.minimum(one[:, None], other))

    def _own(self, one: FloatArray, other: FloatArray) -> FloatArray:
        """What only numbers of one side share."""
        same = one[:, None] % 2 == other % 2
        return np.asarray((self.walk.apart + self.walk.side * np.minimum(one[:, None], other)) * same)

    def _covariance(self, asked: Sequence[Known]) -> FloatArray:
        values = _values(asked)
        noise = np.array([_KIND_SD_M[one.kind] ** 2 for one in asked])
        return self._shared(values, values) + self._own(values, values) + np.diag(noise)

    def _residuals(self, asked: Sequence[Known]) -> FloatArray:
        return np.array([one.along_m for one in asked]) - self._trend(_values(asked))

    def _judge(self, block: list[Known]) -> list[tuple[Known, float]]:
        """Take away the number that the others find least likely, until all can live with each other."""
        left_out: list[tuple[Known, float]] = []
        while True:
            inverse = np.linalg.inv(self._covariance(block))
            unlikely = np.abs(inverse @ self._residuals(block)) / np.sqrt(np.diag(inverse))
            worst = int(np.argmax(unlikely * np.array([one.kind != "pin" for one in block])))
            if unlikely[worst] < _UNLIKELY or len(block) < 4 or len(left_out) > len(block) // 3:
                break
            left_out.append((block[worst], float(unlikely[worst])))
            block = block[:worst] + block[worst + 1 :]
        likely = np.minimum(unlikely, 0.99 * _UNLIKELY)
        return left_out + list(zip(block, map(float, likely), strict=True))

    def _strain(self, value: int) -> float:
        """Of the known numbers near by. Where somebody has stood the guessed end of the street has no say."""
        pinned = any(one.kind == "pin" for one in self.known)
        told = [judged for judged in self._judged if not (pinned and judged[0].kind == "end")]
        near = sorted(told, key=lambda judged: abs(judged[0].value - value))[:_WITNESSES]
        alone = pinned and len(near) < 2
        return 1.0 if alone else float(np.mean([min(unlikely, _UNLIKELY) for _, unlikely in near]))

    def _nearest(self, value: int) -> list[Known]:
        below = [one for one in self.trusted if one.value <= value]
        above = [one for one in self.trusted if one.value > value]
        return below[-_NEAREST:] + above[:_NEAREST]

    def _aside(self, value: int) -> float:
        """As far from the spine as the houses of that side near by; odd numbers are on the left where nothing is
        known."""
        side = [one for one in self.trusted if one.value % 2 == value % 2 and one.kind in ("house", "pin")]
        side = sorted(side, key=lambda one: abs(one.value - value))[:5]
        usual = self.aside_m * self.direction * (1 if value % 2 else -1)
        return float(np.median([usual, *(one.aside_m for one in side)]))


def _values(known: Sequence[Known]) -> FloatArray:
    return np.array([one.value for one in known], dtype=np.float64)


def _direction(known: Sequence[Known], rule: int) -> int:
    """Whether more pairs of a side grow along the spine or against it."""
    value = _values(known)
    along = np.array([one.along_m for one in known])
    pairs = np.sign(value[:, None] - value) * np.sign(along[:, None] - along) * (value[:, None] % 2 == value % 2)
    growing = float(pairs.sum()) / 2 + rule * 0.5
    return 1 if growing >= 0 else -1
