"""A volunteer's route as it stands now: the published plan, and what has happened since."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from dispatch.clock import at, now
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.taking_back import in_force
from dispatch.duty.models import Duty
from dispatch.field.expected import NOTHING_SAID, Expected, Said, expect
from dispatch.field.shift import reports, said_in
from dispatch.intake.models import Request
from dispatch.live.positions import latest_spots
from dispatch.places.models import Place
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.wards.models import Ward

TO_DO = ("planned", "under_way", "at_door")
AT_WORK = ("under_way", "at_door")
MOST_STOPS = 300
MOST_EVENTS = 5000


@dataclass(frozen=True)
class Door:
    """One stop: its job, what the plan says (None where a newer plan leaves it out), what is expected now.

    `outcome` is empty while it is to be done, then `done`, `not_done`, or `gone` (cancelled or moved by the desk).
    """

    job: Job
    stop: PlanStop | None = None
    expected: Expected | None = None
    number: int = 0
    outcome: str = ""

    @property
    def trip(self) -> int | None:
        return self.stop.trip if self.stop else None


@dataclass(frozen=True)
class Route:
    """`doors` are to be done, in order; `over` are finished here, or were taken away."""

    duty: Duty
    planned: PlanRoute | None
    doors: tuple[Door, ...]
    over: tuple[Door, ...]
    said: Said = NOTHING_SAID

    @property
    def next(self) -> Door | None:
        return self.doors[0] if self.doors else None

    def starts_trip(self, door: Door) -> bool:
        """Whether the volunteer rides to this door from the office: nothing of its trip is behind them."""
        if door.stop is None or self.planned is None:
            return False
        return all(stop.trip != door.stop.trip for stop in self.planned.stops if stop.position < door.stop.position)

    def figures(self) -> dict[str, int]:
        """How the day went so far: doors done by leg, not done, and metres of the plan."""
        outcomes = [(door.outcome, door.job.leg) for door in self.over if door.outcome != "gone"]
        not_done = sum(1 for outcome, _leg in outcomes if outcome == "not_done")
        return {
            "all": len(self.doors) + len(outcomes),
            "over": len(outcomes),
            "collected": outcomes.count(("done", "collect")),
            "returned": outcomes.count(("done", "return")),
            "not_done": not_done,
            "distance_m": self.planned.distance_m if self.planned else 0,
        }


def route_of(duty: Duty, *, bare: bool = False) -> Route:
    """The duty's route in the published plan of its day, with jobs that a newer version left out.

    `bare`: which door is next and what is over, without expected times; whose door it is is not read ahead.
    """
    read_ahead = () if bare else _job_options()
    planned = _published(duty, read_ahead)
    reported = _reported(duty)
    stops = list(planned.stops) if planned else []
    known = {stop.job_id for stop in stops}
    extra = _jobs_beside(duty, set(reported) - known, known, read_ahead)
    doors = [
        replace(door, number=number, outcome=_outcome(door.job, duty, reported.get(door.job.id, set())))
        for number, door in enumerate([*map(Door, extra), *(Door(stop.job, stop) for stop in stops)], start=1)
    ]
    to_do = sorted((door for door in doors if not door.outcome), key=_at_hand)
    over = tuple(door for door in doors if door.outcome)
    if bare:
        return Route(duty, planned, tuple(to_do), over)
    said = _said(duty)
    return Route(duty, planned, tuple(_with_expectations(to_do, said)), over, said)


def _said(duty: Duty) -> Said:
    told = reports(duty.ward_id, [duty.id]).get(duty.id, [])
    return said_in(told, latest_spots(duty.ward_id, [duty.id]).get(duty.id))


def _at_hand(door: Door) -> int:
    """Somebody who stands at a door, or rides to it, is nowhere else, whatever the plan's order says by now."""
    return {"at_door": 0, "under_way": 1}.get(door.job.state, 2)


