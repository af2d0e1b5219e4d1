"""The list of volunteers: add, change, take off the list, paste a spreadsheet."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.database import db, of_ward, one_or_404
from dispatch.dossiers.catalogue import Procedure
from dispatch.duty.models import Volunteer
from dispatch.duty.operations import add_volunteer, skill_names
from dispatch.duty.pasted import Pasted, read_people
from dispatch.forms import Form, PhoneNumber, at_most, required
from dispatch.phones import read_phone, show_phone
from dispatch.security import allow
from dispatch.wards.fields import choices_of, whole_number
from dispatch.words import fold

blueprint = Blueprint("volunteers", __name__)
VEHICLES = {
    "motorbike": _l("Motorbike"),
    "electric": _l("Electric bike"),
    "bicycle": _l("Bicycle"),
    "car": _l("Car"),
    "foot": _l("On foot"),
}


class VolunteerForm(Form):
    name = StringField(_l("Full name"), [required(), at_most(80)], render_kw={"autocomplete": "off"})
    phone = StringField(_l("Telephone"), [required(), at_most(40), PhoneNumber()], render_kw={"inputmode": "tel"})
    skills = StringField(_l("Skills"), [at_most(300)])
    vehicle = SelectField(_l("Vehicle"), choices=choices_of(VEHICLES), default="motorbike")
    bag_capacity = whole_number(_l("Dossiers in the bag"), 1, 500, Optional())
    note = TextAreaField(_l("Note"), [at_most(500)], render_kw={"rows": 2})
    active = BooleanField(_l("Rides with us"), default=True)


class PastedCells(TextAreaField):
    """Text that keeps its tabs, which part a spreadsheet's cells; cleaned cell by cell when it is read."""


class PasteForm(Form):
    people = PastedCells(_l("List of volunteers"), [required()], render_kw={"rows": 10, "spellcheck": "false"})


@blueprint.get("/")
@allow(Role.ADMIN, Role.DISPATCHER)
def overview() -> ResponseReturnValue:
    """Everybody on the list, those who ride first."""
    rows = of_ward(Volunteer).order_by(Volunteer.active.desc(), Volunteer.folded_name).limit(1000)
    volunteers = db.session.scalars(rows).all()
    looked_at("volunteer", *(volunteer.id for volunteer in volunteers))
    return render_template("duty/volunteers.html", volunteers=volunteers, vehicles=VEHICLES)


@blueprint.route("/moi", methods=["GET", "POST"])
@allow(Role.ADMIN, Role.DISPATCHER)
def new() -> ResponseReturnValue:
    """Add one volunteer."""
    form = VolunteerForm()
    if form.validate_on_submit() and _phone_is_free(form):
        _write(add_volunteer(g.ward, form.name.data, form.phone.e164), form)
        db.session.commit()
        flash(_("%(name)s is on the list.", name=form.name.data), "success")
        return redirect(url_for("volunteers.overview"))
    return _form_page(form, None)


@blueprint.route("/<public_id>", methods=["GET", "POST"])
@allow(Role.ADMIN, Role.DISPATCHER)
def edit(public_id: str) -> ResponseReturnValue:
    """Change a volunteer. Who no longer rides stays in the books and gets no new duty."""
    volunteer = one_or_404(Volunteer, public_id=public_id)
    looked_at("volunteer", volunteer.id)
    shown = {"phone": show_phone(volunteer.phone), "skills": ", ".join(volunteer.skills)}
    form = VolunteerForm(data={**{name: getattr(volunteer, name) for name in _COLUMNS}, **shown})
    if form.validate_on_submit() and _phone_is_free(form, volunteer):
        volunteer.phone = form.phone.e164
        _write(volunteer, form)
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("volunteers.overview"))
    return _form_page(form, volunteer)


@blueprint.route("/danh-sach", methods=["GET", "POST"])
@allow(Role.ADMIN, Role.DISPATCHER)
def paste() -> ResponseReturnValue:
    """Add many at once. A line that cannot be read stays in the field with a sentence."""
    form, pasted = PasteForm(), None
    if form.validate_on_submit():
        pasted = read_people(form.people.data)
        added = sum(_add_pasted(pasted))
        db.session.commit()
        if added:
            flash(ngettext("%(num)d volunteer added.", "%(num)d volunteers added.", added), "success")
        if not pasted.unread:
            return redirect(url_for("volunteers.overview"))
        form.people.data, form.people.raw_data = pasted.unread_lines, None
    status = 422 if form.errors or pasted else 200
    return render_template("duty/paste.html", form=form, pasted=pasted), status


def _add_pasted(pasted: Pasted) -> list[bool]:
    """Add those who are not on the list yet; the others are given back with a sentence."""
    known = dict(
        db.session.execute(select(Volunteer.phone, Volunteer.name).where(Volunteer.ward_id == g.ward.id)).all()
    )
    added = []
    for person in pasted.people:
        if owner := known.get(person.phone):
            line = "\t".join((person.name, show_phone(person.phone), ", ".join(person.skills))).rstrip()
            pasted.unread.append((line, _("This number is already %(name)s's.", name=owner)))
            continue
        add_volunteer(g.ward, person.name, person.phone, skills=person.skills)
        known[person.phone] = person.name
        added.append(True)
    return added


_COLUMNS = ("name", "vehicle", "bag_capacity", "note", "active")


def _write(volunteer: Volunteer, form: VolunteerForm) -> None:
    for name in ("name", "vehicle", "bag_capacity", "active"):
        setattr(volunteer, name, form[name].data)
    volunteer.note = form.note.data or ""
    volunteer.folded_name = fold(volunteer.name)
    volunteer.skills = skill_names(form.skills.data or "")


def _phone_is_free(form: VolunteerForm, own: Volunteer | None = None) -> bool:
    owners = of_ward(Volunteer).where(Volunteer.phone == read_phone(form.phone.data), Volunteer.active).limit(2)
    others = [volunteer for volunteer in db.session.scalars(owners) if own is None or volunteer.id != own.id]
    if others:
        form.phone.errors = [_("This number is already %(name)s's.", name=others[0].name)]
    return not others


def _form_page(form: VolunteerForm, volunteer: Volunteer | None) -> Any:
    wanted = select(Procedure.skill).where(Procedure.ward_id == g.ward.id, Procedure.skill != "").distinct().limit(50)
    skills = db.session.scalars(wanted).all()
    page = render_template("duty/volunteer.html", form=form, volunteer=volunteer, skills=skills)
    return page, 422 if form.errors else 200
