"""What a volunteer's phone sends beside its taps: about where it is, and that it wants to be told of changes."""

from flask import Blueprint, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dispatch.database import db
from dispatch.duty.links import reads
from dispatch.field.devices import from_own_page, which_phone
from dispatch.live.positions import keep_position, read_degrees
from dispatch.live.push import public_key, read_address, subscribe, unsubscribe
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


@blueprint.post("/thong-bao")
@csrf.exempt  # as for taps
@volunteer
@limiter.limit("20/minute", key_func=which_phone)
def tell_me() -> ResponseReturnValue:
    """Where this phone's browser takes push messages, as it says so itself (`PushSubscription.toJSON()`)."""
    if not from_own_page():
        abort(403)
    address = read_address(request.get_json(silent=True))
    if address is None or not public_key():
        return jsonify(error=_("This could not be read")), 400
    if not reads(g.device.link):
        abort(410)
    subscribe(g.device, address)
    db.session.commit()
    return jsonify(on=True)


@blueprint.post("/thong-bao/tat")
@csrf.exempt  # as for taps
@volunteer
def tell_me_no_more() -> ResponseReturnValue:
    """This phone wants to be told no more."""
    if not from_own_page():
        abort(403)
    unsubscribe(g.device)
    db.session.commit()
    return jsonify(on=False)
