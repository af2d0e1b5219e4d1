"""The call list's page, for the hotline and the dispatcher."""

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.citizens import sending  # noqa: F401 - registers the work that sends messages
from dispatch.citizens.call_list import CALL_AGAIN_AFTER, CallList, call_list, not_reached, reason, sentence, was_called
from dispatch.citizens.models import Message
from dispatch.config import Settings
from dispatch.database import db, one_or_404
from dispatch.security import allow

blueprint = Blueprint("calls", __name__)
DESK = (Role.HOTLINE, Role.DISPATCHER)


@blueprint.get("/")
@allow(*DESK)
def waiting() -> ResponseReturnValue:
    """The whole page."""
    calls = call_list(g.ward.id)
    _note_looks(calls)
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "calls/waiting.html", nothing_goes_out=not (settings.sends_sms or g.ward.is_demo), **_shown(calls)
    )


@blueprint.get("/moi")
@allow(*DESK)
def fresh() -> ResponseReturnValue:
    """The list as a fragment; 304 while nothing has changed."""
    calls = call_list(g.ward.id)
    response = make_response(render_template("calls/_list.html", **_shown(calls)))
    # Not of the page's own letters: the token in its forms differs each time.
    response.set_etag(f"{get_locale()}-{calls.fingerprint}")
    response.make_conditional(request)
    if response.status_code != 304:
        _note_looks(calls)
    return response


@blueprint.post("/<public_id>/da-goi")
@allow(*DESK)
def called(public_id: str) -> ResponseReturnValue:
    """The news was told on the phone."""
    done = was_called(one_or_404(Message, public_id=public_id), current_user.id)
    db.session.commit()
    return _back(_("Noted: called.") if done else "")


@blueprint.post("/<public_id>/goi-lai")
@allow(*DESK)
def later(public_id: str) -> ResponseReturnValue:
    """Nobody answered."""
    done = not_reached(one_or_404(Message, public_id=public_id))
    db.session.commit()
    minutes = CALL_AGAIN_AFTER.seconds // 60
    return _back(_("Noted: not reached. It comes back in %(minutes)d minutes.", minutes=minutes) if done else "")


def _back(noted: str) -> ResponseReturnValue:
    if noted:
        flash(noted, "success")
    else:
        flash(_("This call is no longer on the list: a colleague has made it, or it no longer holds."), "info")
    return redirect(url_for("calls.waiting"), code=303)


def _shown(calls: CallList) -> dict[str, object]:
    return {"calls": calls, "sentence": sentence, "reason": reason}


def _note_looks(calls: CallList) -> None:
    looked_at("citizen", *(m.citizen_id for m in (*calls.due, *calls.later) if m.citizen_id is not None))
