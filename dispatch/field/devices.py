"""Phones: each is enrolled once through its link and keeps a key with which it uploads, even after the link ends."""

import hashlib
import secrets

from flask import current_app, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from dispatch.clock import now
from dispatch.database import db
from dispatch.duty.models import Device, RouteLink
from dispatch.field.taps import OLDEST

COOKIE = "phone"


def enrol(link: RouteLink) -> tuple[Device, str]:
    """A new device for this link and the value of its cookie. The caller commits."""
    key = secrets.token_urlsafe(32)
    device = Device(ward_id=link.ward_id, link_id=link.id, key_hash=_hash(key), enrolled_at=now())
    db.session.add(device)
    db.session.flush()
    return device, f"{device.public_id}.{key}"


def remember(response: Response, cookie: str) -> None:
    """Keep the device's key on the phone for the day, and for what it could not send during the day.

    Lax, not Strict: a link or a QR code is followed from elsewhere.
    """
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=OLDEST,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )


def current_device() -> Device | None:
    """The enrolled phone that sends this request, or None."""
    public_id, _, key = request.cookies.get(COOKIE, "").partition(".")
    if not key:
        return None
    return db.session.scalars(
        select(Device).where(Device.public_id == public_id, Device.key_hash == _hash(key)).limit(1)
    ).first()


def _hash(key: str) -> str:
    # The key has 256 random bits: a plain hash is enough, there is nothing to guess.
    return hashlib.sha256(key.encode()).hexdigest()
