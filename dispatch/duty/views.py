"""Who is on duty when: the week, one day, the printed sheet, and the links that open the routes."""

from datetime import date, timedelta
from typing import Any

import segno
from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.clock import today_in
from dispatch.database import db, of_ward, one_or_404, will_write
from dispatch.duty import roster
from dispatch.duty.links import address_of, link_for, reissue, revoke
from dispatch.duty.models import Device, Duty, RouteLink, Volunteer
from dispatch.duty.month import on_call
from dispatch.duty.operations import duties_of, routed_duties, set_duty
from dispatch.security import allow
from dispatch.wards.fields import read_day

blueprint = Blueprint("duty", __name__)
DESK = (Role.DISPATCHER, Role.ADMIN)
FILLS = {"fair": roster.fill_fairly, "last_week": roster.copy_last_week}


def _day(text: str) -> date:
    day = read_day(text)
    if day is None:
        abort(404)
    return day


@blueprint.get("/")
@allow(*DESK)
def days() -> ResponseReturnValue:
    """A week: who serves which half-day, against the people wanted."""
    week = roster.week_of(read_day(request.args.get("tuan", "")) or today_in(g.ward.timezone))
    duties = duties_of(g.ward.id, week[0], week[-1])
    looked_at("volunteer", *(duty.volunteer_id for duty in duties))
    by_day: dict[date, list[Duty]] = {day: [] for day in week}
    for duty in duties:
        by_day[duty.service_date].append(duty)
    rows = [(day, roster.is_served(g.ward, day), by_day[day], _people(by_day[day])) for day in week]
    steps = (week[0] - timedelta(weeks=1), week[0] + timedelta(weeks=1))
    return render_template("duty/week.html", rows=rows, week=week, steps=steps, today=today_in(g.ward.timezone))


def _people(duties: list[Duty]) -> dict[str, int]:
    """Volunteers on duty in each of the ward's half-days."""
    halves = [shift.half for duty in duties for shift in duty.shifts]
    return {half.key: halves.count(half.key) for half in g.ward.halves}


@blueprint.post("/tuan/<monday>")
@allow(*DESK)
def fill_week(monday: str) -> ResponseReturnValue:
    """Fill the days of a week that are still to come."""
    fill = FILLS.get(request.form.get("how", "")) or abort(400)
    week = roster.week_of(_day(monday))
    added = sum(fill(g.ward, day) for day in week if day >= today_in(g.ward.timezone))
    db.session.commit()
    _say_added(added)
    return redirect(url_for("duty.days", tuan=week[0].isoformat()))


@blueprint.route("/<day>", methods=["GET", "POST"])
@allow(*DESK)
def day(day: str) -> ResponseReturnValue:
    """One day: every volunteer with the half-days to tick, those who served least first."""
    date_ = _day(day)
    if request.method == "POST":
        _set_day(date_)
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("duty.day", day=date_.isoformat()))
    duties = duties_of(g.ward.id, date_, date_)
    served = roster.duties_so_far(g.ward, date_)
    volunteers = roster.active_volunteers(g.ward)
    volunteers += [d.volunteer for d in duties if not d.volunteer.active]
    volunteers.sort(key=lambda v: (served[v.id], v.folded_name))
    looked_at("volunteer", *(volunteer.id for volunteer in volunteers))
    chosen = {duty.volunteer_id: {shift.half for shift in duty.shifts} for duty in duties}
    return render_template(
        "duty/day.html",
        day=date_,
        served=served,
        volunteers=volunteers,
        chosen=chosen,
        people=_people(duties),
        on_call=on_call(g.ward, date_),
        routed={duty.volunteer_id for duty in duties if duty.id in routed_duties(g.ward.id, duties)},
        is_served=roster.is_served(g.ward, date_),
        past=date_ < today_in(g.ward.timezone),
    )


