"""The volunteer's own bag, on the phone: what is in it, and how it leaves on the road."""

import logging
from uuid import uuid4

from flask import Blueprint, abort, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.custody.files import keep_file
from dispatch.custody.holdings import held_by
from dispatch.custody.pictures import KINDS, NotAPicture
from dispatch.custody.store import StoreUnreachable
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier, Job
from dispatch.duty.links import reads
from dispatch.duty.models import Duty
from dispatch.field.devices import COOKIE
from dispatch.field.taps import event_key
from dispatch.security import csrf, limiter, volunteer

log = logging.getLogger(__name__)
blueprint = Blueprint("bag", __name__)
LARGEST_FILE_BYTES = 12 * 1024 * 1024  # what a phone's camera writes; what is kept is far smaller


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


@blueprint.post("/tep")
@csrf.exempt  # as for taps: a token would die with the session, and what the phone holds would be lost with it
@volunteer
@limiter.limit("120/minute", key_func=lambda: request.cookies.get(COOKIE, "")[:20] or get_remote_address())
def keep() -> ResponseReturnValue:
    """One photo or signature: `key` is the tap's, whose event may come later. Accepted also after the link's end."""
    request.max_content_length = LARGEST_FILE_BYTES
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    key, kind, file = request.form.get("key", ""), request.form.get("kind", ""), request.files.get("file")
    if not key or kind not in KINDS or file is None:
        return jsonify(error=_("This could not be read")), 400
    try:
        new = keep_file(g.device, event_key(key, g.device), kind, file.read())
    except StoreUnreachable:
        log.exception("a picture could not be kept; the phone will send it again")
        return jsonify(key=key, kind=kind, state="later", error=_("Please try again in a while.")), 503
    except NotAPicture:
        return jsonify(key=key, kind=kind, state="refused", error=_("This is no picture that can be read.")), 422
    return jsonify(key=key, kind=kind, state="accepted" if new else "known")


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
