"""The pages of a month's roster: when people can, what is wanted, the preview, swaps by hand, and taking it over."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.clock import now, today_in
from dispatch.database import db, one_or_404
from dispatch.dossiers.catalogue import Procedure
from dispatch.duty import month as months
from dispatch.duty.models import MonthRoster, Volunteer
from dispatch.duty.month_task import newest_task, start_roster
from dispatch.duty.month_words import cells_of, shares_of
from dispatch.duty.roster import active_volunteers, week_of
from dispatch.duty.times import said_by, say, slot_id
from dispatch.forms import Form
from dispatch.security import allow
from dispatch.tasks.words import words_of
from dispatch.wards.fields import whole_number

blueprint = Blueprint("month", __name__)
DESK = (Role.DISPATCHER, Role.ADMIN)
WORDS = {"": _l("As every week"), "cannot": _l("No time"), "wants": _l("Would like to"), "rather_not": _l("Rather not")}


class AskForm(Form):
    """What the month needs; a number for each skill stands beside (`skill-0`)."""

    wanted = whole_number(_l("Volunteers in every half-day"), 1, 200, InputRequired())
    backups = whole_number(_l("Standing by in every half-day"), 0, 20, InputRequired())
    most_a_week = whole_number(_l("Half-days a week at most"), 1, 14, InputRequired())
    work_days = whole_number(_l("Days of duty in any five at most"), 1, 5, InputRequired())
    afresh = BooleanField(_l("Make the month anew"))


class SwapForm(Form):
    """A swap in the preview."""

    slot = SelectField(_l("Half-day"), validators=[InputRequired()])
    out = SelectField(_l("Comes off"))
    into = SelectField(_l("Goes on"))

    def validate_into(self, field: Any) -> None:
        if not (self.out.data or field.data):
            raise ValidationError(_("Please choose somebody who comes off or goes on."))


class TimesForm(Form):
    most_a_week = whole_number(_l("Half-days a week at most"), 0, 14, Optional())


def _month(text: str) -> date:
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    return date(int(found[1]), int(found[2]), 1) if found else abort(404)


def _neighbours(month: date) -> tuple[date, date]:
    return (month - timedelta(days=1)).replace(day=1), (month + timedelta(days=31)).replace(day=1)


@blueprint.get("/")
@allow(*DESK)
def now_or_next() -> ResponseReturnValue:
    """The month under way while something of it is left, else the next one."""
    month = today_in(g.ward.timezone).replace(day=1)
    ahead = month if months.open_days(g.ward, month, today_in(g.ward.timezone)) else _neighbours(month)[1]
    return redirect(url_for("month.show", month=ahead.strftime("%Y-%m")))


@blueprint.route("/<month>", methods=["GET", "POST"])
@allow(*DESK)
def show(month: str) -> ResponseReturnValue:
    """Everything about the month; POST works it out."""
    first = _month(month)
    last = months.newest_roster(g.ward.id, first)
    usual = {**months.USUAL, "wanted": g.ward.people_wanted, **(last.asked if last else {})}
    form, skills = AskForm(data={**usual, "afresh": False}), _skills()
    if form.validate_on_submit():
        _start(first, form, skills, last)
        db.session.commit()
        return redirect(url_for("month.show", month=month), 303)
    return _page(first, form, [(skill, usual["skills"].get(skill, 0)) for skill in skills])


def _start(first: date, form: AskForm, skills: list[str], last: MonthRoster | None) -> None:
    """A new run, unless one is under way. Swaps by hand go on, unless the month is made anew."""
    under_way = newest_task(g.ward.id, first)
    if under_way is not None and not under_way.over:
        return
    numbers = {skill: request.form.get(f"skill-{number}", "") for number, skill in enumerate(skills)}
    asked = {name: form[name].data for name in ("wanted", "backups", "most_a_week", "work_days", "afresh")}
    wanted = {skill: int(text) for skill, text in numbers.items() if re.fullmatch(r"\d{1,2}", text, re.ASCII)}
    asked["skills"] = {skill: number for skill, number in wanted.items() if number}
    roster = MonthRoster(ward_id=g.ward.id, month=first, asked=asked, made_at=now(), made_by=current_user.id)
    roster.by_hand = last.by_hand if last is not None and not form.afresh.data else []
    db.session.add(roster)
    db.session.flush()
    start_roster(roster)


def _skills() -> list[str]:
    """Skills that procedures ask for."""
    rows = select(Procedure.skill).where(Procedure.ward_id == g.ward.id, Procedure.skill != "").distinct().limit(50)
    return sorted(db.session.scalars(rows))


def _page(first: date, form: AskForm, skills: list[tuple[str, int]], swap_form: SwapForm | None = None) -> Any:
    task, roster = newest_task(g.ward.id, first), months.newest_roster(g.ward.id, first)
    volunteers = active_volunteers(g.ward)
    people = {volunteer.public_id: volunteer for volunteer in volunteers}
    looked_at("volunteer", *(volunteer.id for volunteer in volunteers))
    shown = roster if roster is not None and roster.roster else None
    status = 422 if form.errors or (swap_form and swap_form.errors) else 200
    return render_template(
        "duty/month.html",
        month=first,
        steps=_neighbours(first),
        form=form,
        skills=skills,
        task=None if task is None or task.over else task,
        failure=words_of(task).text if task is not None and task.state == "failed" else "",
        roster=shown,
        table=cells_of(shown, people) if shown else {},
        shares=shares_of(shown, people) if shown else {},
        swap_form=swap_form or (_swap_form(shown, volunteers) if shown else None),
        volunteers=volunteers,
        to_come=months.open_days(g.ward, first, today_in(g.ward.timezone)),
    ), status


def _swap_form(roster: MonthRoster, volunteers: list[Volunteer]) -> SwapForm:
    form = SwapForm()
    halves = {half.key: half["name"] for half in g.ward.halves}
    form.slot.choices = [(each["slot"], _slot_name(each["slot"], halves)) for each in roster.roster["slots"]]
    people = [(volunteer.public_id, volunteer.name) for volunteer in volunteers]
    form.out.choices = form.into.choices = [("", "–"), *people]
    return form


def _slot_name(slot: str, halves: dict[str, str]) -> str:
    day, _colon, half = slot.partition(":")
    return f"{date.fromisoformat(day).strftime('%d/%m')}, {halves.get(half, half)}"


@blueprint.post("/<month>/doi")
@allow(*DESK)
def swap(month: str) -> ResponseReturnValue:
    """Swap in the preview; it stays when the month is worked out again."""
    first, roster = _preview(month)
    form = _swap_form(roster, active_volunteers(g.ward))
    if not form.validate():
        asked = AskForm(formdata=None, data={**roster.asked, "afresh": False})
        return _page(first, asked, [(skill, roster.asked["skills"].get(skill, 0)) for skill in _skills()], form)
    months.swap(roster, form.slot.data, form.out.data, form.into.data)
    db.session.commit()
    flash(_("Swapped. It stays so when the month is worked out again."), "success")
    return redirect(url_for("month.show", month=month), 303)


@blueprint.post("/<month>/ap-dung")
@allow(*DESK)
def apply(month: str) -> ResponseReturnValue:
    """The preview becomes the duties."""
    _first, roster = _preview(month)
    changed = months.apply(g.ward, roster, today_in(g.ward.timezone))
    roster.applied_at = now()
    db.session.commit()
    flash(ngettext("%(num)d duty was changed.", "%(num)d duties were changed.", changed), "success")
    return redirect(url_for("month.show", month=month), 303)


def _preview(month: str) -> tuple[date, MonthRoster]:
    first = _month(month)
    roster = months.newest_roster(g.ward.id, first)
    if roster is None or not roster.roster:
        abort(404)
    return first, roster


@blueprint.route("/<month>/<public_id>", methods=["GET", "POST"])
@allow(*DESK)
def times(month: str, public_id: str) -> ResponseReturnValue:
    """When one volunteer can: every week, and day by day."""
    first, volunteer = _month(month), one_or_404(Volunteer, public_id=public_id)
    form = TimesForm(data={"most_a_week": volunteer.most_a_week})
    days = months.open_days(g.ward, first, today_in(g.ward.timezone))
    if form.validate_on_submit():
        volunteer.most_a_week = form.most_a_week.data
        volunteer.busy = [key for key in _week() if key not in request.form.getlist("free")]
        say(volunteer, dict(_said(days)), days)
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("month.show", month=month), 303)
    looked_at("volunteer", volunteer.id)
    said = said_by(g.ward.id, days[0], days[-1])[volunteer.id] if days else {}
    page = render_template(
        "duty/times.html",
        month=first,
        volunteer=volunteer,
        form=form,
        days=days,
        weekdays=[(day.weekday(), format_date(day, "EEEE").capitalize()) for day in week_of(first)],
        said=said,
        words=WORDS,
    )
    return page, 422 if form.errors else 200


def _week() -> list[str]:
    """Every half-day of a week, as `0:morning`."""
    return [f"{weekday}:{half.key}" for weekday in range(7) for half in g.ward.halves]


def _said(days: list[date]) -> Iterator[tuple[str, str]]:
    for day in days:
        for half in g.ward.halves:
            word = request.form.get(f"says-{slot_id(day, half.key)}", "")
            if word and word in WORDS:
                yield slot_id(day, half.key), word
