"""How far a volunteer's day has come: stops that are done or under way, where the volunteer is and when free.

It is worked out from events (as the jobs carry them) and the plan in force; nobody's position is tracked. Whoever
has nothing left on a trip rides back to the office, as long as the plan says that this takes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.models import Dossier, Job
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.planning.waiting import MAX_JOBS, point_of, service_s

UNDER_WAY = ("under_way", "at_door")
OVER = ("done", "undecided", "given_up", "posted")


@dataclass(frozen=True)
class KeptStop:
    """A stop that stays at the front of every later version, with its real times as far as they are known."""

    job_id: int
    point: tuple[float, float]
    trip: int
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    travel_s: int
    distance_m: int
    load_after: int
    under_way: bool
    in_bag: int
    """Bag units that this stop left in the bag: collected and not received yet, or not delivered."""
    cutoff: str | None = None
    """By when (`HH:MM`) what was collected here is wanted at the office; empty: at the ward's usual cut-off."""


@dataclass(frozen=True)
class Standing:
    """Where one duty stands. `point` is None at the office; `free_at` is None before anything has happened."""

    kept: tuple[KeptStop, ...] = ()
    point: tuple[float, float] | None = None
    free_at: datetime | None = None
    loaded_job_ids: frozenset[int] = frozenset()
    """Results that were loaded for the trip under way and are still in the bag."""
    trips: tuple[dict[str, Any], ...] = field(default=())
    """The trips so far as stored, the one under way last."""

    @property
    def away(self) -> bool:
        return self.point is not None

    @property
    def carried(self) -> int:
        """Bag units that stay in the bag until the trip under way ends."""
        if not self.away:
            return 0
        return sum(stop.in_bag for stop in self.on_trip)

    @property
    def on_trip(self) -> tuple[KeptStop, ...]:
        """Stops of the trip under way."""
        return tuple(stop for stop in self.kept if stop.trip == self.kept[-1].trip) if self.away else ()


def standings(ward_id: int, plan: Plan | None, duty_ids: Iterable[int], moment: datetime) -> dict[int, Standing]:
    """Where each of these duties stands at this moment."""
    visited: dict[int, list[Job]] = {}
    for job in _visited_jobs(ward_id, list(duty_ids)):
        visited.setdefault(job.duty_id or 0, []).append(job)
    routes = {route.duty_id: route for route in plan.routes} if plan else {}
    return {duty: _standing(jobs, routes.get(duty), moment) for duty, jobs in visited.items()}


def _visited_jobs(ward_id: int, duty_ids: list[int]) -> list[Job]:
    return list(
        db.session.scalars(
            select(Job)
            .where(Job.ward_id == ward_id, Job.duty_id.in_(duty_ids), Job.state.in_((*UNDER_WAY, *OVER)))
            .options(
                joinedload(Job.place),
                joinedload(Job.dossier).joinedload(Dossier.procedure).selectinload(Procedure.components),
            )
            .order_by(Job.id)
            .limit(MAX_JOBS)
        )
    )


def _standing(jobs: list[Job], route: PlanRoute | None, moment: datetime) -> Standing:
    planned = {stop.job_id: stop for stop in route.stops} if route else {}
    last_trip = max((planned[job.id].trip for job in jobs if job.id in planned), default=0)
    kept = [_kept(job, planned.get(job.id), last_trip, moment) for job in jobs if job.place and job.place.point]
    kept.sort(key=lambda stop: (stop.under_way, stop.leaves_at, stop.job_id))
    if not kept:
        return Standing()
    last = kept[-1]
    trips = _trips_so_far(route, kept)
    left = _left_on_trip(route, last.trip)
    home_at = last.leaves_at + _ride_home(route, last.trip)
    if not last.under_way and not left and home_at <= moment:
        return Standing(tuple(kept), None, moment, frozenset(), trips)
    loaded = frozenset(stop.job_id for stop in left if stop.job.leg == "return")
    return Standing(tuple(kept), last.point, max(moment, last.leaves_at), loaded, trips)


def _kept(job: Job, stop: PlanStop | None, last_trip: int, moment: datetime) -> KeptStop:
    work = timedelta(seconds=service_s(job.leg, len(job.dossier.procedure.components)))
    under_way = job.state in UNDER_WAY
    in_bag, procedure = _left_in_bag(job, under_way), job.dossier.procedure
    ride = timedelta(seconds=stop.travel_s if stop else 0)
    if under_way:
        arrives = job.arrived_at or max(moment, (job.set_out_at or moment) + ride)
        leaves = max(moment, arrives + work)
    else:
        leaves = job.finished_at or moment
        arrives = min(job.arrived_at or leaves - work, leaves)
    return KeptStop(
        job_id=job.id,
        point=point_of(job),
        trip=stop.trip if stop else last_trip,
        arrives_at=arrives,
        starts_at=arrives,
        leaves_at=leaves,
        travel_s=stop.travel_s if stop else 0,
        distance_m=stop.distance_m if stop else 0,
        load_after=stop.load_after if stop else 0,
        under_way=under_way,
        in_bag=in_bag,
        cutoff=(procedure.cutoff or "") if in_bag and job.leg == "collect" and procedure.same_day else None,
    )


def _left_in_bag(job: Job, under_way: bool) -> int:
    if job.leg == "collect":
        return int(under_way or (job.state == "done" and job.dossier.state in ("carried", "to_bring_in")))
    return int(not under_way and job.state != "done" and job.dossier.holder == "volunteer")


def _left_on_trip(route: PlanRoute | None, trip: int) -> list[PlanStop]:
    """Stops of the trip that are still ahead of this volunteer."""
    if route is None:
        return []
    ahead = [stop for stop in route.stops if stop.trip == trip]
    return [stop for stop in ahead if stop.job.state == "planned" and stop.job.duty_id == route.duty_id]


def _ride_home(route: PlanRoute | None, trip: int) -> timedelta:
    """How long the plan gives the ride from the trip's last door to the office."""
    stops = [stop for stop in route.stops if stop.trip == trip] if route else []
    if route is None or not stops or trip >= len(route.trips):
        return timedelta()
    return max(timedelta(), datetime.fromisoformat(route.trips[trip]["back_at"]) - stops[-1].leaves_at)


def _trips_so_far(route: PlanRoute | None, kept: list[KeptStop]) -> tuple[dict[str, Any], ...]:
    count = max(stop.trip for stop in kept) + 1
    known = list(route.trips[:count]) if route else []
    while len(known) < count:
        known.append(
            {
                "span": 0,
                "leave_at": kept[0].arrives_at.isoformat(),
                "back_at": kept[-1].leaves_at.isoformat(),
                "line": [],
            }
        )
    return tuple(known)
