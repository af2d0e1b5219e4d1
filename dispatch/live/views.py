"""What a volunteer's phone sends beside its taps: about where it is."""

from flask import Blueprint, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dispatch.duty.links import reads
from dispatch.field.devices import from_own_page, which_phone
from dispatch.live.positions import keep_position, read_degrees
from dispatch.security import csrf, limiter, volunteer

blueprint = Blueprint("live", __name__)


@blueprint.post("/vi-tri")
@csrf.exempt  # as for taps
@volunteer
@limiter.limit("20/minute", key_func=which_phone)
def here() -> ResponseReturnValue:
    """Where the phone is, as JSON {lat, lon} in degrees. `kept`: whether it may be kept at all just now."""
    if not from_own_page():
        abort(403)
    body = request.get_json(silent=True)
    point = read_degrees(body.get("lat"), body.get("lon")) if isinstance(body, dict) else None
    if point is None:
        return jsonify(error=_("This could not be read")), 400
    return jsonify(kept=reads(g.device.link) and keep_position(g.device.link.duty, *point))
