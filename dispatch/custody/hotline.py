"""The hotline's page for a volunteer whose phone has no web: the route as text, and what the volunteer says."""

from uuid import uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import current_user

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.custody.by_phone import messages_of, record_outcomes
from dispatch.database import one_or_404
from dispatch.dossiers import words
from dispatch.dossiers.events import Actor
from dispatch.duty.models import Duty
from dispatch.field.pages import papers_of
from dispatch.field.route import route_of
from dispatch.security import allow

blueprint = Blueprint("by_phone", __name__)


@blueprint.route("/ghi-ho/<duty_id>", methods=["GET", "POST"])
@allow(Role.HOTLINE, Role.DISPATCHER)
def outcomes(duty_id: str) -> ResponseReturnValue:
    """All doors of one volunteer on one page."""
    duty = one_or_404(Duty, public_id=duty_id)
    route = route_of(duty)
    if request.method == "POST":
        recorded = record_outcomes(duty, route.doors, request.form, Actor("staff", current_user.id))
        flash(ngettext("%(num)s door was recorded.", "%(num)s doors were recorded.", recorded), "success")
        return redirect(url_for("by_phone.outcomes", duty_id=duty_id), 303)
    people = {door.job.dossier for door in route.doors}
    looked_at("citizen", *{id for one in people for id in (one.beneficiary_id, one.request.caller_id)})
    looked_at("volunteer", duty.volunteer_id)
    return render_template(
        "custody/by_phone.html",
        duty=duty,
        route=route,
        texts=messages_of(route, g.ward.timezone),
        papers=papers_of,
        words=words,
        new_key=lambda: str(uuid4()),
    )
