"""The officer's part: a whole bag received, the end of a shift signed, labels for envelopes printed."""

import segno
from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.clock import today_in
from dispatch.custody import shifts
from dispatch.custody.bag import Checked, check_bag, next_labels, take_in
from dispatch.custody.codes import envelope_label
from dispatch.custody.forms import A_SHEET, BagForm, LabelsForm
from dispatch.custody.holdings import held_by
from dispatch.database import db, one_or_404
from dispatch.dossiers.events import Actor
from dispatch.dossiers.operations import NotPossible
from dispatch.duty.models import Duty
from dispatch.forms import Form
from dispatch.security import allow

blueprint = Blueprint("handover", __name__)


def _duty(public_id: str) -> Duty:
    duty = one_or_404(Duty, public_id=public_id)
    looked_at("volunteer", duty.volunteer_id)
    return duty


@blueprint.route("/tui/<duty_id>", methods=["GET", "POST"])
@allow(Role.OFFICER)
def bag(duty_id: str) -> ResponseReturnValue:
    """A whole bag: scan or type, look at what is missing, take it in."""
    duty, form = _duty(duty_id), BagForm()
    if request.method == "GET" or not form.validate():
        return _bag_page(duty, form, None), 200 if request.method == "GET" else 422
    checked = check_bag(duty.volunteer_id, form.codes.data or "")
    if request.form.get("do") != "take" or not checked.to_take:
        return _bag_page(duty, form, checked)
    taken = take_in(checked.to_take, Actor("staff", current_user.id))
    db.session.commit()
    flash(ngettext("%(num)s dossier was received.", "%(num)s dossiers were received.", taken), "success")
    onward = url_for("handover.shift" if not checked.missing else "handover.bag", duty_id=duty_id)
    return jsonify(next=onward) if _from_script() else redirect(onward, 303)


def _from_script() -> bool:
    """bag.js asks for a word instead of a page: it must know that the bag was received before it forgets the codes."""
    return bool(request.accept_mimetypes.best == "application/json")


def _bag_page(duty: Duty, form: BagForm, checked: Checked | None) -> str:
    held = held_by(duty.volunteer_id)
    return render_template("custody/receive.html", duty=duty, form=form, checked=checked, held=held)


@blueprint.route("/ca/<duty_id>", methods=["GET", "POST"])
@allow(Role.OFFICER)
def shift(duty_id: str) -> ResponseReturnValue:
    """The end of a shift: what went through the volunteer's hands, what is left and why, and the officer's word."""
    duty, status = _duty(duty_id), 200
    if request.method == "POST":
        reasons = {name.removeprefix("why-"): text[:500] for name, text in request.form.items() if "why-" in name}
        try:
            shifts.close_shift(duty, reasons, Actor("staff", current_user.id))
            db.session.commit()
            flash(_("The shift of %(name)s is closed.", name=duty.volunteer.name), "success")
            return redirect(url_for("custody.overview"), 303)
        except NotPossible as reason:
            db.session.rollback()
            flash(str(reason), "error")
            status = 422
    balance = shifts.balance_of(duty)
    why = shifts.explanations(balance.held)
    typed = {one.code: request.form.get(f"why-{one.code}", why.get(one.id, "")) for one in balance.held}
    page = render_template(
        "custody/shift.html", duty=duty, balance=balance, typed=typed, form=Form(), today=today_in(g.ward.timezone)
    )
    return page, status


@blueprint.route("/nhan-bi-thu", methods=["GET", "POST"])
@allow(Role.OFFICER)
def labels() -> ResponseReturnValue:
    """Labels for envelopes on A4, each number once: a code for the camera, and the same in digits."""
    form = LabelsForm()
    if request.method == "GET" or not form.validate():
        return render_template("custody/labels.html", form=form), 200 if request.method == "GET" else 422
    numbers = next_labels(g.ward, form.sheets.data * A_SHEET)
    db.session.commit()
    texts = [envelope_label(number) for number in numbers]
    pages = [texts[n : n + A_SHEET] for n in range(0, len(texts), A_SHEET)]
    return render_template("custody/label_sheets.html", pages=pages, qr=_qr)


def _qr(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=2, scale=3))
