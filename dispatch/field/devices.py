"""Phones: each is enrolled once through its link and keeps a key with which it uploads, even after the link ends."""

import hashlib
import secrets
from datetime import datetime

from flask import current_app, request
from flask_limiter.util import get_remote_address
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from dispatch.clock import now
from dispatch.database import db
from dispatch.duty.models import Device, Duty, RouteLink
from dispatch.field.taps import OLDEST, PhoneClock

COOKIE = "phone"
SAME_CLOCK_S = 60
UPLOADS = "/tuyen"  # where keys of earlier links are still sent


def enrol(link: RouteLink) -> tuple[Device, str]:
    """A new device for this link and the value of its cookie. The caller commits."""
    key = secrets.token_urlsafe(32)
    device = Device(ward_id=link.ward_id, link_id=link.id, key_hash=_hash(key), enrolled_at=now())
    db.session.add(device)
    db.session.flush()
    return device, f"{device.public_id}.{key}"


def remember(response: Response, cookie: str) -> None:
    """Keep the device's key on the phone for the day, and for what it could not send during the day.

    Twice: under the name of the phone that reads now, and under one of its own, so that what was recorded before
    somebody else opened their link on this phone is still sent under the key it was made with.
    Lax, not Strict: a link or a QR code is followed from elsewhere.
    """
    public_id = cookie.partition(".")[0]
    for name, path in ((COOKIE, "/"), (f"{COOKIE}-{public_id}", UPLOADS)):
        response.set_cookie(
            name,
            cookie,
            path=path,
            max_age=OLDEST,
            httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            samesite="Lax",
        )


def which_phone() -> str:
    """What a limit counts by: a phone, as many of them reach us through one address of their network."""
    return request.cookies.get(COOKIE, "")[:20] or get_remote_address()


def from_own_page() -> bool:
    """Whether a page of ours sent this. Taps and what goes with them have no token: it would die with the session, and
    they would be lost with it; the cookie is SameSite=Lax."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def current_device() -> Device | None:
    """The enrolled phone that sends this request, or None."""
    return _device_of(request.cookies.get(COOKIE, ""))


def device_of(public_id: object) -> Device | None:
    """The device under which this phone recorded something, if it holds its key."""
    return _device_of(request.cookies.get(f"{COOKIE}-{public_id}", "")) if public_id else None


def clock_of(device: Device, phone_now: datetime | None) -> PhoneClock:
    """The phone's clock as it was measured first, unless it was set since: what a slow network adds to a measurement
    must not change the order of the phone's own taps. The caller commits."""
    measured = PhoneClock.measured(phone_now, now())
    if phone_now is None:
        return measured
    if device.clock_offset_s is None:  # as far as the gate saw, which does not wait for a request beside this one
        db.session.refresh(device, ["clock_offset_s"])
    known = device.clock_offset_s
    if known is None or abs(measured.offset_s - known) > SAME_CLOCK_S:
        device.clock_offset_s = measured.offset_s
        return measured
    return PhoneClock(measured.received_at, known)


def _device_of(cookie: str) -> Device | None:
    public_id, _, key = cookie.partition(".")
    if not key:
        return None
    known = select(Device).where(Device.public_id == public_id, Device.key_hash == _hash(key)).limit(1)
    duty = joinedload(Device.link).joinedload(RouteLink.duty)
    return db.session.scalars(known.options(duty.lazyload(Duty.shift_rows))).first()


def _hash(key: str) -> str:
    # The key has 256 random bits: a plain hash is enough, there is nothing to guess.
    return hashlib.sha256(key.encode()).hexdigest()
