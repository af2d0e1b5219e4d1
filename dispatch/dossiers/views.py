"""Finding a dossier, its page, and what the desk does with it day by day."""

from collections.abc import Callable

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.accounts.looks import looked_at, not_seen_lately
from dispatch.accounts.models import Role
from dispatch.citizens.outbox import messages_of
from dispatch.custody.codes import handover_code
from dispatch.custody.files import files_of
from dispatch.custody.holdings import holder_name, way_of
from dispatch.database import db, one_or_404
from dispatch.dossiers import operations, search, words
from dispatch.dossiers.events import Actor
from dispatch.dossiers.forms import FindForm, NoteForm
from dispatch.dossiers.history import history
from dispatch.dossiers.lifecycle import DOSSIER, JOB
from dispatch.dossiers.mistaken import outcome_of
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.operations import NotPossible
from dispatch.identity import read_code
from dispatch.places.corrections import corrections
from dispatch.security import allow

blueprint = Blueprint("dossiers", __name__)

DESK = (Role.HOTLINE, Role.DISPATCHER, Role.OFFICER)
LAST_PAGE = 10_000


@blueprint.route("/", methods=["GET", "POST"])
@allow(*DESK)
def find() -> ResponseReturnValue:
    """Search (posted, so that nobody's name or number stands in an address) and the lists to work off."""
    form = FindForm(request.form if request.method == "POST" else request.args, meta={"csrf": False})
    text = form.q.data or ""
    chosen, number = request.values.get("list", ""), min(max(request.values.get("page", 1, int), 1), LAST_PAGE)
    if request.method == "GET" and not read_code(text):
        text = ""
    if not form.validate():
        return render_template("dossiers/find.html", form=form, text="", chosen="", rows=[], number=1, more=False), 422
    rows, more = search.find(g.ward.id, text, number) if text else ([], False)
    if not text and chosen in search.LISTS:
        rows, more = search.LISTS[chosen](g.ward.id, number)
    code = read_code(text)
    if code and any(row.code == code for row in rows):
        return redirect(url_for("dossiers.show", code=code), 303)
    looked_at("citizen", *{id for row in rows for id in (row.beneficiary_id, row.request.caller_id)})
    values = {"text": text, "chosen": chosen, "rows": rows, "number": number, "more": more}
    return render_template("dossiers/find.html", form=form, words=words, **values)


@blueprint.get("/<code>")
@allow(*DESK)
def show(code: str) -> ResponseReturnValue:
    """Everything about one dossier."""
    return _page(one_or_404(Dossier, code=code))


def _page(dossier: Dossier, note: NoteForm | None = None) -> str:
    looked_at("citizen", dossier.request.caller_id, dossier.beneficiary_id)
    moves = bool({Role.HOTLINE, Role.DISPATCHER} & current_user.roles)
    return render_template(
        "dossiers/show.html",
        dossier=dossier,
        lines=history(dossier),
        corrections=corrections(dossier.ward_id, {job.place_id for job in dossier.jobs if job.place_id}),
        hands=way_of(dossier),
        handover=handover_code(dossier) if moves else "",
        proofs=files_of(dossier) if {Role.OFFICER, Role.DISPATCHER} & current_user.roles else [],
        holder=holder_name(dossier),
        messages=messages_of(dossier, limit=20),
        note=note or NoteForm(formdata=None),
        words=words,
        JOB=JOB,
        DOSSIER=DOSSIER,
        moves=moves,
        outcome_of=outcome_of,
    )


@blueprint.get("/<code>/ban-do.json")
@allow(*DESK)
def where(code: str) -> ResponseReturnValue:
    """Doors of a dossier and the office, for the map."""
    dossier = one_or_404(Dossier, code=code)
    people, pages = {dossier.beneficiary_id}, ("dossiers.show", "dossiers.where")
    looked_at("citizen", *not_seen_lately("citizen", people, ("staff", current_user.id), *pages))
    places = {job.place_id: (job.place, words.LEGS[job.leg]) for job in dossier.jobs if job.place is not None}
    places = places or {dossier.request.place_id: (dossier.request.place, _("Address"))}
    points = [_point(place.point, "job", str(title), [place.spoken]) for place, title in places.values() if place.point]
    if g.ward.office is not None:
        points.append(_point(g.ward.office, "office", g.ward.office_name or _("One-stop office"), []))
    return jsonify(type="FeatureCollection", features=points)


def _point(point: tuple[float, float], kind: str, title: str, lines: list[str]) -> dict[str, object]:
    properties = {"kind": kind, "title": title, "lines": lines}
    geometry = {"type": "Point", "coordinates": [point[1], point[0]]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@blueprint.post("/<code>/huy")
@allow(Role.HOTLINE, Role.DISPATCHER)
def cancel(code: str) -> ResponseReturnValue:
    """Cancel; papers that were taken come back."""
    dossier = one_or_404(Dossier, code=code)

    def command() -> str:
        back = operations.cancel(dossier, me())
        return _("Cancelled. A visit was opened that brings the papers back.") if back else _("Cancelled.")

    return done(dossier, command)


@blueprint.post("/<code>/ghi-chu")
@allow(*DESK)
def note(code: str) -> ResponseReturnValue:
    """Words for everybody who works with this dossier."""
    dossier, form = one_or_404(Dossier, code=code), NoteForm()
    if not form.validate():
        return _page(dossier, form), 422

    def command() -> str:
        operations.note(dossier, form.note.data or "", me())
        return _("The note was saved.")

    return done(dossier, command)


@blueprint.post("/<code>/da-xem")
@allow(Role.HOTLINE, Role.DISPATCHER)
def checked(code: str) -> ResponseReturnValue:
    """What was flagged has been looked into."""
    dossier = one_or_404(Dossier, code=code)

    def command() -> str:
        subjects: list[Dossier | Job] = [dossier, *dossier.jobs]
        for subject in subjects:
            if subject.flags:
                operations.checked(subject, me())
        return _("Noted as looked into.")

    return done(dossier, command)


def me() -> Actor:
    """The person at the desk."""
    return Actor("staff", current_user.id)


def done(dossier: Dossier, command: Callable[[], str]) -> ResponseReturnValue:
    """Do it and go back to the dossier with a sentence; what does not fit what has happened is said as well."""
    code = dossier.code
    try:
        flash(command(), "success")
        db.session.commit()
    except NotPossible as reason:
        db.session.rollback()
        flash(str(reason), "error")
    return redirect(url_for("dossiers.show", code=code), 303)
