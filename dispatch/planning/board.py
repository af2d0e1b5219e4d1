"""The board: jobs by state, volunteers and their progress, late ones first; a part that keeps itself fresh."""

from datetime import date

from flask import Blueprint, abort, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from dispatch.accounts.looks import looked_at, not_seen_lately
from dispatch.accounts.models import Role
from dispatch.clock import now, today_in
from dispatch.database import db
from dispatch.dossiers import words
from dispatch.dossiers.views import me
from dispatch.dossiers.working_days import next_working_day
from dispatch.pages import show_time
from dispatch.planning.drawing import Feature, draw_day, point
from dispatch.planning.incidents import Incident, mark_seen
from dispatch.planning.today import DayNow, Lane, day_now
from dispatch.security import allow
from dispatch.wards.fields import read_day

blueprint = Blueprint("board", __name__)
DESK = (Role.DISPATCHER, Role.HOTLINE)
PAGES = ("board.show", "board.fresh", "board.routes_json")
SHOWN_AT_ONCE = 8
PARTS = {"can-xu-ly": "board/_top.html", "nguoi": "board/_lanes.html", "viec": "board/_jobs.html"}
TITLES = {
    "open": _l("Waits for a plan"),
    "planned": _l("Planned"),
    "under_way": _l("Under way"),
    "done": _l("Finished"),
}


@blueprint.get("/")
@blueprint.get("/<day>")
@allow(*DESK)
def show(day: str = "") -> ResponseReturnValue:
    """The whole page of today, or of another day."""
    date_ = _day(day)
    state = _state(date_)
    today = today_in(g.ward.timezone)
    return render_template(
        "board/show.html", day=date_, today=today, next_day=next_working_day(g.ward, date_), **_shown(state)
    )


@blueprint.get("/<day>/moi/<any('can-xu-ly', nguoi, viec):part>")
@allow(*DESK)
def fresh(day: str, part: str) -> ResponseReturnValue:
    """What changes, as a fragment; 304 while nothing has."""
    date_ = _day(day)
    response = make_response(render_template(PARTS[part], day=date_, **_shown(_state(date_))))
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/<day>/ban-do.json")
@allow(*DESK)
def routes_json(day: str) -> ResponseReturnValue:
    """The day for the map: routes in force with the states of their stops, and what waits."""
    state = _state(_day(day))
    waiting = [card.job for name in ("open", "planned", "under_way") for card in state.columns[name]]
    people = [one for lane in state.lanes for one in _rider(lane)] if Role.DISPATCHER in current_user.roles else []
    happened = [point(one.point, _what_happened(one)) for one in state.on_the_way if one.point is not None]
    return jsonify(draw_day(g.ward, state.plan, waiting, [*people, *happened]))


@blueprint.post("/<day>/da-xem")
@allow(*DESK)
def seen(day: str) -> ResponseReturnValue:
    """Somebody at the desk has seen an incident and takes care of it: who and when is written down."""
    date_ = _day(day)
    if not mark_seen(g.ward.id, request.form.get("incident", "")[:40], me()):
        abort(404)
    db.session.commit()
    flash(_("Noted that you have seen it."), "success")
    return redirect(url_for("board.show", day=date_.isoformat()), 303)


def _what_happened(incident: Incident) -> dict[str, object]:
    title = f"{words.incident(incident.event.data.get('what'))}: {incident.duty.volunteer.name}"
    return {"kind": "incident", "title": title, "number": "!", "lines": [show_time(incident.event.occurred_at)]}


def _rider(lane: Lane) -> list[Feature]:
    """About where a volunteer is who lets the desk know, for the dispatcher's map."""
    if lane.spot is None:
        return []
    name = lane.duty.volunteer.name
    lines = [_("Was about here at %(time)s (within 100 m)", time=show_time(lane.spot.at))]
    properties = {"kind": "rider", "route": lane.position, "number": name.split()[-1], "title": name, "lines": lines}
    return [point((lane.spot.lat, lane.spot.lon), properties)]


def _state(date_: date) -> DayNow:
    state = day_now(g.ward, date_, now())
    people = {
        "citizen": {card.job.dossier.beneficiary_id for card in state.cards},
        "volunteer": {lane.duty.volunteer_id for lane in state.lanes}
        | {one.duty.volunteer_id for one in state.on_the_way},
    }
    for kind, ids in people.items():
        looked_at(kind, *not_seen_lately(kind, ids, ("staff", current_user.id), *PAGES))
    return state


def _shown(state: DayNow) -> dict[str, object]:
    return {
        "state": state,
        "titles": TITLES,
        "words": words,
        "shown_at_once": SHOWN_AT_ONCE,
        "may_plan": Role.DISPATCHER in current_user.roles,
        "now": now(),
    }


def _day(text: str) -> date:
    if not text:
        return today_in(g.ward.timezone)
    found = read_day(text)
    if found is None:
        abort(404)
    return found
