"""What the desk and the one-stop office can do with a dossier. Plain functions; the caller commits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.citizens import outbox
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.events import Actor, lock_dossier, record
from dispatch.dossiers.lifecycle import DOSSIER, JOB
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.posting import NUMBER_NOTE
from dispatch.identity import dossier_code
from dispatch.intake.models import Request
from dispatch.places.models import Place

OWED = ("to_bring_in", "to_give_back")
"""States of a cancelled dossier whose papers are still with us."""


class NotPossible(Exception):
    """The command does not fit what has happened; the text is a sentence for the person at the desk."""


@dataclass(frozen=True)
class Window:
    """When somebody is wanted: a service date, and from when to when (aware UTC), where that matters."""

    service_date: date | None = None
    start: datetime | None = None
    end: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """For an event: ISO texts."""
        return {
            "service_date": self.service_date.isoformat() if self.service_date else None,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
        }


def open_dossier(request: Request, actor: Actor) -> Dossier:
    """A dossier with a code of its own for a request that has been flushed."""
    dossier = Dossier(
        ward_id=request.ward_id,
        code=_free_code(request.ward_id),
        request_id=request.id,
        procedure_id=request.procedure_id,
        beneficiary_id=request.beneficiary_id,
        created_at=now(),
    )
    db.session.add(dossier)
    db.session.flush()
    record("opened", dossier, actor, data={"channel": request.channel, "legs": request.legs})
    return dossier


def _free_code(ward_id: int) -> str:
    while True:
        code = dossier_code()
        taken = select(Dossier.id).where(Dossier.ward_id == ward_id, Dossier.code == code).limit(1)
        if db.session.scalar(taken) is None:
            return code


def open_job(dossier: Dossier, leg: str, place: Place, window: Window, actor: Actor) -> Job:
    """A visit to be planned: `collect` or `return`, at a place, on a day and within a window (or at any time)."""
    job = Job(ward_id=dossier.ward_id, dossier_id=dossier.id, leg=leg, created_at=now())
    db.session.add(job)
    db.session.flush()
    record("opened", job, actor, data={"leg": leg, "place_id": place.id, **window.as_data()})
    return job


def promise(job: Job, start: datetime, end: datetime, actor: Actor, *, same_day: bool = False) -> None:
    """What the citizen has been told: from when to when, and whether a same-day answer was promised."""
    data = {"start": start.isoformat(), "end": end.isoformat(), "same_day": same_day}
    _command(job, "promised", actor, data)


def reschedule(job: Job, window: Window, actor: Actor) -> None:
    """Another day or window. The job leaves the plan in force and waits to be planned again."""
    _command(job, "retry" if job.state == "undecided" else "rescheduled", actor, window.as_data())
    outbox.cancel_for(job, "planned_window", "on_the_way")


def relocate(job: Job, place: Place, actor: Actor) -> None:
    """Another address. The job leaves the plan in force and waits to be planned again."""
    _command(job, "relocated", actor, {"place_id": place.id})
    outbox.cancel_for(job, "planned_window", "on_the_way")


def decide(job: Job, decision: str, actor: Actor, window: Window | None = None) -> None:
    """After a "not done": `retry` (with a day and window), or `gave_up`."""
    if decision not in ("retry", "gave_up"):
        raise ValueError(decision)
    _command(job, decision, actor, (window or Window()).as_data() if decision == "retry" else {})
    dossier = lock_dossier(job.dossier_id)
    if decision == "gave_up" and job.leg == "collect" and DOSSIER.allows(dossier.state, "cancelled"):
        record("cancelled", dossier, actor)


def send_by_post(job: Job, actor: Actor, number: str, day: date) -> None:
    """The postal service takes the result, under the number and day of its receipt."""
    _command(job, "posted", actor, {"posted_on": day.isoformat()}, notes={NUMBER_NOTE: number})


def cancel(dossier: Dossier, actor: Actor) -> Job | None:
    """Cancel. Papers that were already taken must come back: then the return job that this opens is returned."""
    dossier = lock_dossier(dossier.id)
    if not DOSSIER.allows(dossier.state, "cancelled"):
        raise NotPossible(_("This dossier is closed already; there is nothing to cancel."))
    record("cancelled", dossier, actor)
    outbox.cancel_news_of(dossier)
    open_jobs = [job for job in dossier.jobs if job.state not in JOB.final]
    if dossier.state in OWED:
        return open_owed_return(dossier, actor)
    for job in open_jobs:
        record("cancelled", job, actor)
        outbox.cancel_for(job, "planned_window", "on_the_way")
    return None


def open_owed_return(dossier: Dossier, actor: Actor) -> Job | None:
    """The visit that brings back papers of a cancelled dossier; None where nothing is owed. It is planned once the
    papers are at the office."""
    if dossier.state not in OWED:
        return None
    returns = [job for job in _jobs_of(dossier) if job.leg == "return" and job.state not in JOB.final]
    return returns[0] if returns else open_job(dossier, "return", _place_of(dossier), Window(), actor)


def _jobs_of(dossier: Dossier) -> list[Job]:
    query = select(Job).where(Job.ward_id == dossier.ward_id, Job.dossier_id == dossier.id).order_by(Job.id)
    return list(db.session.scalars(query))


def _place_of(dossier: Dossier) -> Place:
    """Where the next visit goes: where the last one went, as the address may have been changed since the request."""
    return next((job.place for job in reversed(dossier.jobs) if job.place is not None), dossier.request.place)


def note(dossier: Dossier, text: str, actor: Actor) -> None:
    """Words for everybody who works with this dossier."""
    _command(dossier, "noted", actor, notes={"note": text})


def checked(subject: Dossier | Job, actor: Actor) -> None:
    """The desk has looked into what the table did not expect; the flags go."""
    _command(subject, "checked", actor)


def receive(dossier: Dossier, official_code: str, promised: date, actor: Actor, origin_note: str = "") -> None:
    """The one-stop office has the papers: official code (an opaque string) and promised date."""
    data = {"official_code": official_code.strip(), "promised_on": promised.isoformat()}
    _command(dossier, "received", actor, data, notes={"note": origin_note})


def correct_code(dossier: Dossier, official_code: str, actor: Actor) -> None:
    """The official code was typed wrongly; what stood there before stays in the history."""
    _command(dossier, "recoded", actor, {"official_code": official_code.strip(), "before": dossier.official_code})


def pause(dossier: Dossier, actor: Actor, missing: str) -> None:
    """Papers are missing: the caller is told which, and the clock stops until `resume`."""
    event = _command(dossier, "paused", actor, notes={"missing": missing})
    outbox.tell("papers_missing", dossier, key=f"missing:{event.key}", values={"papers": missing})


def resume(dossier: Dossier, promised: date, actor: Actor) -> None:
    """The missing papers are there; the clock runs again."""
    _command(dossier, "resumed", actor, {"promised_on": promised.isoformat()})


def result_ready(dossier: Dossier, actor: Actor, *, refused: str = "") -> Job | None:
    """The result (or the written refusal) can go out; opens the return job where one was asked for."""
    _command(dossier, "refused" if refused else "result_ready", actor, notes={"refusal": refused})
    waiting = [job for job in dossier.jobs if job.leg == "return" and job.state not in JOB.final]
    if waiting or dossier.request.legs == "collect":
        return waiting[0] if waiting else None
    return open_job(dossier, "return", _place_of(dossier), Window(), actor)


def hand_in(dossier: Dossier, actor: Actor) -> None:
    """The volunteer gave the papers to the office; nothing has been looked at yet."""
    _command(dossier, "handed_in", actor)


def hand_to_volunteer(dossier: Dossier, actor: Actor, duty_id: int, envelope: str = "") -> None:
    """The result (or the papers to give back) leave the office in a volunteer's bag, sealed in this envelope if any."""
    sealed = {"envelope": envelope} if envelope else {}
    _command(dossier, "handed_to_volunteer", actor, {"duty_id": duty_id, **sealed})


def hand_to_citizen(dossier: Dossier, actor: Actor, receiver: str) -> None:
    """Somebody came to the counter for it; a return job that was still open is cancelled."""
    _command(dossier, "handed_to_citizen", actor, notes={"receiver": receiver})
    for job in dossier.jobs:
        if JOB.allows(job.state, "cancelled"):
            record("cancelled", job, actor)
            outbox.cancel_for(job, "planned_window", "on_the_way")


def brought_back(dossier: Dossier, actor: Actor) -> None:
    """A volunteer brought an undelivered result back to the office."""
    _command(dossier, "brought_back", actor)


def _command(
    subject: Dossier | Job,
    kind: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
    notes: dict[str, str] | None = None,
) -> Event:
    """Record what the desk wants, if the table allows it in the state of this moment."""
    lock_dossier(subject.dossier_id if isinstance(subject, Job) else subject.id)
    db.session.refresh(subject, ["state"])
    cycle = JOB if isinstance(subject, Job) else DOSSIER
    if not cycle.allows(subject.state, kind):
        raise NotPossible(_("That is no longer possible: things have moved on meanwhile. Look at the page again."))
    return record(kind, subject, actor, data=data, notes=notes)[0]
