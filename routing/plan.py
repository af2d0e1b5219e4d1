"""The answer: who goes where and when.

Plans are plain immutable data. Times are whole seconds since the service date's local midnight.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a code and the values that a sentence about it needs."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """One job at its door: reached at ``arrive_s``, service from ``start_s`` to ``leave_s``."""

    job_id: str
    arrive_s: int
    start_s: int
    leave_s: int


@dataclass(frozen=True, slots=True)
class Trip:
    """Out and back inside one span of the shift.

    ``leave_office_s`` is when it starts: at the office, or, for the trip under way, where the volunteer is.
    ``back_s`` is when it ends at the office.
    """

    span: int
    leave_office_s: int
    visits: tuple[Visit, ...]
    back_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """All trips of one shift, in order."""

    shift_id: str
    trips: tuple[Trip, ...]

    def visits(self) -> Iterator[Visit]:
        """Every visit of the route, in order."""
        return (visit for trip in self.trips for visit in trip.visits)


@dataclass(frozen=True, slots=True)
class Unserved:
    """A job that is left out, and why."""

    job_id: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes, and the jobs that are in none of them."""

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...] = ()

    def route_of(self, job_id: str) -> Route | None:
        """The first route that visits the job."""
        served = (route for route in self.routes if any(visit.job_id == job_id for visit in route.visits()))
        return next(served, None)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and whole numbers, ready for JSON."""
        return {
            "routes": [asdict(route) for route in self.routes],
            "unserved": [asdict(unserved) for unserved in self.unserved],
        }

    @classmethod
    def from_dict(cls, plan: dict[str, Any]) -> "Plan":
        """The plan that ``to_dict`` wrote down, also after JSON."""
        return cls(
            tuple(_route(route) for route in plan["routes"]),
            tuple(
                Unserved(left_out["job_id"], tuple(Reason(**reason) for reason in left_out["reasons"]))
                for left_out in plan["unserved"]
            ),
        )


def _route(route: dict[str, Any]) -> Route:
    trips = (
        Trip(
            trip["span"],
            trip["leave_office_s"],
            tuple(Visit(**visit) for visit in trip["visits"]),
            trip["back_s"],
        )
        for trip in route["trips"]
    )
    return Route(route["shift_id"], tuple(trips))


@dataclass(frozen=True, slots=True)
class Violation:
    """One constraint that a plan breaks: where, and by how much (seconds, bag units or a count)."""

    constraint: str
    shift_id: str | None
    job_id: str | None
    amount: int
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a plan costs and breaks.

    ``cost`` is in the currency of ``Prices``; ``unserved_weight`` is the sum of the priorities left out;
    ``missed_cutoffs`` and ``moved_jobs`` are the ids of the jobs for which these prices were paid,
    ``late_bags`` those of the shifts under way that miss a cut-off with what they carry. ``crowded_stops``
    counts the visits beyond the fair share of their shift. ``unserved`` counts the jobs left out, ``late_s``
    sums the lateness that has only a price, and ``unwished`` names the jobs that ride with nobody whom they
    were wished for.
    """

    cost: int
    travel_s: int
    distance_m: int
    unserved_weight: int
    violations: tuple[Violation, ...]
    missed_cutoffs: tuple[str, ...] = ()
    moved_jobs: tuple[str, ...] = ()
    late_bags: tuple[str, ...] = ()
    crowded_stops: int = 0
    unserved: int = 0
    unserved_price: int = 0
    travel_cost: int = 0
    late_s: int = 0
    unwished: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int, int]:
        """The smaller the better: first what is left out, by weight, then by number; then the priced sum."""
        return self.unserved_weight, self.unserved, self.cost - self.unserved_price

    @property
    def feasible(self) -> bool:
        """Whether nothing is broken."""
        return not self.violations
