"""The pages on which a ward says who it is; in a row on the first visit, one by one afterwards."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dispatch.accounts.models import Role
from dispatch.accounts.operations import account_named
from dispatch.accounts.views import enter
from dispatch.clock import now, today_in
from dispatch.database import db
from dispatch.forms import Form
from dispatch.security import allow, limiter, public
from dispatch.wards import operations
from dispatch.wards.boundary import NoBoundary, read_boundary
from dispatch.wards.forms import ContactsForm, FirstForm, HoursForm, OfficeForm, ServiceForm, WardForm, days_of
from dispatch.wards.founding import found, is_setup_code, may_be_founded
from dispatch.wards.steps import STEPS, go_on, place_in_wizard

blueprint = Blueprint("setup", __name__)


@blueprint.app_context_processor
def _wizard() -> dict[str, Any]:
    return {"place_in_wizard": place_in_wizard}


@blueprint.route("/bat-dau", methods=["GET", "POST"])
@public
@limiter.limit("10/minute;50/hour", methods=["POST"])
def first() -> ResponseReturnValue:
    """Found the ward and its first administrator, with the code that the server's console showed."""
    if not may_be_founded(g.ward):
        return redirect(url_for("accounts.login"))
    form = FirstForm()
    if form.validate_on_submit():
        if not is_setup_code(g.ward, form.code.data):
            form.code.errors = [_("This is not the set-up code. The server's console shows it.")]
        elif g.ward is not None and account_named(g.ward.id, form.username.data):
            form.username.errors = [_("There is an account of this name already.")]
        else:
            enter(found(g.ward, form.ward_name.data, form.username.data, form.name.data, form.password.data))
            return redirect(url_for("setup.ward"))
    return _page("setup/first.html", form)


@blueprint.get("/")
@allow(Role.ADMIN)
def overview() -> ResponseReturnValue:
    """Every step with what is missing."""
    rows = [(step, step.missing(g.ward), step.advice(g.ward)) for step in STEPS]
    return render_template("setup/overview.html", rows=rows, complete=not any(row[1] for row in rows))


@blueprint.post("/xong")
@allow(Role.ADMIN)
def finish() -> ResponseReturnValue:
    """End the wizard: from now on the pages stand by themselves."""
    if any(step.missing(g.ward) for step in STEPS):
        flash(_("Something is still missing before the first plan; see below."), "warn")
    else:
        g.ward.set_up_at = g.ward.set_up_at or now()
        db.session.commit()
        flash(_("The ward is set up. The hotline can take its first call."), "success")
    return redirect(url_for("setup.overview"))


@blueprint.route("/phuong", methods=["GET", "POST"])
@allow(Role.ADMIN)
def ward() -> ResponseReturnValue:
    """Name, city, old names."""
    form = WardForm(name=g.ward.name, city=g.ward.city, old_names="\n".join(g.ward.old_names))
    if form.validate_on_submit():
        g.ward.name, g.ward.city, g.ward.old_names = form.name.data, form.city.data, form.names
        return _saved("ward")
    return _page("setup/ward.html", form)


@blueprint.route("/tru-so", methods=["GET", "POST"])
@allow(Role.ADMIN)
def office() -> ResponseReturnValue:
    """Address and pin of the one-stop office, boundary of the ward."""
    form = OfficeForm(obj=g.ward)
    if form.validate_on_submit():
        try:
            boundary = read_boundary(form.boundary_file.data, form.boundary_text.data)
        except NoBoundary as error:
            field = form.boundary_text if form.boundary_text.data else form.boundary_file
            field.errors = [str(error)]
        else:
            if boundary or form.boundary_away.data:
                g.ward.boundary = boundary
            for name in ("office_name", "office_address", "office_lat", "office_lon"):
                setattr(g.ward, name, form[name].data)
            return _saved("office")
    return _page("setup/office.html", form)


@blueprint.route("/gio-lam", methods=["GET", "POST"])
@allow(Role.ADMIN)
def hours() -> ResponseReturnValue:
    """Half-days, people and bags, cut-off and tell-by."""
    form = HoursForm(obj=g.ward, data=operations.half_day_fields(g.ward))
    if form.validate_on_submit():
        for name in ("office_hours", "people_wanted", "bag_capacity", "cutoff", "tell_by"):
            setattr(g.ward, name, form[name].data)
        operations.set_half_days(g.ward, form.data)
        return _saved("hours")
    return _page("setup/hours.html", form)


@blueprint.route("/lien-he", methods=["GET", "POST"])
@allow(Role.ADMIN)
def contacts() -> ResponseReturnValue:
    """Hotlines and fanpage."""
    form = ContactsForm(fanpage=g.ward.fanpage, hotlines=operations.hotline_lines(g.ward))
    if form.validate_on_submit():
        operations.set_hotlines(g.ward, form.numbers)
        g.ward.fanpage = form.fanpage.data or ""
        return _saved("contacts")
    return _page("setup/contacts.html", form)


@blueprint.route("/thoi-gian", methods=["GET", "POST"])
@allow(Role.ADMIN)
def service() -> ResponseReturnValue:
    """From when until when the service runs, and the ward's own days off and working days."""
    days = {key: operations.day_lines(getattr(g.ward, key)) for key in ("extra_holidays", "extra_workdays")}
    kept = {key: getattr(g.ward, key) for key in ("service_on", "service_off", "no_cash", "pay_how")}
    form = ServiceForm(**kept, **days)
    if form.validate_on_submit():
        g.ward.service_on, g.ward.service_off = form.service_on.data, form.service_off.data
        g.ward.extra_holidays, g.ward.extra_workdays = days_of(form.extra_holidays), days_of(form.extra_workdays)
        g.ward.no_cash, g.ward.pay_how = form.no_cash.data, form.pay_how.data
        return _saved("service")
    unusual = operations.unusual_days(g.ward, today_in(g.ward.timezone))
    return _page("setup/service.html", form, unusual=unusual)


def _saved(key: str) -> ResponseReturnValue:
    db.session.commit()
    return go_on(key)


def _page(template: str, form: Form, **values: Any) -> ResponseReturnValue:
    return render_template(template, form=form, **values), 422 if form.errors else 200
