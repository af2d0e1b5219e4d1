"""The public page where a citizen asks how far a dossier is."""

import hmac

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
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
    return render_template(
        "tracking/show.html", code=spoken_code(dossier.code), steps=steps_of(dossier), asked_at=now()
    )


def _dossier(text: str, typed: str) -> Dossier | None:
    code, digits = read_code(text), "".join(filter(str.isdecimal, typed))
    if g.ward is None or code is None:
        return None
    query = of_ward(Dossier).where(Dossier.code == code).limit(1)
    options = (joinedload(Dossier.request).joinedload(Request.caller), selectinload(Dossier.jobs))
    found = db.session.scalars(query.options(*options)).first()
    phone = (found.request.caller.phone or "") if found is not None else ""
    is_right = hmac.compare_digest(phone[-4:].encode().ljust(4, b"-"), digits.encode())
    return found if is_right else None
