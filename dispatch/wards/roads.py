"""Closing and slowing streets on the map: a list, a form with a pin, and opening them again."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import RadioField, StringField
from wtforms.validators import Optional

from dispatch.accounts.models import Role
from dispatch.clock import local, now
from dispatch.database import db, one_or_404
from dispatch.forms import Form, at_most, required
from dispatch.pages import show_moment
from dispatch.security import allow
from dispatch.wards.fields import LAT_RANGE, LON_RANGE, ClockTime, Day, Degrees, choices_of, in_range
from dispatch.wards.map_store import current_map
from dispatch.wards.models import RoadChange, clock_seconds
from dispatch.wards.road_changes import shown
from routing.geo import Point
from routing.roads.changes import Stretch, stretch_at

blueprint = Blueprint("roads", __name__)

EFFECTS = {
    "0": _l("Closed: nobody passes"),
    "25": _l("Very slow: a quarter of the usual speed"),
    "50": _l("Slow: half the usual speed"),
}
REACHES = {
    "0": _l("Between the two nearest crossings"),
    "300": _l("This street, 300 m either way"),
    "20000": _l("The whole street"),
}


class RoadForm(Form):
    street = StringField(_l("Find a street by its name"), [at_most(100)])
    lat = Degrees(_l("Latitude"), [required(), in_range(LAT_RANGE)], render_kw={"inputmode": "decimal"})
    lon = Degrees(_l("Longitude"), [required(), in_range(LON_RANGE)], render_kw={"inputmode": "decimal"})
    reach = RadioField(_l("How far"), choices=choices_of(REACHES), default="0")
    effect = RadioField(_l("What holds there"), choices=choices_of(EFFECTS), default="0")
    reason = StringField(_l("Reason"), [required(), at_most(120)])
    start_day = Day(_l("From the day"), [required()])
    start_time = StringField(_l("From the hour"), [required(), ClockTime()])
    end_day = Day(_l("Until the day"), [Optional()])
    end_time = StringField(_l("Until the hour"), [Optional(), ClockTime()])

    @property
    def pin(self) -> Point:
        return Point(float(self.lat.data or 0), float(self.lon.data or 0))

    @property
    def starts_at(self) -> datetime:
        return _moment(self.start_day.data, self.start_time.data)

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last day where no hour is given; None where it is open."""
        return _moment(self.end_day.data, self.end_time.data or "23:59") if self.end_day.data else None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.ends_at is not None and self.ends_at <= max(self.starts_at, now()):
            self.end_day.errors = [_("The end must be later than the start, and not over yet.")]
        return not self.errors


def _moment(day: Any, clock: str) -> datetime:
    hour, minute = divmod(clock_seconds(clock) // 60, 60)
    return datetime.combine(day, time(hour, minute), ZoneInfo(g.ward.timezone))


@blueprint.route("/", methods=["GET", "POST"])
@allow(Role.DISPATCHER, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """What is closed or slow, on the map and as a list, and a form for the next one."""
    here = local(now(), g.ward.timezone)
    form = RoadForm(start_day=here.date(), start_time=here.strftime("%H:%M"))
    if form.validate_on_submit():
        stretch = stretch_at(current_map(g.ward).network, form.pin, float(form.reach.data))
        if stretch is None:
            form.lat.errors = [_("No street is near this pin.")]
        else:
            _store(form, stretch)
            flash(_said(stretch), "success")
            return redirect(url_for("roads.overview"))
    changes = [(change, state_of(change)) for change in shown(g.ward.id)]
    page = render_template("roads/overview.html", form=form, changes=changes, effects=EFFECTS)
    return page, 422 if form.errors else 200


def _store(form: RoadForm, stretch: Stretch) -> None:
    db.session.add(
        RoadChange(
            ward_id=g.ward.id,
            street=stretch.street,
            length_m=stretch.length_m,
            lines=[[[point.lat, point.lon] for point in line] for line in stretch.lines],
            speed_percent=int(form.effect.data),
            reason=form.reason.data,
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            made_at=now(),
            made_by=current_user.id,
        )
    )
    db.session.commit()


def _said(stretch: Stretch) -> str:
    street = stretch.street or _("A street without a name")
    return _("%(street)s, %(metres)d m: plans made from now on keep to it.", street=street, metres=stretch.length_m)


@blueprint.post("/<public_id>/mo")
@allow(Role.DISPATCHER, Role.ADMIN)
def lift(public_id: str) -> ResponseReturnValue:
    """Open the street again before its time."""
    change = one_or_404(RoadChange, public_id=public_id)
    if change.lifted_at is None:
        change.lifted_at, change.lifted_by = now(), current_user.id
        db.session.commit()
        flash(_("The street is ridden as usual again."), "success")
    return redirect(url_for("roads.overview"))


@blueprint.get("/hien-tai.json")
@allow(Role.DISPATCHER, Role.ADMIN)
def lines() -> Response:
    """What holds now or will, for the map (see static/js/map-routes.js)."""
    changes = [change for change in shown(g.ward.id) if state_of(change) in ("now", "later")]
    features = [feature for number, change in enumerate(changes) for feature in _features(number, change)]
    return jsonify({"type": "FeatureCollection", "features": features})


def _features(number: int, change: RoadChange) -> list[dict[str, Any]]:
    drawn = [[[lon, lat] for lat, lon in line] for line in change.lines]
    title = change.street or _("A street without a name")
    until = show_moment(change.ends_at) if change.ends_at else _("until further notice")
    said = [str(EFFECTS[str(change.speed_percent)]), change.reason, f"{show_moment(change.starts_at)} – {until}"]
    about = {"kind": "stop", "route": number, "number": "✕" if not change.speed_percent else "↓"}
    middle = drawn[len(drawn) // 2]
    return [
        *(_feature("LineString", line, {"kind": "route", "route": number, "name": title}) for line in drawn),
        _feature("Point", middle[len(middle) // 2], {**about, "title": title, "lines": said}),
    ]


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def state_of(change: RoadChange) -> str:
    """`now`, `later` or `over`."""
    if change.lifted_at is not None or (change.ends_at is not None and change.ends_at <= now()):
        return "over"
    return "now" if change.starts_at <= now() else "later"
