"""How fast our people really ride: their own times against the table's, by class of road and by hour.

A factor above 1 means slower than the table. Few rides say little: every factor is drawn towards 1 as if `BELIEF_S`
seconds of riding as the table says had been measured as well. An hour's factor is what is left when every class is
ridden at its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.roads.network import Leg, RoadNetwork
from routing.roads.profile import ROAD_CLASSES

BELIEF_S = 600.0
LEAST, MOST = 0.5, 3.0
ENOUGH_AN_HOUR = 30  # rides; with fewer an hour is ridden as the others are
PLAUSIBLE = (0.3, 4.0)  # a ride that took less or more than this share of its estimate was no ride, or had a break


@dataclass(frozen=True)
class Ride:
    """One ride from door to door: the hour it began (0 to 23), what it took, and what the table says by class."""

    hour: int
    took_s: float
    estimate_s: float
    class_s: Mapping[str, float]

    @classmethod
    def of(cls, leg: Leg, hour: int, took_s: float) -> "Ride":
        """From the way as `routing` has it; what is not on a known road counts as it is."""
        return cls(hour, took_s, float(leg.duration_s), leg.class_s)

    @property
    def plausible(self) -> bool:
        return PLAUSIBLE[0] * self.estimate_s <= self.took_s <= PLAUSIBLE[1] * self.estimate_s


@dataclass(frozen=True)
class Row:
    """One class or hour: how many rides, what the table says, what they took, and the factor to use."""

    rides: int
    estimate_s: float
    took_s: float
    factor: float


def by_class(rides: Sequence[Ride]) -> dict[str, Row]:
    """A factor for every class that was ridden on, fitted to all rides together; walks to the door stay as they are."""
    classes = [name for name in ROAD_CLASSES if any(ride.class_s.get(name, 0.0) > 0 for ride in rides)]
    if not classes:
        return {}
    table = np.array([[ride.class_s.get(name, 0.0) for name in classes] for ride in rides])
    late = np.array([ride.took_s - ride.estimate_s for ride in rides])
    scale = np.sqrt(np.array([max(ride.estimate_s, 60.0) for ride in rides]))  # longer rides vary more
    belief = np.eye(len(classes)) * BELIEF_S
    weighted = (table / scale[:, None]).T @ (table / scale[:, None])
    extra = np.linalg.solve(weighted + belief, (table / scale[:, None]).T @ (late / scale))
    factors = np.clip(1.0 + extra, LEAST, MOST)
    return {
        name: Row(
            int(np.count_nonzero(table[:, i])),
            float(table[:, i].sum()),
            float(sum(_share(ride, name) * ride.took_s for ride in rides)),
            float(factors[i]),
        )
        for i, name in enumerate(classes)
    }


def by_hour(rides: Iterable[Ride]) -> dict[int, Row]:
    """The same by the hour in which a ride began."""
    rows: dict[int, list[Ride]] = {}
    for ride in rides:
        rows.setdefault(ride.hour, []).append(ride)
    return {hour: _row(rows[hour]) for hour in sorted(rows)}


def _row(rides: list[Ride]) -> Row:
    estimate_s, took_s = sum(ride.estimate_s for ride in rides), sum(ride.took_s for ride in rides)
    factor = (took_s + BELIEF_S) / (estimate_s + BELIEF_S)
    return Row(len(rides), estimate_s, took_s, float(np.clip(factor, LEAST, MOST)))


def _share(ride: Ride, name: str) -> float:
    return ride.class_s.get(name, 0.0) / ride.estimate_s if ride.estimate_s else 0.0


@dataclass(frozen=True)
class Pace:
    """Factors by class of road, and on top of them by hour of the day, for hours in which enough was ridden."""

    classes: Mapping[str, float]
    hours: Mapping[int, float]

    @classmethod
    def of(cls, rides: Sequence[Ride]) -> "Pace":
        """Learned from these rides."""
        classes = {name: row.factor for name, row in by_class(rides).items()}
        hours = by_hour(ridden_at(ride, classes) for ride in rides)
        return cls(classes, {hour: row.factor for hour, row in hours.items() if row.rides >= ENOUGH_AN_HOUR})

    def estimate_s(self, ride: Ride) -> float:
        """What this pace expects of a ride."""
        return ridden_at(ride, self.classes).estimate_s * self.hours.get(ride.hour, 1.0)


def ridden_at(ride: Ride, classes: Mapping[str, float]) -> Ride:
    """The same ride, expected at these factors of the classes."""
    more_s = sum(seconds * (classes.get(name, 1.0) - 1.0) for name, seconds in ride.class_s.items())
    return replace(ride, estimate_s=ride.estimate_s + more_s)


def over_hours(hours: Mapping[int, float], spans: Iterable[tuple[int, int]]) -> float:
    """The mean factor over these spans of a day, in seconds after midnight; an hour of which nothing is known has 1."""
    whole_s, slower_s = 0, 0.0
    for begin_s, end_s in spans:
        for hour in range(begin_s // 3600, -(-end_s // 3600)):
            part_s = min(end_s, (hour + 1) * 3600) - max(begin_s, hour * 3600)
            whole_s, slower_s = whole_s + part_s, slower_s + part_s * hours.get(hour, 1.0)
    return slower_s / whole_s if whole_s else 1.0


@dataclass(frozen=True)
class Tried:
    """How a pace does on rides that it was not learned from: the mean of what each was off by, and all rides together
    against all estimates (above 1: ridden slower than expected)."""

    off_s: float
    ratio: float

    @classmethod
    def on(cls, rides: Sequence[Ride], pace: Pace) -> "Tried":
        expected_s = [pace.estimate_s(ride) for ride in rides]
        off_s = [abs(ride.took_s - one) for ride, one in zip(rides, expected_s, strict=True)]
        return cls(sum(off_s) / len(rides), sum(ride.took_s for ride in rides) / sum(expected_s))


def before_and_after(rides: Sequence[Ride]) -> list[Tried]:
    """The table, the pace by class, and the pace by class and hour, learned from the older half of the rides (which
    stand in order of time, two or more) and tried on the newer half."""
    older, newer = rides[: len(rides) // 2], rides[len(rides) // 2 :]
    pace = Pace.of(older)
    return [Tried.on(newer, one) for one in (Pace({}, {}), Pace(pace.classes, {}), pace)]


def with_pace(network: RoadNetwork, factors: Mapping[str, float]) -> RoadNetwork:
    """The network ridden at the measured pace; classes without a factor as the table says."""
    share = np.array([1.0 / factors.get(name, 1.0) for name in ROAD_CLASSES])
    return network.paced(share[network.edges.road_class])
