"""The hotline form: one call, one page, one transaction."""

from typing import Any

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.citizens.models import Message
from dispatch.database import db, one_or_404, reading
from dispatch.dossiers.models import Dossier
from dispatch.intake import fanpage
from dispatch.intake.forms import ORGANISATION, PERSON, RequestForm
from dispatch.intake.known import alike
from dispatch.intake.models import InboxMessage
from dispatch.intake.operations import Call, Person, When, received_key, saved_before, take
from dispatch.intake.picture import DEPENDS_ON, add_error, chosen_now, is_guessed, offers_now, picture, wanted_by
from dispatch.phones import read_phone
from dispatch.places.lookup import ask_outside, corrected
from dispatch.security import allow, limiter

blueprint = Blueprint("intake", __name__)


@blueprint.route("/", methods=["GET", "POST"])
@allow(Role.HOTLINE)
def new() -> ResponseReturnValue:
    """The form; after saving, what to tell the caller."""
    message = _message(request.values.get("inbox", ""))
    if request.method == "GET":
        form = RequestForm(formdata=None, data=fanpage.read(g.ward, message) if message else {})
        return _page(form, message)
    form = RequestForm()
    dossier = _same_form(form)
    if dossier is None and form.validate():
        dossier = _save(form, message)
    if dossier is None:
        with reading():
            return _page(RequestForm() if not form.errors else form, message), 422
    return redirect(url_for("intake.saved", code=dossier.code), 303)


def _message(public_id: str) -> InboxMessage | None:
    return one_or_404(InboxMessage, public_id=public_id[:16], direction="in") if public_id else None


def _page(form: RequestForm, message: InboxMessage | None) -> str:
    if message is not None:
        looked_at("inbox_message", message.id)
    return render_template("intake/new.html", form=form, message=message, **picture(form))


def _same_form(form: RequestForm) -> Dossier | None:
    """What this form made already. A form gone back to and filled in for somebody else is a new one."""
    dossier = saved_before(g.ward, form.form_key.data or "")
    if dossier is None:
        return None
    chosen = form.chosen
    if dossier.request.caller.phone == form.e164 and chosen is not None and dossier.procedure_id == chosen.id:
        return dossier
    form.renew_key()
    return None


def _save(form: RequestForm, message: InboxMessage | None) -> Dossier | None:
    """Offers are computed while nothing is locked; then everything is written at once."""
    with reading():
        offers = offers_now(form.chosen, form.first_leg, form.pin)
        guessed = form.offer is not None and is_guessed(form)
    offered = chosen_now(form, offers) if form.first_leg and not guessed else None
    if guessed:
        add_error(form, "window", _("Confirm the pin on the map first, then choose the time once more."))
    alikes = [] if form.another.data else alike(g.ward, wanted_by(form))
    if alikes:
        add_error(form, "another", _("A request like this is open already: look at it, or tick the box."))
    if form.errors:
        return None
    when = When(form.wanted, offered, offers.tell_by)
    call = _call(form, when, "fanpage" if message else "hotline")
    try:
        dossier = take(g.ward, call, current_user.id)
        if message is not None:
            fanpage.link(message, dossier)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return saved_before(g.ward, call.form_key)
    return dossier


def _call(form: RequestForm, when: When, channel: str) -> Call:
    caller = Person(form.caller_name.data or "", form.e164)
    beneficiary = caller
    if form.for_whom.data in (PERSON, ORGANISATION):
        phone = read_phone(form.beneficiary_phone.data or "")
        beneficiary = Person(form.beneficiary, phone, form.for_whom.data)
    assert form.chosen is not None
    return Call(
        form_key=form.form_key.data or "",
        channel=channel,
        caller=caller,
        beneficiary=beneficiary,
        procedure=form.chosen,
        legs=form.legs.data,
        leg=form.first_leg,
        spot=form.spot,
        when=when,
        note=form.note.data or "",
    )


@blueprint.post("/dang-go")
@limiter.limit("20 per second")
@allow(Role.HOTLINE)
def live() -> ResponseReturnValue:
    """Parts of the page that change while one types: {"parts": {id: HTML}, "values": {field: value}, "pin": [...],
    "around": [...]}."""
    changed = set(request.form.get("changed", "").split(","))
    parts = [part for part, fields in DEPENDS_ON.items() if fields & changed]
    if "address" in changed:
        ask_outside(g.ward, request.form.get("address", "")[:300])
    with reading():
        form = RequestForm()
        shown = picture(form, parts)
        answer = {
            "parts": {part: render_template(f"intake/_{part}.html", form=form, **shown) for part in parts},
            "values": _filled_in(form, changed, shown),
            "pin": [float(form.lat.data), float(form.lon.data)] if form.pin else None,
            "around": shown.get("around"),
        }
        return jsonify(answer)


def _filled_in(form: RequestForm, changed: set[str], shown: dict[str, Any]) -> dict[str, str]:
    """Fields that fill themselves in: the name of the only caller with this number, the only leg there
    is, the address when a part of it was corrected."""
    values = {}
    if any(name.startswith("part_") for name in changed):
        values["address"] = corrected(request.form)
    if "phone" in changed and len(shown["callers"]) == 1 and not form.caller_name.data:
        values["caller_name"] = shown["callers"][0].citizen.name
    if "procedure" in changed and form.chosen is not None and form.chosen.ship_policy == "return_only":
        values["legs"] = "return"
    return values


@blueprint.get("/xong/<code>")
@allow(Role.HOTLINE)
def saved(code: str) -> ResponseReturnValue:
    """The code in big, the sentence to say, and the next call."""
    dossier = one_or_404(Dossier, code=code)
    looked_at("citizen", dossier.request.caller_id, dossier.beneficiary_id)
    told = db.session.scalars(
        select(Message).where(Message.ward_id == g.ward.id, Message.key == received_key(dossier)).limit(1)
    ).first()
    return render_template("intake/saved.html", dossier=dossier, told=told)
