"""Taking a request: everything that one call makes, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.citizens.outbox import tell
from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.events import Actor
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.operations import Window, open_dossier, open_job, promise, result_ready
from dispatch.intake.models import Citizen, Request
from dispatch.pages import show_day, show_time
from dispatch.places.operations import Spot, keep_place
from dispatch.planning.offers import OfferedWindow
from dispatch.wards.models import Ward
from dispatch.words import fold


@dataclass(frozen=True)
class Person:
    """Somebody named in a call; `kind` is `person` or `organisation`."""

    name: str
    phone: str | None
    kind: str = "person"


@dataclass(frozen=True)
class When:
    """The window to plan with; `offered` where it was offered, so that it is a promise; else until when we tell."""

    window: Window
    offered: OfferedWindow | None = None
    tell_by: datetime | None = None


@dataclass(frozen=True)
class Call:
    """What was said on the phone. `leg` is the visit to plan at once, None where the result has to be ready first."""

    form_key: str
    channel: str
    caller: Person
    beneficiary: Person
    procedure: Procedure
    legs: str
    leg: str | None
    spot: Spot
    when: When
    note: str = ""


def saved_before(ward: Ward, form_key: str) -> Dossier | None:
    """The dossier that this very form has made already: a second click makes no second request."""
    query = select(Dossier).join(Request).where(Dossier.ward_id == ward.id, Request.form_key == form_key)
    return db.session.scalars(query.limit(1)).first()


def take(ward: Ward, call: Call, account_id: int) -> Dossier:
    """Write down people, place, request, dossier, first job, promise and what to tell. The caller commits."""
    actor = Actor("staff", account_id)
    request = _request(ward, call, account_id)
    dossier = open_dossier(request, actor)
    if call.leg is not None:
        job = open_job(dossier, call.leg, request.place, call.when.window, actor)
        if call.when.offered is not None:
            promise_offered(job, call.when.offered, actor)
    if call.leg == "return":
        result_ready(dossier, actor)
    _tell_received(ward, dossier, call, account_id)
    return dossier


def promise_offered(job: Job, offered: OfferedWindow, actor: Actor) -> None:
    """The caller was told this window, and a same-day answer where the papers reach the office in time."""
    promise(job, offered.start, offered.end, actor, same_day=offered.same_day)


def _request(ward: Ward, call: Call, account_id: int) -> Request:
    caller = keep_citizen(ward, call.caller)
    beneficiary = caller if call.beneficiary == call.caller else keep_citizen(ward, call.beneficiary)
    place = keep_place(ward, call.spot, account_id)
    request = Request(
        ward_id=ward.id,
        channel=call.channel,
        caller_id=caller.id,
        beneficiary_id=beneficiary.id,
        procedure_id=call.procedure.id,
        place_id=place.id,
        legs=call.legs,
        note=call.note,
        consent_at=now(),
        consent_account_id=account_id,
        created_by=account_id,
        created_at=now(),
        form_key=call.form_key,
    )
    db.session.add(request)
    db.session.flush()
    return request


def keep_citizen(ward: Ward, person: Person) -> Citizen:
    """The row of this person (same name, same phone), or a new one."""
    query = select(Citizen).where(
        Citizen.ward_id == ward.id, Citizen.folded_name == fold(person.name), Citizen.phone == person.phone
    )
    known = db.session.scalars(query.where(Citizen.kind == person.kind).order_by(Citizen.id).limit(1)).first()
    if known is not None:
        return known
    citizen = Citizen(
        ward_id=ward.id,
        kind=person.kind,
        name=person.name,
        folded_name=fold(person.name),
        phone=person.phone,
        created_at=now(),
    )
    db.session.add(citizen)
    db.session.flush()
    return citizen


def when_sentence(ward: Ward, call: Call) -> str:
    """When somebody comes, as it is said to the caller."""
    window, tell_by = call.when.window, call.when.tell_by
    if call.leg is None:
        return str(_("We will tell you when the result is ready."))
    if call.when.offered is not None:
        times = {"start": show_time(window.start), "end": show_time(window.end)}
        return str(_("We come on %(day)s between %(start)s and %(end)s.", day=show_day(window.service_date), **times))
    return _wish(window) + _told_by(ward, tell_by)


def _wish(window: Window) -> str:
    """What the caller asked for, said back."""
    if window.service_date is None:
        return ""
    day = show_day(window.service_date)
    if window.start is None or window.end is None:
        return str(_("You asked for %(day)s.", day=day)) + " "
    times = {"start": show_time(window.start), "end": show_time(window.end)}
    return str(_("You asked for %(day)s, %(start)s to %(end)s.", day=day, **times)) + " "


def _told_by(ward: Ward, tell_by: datetime | None) -> str:
    if tell_by is None:
        return str(_("We will tell you the time as soon as it is planned."))
    day = show_day(local(tell_by, ward.timezone).date())
    return str(_("We will tell you the time before %(time)s on %(day)s.", time=show_time(tell_by), day=day))


def _tell_received(ward: Ward, dossier: Dossier, call: Call, account_id: int) -> None:
    with force_locale("vi"):
        values = {"ward": ward.name, "when": when_sentence(ward, call)}
    message = tell("request_received", dossier, key=received_key(dossier), values=values)
    if message is not None and call.channel == "hotline" and message.state == "to_call":
        # A landline gets no message, and its owner is on the phone just now and hears the sentence.
        message.state, message.called_by, message.sent_at = "called", account_id, now()


def received_key(dossier: Dossier) -> str:
    """Key of the message that says that the request was received."""
    return f"received:{dossier.code}"
