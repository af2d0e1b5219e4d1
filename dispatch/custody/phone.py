"""The volunteer's own bag, on the phone: what is in it, and how it leaves on the road."""

from uuid import uuid4

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.custody.holdings import held_by
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier, Job
from dispatch.duty.links import reads
from dispatch.duty.models import Duty
from dispatch.security import volunteer

blueprint = Blueprint("bag", __name__)


@blueprint.get("/giay-to")
@volunteer
def show() -> ResponseReturnValue:
    """The bag: dossier, envelope, counts; no name and no address. Closed when the link has ended."""
    if not reads(g.device.link):
        return render_template("field/closed.html", known=True, now=now), 410
    duty = g.device.link.duty
    return render_template(
        "custody/bag.html",
        duty=duty,
        held=held_by(duty.volunteer_id),
        job_of=_last_job,
        others=_others(duty),
        new_key=lambda: str(uuid4()),
        now=now,
    )


def _last_job(dossier: Dossier) -> Job | None:
    """The visit that a report from the bag belongs to: the one at which the papers were taken, else the last one."""
    collected = [job for job in dossier.jobs if job.leg == "collect"]
    jobs = collected or dossier.jobs
    return jobs[-1] if jobs else None


def _others(duty: Duty) -> list[Duty]:
    """Who else is on duty that day and can take papers over."""
    day = of_ward(Duty).where(Duty.service_date == duty.service_date, Duty.off_at.is_(None), Duty.id != duty.id)
    found = db.session.scalars(day.options(joinedload(Duty.volunteer)).limit(200))
    return sorted(found, key=lambda other: other.volunteer.folded_name)
