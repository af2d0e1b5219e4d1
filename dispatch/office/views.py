"""The one-stop officer's desk: its lists, its search, and one dossier with what can be done about it now."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.database import db, one_or_404
from dispatch.dossiers import search
from dispatch.dossiers.due import count_due
from dispatch.dossiers.lifecycle import DOSSIER
from dispatch.dossiers.operations import NotPossible
from dispatch.dossiers.words import DOSSIER_STATES
from dispatch.duty.models import Duty
from dispatch.identity import read_code
from dispatch.office import lists
from dispatch.office.commands import COMMANDS
from dispatch.office.commands import hand_bag as hand_bag_of
from dispatch.office.forms import SearchForm
from dispatch.office.page import ACTIONS, dossier_or_404, form_of, page_of
from dispatch.security import allow

blueprint = Blueprint("office", __name__)


@blueprint.get("/")
@allow(Role.OFFICER)
def desk() -> ResponseReturnValue:
    """One list at a time; the first is what was carried in."""
    chosen = request.args.get("list", "receive")
    if chosen not in lists.LISTS:
        chosen = "receive"
    rows, counts = lists.rows_of(chosen), lists.counts()
    bags = {"receive": lists.by_collector, "ready": lists.by_carrier, "back": lists.by_carrier}
    looked_at("citizen", *(row.beneficiary_id for row in rows))
    return render_template(
        "office/desk.html",
        chosen=chosen,
        rows=rows,
        bags=bags[chosen](rows) if chosen in bags else [lists.Bag(None, list(rows))],
        gone=lists.is_with_volunteer(rows) if chosen == "back" else set(),
        stats=_stats(counts),
        tabs=_tabs(chosen, counts),
        **_shared(SearchForm(formdata=None)),
    )


@blueprint.route("/tim", methods=["GET", "POST"])
@allow(Role.OFFICER)
def find() -> ResponseReturnValue:
    """Search; posted, so that nobody's name stands in an address."""
    if request.method == "GET":
        return redirect(url_for("office.desk"))
    form = SearchForm()
    if not form.validate():
        return render_template("office/found.html", rows=[], text="", **_shared(form)), 422
    text = form.q.data or ""
    rows, more = search.find(g.ward.id, text)
    code = read_code(text)
    if code and any(row.code == code for row in rows):
        return redirect(url_for("office.show", code=code), 303)
    looked_at("citizen", *(row.beneficiary_id for row in rows))
    return render_template("office/found.html", rows=rows, more=more, text=text, **_shared(form))


@blueprint.get("/ho-so/<code>")
@allow(Role.OFFICER)
def show(code: str) -> ResponseReturnValue:
    """One dossier and what can be done about it."""
    dossier = dossier_or_404(code)
    return page_of(dossier, {})


@blueprint.post("/ho-so/<code>/<kind>")
@allow(Role.OFFICER)
def act(code: str, kind: str) -> ResponseReturnValue:
    """Record one thing about one dossier."""
    if kind not in ACTIONS:
        raise NotFound
    dossier = dossier_or_404(code)
    form = form_of(kind, dossier)
    if not DOSSIER.allows(dossier.state, kind):
        flash(_("That is no longer possible: things have moved on meanwhile. Look at the page again."), "error")
        return redirect(url_for("office.show", code=code), 303)
    if not form.validate():
        return page_of(dossier, {kind: form}), 422
    if not _done(lambda: COMMANDS[kind](dossier, form)):
        return redirect(url_for("office.show", code=code), 303)
    following = {"received": "receive", "handed_to_volunteer": "ready"}.get(kind)
    return redirect(url_for("office.desk", list=following) if following else url_for("office.show", code=code), 303)


@blueprint.post("/tui/<duty_id>")
@allow(Role.OFFICER)
def hand_bag(duty_id: str) -> ResponseReturnValue:
    """Hand over, in one go, all that one volunteer is planned to bring home today."""
    duty = one_or_404(Duty, public_id=duty_id)
    _done(lambda: hand_bag_of(duty))
    return redirect(url_for("office.desk", list="ready"), 303)


def _done(command: Callable[[], str]) -> bool:
    """Do it and commit, or say why it is not possible."""
    try:
        sentence = command()
        db.session.commit()
    except NotPossible as reason:
        db.session.rollback()
        flash(str(reason), "error")
        return False
    flash(sentence, "success")
    return True


def _stats(counts: dict[str, int]) -> list[tuple[str, int]]:
    """What the day holds, in four figures."""
    due_today, late = count_due(g.ward.id, lists.today())
    return [
        (_("Wait to be received"), counts["receive"]),
        (_("Results due today"), due_today),
        (_("Results overdue"), late),
        (_("Ready to be handed over"), counts["ready"]),
    ]


def _tabs(chosen: str, counts: dict[str, int]) -> list[dict[str, object]]:
    return [
        {"label": label, "url": url_for("office.desk", list=key), "active": key == chosen, "count": counts[key]}
        for key, (label, _states) in lists.LISTS.items()
    ]


def _shared(search_form: SearchForm) -> dict[str, object]:
    return {"search_form": search_form, "today": lists.today(), "states": DOSSIER_STATES, "last_job": lists.last_job}
