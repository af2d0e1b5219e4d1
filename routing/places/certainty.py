"""How sure an answer is: the probability that the door lies within 100 m, and a radius for four doors in five.

The figures come from `python -m tests.benchmarks.addresses fit`: known house numbers of Hải Châu (© OpenStreetMap
contributors, ODbL 1.0) were taken away, one by one, by halves, with all their neighbours, with their alley's line and
with all numbers of their street, and looked for again.
"""

import math
from dataclasses import dataclass
from typing import Literal

MatchClass = Literal["confirmed", "exact", "interpolated", "street", "name_only", "area"]

NEAR_M = 100
ASK_BELOW = 0.8  # answers less sure than this are shown to somebody who looks at the map
MARGIN = 0.3  # log odds kept back, because other towns are not the one that was measured


@dataclass(frozen=True)
class Evidence:
    """What an estimate stands on: see `numbering.Estimate`; `drawn` says whether the alley's own line is known."""

    sd_m: float
    gap: int | None
    strain: float
    in_alley: bool = False
    drawn: bool = True

    @property
    def features(self) -> tuple[float, ...]:
        """For the two models below; the first stands for the constant."""
        gap = 60 if self.gap is None else self.gap
        strain = 0.0 if self.in_alley else self.strain - 1.0
        undrawn = self.in_alley and not self.drawn
        return (1.0, math.log(self.sd_m / 30.0), strain, math.log1p(gap / 5.0), float(self.in_alley), float(undrawn))


@dataclass(frozen=True)
class Sureness:
    """The class of an answer, the radius in metres that holds four doors in five, and the probability that the door
    lies within 100 m."""

    match_class: MatchClass
    radius_m: int
    probability: float


AT_MOST = 0.98  # one known number in fifty stands in the wrong place itself
STREET_AT_MOST = 0.75  # without a single known number
CONFIRMED = Sureness("confirmed", 10, 0.99)
EXACT = Sureness("exact", 20, 0.97)
NEAR_ODDS = (2.73, -2.27, -1.56, -0.52, 1.2, -0.44)
LOG_RADIUS = (3.73, 1.14, 0.74, 0.25, 0.0, -0.02)


def sureness(evidence: Evidence) -> Sureness:
    """How sure an estimated place is."""
    odds = _dot(NEAR_ODDS, evidence.features) - MARGIN
    probability = 1.0 / (1.0 + math.exp(-odds))
    radius_m = max(EXACT.radius_m, round(math.exp(_dot(LOG_RADIUS, evidence.features))))
    if evidence.gap is None and not evidence.in_alley:
        return Sureness("street", radius_m, min(probability, STREET_AT_MOST))
    return Sureness("interpolated", radius_m, min(probability, AT_MOST))


def street_only(reach_m: int) -> Sureness:
    """How sure the middle of a street is that reaches so far from it."""
    return Sureness("street", reach_m, STREET_AT_MOST * min(1.0, NEAR_M / reach_m))


def _dot(weights: tuple[float, ...], features: tuple[float, ...]) -> float:
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))
