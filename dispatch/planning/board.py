"""The board: jobs by state, volunteers and their progress, late ones first; a part that keeps itself fresh."""

from datetime import date, timedelta

from flask import Blueprint, abort, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Look, Role
from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers import words
from dispatch.dossiers.working_days import next_working_day
from dispatch.planning.drawing import draw_day
from dispatch.planning.today import DayNow, day_now
from dispatch.security import allow
from dispatch.wards.fields import read_day

blueprint = Blueprint("board", __name__)
DESK = (Role.DISPATCHER, Role.HOTLINE)
LOOK_LASTS = timedelta(hours=1)
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
    today = local(now(), g.ward.timezone).date()
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
    state = day_now(g.ward, _day(day), now())
    waiting = [card.job for name in ("open", "planned", "under_way") for card in state.columns[name]]
    return jsonify(draw_day(g.ward, state.plan, waiting))


def _state(date_: date) -> DayNow:
    state = day_now(g.ward, date_, now())
    looked_at("citizen", *_unseen("citizen", {card.job.dossier.beneficiary_id for card in state.cards}))
    looked_at("volunteer", *_unseen("volunteer", {lane.duty.volunteer_id for lane in state.lanes}))
    return state


def _shown(state: DayNow) -> dict[str, object]:
    return {
        "state": state,
        "titles": TITLES,
        "words": words,
        "shown_at_once": SHOWN_AT_ONCE,
        "may_plan": Role.DISPATCHER in current_user.roles,
    }


def _unseen(kind: str, subject_ids: set[int]) -> set[int]:
    """Without those whom this person has had on the board within the hour: a board that stays open is one look."""
    recent = select(Look.subject_id).where(
        Look.ward_id == g.ward.id,
        Look.actor_kind == "staff",
        Look.actor_id == current_user.id,
        Look.subject_kind == kind,
        Look.subject_id.in_(subject_ids),
        Look.page.in_(("board.show", "board.fresh")),
        Look.at > now() - LOOK_LASTS,
    )
    return subject_ids - set(db.session.scalars(recent))


def _day(text: str) -> date:
    if not text:
        return local(now(), g.ward.timezone).date()
    found = read_day(text)
    if found is None:
        abort(404)
    return found
