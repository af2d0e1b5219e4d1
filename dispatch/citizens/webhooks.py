"""What providers tell us. Only a signed request counts; the same message sent twice makes one entry."""

import logging

from flask import Blueprint, Response, abort, current_app, g, request
from sqlalchemy.exc import IntegrityError
from twilio.request_validator import RequestValidator

from dispatch.config import Settings
from dispatch.database import db
from dispatch.intake.fanpage import PREFIX, arrived
from dispatch.security import csrf, limiter, public

blueprint = Blueprint("webhooks", __name__)
log = logging.getLogger(__name__)

LARGEST_BYTES = 64 * 1024
LONGEST_TEXT = 20_000


@blueprint.post("/twilio/messenger")
@csrf.exempt
@limiter.limit("600 per minute")
@public
def messenger() -> Response:
    """A message to the fanpage (Twilio's Messenger channel, twilio.com/docs/messaging/guides/webhook-request)."""
    request.max_content_length = LARGEST_BYTES
    if g.ward is None or not _signed():
        abort(403)
    sender, sid = request.form.get("From", ""), request.form.get("MessageSid", "")
    if not sender.startswith(PREFIX) or not sid or len(sender) > 200 or len(sid) > 64:
        abort(400)
    try:
        arrived(
            g.ward,
            sender=sender,
            body=_text(),
            provider_id=sid,
            sender_name=request.form.get("ProfileName", "")[:120],
        )
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # the same message came twice at once
    return Response("<Response/>", mimetype="text/xml")


def _text() -> str:
    """The words, and how many pictures came along: these stay with the provider."""
    pictures = request.form.get("NumMedia", "0")
    words = request.form.get("Body", "")[:LONGEST_TEXT]
    return words if pictures in ("", "0") else f"{words}\n[+ {pictures[:3]}]".strip()


def _signed() -> bool:
    """Whether the request carries Twilio's signature of this address and these values; without a token none does."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.twilio_auth_token or settings.demo:
        return False
    url = settings.public_url.rstrip("/") + request.full_path.rstrip("?") if settings.public_url else request.url
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(settings.twilio_auth_token).validate(url, request.form, signature))
