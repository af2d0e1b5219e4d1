"""What the officer records: each takes a dossier and its form, and gives the sentence to show. The caller commits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from flask import flash
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.custody.codes import read_envelope
from dispatch.database import one_or_404
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor
from dispatch.dossiers.models import Dossier, Job
from dispatch.duty.models import Duty
from dispatch.identity import spoken_code
from dispatch.office import lists
from dispatch.office.forms import CitizenForm, CodeForm, PauseForm, ReceiveForm, RefuseForm, ResumeForm, VolunteerForm
from dispatch.office.terms import looks_official
from dispatch.pages import show_day


def _receive(dossier: Dossier, form: ReceiveForm) -> str:
    code = form.official_code.data or ""
    operations.receive(dossier, code, form.day, _me(), form.note.data or "")
    _warn_of_its_shape(code)
    return _(
        "Dossier %(code)s was received; the result is promised for %(day)s.",
        code=spoken_code(dossier.code),
        day=show_day(form.day),
    )


def _recode(dossier: Dossier, form: CodeForm) -> str:
    code = form.official_code.data or ""
    operations.correct_code(dossier, code, _me())
    _warn_of_its_shape(code)
    return _("The official code is now %(code)s.", code=code)


def _warn_of_its_shape(code: str) -> None:
    if not looks_official(code):
        flash(_("The code %(code)s does not look like an official one. It was saved as typed.", code=code), "warn")


def _pause(dossier: Dossier, form: PauseForm) -> str:
    operations.pause(dossier, _me(), form.missing.data or "")
    return _("The clock stands still until the papers are complete.")


def _resume(dossier: Dossier, form: ResumeForm) -> str:
    day = form.promised_on.data or lists.today() + timedelta(days=1)
    operations.resume(dossier, day, _me())
    return _("The clock runs again; the result is promised for %(day)s.", day=show_day(day))


def _ready(dossier: Dossier, _form: Any) -> str:
    return _way_home(operations.result_ready(dossier, _me()))


def _refuse(dossier: Dossier, form: RefuseForm) -> str:
    return _way_home(operations.result_ready(dossier, _me(), refused=form.reason.data or ""))


def _way_home(job: Job | None) -> str:
    if job is None:
        return _("The result is ready. The citizen fetches it at the counter.")
    return _("The result is ready. A visit that brings it home waits to be planned.")


def _hand_to_volunteer(dossier: Dossier, form: VolunteerForm) -> str:
    duty = one_or_404(Duty, public_id=form.duty.data)
    operations.hand_to_volunteer(dossier, _me(), duty.id, read_envelope(form.envelope.data or ""))
    return _(
        "Dossier %(code)s was handed to %(volunteer)s.", code=spoken_code(dossier.code), volunteer=duty.volunteer.name
    )


def _hand_to_citizen(dossier: Dossier, form: CitizenForm) -> str:
    operations.hand_to_citizen(dossier, _me(), form.receiver.data or "")
    return _("Handed over at the counter.")


def _brought_back(dossier: Dossier, _form: Any) -> str:
    operations.brought_back(dossier, _me())
    return _("The result is at the office again.")


def _handed_in(dossier: Dossier, _form: Any) -> str:
    operations.hand_in(dossier, _me())
    return _("The papers are at the office; the visit that brings them back can be planned.")


def hand_bag(duty: Duty) -> str:
    rows = [*lists.rows_of("ready"), *lists.rows_of("back")]
    gone = lists.is_with_volunteer(lists.rows_of("back"))
    duties = lists.duties_today()
    bag = [row for row in rows if lists.planned_duty(row, duties) is duty and row.id not in gone]
    # Always in the same order, so that two officers never wait for each other's locks.
    for row in sorted(bag, key=lambda row: row.id):
        operations.hand_to_volunteer(row, _me(), duty.id)
    return _("%(count)s dossiers were handed to %(volunteer)s.", count=len(bag), volunteer=duty.volunteer.name)


COMMANDS = cast(
    "dict[str, Callable[[Dossier, Any], str]]",
    {
        "received": _receive,
        "handed_in": _handed_in,
        "result_ready": _ready,
        "paused": _pause,
        "resumed": _resume,
        "refused": _refuse,
        "handed_to_volunteer": _hand_to_volunteer,
        "brought_back": _brought_back,
        "handed_to_citizen": _hand_to_citizen,
        "recoded": _recode,
    },
)


def _me() -> Actor:
    return Actor("staff", current_user.id)
