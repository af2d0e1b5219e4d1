"""A volunteer reported the wrong thing and saw it too late: after five minutes only the desk takes it back."""

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.citizens import outbox
from dispatch.database import db
from dispatch.dossiers.events import Actor, lock_dossier, record
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.operations import NotPossible
from dispatch.dossiers.taking_back import in_force
from dispatch.live.news import route_changed

OUTCOMES = ("done", "not_done")
AFTER = {"collect": ("carried",), "return": ("closed", "given_back")}
"""How a dossier stands right after its visit was done; later, others have worked with what was reported."""
NEWS = ("returned", "call_first", "papers_missing", "collected")


def outcome_of(job: Job) -> Event | None:
    """What was reported of this visit, where the desk may still take it back: nothing has followed from it."""
    dossier = job.dossier
    is_last = max(dossier.jobs, key=lambda one: one.id).id == job.id
    in_bag = job.leg == "return" or dossier.holder == "volunteer"
    was_done = job.state == "done" and dossier.state in AFTER[job.leg] and is_last and in_bag
    if not was_done and job.state != "undecided":
        return None
    query = select(Event).where(Event.ward_id == job.ward_id, Event.dossier_id == dossier.id)
    told = [event for event in in_force(db.session.scalars(query)) if event.job_id == job.id and event.kind in OUTCOMES]
    return told[-1] if told else None


def take_back(job: Job, key: str, actor: Actor) -> None:
    """The report with this key counts no more; its door is to be done again, and who was not told yet is not told.

    Raises NotPossible where it is not what was reported last, or something has followed from it. The caller commits.
    """
    lock_dossier(job.dossier_id)
    db.session.refresh(job)
    outcome = outcome_of(job)
    if outcome is None or outcome.key != key:
        raise NotPossible(_("That is no longer possible: things have moved on meanwhile. Look at the page again."))
    record("undone", job, actor, corrects=key, duty_id=outcome.duty_id)
    outbox.cancel_for(job, *NEWS)
    if outcome.duty_id is not None:
        route_changed(job.ward_id, {outcome.duty_id})
