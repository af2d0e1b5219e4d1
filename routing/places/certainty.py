"""How sure an answer is: the probability that the door lies within 100 m, and a radius for four doors in five.

The figures come from `python -m tests.benchmarks.addresses fit`: known house numbers of Hải Châu (© OpenStreetMap
contributors, ODbL 1.0) were taken away, one by one, by halves, with all their neighbours, with their alley's line and
with all numbers of their street, and looked for again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from routing.places.numbering import Support

MatchClass = Literal["confirmed", "exact", "interpolated", "street", "name_only", "area"]

NEAR_M = 100
ASK_BELOW = 0.8  # answers less sure than this are shown to somebody who looks at the map
MARGIN = 0.2  # log odds kept back, because other towns are not the one that was measured


@dataclass(frozen=True)
class Evidence:
    """What an estimate stands on: see `numbering`; `in_alley` whether the door is not on the street itself."""

    sd_m: float
    support: Support
    in_alley: bool = False

    @property
    def features(self) -> tuple[float, ...]:
        """For the two models below; the first stands for the constant. Beyond the last known number the street's end
        holds a door nearer than its spread says: being flanked is worth less than nothing on top of that spread."""
        known = self.support
        gap = 60 if known.gap is None else known.gap
        strain = 0.0 if self.in_alley else known.strain - 1.0
        return (
            1.0,
            math.log(self.sd_m / 30.0),
            strain,
            math.log1p(gap / 5.0),
            float(self.in_alley),
            math.log1p(known.around),
            float(known.flanked),
        )


@dataclass(frozen=True)
class Sureness:
    """The class of an answer, the radius in metres that holds four doors in five, and the probability that the door
    lies within 100 m."""

    match_class: MatchClass
    radius_m: int
    probability: float


AT_MOST = 0.98  # one known number in fifty stands in the wrong place itself
STREET_AT_MOST = 0.79  # without a single known number somebody should look
STREET_NEAR_M = 150.0  # doors are thicker in the middle of a street than evenly spread ones would be
CONFIRMED = Sureness("confirmed", 10, 0.99)
EXACT = Sureness("exact", 20, 0.97)
NEAR_ODDS = (1.98, -2.21, -1.56, -0.27, 1.28, 0.68, -0.45)
LOG_RADIUS = (3.6, 1.05, 0.71, 0.34, -0.02)  # of the first features alone


def sureness(evidence: Evidence, near_odds: Sequence[float] = NEAR_ODDS) -> Sureness:
    """How sure an estimated place is."""
    odds = _dot(near_odds, evidence.features) - MARGIN
    probability = 1.0 / (1.0 + math.exp(-odds))
    radius_m = max(EXACT.radius_m, round(math.exp(_dot(LOG_RADIUS, evidence.features[: len(LOG_RADIUS)]))))
    if evidence.support.gap is None and not evidence.in_alley:
        return Sureness("street", radius_m, min(probability, STREET_AT_MOST))
    return Sureness("interpolated", radius_m, min(probability, AT_MOST))


def street_only(reach_m: int) -> Sureness:
    """How sure the middle of a street is that reaches so far from it."""
    return Sureness("street", reach_m, STREET_AT_MOST * min(1.0, STREET_NEAR_M / reach_m))


def _dot(weights: Sequence[float], features: Sequence[float]) -> float:
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))
