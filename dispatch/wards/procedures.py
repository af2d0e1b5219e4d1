"""The catalogue of procedures: each ward loads the city's published list and edits it freely."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms import Form as PartForm
from wtforms.validators import Optional

from dispatch.accounts.models import Role
from dispatch.database import db, of_ward, one_or_404
from dispatch.dossiers.catalogue import Procedure, ProcedureComponent
from dispatch.duty.operations import skill_name
from dispatch.forms import Form, at_most, clean, required
from dispatch.security import allow
from dispatch.wards.fields import ClockTime, choices_of, whole_number
from dispatch.words import fold

blueprint = Blueprint("procedures", __name__)

POLICIES = {
    "both": _l("Collect and return at home"),
    "return_only": _l("Only bring the result home"),
    "ask": _l("Ask the one-stop officer first"),
    "never": _l("Never: the citizen must come"),
}
PROCESSING = {"same_day": _l("Same day"), "at_once": _l("At once"), "working_days": _l("Working days")}
ONLINE = {"none": _l("Not online"), "partial": _l("Partly online (một phần)"), "full": _l("Fully online (toàn trình)")}
MOST_PAPERS = 40
EMPTY_ROWS = 3


class PaperForm(PartForm):
    """One row of the checklist; a row without a name is left out."""

    name = StringField(_l("Paper"), [at_most(200)], filters=[clean])
    originals = whole_number(_l("Originals"), 0, 99, Optional(), default=0)
    copies = whole_number(_l("Copies"), 0, 99, Optional(), default=0)


class ProcedureForm(Form):
    name = StringField(_l("Name of the procedure"), [required(), at_most(200)])
    active = BooleanField(_l("Offered"), default=True)
    ship_policy = SelectField(_l("May it be shipped?"), choices=choices_of(POLICIES), default="both")
    ship_reason = TextAreaField(_l("Why, as the hotline says it"), [at_most(500)], render_kw={"rows": 2})
    processing = SelectField(_l("How it is processed"), choices=choices_of(PROCESSING), default="working_days")
    working_days = whole_number(_l("Working days"), 0, 250, Optional(), default=0)
    working_days_verified = whole_number(_l("Working days when it must be verified"), 0, 250, Optional())
    cutoff = StringField(_l("Cut-off of its own"), [Optional(), ClockTime()])
    fee_note = TextAreaField(_l("Fee"), [at_most(500)], render_kw={"rows": 2})
    receiver_note = StringField(_l("Who may receive the result"), [at_most(200)])
    online = SelectField(_l("Offered online"), choices=choices_of(ONLINE), default="none")
    skill = StringField(_l("Skill the volunteer needs"), [at_most(60)])
    papers = FieldList(FormField(PaperForm), label=_l("Checklist of papers"), max_entries=MOST_PAPERS)

    def validate_ship_reason(self, field: TextAreaField) -> None:
        if self.ship_policy.data != "both" and not field.data:
            field.errors = [_("Please say why; the hotline reads it to the caller.")]

    def validate(self, extra_validators: Any = None) -> bool:
        right = bool(super().validate(extra_validators))
        if right and self.processing.data == "working_days" and not self.working_days.data:
            self.working_days.errors = [_("How many working days does it take?")]
        return right and not self.errors


@blueprint.get("/")
@allow(Role.ADMIN)
def overview() -> ResponseReturnValue:
    """All procedures, those offered first."""
    procedures = of_ward(Procedure).order_by(Procedure.active.desc(), Procedure.position, Procedure.name).limit(500)
    rows = db.session.scalars(procedures).all()
    return render_template("setup/procedures.html", procedures=rows, policies=POLICIES, processing=PROCESSING)


@blueprint.route("/moi", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new() -> ResponseReturnValue:
    """Add a procedure."""
    return _edit(None)


@blueprint.route("/<public_id>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit(public_id: str) -> ResponseReturnValue:
    """Change a procedure. Dossiers that are under way keep what they were promised."""
    return _edit(one_or_404(Procedure, public_id=public_id))


@blueprint.post("/<public_id>/mo-tat")
@allow(Role.ADMIN)
def switch(public_id: str) -> ResponseReturnValue:
    """Offer the procedure, or no longer."""
    procedure = one_or_404(Procedure, public_id=public_id)
    procedure.active = not procedure.active
    db.session.commit()
    return redirect(url_for("procedures.overview"))


def _edit(procedure: Procedure | None) -> ResponseReturnValue:
    if request.method == "POST" and not _row_numbers_in_bounds():
        abort(400)
    papers = [{"name": c.name, "originals": c.originals, "copies": c.copies} for c in _components(procedure)]
    form = ProcedureForm(obj=procedure, papers=papers)
    if form.validate_on_submit():
        _save(procedure or _added(form.name.data), form)
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("procedures.overview"))
    if not form.errors:
        for _row in range(min(EMPTY_ROWS, MOST_PAPERS - len(papers))):
            form.papers.append_entry()
    return render_template("setup/procedure.html", form=form, procedure=procedure), 422 if form.errors else 200


def _row_numbers_in_bounds() -> bool:
    """WTForms would make a row for every number that a hostile request names."""
    rows = {name.split("-")[1] for name in request.form if name.startswith("papers-") and name.count("-") >= 2}
    return len(rows) <= MOST_PAPERS and all(row.isascii() and row.isdigit() and len(row) < 4 for row in rows)


def _components(procedure: Procedure | None) -> list[ProcedureComponent]:
    return procedure.components if procedure else []


def _added(name: str) -> Procedure:
    """A new row at the end of the catalogue, with a code that no other has."""
    base = fold(name).replace(" ", "-")[:40] or "thu-tuc"
    taken = set(db.session.scalars(select(Procedure.code).where(Procedure.ward_id == g.ward.id)).all())
    code = next(c for n in range(len(taken) + 1) if (c := f"{base}-{n + 1}" if n else base) not in taken)
    last = db.session.scalar(select(func.max(Procedure.position)).where(Procedure.ward_id == g.ward.id))
    procedure = Procedure(ward_id=g.ward.id, code=code, name=name, position=(last or 0) + 1)
    db.session.add(procedure)
    return procedure


def _save(procedure: Procedure, form: ProcedureForm) -> None:
    for name in ("name", "active", "ship_policy", "processing", "online", "working_days_verified"):
        setattr(procedure, name, form[name].data)
    for name in ("ship_reason", "fee_note", "receiver_note"):
        setattr(procedure, name, form[name].data or "")
    procedure.working_days = form.working_days.data or 0
    procedure.cutoff = form.cutoff.data or None
    procedure.skill = skill_name(form.skill.data or "")
    kept = {component.name: component for component in procedure.components}
    procedure.components = [
        _component(kept.pop(row["name"], None), row, position)
        for position, row in enumerate(row for row in form.papers.data if row["name"])
    ]


def _component(component: ProcedureComponent | None, row: dict[str, str | int], position: int) -> ProcedureComponent:
    component = component or ProcedureComponent(ward_id=g.ward.id, name=row["name"])
    component.originals, component.copies = int(row["originals"] or 0), int(row["copies"] or 0)
    component.position = position
    return component
