"""Suggestions while an address is being typed."""

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dispatch.accounts.models import Role
from dispatch.database import reading
from dispatch.places.lookup import suggest as suggestions
from dispatch.security import allow, limiter

blueprint = Blueprint("places", __name__)

DESK = frozenset({Role.HOTLINE, Role.DISPATCHER, Role.OFFICER})


@blueprint.route("/goi-y", methods=["GET", "POST"])
@limiter.limit("20 per second")
@allow(Role.HOTLINE, Role.DISPATCHER, Role.OFFICER, Role.ADMIN)
def suggest() -> ResponseReturnValue:
    """JSON for the address field. Pages with citizens' addresses post, so that no address stands in a log.

    `?only=map` leaves out the ward's own places, where a street is looked for and nobody's door.
    """
    with reading():
        known = bool(DESK & current_user.roles) and request.args.get("only") != "map"
        return jsonify(suggestions(g.ward, request.values.get("q", "")[:300], known=known))
