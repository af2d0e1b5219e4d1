"""The day as the board shows it: every job with its state, when somebody will be there, and who is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from dispatch.clock import local
from dispatch.database import db
from dispatch.dossiers.due import overdue
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.duty.models import Duty
from dispatch.field.expected import Said, Spot, expect
from dispatch.field.shift import in_words, reports, said_in
from dispatch.live.positions import latest_spots
from dispatch.planning.day import duties_on
from dispatch.planning.in_force import plan_in_force
from dispatch.planning.incidents import Incident, unseen
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.planning.waiting import MAX_JOBS, RETURNABLE
from dispatch.wards.models import Ward

TO_DO = ("planned", "under_way", "at_door")
AT_HAND = {"at_door": 0, "under_way": 1}  # who stands at a door, or rides to it, is nowhere else
SILENCE = timedelta(minutes=10)
"""So late, and nobody has set out: the desk should call."""
FINISHED = ("done", "posted", "given_up", "cancelled")
COLUMNS = {
    "open": ("open",),
    "planned": ("planned",),
    "under_way": ("under_way", "at_door"),
    "done": FINISHED,
}


@dataclass(frozen=True)
class Card:
    """A job on the board. `lane` is the position (colour) of its volunteer, `late_min` how late it is or will be."""

    job: Job
    expected_at: datetime | None = None
    late_min: int = 0
    lane: int | None = None
    volunteer: str = ""


@dataclass(frozen=True)
class Lane:
    """A volunteer's progress through the route in force.

    `behind_min`: how long ago somebody should have been at the next door, where nobody has set out for it.
    """

    duty: Duty
    position: int
    done: int
    total: int
    next: Card | None
    late_min: int
    behind_min: int
    seen_at: datetime | None
    report: str = ""
    """What the volunteer last said about the shift itself."""
    spot: Spot | None = None
    """About where the phone was, where the volunteer lets the desk know."""


@dataclass(frozen=True)
class _Riders:
    """The duties of the day with their routes in force, what they said, and where their phones were; all by duty."""

    duties: dict[int, Duty]
    routes: dict[int, PlanRoute]
    reports: dict[int, list[Event]]
    spots: dict[int, Spot]

    def said(self, duty_id: int) -> Said:
        return said_in(self.reports.get(duty_id, []), self.spots.get(duty_id))


@dataclass(frozen=True)
class DayNow:
    """Everything on the board of one service date."""

    plan: Plan | None
    undecided: list[Card]
    late: list[Card]
    incidents: list[Card]
    """At doors."""
    on_the_way: list[Incident]
    columns: dict[str, list[Card]]
    lanes: list[Lane]
    overdue: Sequence[Dossier]
    """On today's board: results that should have come from the one-stop office by now."""

    @property
    def cards(self) -> list[Card]:
        """Every job that is shown."""
        return [*self.undecided, *(card for cards in self.columns.values() for card in cards)]


def day_now(ward: Ward, day: date, moment: datetime) -> DayNow:
    """How the day stands at this moment: events so far, and what follows from them for the rest."""
    plan = plan_in_force(ward.id, day)
    jobs = _jobs_of(ward, day, local(moment, ward.timezone).date())
    duties = {duty.id: duty for duty in duties_on(ward.id, day)}
    routes = {route.duty_id: route for route in plan.routes} if plan else {}
    riders = _Riders(duties, routes, reports(ward.id, list(duties)), latest_spots(ward.id, list(duties)))
    cards = _cards(jobs, riders, moment)
    undecided = [card for card in cards if card.job.state == "undecided"]
    columns = {name: [c for c in cards if c.job.state in states] for name, states in COLUMNS.items()}
    for name in ("open", "planned", "under_way"):
        columns[name].sort(key=_soonest_first)
    columns["done"].sort(key=lambda card: card.job.finished_at or moment, reverse=True)
    late = [card for card in cards if card.late_min and card.job.state not in (*FINISHED, "undecided")]
    late.sort(key=lambda card: -card.late_min)
    incidents = [card for card in cards if any(flag.startswith("incident:") for flag in card.job.flags)]
    today = local(moment, ward.timezone).date()
    on_the_way = unseen(ward.id, day, today)
    lanes = _lanes(ward, moment, cards, riders)
    results = overdue(ward.id, today) if day == today else []
    return DayNow(plan, undecided, late, incidents, on_the_way, columns, lanes, results)


def _soonest_first(card: Card) -> tuple[bool, int, str]:
    due = card.expected_at or card.job.promised_start or card.job.window_start
    return not card.late_min, -card.late_min, due.isoformat() if due else "9"