def _set_day(date_: date) -> None:
    """What was ticked, for every active volunteer. Who has a published route keeps at least its half-days."""
    known = {half.key for half in g.ward.halves}
    ticked: dict[str, set[str]] = {}
    for entry in request.form.getlist("on"):
        public_id, _colon, half = entry.partition(":")
        if half in known:
            ticked.setdefault(public_id, set()).add(half)
    duties = duties_of(g.ward.id, date_, date_)
    routed = routed_duties(g.ward.id, duties)
    before = {duty.volunteer_id: duty for duty in duties}
    people = db.session.scalars(of_ward(Volunteer).order_by(Volunteer.id).limit(2000)).all()
    for volunteer in people:
        halves, duty = ticked.get(volunteer.public_id, set()), before.get(volunteer.id)
        served = {shift.half for shift in duty.shifts} if duty else set()
        if duty and duty.id in routed:
            halves |= served
        if halves != served and (volunteer.active or duty):
            set_duty(g.ward, volunteer, date_, halves)


@blueprint.post("/<day>/dien")
@allow(*DESK)
def fill_day(day: str) -> ResponseReturnValue:
    """Fill one day."""
    date_ = _day(day)
    fill = FILLS.get(request.form.get("how", "")) or abort(400)
    added = fill(g.ward, date_)
    db.session.commit()
    _say_added(added)
    return redirect(url_for("duty.day", day=date_.isoformat()))


def _say_added(added: int) -> None:
    if added:
        flash(ngettext("%(num)d duty added.", "%(num)d duties added.", added), "success")
    else:
        flash(_("Nobody was added: everything is filled, nobody is free, or the service does not run."), "info")


@blueprint.get("/<day>/phieu")
@allow(*DESK)
def sheet(day: str) -> ResponseReturnValue:
    """The duty sheet to print: the list for the desk, and a slip with the QR code of each volunteer's route."""
    rows = _with_links(_day(day))
    slips = [(duty, address, segno.make(address, error="m").svg_data_uri(border=2)) for duty, _link, address in rows]
    return render_template("duty/sheet.html", day=_day(day), slips=slips)


@blueprint.get("/<day>/duong-dan")
@allow(*DESK)
def links(day: str) -> ResponseReturnValue:
    """The links of a day, to send, reissue or end."""
    rows = _with_links(_day(day))
    phones = select(Device.link_id, func.count()).where(Device.ward_id == g.ward.id)
    opened = {row[0]: row[1] for row in db.session.execute(phones.group_by(Device.link_id))}
    return render_template("duty/links.html", day=_day(day), rows=rows, opened=opened)


def _with_links(day: date) -> list[tuple[Duty, RouteLink | None, str]]:
    """Duties of a day with link and address; links that nobody asked for yet are made now."""
    duties = duties_of(g.ward.id, day, day)
    looked_at("volunteer", *(duty.volunteer_id for duty in duties))
    rows = select(RouteLink.duty_id).where(RouteLink.ward_id == g.ward.id)
    linked = set(db.session.scalars(rows.where(RouteLink.duty_id.in_([duty.id for duty in duties]))).all())
    if len(linked) < len(duties):
        db.session.rollback()  # the transaction of a page that is only read must not write
        will_write.set(True)
        for duty in duties:
            if duty.id not in linked:
                link_for(duty)
        db.session.commit()
    return [(duty, link := _live_link(duty), address_of(link) if link else "") for duty in duties]


def _live_link(duty: Duty) -> RouteLink | None:
    rows = of_ward(RouteLink).where(RouteLink.duty_id == duty.id, RouteLink.revoked_at.is_(None))
    return db.session.scalars(rows.order_by(RouteLink.id.desc()).limit(1)).first()


@blueprint.post("/duong-dan/<public_id>/cap-lai")
@allow(*DESK)
def reissue_link(public_id: str) -> ResponseReturnValue:
    """A new link for this duty; the old one ends."""
    return _changed(public_id, reissue, _("There is a new link; the old one no longer opens anything."))


@blueprint.post("/duong-dan/<public_id>/thu-hoi")
@allow(*DESK)
def revoke_link(public_id: str) -> ResponseReturnValue:
    """End every link of this duty."""
    return _changed(public_id, revoke, _("The link has ended. What the phone recorded can still be sent."))


def _changed(public_id: str, change: Any, sentence: str) -> ResponseReturnValue:
    duty = one_or_404(Duty, public_id=public_id)
    change(duty)
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("duty.links", day=duty.service_date.isoformat()))
