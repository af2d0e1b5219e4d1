"""Where a long task stands, for the progress bar of a page; and the button that stops it."""

from urllib.parse import urlsplit

from flask import Blueprint, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dispatch.accounts.models import Role
from dispatch.database import db, one_or_404
from dispatch.pages import home_of
from dispatch.security import STAFF, allow
from dispatch.tasks.models import Task
from dispatch.tasks.runner import request_stop
from dispatch.tasks.words import state_shown, words_of

blueprint = Blueprint("tasks", __name__)
OF_EVERYBODY = frozenset({Role.DISPATCHER, Role.ADMIN})


@blueprint.get("/<public_id>")
@allow(*STAFF)
def show(public_id: str) -> ResponseReturnValue:
    task = _mine(public_id)
    words = words_of(task)
    return jsonify(
        state=state_shown(task),
        fraction=task.fraction or None,
        text=words.text,
        detail=words.detail,
        url=words.url or None,
    )


@blueprint.post("/<public_id>/dung")
@allow(*STAFF)
def stop(public_id: str) -> ResponseReturnValue:
    request_stop(_mine(public_id))
    db.session.commit()
    return redirect(_page_before() or home_of(current_user.roles), code=303)


def _mine(public_id: str) -> Task:
    """Tasks are seen by who started them; by dispatchers and administrators all of the ward's."""
    task = one_or_404(Task, public_id=public_id)
    if task.created_by != current_user.id and not OF_EVERYBODY & current_user.roles:
        abort(404)
    return task


def _page_before() -> str:
    """The page of ours that the button stood on, where the browser says so."""
    came_from = urlsplit(request.referrer or "")
    ours = came_from.netloc == request.host and not came_from.path.startswith("//")
    return came_from.path if ours else ""