def _jobs_of(ward: Ward, day: date, today: date) -> list[Job]:
    """Jobs of this day's duties and those that wait for it; on today's board also what earlier days left behind."""
    here = [Duty.service_date == day, and_(Job.state.in_(FINISHED), Job.service_date == day)]
    if day >= today:
        here.append(and_(Job.state == "open", or_(Job.service_date.is_(None), Job.service_date <= day)))
    if day == today:
        here.append(and_(Job.state.in_(("undecided", *TO_DO)), Duty.service_date < day))
        here.append(and_(Job.state == "undecided", Job.duty_id.is_(None)))
    return list(
        db.session.scalars(
            select(Job)
            .join(Job.dossier)
            .outerjoin(Duty, Duty.id == Job.duty_id)
            .where(
                Job.ward_id == ward.id,
                or_(*here),
                or_(Job.leg == "collect", Job.state != "open", Dossier.state.in_(RETURNABLE)),
            )
            .options(
                contains_eager(Job.dossier).joinedload(Dossier.procedure),
                contains_eager(Job.dossier).joinedload(Dossier.beneficiary),
                joinedload(Job.place),
            )
            .order_by(Job.id)
            .limit(MAX_JOBS)
        )
    )


def _cards(jobs: list[Job], riders: _Riders, moment: datetime) -> list[Card]:
    expected: dict[int, datetime] = {}
    for duty_id, planned in riders.routes.items():
        expected |= _expected_on(planned, moment, riders.said(duty_id))
    cards = []
    for job in jobs:
        duty, route = riders.duties.get(job.duty_id or 0), riders.routes.get(job.duty_id or 0)
        when = expected.get(job.id) if job.state in TO_DO else None
        cards.append(
            Card(
                job=job,
                expected_at=when,
                late_min=_late_min(job, when, moment),
                lane=route.position if route else None,
                volunteer=duty.volunteer.name if duty else "",
            )
        )
    return cards


def _expected_on(route: PlanRoute, moment: datetime, said: Said) -> dict[int, datetime]:
    """Job -> when the volunteer will be there, as the phone says it too. Before the day begins: as planned."""
    ahead: list[PlanStop] = [s for s in route.stops if s.job.state in TO_DO and s.job.duty_id == route.duty_id]
    ahead.sort(key=lambda stop: AT_HAND.get(stop.job.state, 2))
    told = expect([(stop.job, stop) for stop in ahead], moment, said)
    return {stop.job_id: one.arrives_at for stop, one in zip(ahead, told, strict=True)}


def _late_min(job: Job, expected_at: datetime | None, moment: datetime) -> int:
    """Minutes past the end of the promise, by now or by what is expected; 0 for a job that is in time or finished."""
    if job.promised_end is None or job.state in (*FINISHED, "undecided"):
        return 0
    reached = job.arrived_at if job.state == "at_door" else None
    worst = reached or max(moment, expected_at or moment)
    return max(0, -(-(worst - job.promised_end) // timedelta(minutes=1)))


def _lanes(ward: Ward, moment: datetime, cards: list[Card], riders: _Riders) -> list[Lane]:
    seen = _last_seen(ward, list(riders.duties.values()))
    by_job = {card.job.id: card for card in cards}
    lanes = []
    for duty in riders.duties.values():
        route = riders.routes.get(duty.id)
        if route is None:
            continue
        own = [by_job[s.job_id] for s in route.stops if s.job_id in by_job and s.job.duty_id == duty.id]
        ahead = [card for card in own if card.job.state in TO_DO]
        following = min(ahead, key=_soonest, default=None)
        lanes.append(
            Lane(
                duty=duty,
                position=route.position,
                done=sum(card.job.state in (*FINISHED, "undecided") for card in own),
                total=len(own),
                next=following,
                late_min=max((card.late_min for card in ahead), default=0),
                behind_min=_behind_min(following, moment),
                seen_at=seen.get(duty.id),
                report=in_words(riders.reports[duty.id][-1], ward.timezone) if duty.id in riders.reports else "",
                spot=riders.spots.get(duty.id),
            )
        )
    return sorted(
        lanes, key=lambda lane: (lane.duty.off_at is not None, -lane.late_min, -lane.behind_min, lane.position)
    )


def _behind_min(following: Card | None, moment: datetime) -> int:
    if following is None or following.job.state != "planned" or following.job.eta is None:
        return 0
    behind = moment - following.job.eta
    return behind // timedelta(minutes=1) if behind >= SILENCE else 0


def _soonest(card: Card) -> float:
    return card.expected_at.timestamp() if card.expected_at else float("inf")


def _last_seen(ward: Ward, duties: list[Duty]) -> dict[int, datetime]:
    """When something last came from each volunteer's phone."""
    rows = (
        select(Event.duty_id, func.max(Event.received_at))
        .where(Event.ward_id == ward.id, Event.actor_kind == "volunteer")
        .where(Event.duty_id.in_([duty.id for duty in duties]))
        .group_by(Event.duty_id)
    )
    return {row.duty_id: row[1] for row in db.session.execute(rows)}
