"""The link that opens a volunteer's route: unguessable, dies with the duty, reissued and revoked by the desk."""

import hashlib
import hmac
from datetime import timedelta

from flask import current_app, url_for
from sqlalchemy import select

from dispatch.clock import now, real_now
from dispatch.database import db
from dispatch.duty.models import Duty, RouteLink

AFTER_SHIFT = timedelta(hours=2)


def link_for(duty: Duty) -> RouteLink:
    """The duty's link in force, made if there is none. The caller commits."""
    current = db.session.scalars(
        select(RouteLink)
        .where(RouteLink.ward_id == duty.ward_id, RouteLink.duty_id == duty.id, RouteLink.revoked_at.is_(None))
        .order_by(RouteLink.id.desc())
        .limit(1)
    ).first()
    return current or _issue(duty)


def reissue(duty: Duty) -> RouteLink:
    """Revoke what was handed out and make a new link. The caller commits."""
    revoke(duty)
    return _issue(duty)


def revoke(duty: Duty) -> None:
    """End every link of the duty at once. Phones may still upload what they recorded, but read no more."""
    live = select(RouteLink).where(
        RouteLink.ward_id == duty.ward_id, RouteLink.duty_id == duty.id, RouteLink.revoked_at.is_(None)
    )
    for link in db.session.scalars(live):
        link.revoked_at = real_now()


def _issue(duty: Duty) -> RouteLink:
    ends = max((shift.ends_at for shift in duty.shifts), default=now())
    link = RouteLink(ward_id=duty.ward_id, duty_id=duty.id, created_at=now(), expires_at=ends + AFTER_SHIFT)
    db.session.add(link)
    db.session.flush()
    return link


def token_of(link: RouteLink) -> str:
    """The secret part of the address: computed, so that a stolen database opens no route."""
    secret = current_app.config["SECRET_KEY"].encode()
    mac = hmac.new(secret, f"route-link:{link.public_id}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{link.public_id}-{mac}"


def address_of(link: RouteLink) -> str:
    """The whole address, for the QR code and the message: under the public address of the settings, as phones do not
    reach the one (`localhost`, a number in the office) under which the desk may have opened its page."""
    public_url = current_app.config["SETTINGS"].public_url.rstrip("/")
    if not public_url:
        return url_for("field.open_link", token=token_of(link), _external=True)
    return public_url + url_for("field.open_link", token=token_of(link))


def open_token(token: str) -> RouteLink | None:
    """The link that a token belongs to, while it is in force; else None."""
    public_id = token.partition("-")[0]
    link = db.session.scalars(select(RouteLink).where(RouteLink.public_id == public_id).limit(1)).first()
    if link is None or not hmac.compare_digest(token_of(link).encode(), token.encode()):
        return None
    return link if reads(link) else None


def reads(link: RouteLink) -> bool:
    """Whether phones may still read the route through this link (business time: the demo's day is not today's)."""
    return link.revoked_at is None and now() < link.expires_at and link.duty.off_at is None
