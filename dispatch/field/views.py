"""What a volunteer's phone opens and sends."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import update

from dispatch.accounts.looks import looked_at
from dispatch.clock import now
from dispatch.database import db, will_write
from dispatch.duty.links import address_of, open_token, reads
from dispatch.duty.models import Device
from dispatch.field import pages
from dispatch.field.devices import (
    clock_of,
    current_device,
    device_of,
    enrol,
    from_own_page,
    remember,
    which_phone,
)
from dispatch.field.differences import differences, shown_of, written
from dispatch.field.drawing import draw_route
from dispatch.field.installed import app_around, version
from dispatch.field.recording import Answer, accept
from dispatch.field.route import Route, route_of, version_of
from dispatch.field.taps import read_moment, read_tap
from dispatch.field.underway import FINISHED, set_out_for_next
from dispatch.security import csrf, limiter, public, volunteer

blueprint = Blueprint("field", __name__)
MOST_TAPS = 200  # a request; what is not answered the phone sends again


@blueprint.get("/r/<token>")
@public
@limiter.limit("60/minute")
def open_link(token: str) -> ResponseReturnValue:
    """Enrol this phone and go on to the fixed address, so that the token stays in no history or bookmark."""
    db.session.rollback()
    will_write.set(True)
    device, link = current_device(), open_token(token)
    if link is None:
        if device is not None and reads(device.link):
            return redirect(url_for("field.route"))
        return render_template("field/closed.html", known=False, now=now), 410
    inside = app_around(request.user_agent.string)
    if inside and "o-lai" not in request.args:
        return render_template("field/leave_app.html", inside=inside, address=address_of(link), now=now)
    response = redirect(url_for("field.route"))
    if device is None or device.link_id != link.id:
        _device, cookie = enrol(link)
        remember(response, cookie)
    db.session.commit()
    return response


@blueprint.get("/tuyen")
@volunteer
def route() -> ResponseReturnValue:
    """The route: the next stop first. Closed when the link has ended; the page still sends what the phone holds."""
    if not reads(g.device.link):
        return render_template("field/closed.html", known=True, now=now), 410
    today = route_of(g.device.link.duty)
    looked_at("citizen", *pages.people_not_logged_yet(today))
    changes = differences(g.device.shown, today)
    response = make_response(
        render_template(
            "field/route.html",
            changes=changes,
            change_words=pages.CHANGES,
            shown=written(shown_of(today)),
            **pages.of_route(today),
        )
    )
    if g.device.shown is None and today.planned is not None:
        _remember_shown(today)
    response.headers["X-Shell"] = version()
    response.headers["X-Reads-For"] = str(int((g.device.link.expires_at - now()).total_seconds()))
    return response


@blueprint.get("/tuyen/ban-do.json")
@volunteer
def drawn() -> ResponseReturnValue:
    """The volunteer's own route for the map: the line to ride, numbered stops, the office."""
    if not reads(g.device.link):
        abort(410)
    return jsonify(draw_route(g.ward, route_of(g.device.link.duty)))


@blueprint.get("/tuyen/tin")
@volunteer
def news() -> ResponseReturnValue:
    """A fragment for the page's poll: empty while what the phone shows is what the desk has."""
    if not reads(g.device.link):
        return render_template("field/_news.html", closed=True)
    today = route_of(g.device.link.duty)
    if request.args.get("v", "") == version_of(today):
        return ""
    changes = differences(g.device.shown, today)
    return render_template("field/_news.html", closed=False, changes=changes, change_words=pages.CHANGES)


def _remember_shown(today: Route) -> None:
    shown, device_id = shown_of(today), g.device.id
    db.session.rollback()
    will_write.set(True)
    db.session.execute(update(Device).where(Device.id == device_id).values(shown=shown))
    db.session.commit()


@blueprint.post("/tuyen/su-kien")
@csrf.exempt  # the cookie is SameSite=Lax; a token would die with the session, and taps would be lost with it
@volunteer
@limiter.limit("600/minute", key_func=which_phone)
def events() -> ResponseReturnValue:
    """Taps, as JSON (one, a list, or {"now", "events"}) or as a form. Accepted also after the link has ended."""
    if not from_own_page():
        abort(403)
    if request.is_json:
        return _from_script(_json())
    return _from_form(request.form)


def _json() -> Any:
    """What the script sent; None where it cannot be read, however deep somebody nested it."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _from_script(body: Any) -> ResponseReturnValue:
    phone_now = read_moment(body.get("now")) if isinstance(body, dict) else None
    raw = body.get("events", body) if isinstance(body, dict) else body
    raw = [raw] if isinstance(raw, dict) else raw
    if not isinstance(raw, list):
        return jsonify(error=_("This could not be read")), 400
    answers = _accept_all([one for one in raw if isinstance(one, dict)][:MOST_TAPS], phone_now)
    return jsonify(
        now=now().isoformat(),
        answers=[{"key": a.key, "state": a.state, "sentence": a.sentence} for a in answers],
    )


def _from_form(form: Mapping[str, Any]) -> ResponseReturnValue:
    answers = _accept_all([form], read_moment(form.get("now")))
    for answer in answers:
        flash(answer.sentence or _("Recorded."), "error" if answer.state == "refused" else "success")
    return redirect(url_for("field.route"), 303)


def _accept_all(raw: Sequence[Mapping[str, Any]], phone_now: Any) -> list[Answer]:
    """Each tap by itself; when all are in, the ride to the door that is next now."""
    answers, finished_under = [], None
    for one in raw:
        tap = read_tap(one)
        device = device_of(one.get("device")) or g.device
        answer, duty = accept(device, tap, clock_of(device, phone_now))
        answers.append(answer)
        if duty is not None and tap.kind in FINISHED and answer.state != "refused":
            finished_under = duty
    if finished_under is not None:
        set_out_for_next(finished_under)
    return answers
