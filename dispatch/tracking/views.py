"""The public page where a citizen asks how far a dossier is."""

import hmac

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from dispatch.citizens.texts import ward_title
from dispatch.clock import now
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier
from dispatch.identity import read_code, spoken_code
from dispatch.intake.models import Request
from dispatch.security import csrf, limiter, public
from dispatch.tracking.status import steps_of

blueprint = Blueprint("tracking", __name__)
LONGEST = 40
LONGEST_TICKET = 200
TICKET_LASTS_S = 4 * 3600


@blueprint.context_processor
def _title() -> dict[str, object]:
    return {"ward_title": ward_title}


def _asked_code() -> str:
    """One limit a dossier, wherever the guesses come from; what is no code counts by address."""
    return read_code(request.form.get("code", "")[:LONGEST]) or get_remote_address()


@blueprint.route("/", methods=["GET", "POST"])
@csrf.exempt  # it changes nothing, and works in phones that keep no cookies
@public
@limiter.limit("20/minute", methods=["POST"])
@limiter.limit("40/hour", methods=["POST"], key_func=_asked_code)
def find() -> ResponseReturnValue:
    """Code and last four digits of the caller's number; the same answer for a code unknown and digits wrong."""
    if request.method == "GET":
        return render_template("tracking/find.html", code="", wrong=False)
    code = request.form.get("code", "")[:LONGEST]
    dossier = _dossier(code, request.form.get("digits", "")[:LONGEST])
    if dossier is None:
        return render_template("tracking/find.html", code=code, wrong=True, no_code=read_code(code) is None), 422
    ticket = _tickets().dumps(dossier.code)
    steps = steps_of(dossier)
    return render_template(
        "tracking/show.html", code=spoken_code(dossier.code), steps=steps, asked_at=now(), ticket=ticket
    )


@blueprint.post("/con-bao-lau")
@csrf.exempt  # it changes nothing either
@public
@limiter.limit("6/minute", key_func=lambda: request.form.get("ticket", "")[:LONGEST_TICKET] or get_remote_address())
@limiter.limit("120/minute")
def fresh() -> ResponseReturnValue:
    """The steps again for a page that stays open: by its ticket, so that neither code nor digits are sent again."""
    try:
        code = _tickets().loads(request.form.get("ticket", "")[:LONGEST_TICKET], max_age=TICKET_LASTS_S)
    except BadSignature:
        return "", 410
    dossier = db.session.scalars(_with_jobs(code)).first() if g.ward is not None else None
    if dossier is None:
        return "", 410
    return render_template("tracking/_steps.html", steps=steps_of(dossier), asked_at=now())


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="tracking")


def _with_jobs(code: str) -> Select[Dossier]:
    options = (joinedload(Dossier.request).joinedload(Request.caller), selectinload(Dossier.jobs))
    return of_ward(Dossier).where(Dossier.code == code).limit(1).options(*options)


def _dossier(text: str, typed: str) -> Dossier | None:
    code, digits = read_code(text), "".join(filter(str.isdecimal, typed))
    if g.ward is None or code is None:
        return None
    found = db.session.scalars(_with_jobs(code)).first()
    phone = (found.request.caller.phone or "") if found is not None else ""
    is_right = hmac.compare_digest(phone[-4:].encode().ljust(4, b"-"), digits.encode())
    return found if is_right else None
