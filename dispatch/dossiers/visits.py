"""Changing a visit: another day or window, another address, what happens after a "not done"."""

from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.clock import local, tick, today_in
from dispatch.database import one_or_404, reading
from dispatch.dossiers import mistaken, operations, words
from dispatch.dossiers.forms import AccessNoteForm, DecisionForm, RelocateForm, WindowForm
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.views import done, me
from dispatch.intake.forms import ASK
from dispatch.intake.operations import promise_offered
from dispatch.intake.picture import chosen_now, offers_now, picture_of_address, picture_of_windows
from dispatch.places.lookup import ask_outside, corrected
from dispatch.places.operations import keep_place, set_access_note
from dispatch.planning.offers import OfferedWindow
from dispatch.planning.publish import tell_window
from dispatch.security import allow

blueprint = Blueprint("visits", __name__)

DESK = (Role.HOTLINE, Role.DISPATCHER)


def _job(code: str, public_id: str) -> Job:
    job = one_or_404(Job, public_id=public_id, dossier_id=one_or_404(Dossier, code=code).id)
    looked_at("citizen", job.dossier.beneficiary_id)
    return job


@blueprint.route("/<code>/viec/<job_id>/doi-gio", methods=["GET", "POST"])
@allow(*DESK)
def reschedule(code: str, job_id: str) -> ResponseReturnValue:
    """Another day or window."""
    job = _job(code, job_id)
    form = WindowForm() if request.method == "POST" else _window_form(WindowForm, job)
    offered = _chosen(form, job)
    if request.method == "GET" or form.errors:
        return _window_page("dossiers/reschedule.html", form, job)

    def command() -> str:
        operations.reschedule(job, form.wanted, me())
        if offered is not None:
            _promise(job, offered)
        return _told(job)

    return done(job.dossier, command)


@blueprint.route("/<code>/viec/<job_id>/quyet-dinh", methods=["GET", "POST"])
@allow(*DESK)
def decide(code: str, job_id: str) -> ResponseReturnValue:
    """What happens after a "not done"."""
    job = _job(code, job_id)
    form = DecisionForm() if request.method == "POST" else _window_form(DecisionForm, job)
    if job.leg == "collect":
        # Papers that were never taken cannot be handed to the post.
        form.decision.choices = [choice for choice in form.decision.choices if choice.value != "posted"]
    offered = _chosen(form, job)
    if request.method == "GET" or form.errors:
        return _window_page("dossiers/decide.html", form, job)

    def command() -> str:
        if form.decision.data == "posted":
            operations.send_by_post(job, me(), form.post_number.data, form.posted_on.data)
            return _("Noted: it goes by post. The number stands in the history, and the citizen sees it too.")
        operations.decide(job, form.decision.data, me(), form.wanted)
        if form.decision.data != "retry":
            return _("Decided.")
        if offered is not None:
            _promise(job, offered)
        return _told(job)

    return done(job.dossier, command)


@blueprint.post("/<code>/viec/<job_id>/rut-lai")
@allow(*DESK)
def take_back(code: str, job_id: str) -> ResponseReturnValue:
    """What the volunteer reported was a mistake."""
    job = _job(code, job_id)

    def command() -> str:
        mistaken.take_back(job, request.form.get("event", ""), me())
        return _("Taken back. The door is on the route again as if nothing had been reported.")

    return done(job.dossier, command)


@blueprint.route("/<code>/viec/<job_id>/doi-dia-chi", methods=["GET", "POST"])
@allow(*DESK)
def relocate(code: str, job_id: str) -> ResponseReturnValue:
    """Another address, or a better pin."""
    job = _job(code, job_id)
    form = RelocateForm() if request.method == "POST" else _address_form(job)
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        shown = picture_of_address(form)
        return render_template("dossiers/relocate.html", form=form, job=job, words=words, **shown), status

    def command() -> str:
        place = keep_place(g.ward, form.spot, current_user.id)
        operations.relocate(job, place, me())
        return _told(job) if place.point else _("The address was changed; the pin is still missing.")

    return done(job.dossier, command)


@blueprint.post("/<code>/viec/<job_id>/chi-duong")
@allow(*DESK, Role.OFFICER)
def access_note(code: str, job_id: str) -> ResponseReturnValue:
    """How to find the door, for whoever goes there next; the visit stays where it is planned."""
    job = _job(code, job_id)
    form = AccessNoteForm()
    if not form.validate() or job.place is None:
        flash(_("This could not be saved. Please keep it under 300 characters."), "error")
        return redirect(url_for("dossiers.show", code=code), 303)
    place = job.place

    def command() -> str:
        set_access_note(place, form.access_note.data or "", current_user.id)
        return _("Saved. The next volunteer sees it on the phone.")

    return done(job.dossier, command)


@blueprint.post("/dia-chi/dang-go")
@allow(*DESK)
def live() -> ResponseReturnValue:
    """The address as understood, while one types."""
    ask_outside(g.ward, request.form.get("address", "")[:300])
    with reading():
        form = RelocateForm()
        shown = picture_of_address(form)
        html = render_template("intake/_understood.html", **shown)
        pin = [float(form.lat.data), float(form.lon.data)] if form.pin else None
        parted = any(name.startswith("part_") for name in request.form.get("changed", "").split(","))
        values = {"address": corrected(request.form)} if parted else {}
        return jsonify(parts={"understood": html}, values=values, pin=pin, around=shown["around"])


def _address_form(job: Job) -> RelocateForm:
    place = job.place
    if place is None:
        return RelocateForm(formdata=None)
    data: dict[str, Any] = {"address": place.spoken, "access_note": place.access_note, "pin_for": place.spoken}
    if place.point is not None:
        data["lat"], data["lon"] = (f"{value:.6f}" for value in place.point)
    return RelocateForm(formdata=None, data=data)


def _window_form(kind: type[WindowForm], job: Job) -> WindowForm:
    """The form as the visit stands now: saving it untouched changes nothing that was wished for."""
    data: dict[str, Any] = {"asked_day": job.service_date}
    if job.service_date is not None and job.service_date >= today_in(g.ward.timezone):
        data["window"] = ASK
    for name, moment in (("asked_from", job.window_start), ("asked_to", job.window_end)):
        data[name] = local(moment, g.ward.timezone).time() if moment else None
    return kind(formdata=None, data=data)


def _chosen(form: WindowForm, job: Job) -> OfferedWindow | None:
    """Check what was sent; a chosen window must still be on offer, which is looked up while nothing is locked."""
    if request.method == "GET" or not form.validate() or form.offer is None:
        return None
    with reading():
        offers = offers_now(job.dossier.procedure, job.leg, job.place.point if job.place else None)
    return chosen_now(form, offers)


def _window_page(template: str, form: WindowForm, job: Job) -> ResponseReturnValue:
    with reading():
        point = job.place.point if job.place else None
        shown = picture_of_windows(job.dossier.procedure, job.leg, point)
        html = render_template(template, form=form, job=job, words=words, **shown)
    return html, 200 if request.method == "GET" else 422


def _promise(job: Job, offered: OfferedWindow) -> None:
    """What was told on the phone also goes out by message: the one with the old time is still in the citizen's hand."""
    promise_offered(job, offered, me())
    tell_window(g.ward, job, offered.start, offered.end, key=tick().isoformat())


def _told(job: Job) -> str:
    if job.promised_start is not None:
        return _("Changed, and promised. The new time is sent to the caller now.")
    return _("Changed. What had been announced no longer holds; the caller is told when the plan is published.")
