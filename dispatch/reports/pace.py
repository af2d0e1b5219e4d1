"""The page that holds the map's travel times against the volunteers' own, and lets the measured ones be used."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.reports.rides import rides_of
from dispatch.security import allow
from dispatch.wards.models import RoadPace
from dispatch.wards.road_changes import pace_in_force
from routing.roads.pace import ENOUGH_AN_HOUR, Pace, before_and_after, by_class, by_hour

blueprint = Blueprint("pace", __name__)
ENOUGH = 100  # rides; before that chance says more than the road
TRIED = (_l("Speeds of the table"), _l("Measured by kind of road"), _l("Measured by kind of road and hour"))
CLASSES = {
    "trunk": _l("National road"),
    "primary": _l("Main road"),
    "secondary": _l("Large street"),
    "tertiary": _l("Middle street"),
    "unclassified": _l("Small street"),
    "residential": _l("Residential street"),
    "living_street": _l("Shared street"),
    "service": _l("Access road"),
    "track": _l("Track"),
    "alley": _l("Alley (kiệt, hẻm)"),
    "ferry": _l("Ferry"),
}


@blueprint.get("/")
@allow(Role.CHAIRMAN, Role.DISPATCHER)
def overview() -> ResponseReturnValue:
    """Estimate against reality, by class of road and by hour; what the measured pace would have expected."""
    rides = rides_of(g.ward)
    return render_template(
        "reports/pace.html",
        rides=len(rides),
        enough=ENOUGH,
        enough_an_hour=ENOUGH_AN_HOUR,
        tried=list(zip(TRIED, before_and_after(rides), strict=True)) if len(rides) >= ENOUGH else [],
        classes=[(CLASSES.get(name, name), row) for name, row in by_class(rides).items()],
        hours=[(f"{hour:02d}:00–{hour + 1:02d}:00", row) for hour, row in by_hour(rides).items()],
        in_force=pace_in_force(g.ward.id),
        may_choose=Role.DISPATCHER in current_user.roles,
        decimal=format_decimal,
    )


@blueprint.post("/")
@allow(Role.DISPATCHER)
def choose() -> ResponseReturnValue:
    """Plan with the measured pace from now on, or with the table's again."""
    measured = request.form.get("speeds") == "measured"
    rides = rides_of(g.ward) if measured else []
    if measured and len(rides) < ENOUGH:
        flash(_("There are too few rides yet to tell the pace of our streets."), "error")
        return redirect(url_for("pace.overview"))
    pace = Pace.of(rides)
    db.session.add(
        RoadPace(
            ward_id=g.ward.id,
            rides=len(rides),
            factors={name: round(factor, 3) for name, factor in pace.classes.items()},
            hours={str(hour): round(factor, 3) for hour, factor in pace.hours.items()},
            made_at=now(),
            made_by=current_user.id,
        )
    )
    db.session.commit()
    flash(_("Plans and offers made from now on use these speeds."), "success")
    return redirect(url_for("pace.overview"))
