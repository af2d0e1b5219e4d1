"""What every page shares: navigation by role, how times, phones and codes are shown, and what an error says."""

import logging
from datetime import date, datetime
from typing import Any

from flask import Flask, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import DBAPIError, IntegrityError
from werkzeug.exceptions import Conflict, HTTPException

from dispatch.accounts.models import Role
from dispatch.clock import local
from dispatch.database import db
from dispatch.i18n import chosen_locale
from dispatch.identity import spoken_code
from dispatch.phones import show_phone

log = logging.getLogger(__name__)

# endpoint, label, roles: the order is the order on screen
NAVIGATION = (
    ("intake.new", _l("New request"), {Role.HOTLINE}),
    ("dossiers.find", _l("Find"), {Role.HOTLINE, Role.DISPATCHER, Role.OFFICER}),
    ("inbox.threads", _l("Fanpage"), {Role.HOTLINE}),
    ("calls.waiting", _l("To call"), {Role.HOTLINE, Role.DISPATCHER}),
    ("board.show", _l("Board"), {Role.DISPATCHER, Role.HOTLINE}),
    ("planning.days", _l("Plan"), {Role.DISPATCHER}),
    ("duty.days", _l("Duty"), {Role.DISPATCHER, Role.ADMIN}),
    ("office.desk", _l("One-stop"), {Role.OFFICER}),
    ("custody.overview", _l("Who holds what"), {Role.OFFICER, Role.DISPATCHER, Role.HOTLINE}),
    ("roads.overview", _l("Closed streets"), {Role.DISPATCHER, Role.ADMIN}),
    ("reports.overview", _l("Statistics"), {Role.CHAIRMAN, Role.DISPATCHER}),
    ("setup.overview", _l("Set up"), {Role.ADMIN}),
)
# features whose pages belong to another one's entry
PART_OF = {
    "procedures": "setup",
    "staff": "setup",
    "maps": "setup",
    "pace": "reports",
    "volunteers": "duty",
    "month": "duty",
    "handover": "custody",
    "by_phone": "custody",
}
# where each role starts after logging in
HOME = {
    Role.HOTLINE: "intake.new",
    Role.DISPATCHER: "board.show",
    Role.OFFICER: "office.desk",
    Role.CHAIRMAN: "reports.overview",
    Role.ADMIN: "setup.overview",
}


def configure_pages(app: Flask) -> None:
    """Context, filters and error pages."""
    app.context_processor(_context)
    app.jinja_env.filters.update(phone=show_phone, code=spoken_code, clock=show_time, day=show_day, moment=show_moment)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(500, _error_page)
    app.register_error_handler(DBAPIError, _clash_page)


def home_of(roles: frozenset[Role]) -> str:
    """Address of the page where somebody with these roles starts."""
    return next((url_for(HOME[role]) for role in Role if role in roles), url_for("accounts.login"))


def _context() -> dict[str, Any]:
    ward = g.get("ward")
    context: dict[str, Any] = {
        "ward": ward,
        "demo": bool(ward is not None and ward.is_demo),
        "demo_url": url_for("demo.roles"),
        "page_language": chosen_locale(),
    }
    if current_user and current_user.is_authenticated:
        context.update(
            navigation=_navigation(),
            home_url=home_of(current_user.roles),
            log_out_url=url_for("accounts.logout"),
            account_label=current_user.name,
            account_url=url_for("accounts.password"),
        )
    return context


def _navigation() -> list[dict[str, Any]]:
    here = (request.endpoint or "").partition(".")[0]
    here = PART_OF.get(here, here)
    return [
        {"label": label, "url": url_for(endpoint), "active": endpoint.partition(".")[0] == here}
        for endpoint, label, roles in NAVIGATION
        if roles & current_user.roles
    ]


def show_time(moment: datetime | None) -> str:
    """`08:05` on the ward's clocks."""
    return "" if moment is None else local(moment, g.ward.timezone).strftime("%H:%M")


WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


def show_day(day: date | None) -> str:
    """`Thứ Hai 23/11/2026`."""
    return "" if day is None else f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"


def show_moment(moment: datetime | None) -> str:
    """`08:05 23/11/2026` on the ward's clocks."""
    return "" if moment is None else local(moment, g.ward.timezone).strftime("%H:%M %d/%m/%Y")


CLASHES = ("40001", "40P01", "23505")  # serialization failure, deadlock, unique violation (PostgreSQL, appendix A)


def _clash_page(error: DBAPIError) -> ResponseReturnValue:
    """Two people saved the same thing at the same moment: the later one is asked to look and try again."""
    if isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", "") in CLASHES:
        log.warning("two writers at once: %s", type(error.orig).__name__)
        return _error_page(Conflict())
    raise error


def _error_page(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    if isinstance(error, HTTPException) and error.response is not None:
        return error
    known = code if code in (400, 401, 403, 404, 405, 409, 413, 429, 503) else (500 if code >= 500 else 400)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(error=str(_("The server could not do this (%(code)s).", code=code))), code
    return render_template(f"errors/{known}.html", code=code), code
