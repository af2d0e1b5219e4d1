"""Web push (RFC 8030, 8291, 8292): a volunteer's phone is told that the route has changed, and nothing more.

Without keys in the settings nothing is offered or sent; the page asks by itself as it does anyway.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from py_vapid import Vapid02
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.config import Settings
from dispatch.database import db
from dispatch.duty.links import reads
from dispatch.duty.models import Device, RouteLink
from dispatch.field.differences import differences
from dispatch.field.route import route_of
from dispatch.live.models import PushSubscription
from dispatch.live.news import TASK
from dispatch.live.push_service import Letter, send
from dispatch.tasks.runner import sweep

LONGEST = 2000
P256DH_BYTES, AUTH_BYTES = 65, 16
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
CLAIM = timedelta(minutes=2)
AT_ONCE = 500
LOOPBACK = "127.0.0.1"


def public_key() -> str:
    """What a browser subscribes with (base64url), from the private key of the settings; empty where push is off."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.sends_push:
        return ""
    public = Vapid02.from_string(settings.vapid_private_key).public_key
    raw = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Address:
    """Where a push service takes messages for one browser, and the browser's keys (base64url)."""

    endpoint: str
    p256dh: str
    auth: str


def read_address(raw: Any) -> Address | None:
    """A browser's `PushSubscription.toJSON()`; None where it is none, or of a service that the settings do not know:
    this server posts to what a phone names, so it must not be just any address."""
    keys = raw.get("keys") if isinstance(raw, dict) else None
    if not isinstance(keys, dict):
        return None
    found = Address(str(raw.get("endpoint")), str(keys.get("p256dh")), str(keys.get("auth")))
    fits = _bytes(found.p256dh) == P256DH_BYTES and _bytes(found.auth) == AUTH_BYTES
    return found if fits and _is_known_service(found.endpoint) else None


def _is_known_service(endpoint: str) -> bool:
    services: list[str] = current_app.config["SETTINGS"].push_services.split()
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port
    except ValueError:
        return False
    if len(endpoint) > LONGEST or not endpoint.isascii() or url.username is not None:
        return False
    if host == LOOPBACK:  # a service of a test
        return LOOPBACK in services
    known = any(host == name or host.endswith(f".{name}") for name in services)
    return known and url.scheme == "https" and port in (None, 443)


def _bytes(text: str) -> int:
    try:
        return len(urlsafe_b64decode(text[:LONGEST] + "=" * (-len(text) % 4)))
    except (Error, ValueError):
        return 0


def subscribe(device: Device, address: Address) -> None:
    """Tell this phone from now on, for as long as its link lives. The caller commits."""
    unsubscribe(device)
    db.session.add(
        PushSubscription(
            ward_id=device.ward_id,
            link_id=device.link_id,
            device_id=device.id,
            endpoint=address.endpoint,
            p256dh=address.p256dh,
            auth=address.auth,
            made_at=now(),
        )
    )
    db.session.flush()


def unsubscribe(device: Device) -> None:
    """Tell this phone nothing any more. The caller commits."""
    db.session.execute(_of(device.ward_id).where(PushSubscription.device_id == device.id))


def is_told(device: Device) -> bool:
    """Whether this phone has asked to be told."""
    found = select(PushSubscription.id).where(
        PushSubscription.ward_id == device.ward_id, PushSubscription.device_id == device.id
    )
    return db.session.scalar(found.limit(1)) is not None


def _of(ward_id: int) -> Any:
    return delete(PushSubscription).where(PushSubscription.ward_id == ward_id)


@sweep(TASK)
def send_pushes(ward_id: int) -> None:
    """Tell the phones that have news. Any number of workers may do this at once."""
    _forget_dead(ward_id)
    if not current_app.config["SETTINGS"].sends_push:
        return
    with force_locale("vi"):
        text = _("Your route has changed. Open it and look.")
    for letter in _due(ward_id):
        _note(ward_id, letter, send(letter, text, current_app.config["SETTINGS"]))


def _forget_dead(ward_id: int) -> None:
    """A subscription goes with its link."""
    query = select(PushSubscription).where(PushSubscription.ward_id == ward_id).limit(AT_ONCE)
    link = joinedload(PushSubscription.link).joinedload(RouteLink.duty)
    fresh = query.options(link).execution_options(populate_existing=True)
    for subscription in db.session.scalars(fresh).all():
        if not reads(subscription.link):
            db.session.delete(subscription)
    db.session.commit()


def _due(ward_id: int) -> Iterator[Letter]:
    """Claim one after the other, each in a transaction of its own; without those whose phone shows it already."""
    while (subscription := _next(ward_id)) is not None:
        if _is_news(subscription):
            subscription.next_try_at = now() + CLAIM
            subscription.attempts += 1
            letter = Letter(
                id=subscription.id,
                news_at=subscription.news_at or now(),
                attempts=subscription.attempts,
                endpoint=subscription.endpoint,
                p256dh=subscription.p256dh,
                auth=subscription.auth,
            )
            db.session.commit()
            yield letter
        else:
            subscription.news_at = subscription.next_try_at = None
            db.session.commit()
    db.session.rollback()


def _next(ward_id: int) -> PushSubscription | None:
    moment = now()
    due = select(PushSubscription).where(
        PushSubscription.ward_id == ward_id,
        PushSubscription.news_at.is_not(None),
        or_(PushSubscription.next_try_at.is_(None), PushSubscription.next_try_at <= moment),
    )
    one = due.order_by(PushSubscription.news_at).limit(1).with_for_update(skip_locked=True)
    return db.session.scalars(one.execution_options(populate_existing=True)).first()


def _is_news(subscription: PushSubscription) -> bool:
    """Whether the route differs from what the volunteer has seen on this phone."""
    shown = db.session.get_one(Device, subscription.device_id, populate_existing=True).shown
    route = route_of(subscription.link.duty)
    return bool(route.doors) if shown is None else bool(differences(shown, route))


def _note(ward_id: int, letter: Letter, outcome: str) -> None:
    """Told, or never to be: the news is over, unless there is newer news. Gone: the phone is asked no more."""
    own = (PushSubscription.ward_id == ward_id) & (PushSubscription.id == letter.id)
    if outcome == "gone":
        db.session.execute(_of(ward_id).where(own))
    else:
        same = own & (PushSubscription.news_at == letter.news_at)
        values: dict[str, datetime | None] = {"news_at": None, "next_try_at": None}
        if outcome == "retry" and letter.attempts <= len(RETRY_AFTER):
            values = {"next_try_at": now() + RETRY_AFTER[letter.attempts - 1]}
        db.session.execute(update(PushSubscription).where(same).values(**values))
    db.session.commit()
