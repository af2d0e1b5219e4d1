"""One dossier on the officer's desk: what can be recorded about it now, each with its form."""

from typing import Any

from flask import g, render_template
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.exceptions import NotFound

from dispatch.accounts.looks import looked_at
from dispatch.clock import now
from dispatch.database import db, of_ward
from dispatch.dossiers.lifecycle import DOSSIER
from dispatch.dossiers.models import Dossier
from dispatch.dossiers.words import DOSSIER_STATES
from dispatch.forms import Form
from dispatch.office import lists
from dispatch.office.forms import CitizenForm, CodeForm, PauseForm, ReceiveForm, RefuseForm, ResumeForm, VolunteerForm
from dispatch.office.terms import after_pause, terms_of

# what the officer may record -> the form that it takes
ACTIONS: dict[str, type[Form]] = {
    "received": ReceiveForm,
    "handed_in": Form,
    "result_ready": Form,
    "paused": PauseForm,
    "resumed": ResumeForm,
    "refused": RefuseForm,
    "handed_to_volunteer": VolunteerForm,
    "brought_back": Form,
    "handed_to_citizen": CitizenForm,
    "recoded": CodeForm,
}


def dossier_or_404(code: str) -> Dossier:
    """The ward's dossier with this code."""
    query = of_ward(Dossier).where(Dossier.code == code).limit(1)
    options = (joinedload(Dossier.procedure), joinedload(Dossier.request), selectinload(Dossier.jobs))
    found = db.session.scalars(query.options(*options)).first()
    if found is None:
        raise NotFound
    return found


def page_of(dossier: Dossier, typed: dict[str, Form]) -> str:
    """The dossier's page; `typed` holds a form that came back with errors."""
    looked_at("citizen", dossier.beneficiary_id, dossier.request.caller_id)
    possible = [kind for kind in ACTIONS if DOSSIER.allows(dossier.state, kind) and _is_offered(kind, dossier)]
    return render_template(
        "office/show.html",
        dossier=dossier,
        collected=lists.last_job(dossier, "collect"),
        back=lists.last_job(dossier, "return"),
        said=lists.said_at_the_door(dossier),
        gone=dossier.id in lists.is_with_volunteer([dossier]),
        possible=possible,
        forms_of={kind: typed.get(kind) or form_of(kind, dossier, fresh=True) for kind in possible},
        failed=next(iter(typed), ""),
        today=lists.today(),
        states=DOSSIER_STATES,
    )


def _is_offered(kind: str, dossier: Dossier) -> bool:
    """Handing in is asked for by itself only where nothing is processed: receiving says it as well. Only a code that
    is there can be corrected."""
    if kind == "recoded":
        return dossier.official_code is not None
    return kind != "handed_in" or dossier.state == "to_bring_in"


def form_of(kind: str, dossier: Dossier, *, fresh: bool = False) -> Form:
    """The form of an action with its choices; `fresh` with what it starts with instead of what was posted."""
    start: dict[str, Any] = {"receiver": dossier.beneficiary.name}
    if kind == "resumed":
        start["promised_on"] = after_pause(g.ward, dossier, now())
    if kind == "recoded":
        start["official_code"] = dossier.official_code
    form = ACTIONS[kind](formdata=None, data=start) if fresh else ACTIONS[kind]()
    if isinstance(form, CodeForm):
        form.about(dossier)
    if isinstance(form, ReceiveForm):
        form.offer(terms_of(g.ward, dossier, now()))
    if isinstance(form, VolunteerForm):
        duties = lists.duties_today()
        form.offer(duties, lists.planned_duty(dossier, duties))
    return form