def _published(duty: Duty, read_ahead: Sequence[_AbstractLoad]) -> PlanRoute | None:
    query = (
        select(PlanRoute)
        .join(Plan, Plan.id == PlanRoute.plan_id)
        .where(
            Plan.ward_id == duty.ward_id,
            Plan.service_date == duty.service_date,
            Plan.state == "published",
            PlanRoute.duty_id == duty.id,
        )
        .order_by(Plan.version.desc())
        .limit(1)
        .options(selectinload(PlanRoute.stops).joinedload(PlanStop.job).options(*read_ahead))
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).first()


def _job_options() -> tuple[_AbstractLoad, ...]:
    dossier = joinedload(Job.dossier)
    request = dossier.joinedload(Dossier.request)
    return (
        joinedload(Job.place),
        dossier.joinedload(Dossier.procedure),
        dossier.joinedload(Dossier.beneficiary),
        request.joinedload(Request.caller),
    )


def _reported(duty: Duty) -> dict[int, set[str]]:
    """What this duty reported at which job's door, without what was taken back."""
    start = at(duty.service_date, 0, _zone(duty))
    query = (
        select(Event)
        .where(
            Event.ward_id == duty.ward_id,
            Event.duty_id == duty.id,
            Event.occurred_at.between(start - timedelta(days=1), start + timedelta(days=3)),
            Event.kind.in_(("arrived", "done", "not_done", "undone")),
        )
        .limit(MOST_EVENTS)
    )
    reported: dict[int, set[str]] = {}
    for event in in_force(db.session.scalars(query)):
        if event.job_id is not None:
            reported.setdefault(event.job_id, set()).add(event.kind)
    return reported


def _jobs_beside(duty: Duty, reported: set[int], known: set[int], read_ahead: Sequence[_AbstractLoad]) -> Sequence[Job]:
    """Jobs of this duty that the published route does not name: done before a re-plan, or under way during it."""
    under_way = (Job.duty_id == duty.id) & Job.state.in_(AT_WORK) & Job.id.not_in(known)
    query = (
        select(Job)
        .where(Job.ward_id == duty.ward_id, Job.id.in_(reported) | under_way)
        .order_by(Job.finished_at, Job.id)
        .limit(MOST_STOPS)
        .options(*read_ahead)
    )
    return db.session.scalars(query).unique().all()


def _outcome(job: Job, duty: Duty, reported: set[str]) -> str:
    mine = job.duty_id == duty.id
    if (mine and job.state in TO_DO) or (job.state == "at_door" and "arrived" in reported):
        return ""
    if job.state == "done" and (mine or "done" in reported):
        return "done"
    return "not_done" if "not_done" in reported else "gone"


def _with_expectations(doors: list[Door], said: Said) -> list[Door]:
    expected = expect([(door.job, door.stop) for door in doors], now(), said)
    return [replace(door, expected=one) for door, one in zip(doors, expected, strict=True)]


def _zone(duty: Duty) -> str:
    return db.session.get_one(Ward, duty.ward_id).timezone


def trip_times(route: Route) -> dict[int, dict[str, datetime | None]]:
    """When each trip leaves the office and is back, by the plan."""
    trips: Sequence[Any] = route.planned.trips if route.planned else []
    return {
        number: {name: _moment(trip.get(name)) for name in ("leave_at", "back_at")} for number, trip in enumerate(trips)
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _shown_of(place: Place) -> tuple[object, ...]:
    return place.spoken, place.point, place.guessed, place.access_note


def version_of(route: Route) -> str:
    """A short name of what the phone shows: another one means that something changed."""
    shown = [
        (
            door.job.public_id,
            door.job.state,
            door.job.dossier.state,
            door.job.promised_start,
            door.job.promised_end,
            door.stop.arrives_at if door.stop else None,
            _shown_of(door.job.place) if door.job.place else None,
        )
        for door in (*route.doors, *route.over)
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
