"""The rows that statistics are made of: one a visit to a door, without anybody's name."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy import func as sql

from dispatch.clock import at
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.intake.models import Request
from dispatch.places.models import Place
from dispatch.wards.models import Ward

MOST_ROWS = 200_000
Keys = set[str | None]


@dataclass(frozen=True)
class Period:
    """From one local date to another, both included."""

    first: date
    last: date
    zone: str

    @property
    def start(self) -> datetime:
        return at(self.first, 0, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return at(self.last + timedelta(days=1), 0, self.zone)

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True)
class Visit:
    """One job that somebody tried, as the chairman counts it. Times are aware UTC."""

    code: str
    leg: str
    channel: str
    procedure: str
    neighbourhood: str
    state: str
    attempts: int
    first_try_at: datetime
    requested_at: datetime
    ready_at: datetime | None
    promised_start: datetime | None
    promised_end: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None


def visits_of(ward: Ward, period: Period, taken_back: Keys) -> list[Visit]:
    """Jobs whose first try or whose completion lies in the period, in the order of their first try.

    `taken_back`: keys of the events that count no more, as `taken_back_in` gives them.
    """
    first_try = _first_tries(ward.id, taken_back).subquery()
    rows = db.session.execute(
        select(Job, Dossier, Request.channel, Request.created_at, Procedure.name, Place.neighbourhood, first_try.c.at)
        .join(first_try, first_try.c.job_id == Job.id)
        .join(Dossier, Job.dossier_id == Dossier.id)
        .join(Request, Dossier.request_id == Request.id)
        .join(Procedure, Dossier.procedure_id == Procedure.id)
        .outerjoin(Place, Job.place_id == Place.id)
        .where(
            Job.ward_id == ward.id,
            or_(
                (first_try.c.at >= period.start) & (first_try.c.at < period.end),
                (Job.finished_at >= period.start) & (Job.finished_at < period.end),
            ),
        )
        .order_by(first_try.c.at, Job.id)
        .limit(MOST_ROWS)
    )
    return [
        Visit(
            code=dossier.code,
            leg=job.leg,
            channel=channel,
            procedure=procedure,
            neighbourhood=neighbourhood or "",
            state=job.state,
            attempts=job.attempts,
            first_try_at=tried_at,
            requested_at=requested_at,
            ready_at=dossier.ready_at,
            promised_start=job.first_promised_start,
            promised_end=job.first_promised_end,
            arrived_at=job.arrived_at,
            finished_at=job.finished_at,
        )
        for job, dossier, channel, requested_at, procedure, neighbourhood, tried_at in rows
    ]


def _first_tries(ward_id: int, taken_back: Keys) -> Select[int | None, datetime]:
    """When each job was tried for the first time; a try that was taken back counts as none."""
    return (
        select(Event.job_id, sql.min(Event.occurred_at).label("at"))
        .where(Event.ward_id == ward_id, Event.kind.in_(("done", "not_done")), Event.key.not_in(taken_back))
        .group_by(Event.job_id)
    )


def requests_of(ward: Ward, period: Period) -> list[tuple[datetime, str, str, str]]:
    """When each request of the period came in, its channel, procedure and neighbourhood."""
    rows = db.session.execute(
        select(Request.created_at, Request.channel, Procedure.name, Place.neighbourhood)
        .join(Procedure, Request.procedure_id == Procedure.id)
        .join(Place, Request.place_id == Place.id)
        .where(Request.ward_id == ward.id, Request.created_at >= period.start, Request.created_at < period.end)
        .order_by(Request.created_at)
        .limit(MOST_ROWS)
    )
    return [(moment, channel, procedure, place or "") for moment, channel, procedure, place in rows]


def failures_of(ward: Ward, period: Period, taken_back: Keys) -> dict[str, int]:
    """How often each reason was given for a visit that did not work, most frequent first."""
    events = db.session.scalars(
        select(Event)
        .where(
            Event.ward_id == ward.id,
            Event.kind == "not_done",
            Event.key.not_in(taken_back),
            Event.occurred_at >= period.start,
            Event.occurred_at < period.end,
        )
        .limit(MOST_ROWS)
    )
    counts: dict[str, int] = {}
    for event in events:
        reason = str(event.data.get("reason", "other"))
        counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
