"""Changes to the plan in force: a volunteer falls out, one more job goes in. Callers commit."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.clock import at, now
from dispatch.database import db, reading
from dispatch.dossiers.events import Actor, record
from dispatch.dossiers.models import Job
from dispatch.dossiers.operations import NotPossible
from dispatch.duty.links import revoke
from dispatch.duty.models import Duty
from dispatch.planning.bridge import Bridged, bridge, rest_in_force
from dispatch.planning.day import read_day
from dispatch.planning.in_force import plan_in_force
from dispatch.planning.models import Plan
from dispatch.planning.publish import publish
from dispatch.planning.solving import start_planning
from dispatch.planning.store import BrokenPlan, Prepared
from dispatch.planning.waiting import MAX_JOBS
from dispatch.tasks.models import Task
from dispatch.wards.map_store import LoadedMap
from dispatch.wards.models import Ward
from dispatch.wards.road_changes import map_of_day
from routing.evaluate import evaluate
from routing.insert import Insertion, insert, places_for
from routing.plan import Plan as RoutingPlan
from routing.problem import Problem
from routing.search.process import SearchFailedError, solve_in_process
from routing.solve import Progress

PLACES_SHOWN = 6
REFINE_S = 1.0
"""How long is searched around a job that was put in; the process that searches takes about as long to start."""


def take_off(duty: Duty, actor: Actor, account_id: int | None) -> Task | None:
    """The volunteer falls out: the link ends, what was still to be done is open again and planned anew.

    Returns the planning task where a plan was in force. Raises NotPossible where the volunteer is off already.
    """
    if duty.off_at is not None:
        raise NotPossible(_("This volunteer is off the plan already."))
    duty.off_at = now()
    revoke(duty)
    for job in _ahead_of(duty):
        record("unplanned", job, actor, data={"duty_id": duty.id})
    if plan_in_force(duty.ward_id, duty.service_date) is None:
        return None
    return start_planning(duty.ward_id, duty.service_date, account_id)


def _ahead_of(duty: Duty) -> list[Job]:
    jobs = select(Job).where(
        Job.ward_id == duty.ward_id, Job.duty_id == duty.id, Job.state.in_(("planned", "under_way"))
    )
    return list(db.session.scalars(jobs.limit(MAX_JOBS)))


@dataclass(frozen=True)
class Shifted:
    """A stop that comes later because of a job put in before it."""

    job_key: str
    by_s: int


@dataclass(frozen=True)
class Choice:
    """One place for a job in the plan in force, and what follows from taking it.

    ``crowded`` is how many doors the volunteer would have where these are more than an even share, ``delayed`` names
    what would come back after its cut-off.
    """

    key: str
    duty_id: int
    arrives_at: datetime
    starts_at: datetime
    added_s: int
    after_stops: int
    shifted: tuple[Shifted, ...]
    crowded: int
    delayed: tuple[str, ...]


class Rest:
    """What is left of a day's plan in force, ready for one more job. Raises CannotPlan."""

    def __init__(self, ward: Ward, day: date) -> None:
        self.ward_map: LoadedMap = map_of_day(ward, day)
        facts = read_day(ward, day, now())
        self.bridged: Bridged = bridge(facts, self.ward_map)
        self.problem: Problem
        self.plan: RoutingPlan
        self.problem, self.plan = rest_in_force(self.bridged, plan_in_force(ward.id, day))

    def places(self, job: Job) -> list[Insertion]:
        """Where the job fits, cheapest first; nowhere where it cannot be planned at all."""
        asked = self.problem.job_by_id.get(job.public_id)
        if asked is None or self.plan.route_of(job.public_id) is not None:
            return []
        return places_for(self.problem, self.plan, asked, self.bridged.facts.now_s)

    def choices(self, job: Job) -> list[Choice]:
        """The best places, one a volunteer."""
        best: dict[str, Insertion] = {}
        for place in self.places(job):
            best.setdefault(place.shift_id, place)
        return [self._choice(job, place) for place in list(best.values())[:PLACES_SHOWN]]

    def _choice(self, job: Job, place: Insertion) -> Choice:
        facts = self.bridged.facts
        duty_id = next(duty.id for duty in facts.duties if duty.key == place.shift_id)
        before = {visit.job_id: visit for route in self.plan.routes for visit in route.visits()}
        with_it = insert(self.problem, self.plan, place, self.problem.job_by_id[job.public_id])
        route = next(route for route in with_it.routes if route.shift_id == place.shift_id)
        visits = list(route.visits())
        shifted = [(v.job_id, v.start_s - before[v.job_id].start_s) for v in visits if v.job_id in before]
        old, new = evaluate(self.problem, self.plan), evaluate(self.problem, with_it)
        return Choice(
            key=key_of(place),
            duty_id=duty_id,
            arrives_at=at(facts.day, place.arrive_s, facts.zone),
            starts_at=at(facts.day, place.start_s, facts.zone),
            added_s=new.travel_s - old.travel_s,
            after_stops=[visit.job_id for visit in visits].index(job.public_id),
            shifted=tuple(Shifted(job_key, by_s) for job_key, by_s in shifted if by_s >= 60),
            crowded=len(visits) if new.crowded_stops > old.crowded_stops else 0,
            delayed=tuple(key for key in new.missed_cutoffs if key not in old.missed_cutoffs),
        )


def key_of(place: Insertion) -> str:
    """A name for the place that a form can send back."""
    return f"{place.shift_id}.{place.span}.{place.trip}.{place.position}.{int(place.new_trip)}"


def put_in(ward: Ward, day: date, job: Job, choice_key: str, actor: Actor, account_id: int | None) -> Plan:
    """The plan in force with the job at the chosen place, published as a new version.

    Raises NotPossible when the day has moved on and the place is gone, CannotPlan as `Rest` does.
    """
    with reading():  # the computation keeps nobody waiting; publishing sees what came between
        prepared = _with(Rest(ward, day), job, choice_key)
    plan = prepared.store(account_id)
    publish(plan, actor)
    return plan


def refined(ward: Ward, day: date, job: Job, choice_key: str, account_id: int | None) -> Plan:
    """A draft: the plan in force with the job at that place, and a short search around it. Raises as `put_in` does."""
    with reading():
        prepared = _with(Rest(ward, day), job, choice_key, REFINE_S)
    return prepared.store(account_id)


def _with(rest: Rest, job: Job, choice_key: str, search_s: float = 0.0) -> Prepared:
    place = next((place for place in rest.places(job) if key_of(place) == choice_key), None)
    if place is None:
        raise NotPossible(_("This place is no longer free: the day has moved on. Please choose again."))
    with_it = insert(rest.problem, rest.plan, place, rest.problem.job_by_id[job.public_id])
    bridged = Bridged(rest.bridged.facts, rest.problem, rest.bridged.points)
    told: list[Progress] = []
    try:
        if search_s:
            with_it = solve_in_process(rest.problem, search_s, on_progress=told.append, start=with_it)
        gap = told[-1].gap if told else None
        return Prepared(bridged, with_it, rest.ward_map.network, rest.ward_map.id, search_s, gap)
    except SearchFailedError as error:
        raise NotPossible(_("The search broke off before there was a plan. Please start it again.")) from error
    except BrokenPlan as broken:
        raise NotPossible(
            _("Somebody runs too late for the plan in force to be kept. Please plan the rest of the day again.")
        ) from broken
