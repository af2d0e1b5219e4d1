"""From a `routing` plan to what is stored of it: stops with times and loads, trips with the line to draw.

Pure work on plain facts, done while no transaction is open.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dispatch.clock import at
from dispatch.planning.bridge import Bridged
from dispatch.planning.day import DutyFacts
from dispatch.planning.standing import KeptStop
from routing.geo import Point
from routing.plan import Plan, Route
from routing.roads.network import RoadNetwork
from routing.timing import RiddenTrip, ride

KEPT_COLUMNS = ("job_id", "trip", "arrives_at", "starts_at", "leaves_at", "travel_s", "distance_m", "load_after")


@dataclass(frozen=True)
class RouteSketch:
    """The columns of one duty's route: its stops (done and under way first), trips and figures."""

    duty_id: int
    stops: list[dict[str, Any]]
    trips: list[dict[str, Any]]
    travel_s: int
    distance_m: int
    peak_load: int


def sketch(bridged: Bridged, plan: Plan, network: RoadNetwork) -> list[RouteSketch]:
    """One sketch for every duty that has done or is to do something."""
    routes = {route.shift_id: route for route in plan.routes}
    sketches = (_Sketcher(bridged, duty, network).of(routes.get(duty.key)) for duty in bridged.facts.duties)
    return [one for one in sketches if one.stops]


class _Sketcher:
    def __init__(self, bridged: Bridged, duty: DutyFacts, network: RoadNetwork) -> None:
        self.bridged, self.duty, self.network = bridged, duty, network
        self.facts, self.problem = bridged.facts, bridged.problem
        self.rows = {job.key: job.id for job in bridged.facts.jobs}
        self.trips: list[dict[str, Any]] = [dict(trip) for trip in duty.standing.trips]
        self.stops = [{name: getattr(stop, name) for name in KEPT_COLUMNS} for stop in duty.standing.kept]

    def of(self, route: Route | None) -> RouteSketch:
        kept = self.duty.standing.kept
        travel_s, distance_m = sum(s.travel_s for s in kept), sum(s.distance_m for s in kept)
        peak = max((s.load_after for s in kept), default=0)
        for trip in ride(self.problem, route).trips if route else ():
            if not trip.visits and not (trip.first and self.duty.away):
                continue
            self._add(trip)
            travel_s += trip.travel_s
            distance_m += trip.distance_m
            peak = max([peak, trip.start_load, *(visit.load for visit in trip.visits)])
        if not self.duty.spans and self.duty.standing.away:
            self._end_at_the_last_door()
        return RouteSketch(self.duty.id, self.stops, self.trips, travel_s, distance_m, peak)

    def _add(self, trip: RiddenTrip) -> None:
        continued = trip.first and self.duty.away
        if not continued:
            self.trips.append({"leave_at": self._time(trip.leave_s).isoformat()})
        number = len(self.trips) - 1
        before = self._kept_points(number) if continued else []
        points = [Point(*self.facts.office), *before, *(self.bridged.points[v.job.location] for v in trip.visits)]
        self.trips[number].update(
            span=trip.span + self.duty.first_span,
            back_at=self._time(trip.back_s).isoformat(),
            line=self._line([*points, Point(*self.facts.office)]),
        )
        here = trip.start_location
        for visit in trip.visits:
            self.stops.append(
                {
                    "job_id": self.rows[visit.job.id],
                    "trip": number,
                    "arrives_at": self._time(visit.arrive_s),
                    "starts_at": self._time(visit.start_s),
                    "leaves_at": self._time(visit.leave_s),
                    "travel_s": self.problem.travel_s(here, visit.job.location),
                    "distance_m": int(self.problem.distance_m[here, visit.job.location]),
                    "load_after": visit.load,
                }
            )
            here = visit.job.location

    def _end_at_the_last_door(self) -> None:
        """Whoever fell out on the way: nobody knows about the ride back."""
        number = len(self.trips) - 1
        line = self._line([Point(*self.facts.office), *self._kept_points(number)])
        self.trips[number].update(back_at=self.duty.standing.kept[-1].leaves_at.isoformat(), line=line)

    def _kept_points(self, trip: int) -> list[Point]:
        kept: tuple[KeptStop, ...] = self.duty.standing.kept
        return [Point(*stop.point) for stop in kept if stop.trip == trip]

    def _line(self, points: list[Point]) -> list[list[float]]:
        line: list[list[float]] = []
        for leg in self.network.legs(points):
            for point in leg.line:
                spot = [round(point.lat, 6), round(point.lon, 6)]
                if line[-1:] != [spot]:
                    line.append(spot)
        return line

    def _time(self, seconds: int) -> datetime:
        return at(self.facts.day, seconds, self.facts.zone)


def snapshot(bridged: Bridged, plan: Plan) -> dict[str, Any]:
    """What was asked and answered, as `routing` saw it, so that a plan can be checked and explained later."""
    kept = {duty.id: [stop.job_id for stop in duty.standing.kept] for duty in bridged.facts.duties}
    return {
        **bridged.problem.to_dict(),
        "plan": plan.to_dict(),
        "now_s": bridged.facts.now_s,
        "seen_event_id": bridged.facts.seen_event_id,
        "kept_job_ids": [id for ids in kept.values() for id in ids],
        "points": [[point.lat, point.lon] for point in bridged.points],
    }


def reasons_of(plan: Plan, bridged: Bridged) -> dict[int, list[dict[str, Any]]]:
    """Job row -> why it is not served: what `routing` found, or what kept it out of the problem at all."""
    rows = {job.key: job.id for job in bridged.facts.jobs}
    reasons = {rows[item.job_id]: [asdict(reason) for reason in item.reasons] for item in plan.unserved}
    reasons.update({job_id: [{"code": code, "values": {}}] for job_id, code in bridged.facts.blocked})
    return reasons
