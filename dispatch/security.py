"""Who may open what. Every view declares its access; one that does not is closed to everybody."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Timer
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from limits.storage import MemoryStorage
from sqlalchemy import select
from werkzeug.wrappers import Response

from dispatch.accounts.models import Role, StaffAccount
from dispatch.database import db, will_write
from dispatch.wards.models import Ward
from dispatch.wards.operations import only_ward

csrf = CSRFProtect()
login_manager = LoginManager()
limiter = Limiter(key_func=get_remote_address, default_limits=[])

STAFF = frozenset(Role)
Function = TypeVar("Function", bound=Callable[..., Any])

SWEEP_S = 60

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True)
class Access:
    """Roles that may open a view; or everybody (`public`), or a volunteer's enrolled phone."""

    roles: frozenset[Role] = frozenset()
    public: bool = False
    volunteer: bool = False


def allow(*roles: Role, phones: bool = False) -> Callable[[Function], Function]:
    """Only staff with one of these roles (and volunteers' enrolled phones, where said so). Administrators do not
    open other people's work unless named."""
    return _declare(Access(roles=frozenset(roles), volunteer=phones))


def public(view: Function) -> Function:
    """Anybody, without a log-in."""
    return _declare(Access(public=True))(view)


def volunteer(view: Function) -> Function:
    """A volunteer's phone that was enrolled through a link."""
    return _declare(Access(volunteer=True))(view)


def _declare(access: Access) -> Callable[[Function], Function]:
    def mark(view: Function) -> Function:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def access_of(endpoint: str | None) -> Access | None:
    """What a view declared; static files are public."""
    if endpoint is None or endpoint == "static" or endpoint.endswith(".static"):
        return Access(public=True)
    return getattr(current_app.view_functions.get(endpoint), "access", None)


class Sweep(Timer):
    """Forgets counts that have run out, once a minute, in the request that asks. The storage's own timer, in whose
    place it stands, starts a thread for each request."""

    def __init__(self, storage: MemoryStorage) -> None:
        super().__init__(0, lambda: None)
        self._storage, self._due = storage, 0.0

    def is_alive(self) -> bool:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + SWEEP_S
            for key in list(self._storage.expirations):
                self._storage.get(key)  # forgets it, where its time is over
        return True


def configure_security(app: Flask, *, rate_limit_url: str, https: bool) -> None:
    """Sessions, log-in, CSRF, limits, headers and the gate in front of every view."""
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        REMEMBER_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=rate_limit_url,
        RATELIMIT_HEADERS_ENABLED=False,
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    if isinstance(limiter.storage, MemoryStorage):
        limiter.storage.timer = Sweep(limiter.storage)
    login_manager.init_app(app)
    login_manager.user_loader(_load_account)
    app.before_request(_gate)
    app.after_request(_headers)
    if https:
        app.after_request(_strict_transport)


def _load_account(session_id: str) -> StaffAccount | None:
    public_id, _, version = session_id.partition(":")
    account = db.session.scalars(
        select(StaffAccount).where(StaffAccount.public_id == public_id, StaffAccount.active).limit(1)
    ).first()
    return account if account is not None and str(account.session_version) == version else None


def _gate() -> ResponseReturnValue | None:
    will_write.set(request.method not in ("GET", "HEAD", "OPTIONS"))
    g.looks = []
    access = access_of(request.endpoint)
    if access is None:
        abort(403)
    if request.endpoint is None or request.endpoint == "static":
        return None
    if access.public:
        g.ward = _ward_of_public_pages()
        return None
    if access.volunteer and not (access.roles and current_user.is_authenticated):
        return _gate_of_phones()
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
        abort(401)
    g.ward = db.session.get_one(Ward, current_user.ward_id)
    if not access.roles & current_user.roles:
        abort(403)
    return None


def _gate_of_phones() -> ResponseReturnValue | None:
    from dispatch.field.devices import current_device

    writes = will_write.get()
    will_write.set(False)
    g.device = current_device()
    if g.device is None:
        abort(401)
    g.ward = db.session.get_one(Ward, g.device.ward_id)
    if writes:  # who asks was read without waiting for those that write; what was read stays at hand
        db.session.commit()
        will_write.set(True)
    return None


def _ward_of_public_pages() -> Ward | None:
    """The ward of the person who is logged in, else the one named in the settings, else the first."""
    if current_user.is_authenticated:
        return db.session.get(Ward, current_user.ward_id)
    return only_ward()


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "geolocation=(self), camera=(self)"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _strict_transport(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
