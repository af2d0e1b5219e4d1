"""Where a dossier has been: its events as sentences, in the order in which they happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import g
from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import Select, select

from dispatch.accounts.models import StaffAccount
from dispatch.clock import local
from dispatch.custody.words import NO_CODE
from dispatch.database import db
from dispatch.dossiers import words
from dispatch.dossiers.models import Dossier, Event, EventNote
from dispatch.dossiers.posting import NUMBER_NOTE
from dispatch.dossiers.taking_back import taken_back
from dispatch.duty.models import Duty, Volunteer
from dispatch.pages import show_day, show_time

LIMIT = 1000
FAILED = ("not_done", "cancelled", "gave_up", "refused", "paused")


@dataclass
class Line:
    """One event: when, what in words, who, remarks. `failed` shows it as a set-back, `undone` as taken back."""

    at: datetime
    text: str
    who: str
    failed: bool = False
    undone: bool = False
    notes: list[str] = field(default_factory=list)


def history(dossier: Dossier) -> list[Line]:
    """The dossier's events, oldest first, in words."""
    query = select(Event).where(Event.ward_id == dossier.ward_id, Event.dossier_id == dossier.id)
    events = sorted(db.session.scalars(query.limit(LIMIT)), key=lambda event: event.replay_order)
    names, notes = _Names(dossier.ward_id, events), _notes(dossier.ward_id, events)
    legs = {job.id: job.leg for job in dossier.jobs}
    undone = taken_back(events)
    return [
        Line(
            at=event.occurred_at,
            text=_sentence(event, legs.get(event.job_id or 0), names),
            who=names.actor(event),
            failed=event.kind in FAILED,
            undone=event.key in undone,
            notes=notes.get(event.key, []),
        )
        for event in events
    ]


def _notes(ward_id: int, events: Iterable[Event]) -> dict[str, list[str]]:
    keys = [event.key for event in events]
    found: dict[str, list[str]] = {}
    query = select(EventNote).where(EventNote.ward_id == ward_id, EventNote.event_key.in_(keys)).order_by(EventNote.id)
    for note in db.session.scalars(query.limit(LIMIT)):
        text = _("post number %(number)s", number=note.text) if note.kind == NUMBER_NOTE else note.text
        found.setdefault(note.event_key, []).append(text)
    return found


def _by_id(query: Select[int, str]) -> dict[int, str]:
    return {row[0]: row[1] for row in db.session.execute(query.limit(LIMIT))}


class _Names:
    """Names of the staff and volunteers that these events mention."""

    def __init__(self, ward_id: int, events: list[Event]) -> None:
        staff = {e.actor_id for e in events if e.actor_kind == "staff"}
        riders = {e.actor_id for e in events if e.actor_kind == "volunteer"}
        duties = {e.data.get("duty_id") for e in events} | {e.duty_id for e in events}
        on_duty = select(Duty.id, Volunteer.name).join(Volunteer).where(Duty.ward_id == ward_id)
        self._duties = _by_id(on_duty.where(Duty.id.in_(duties - {None})))
        self._staff = self._of(StaffAccount, ward_id, staff)
        self._riders = self._of(Volunteer, ward_id, riders)

    @staticmethod
    def _of(model: type[StaffAccount] | type[Volunteer], ward_id: int, ids: set[int | None]) -> dict[int, str]:
        return _by_id(select(model.id, model.name).where(model.ward_id == ward_id, model.id.in_(ids - {None})))

    def actor(self, event: Event) -> str:
        """Who did it; empty for the system."""
        known = {"staff": self._staff, "volunteer": self._riders}.get(event.actor_kind, {})
        return known.get(event.actor_id or 0, "")

    def rider(self, event: Event) -> str:
        """The volunteer whose duty the event names."""
        return self._duties.get(event.data.get("duty_id") or event.duty_id or 0, _("a volunteer"))


def _sentence(event: Event, leg: str | None, names: _Names) -> str:
    makers = {None: _of_dossier, "collect": _of_job, "return": _of_job}
    sentences = makers[leg](event, names)
    text = sentences.get(event.kind) or str(words.EVENTS.get(event.kind, event.kind))
    return f"{words.LEGS[leg]}: {text}" if leg else text


def _of_dossier(event: Event, names: _Names) -> dict[str, str]:
    data = event.data
    return {
        "opened": _("Request taken by %(channel)s", channel=words.CHANNELS.get(data.get("channel", ""), "–")),
        "received": _(
            "Received at the one-stop office, official code %(code)s, result promised for %(day)s",
            code=data.get("official_code") or "–",
            day=_day(data.get("promised_on")) or "–",
        ),
        "recoded": _(
            "Official code corrected from %(before)s to %(code)s",
            before=data.get("before") or "–",
            code=data.get("official_code") or "–",
        ),
        "paused": _("The clock stands still: papers are missing"),
        "resumed": _(
            "The papers are complete; result promised for %(day)s",
            day=_day(data.get("promised_on")),
        ),
        "refused": _("Refused in writing"),
        "result_ready": _("Result ready"),
        "handed_to_volunteer": _("Handed to %(volunteer)s to be brought home", volunteer=names.rider(event)),
        "brought_back": _("Brought back to the office, not handed over"),
        "handed_to_citizen": _("Handed over at the counter"),
        "handed_in": _("Handed in at the office"),
        "explained": _("Still with the volunteer at the end of the shift"),
        "cancelled": _("Dossier cancelled"),
        "noted": _("Note"),
        "checked": _("Looked into"),
    }


def _of_job(event: Event, names: _Names) -> dict[str, str]:
    data = event.data
    plan = {"volunteer": names.rider(event), "time": _clock(data.get("eta"))}
    return {
        "opened": _("visit asked for, %(when)s", when=when(data)),
        "promised": _("promised for %(when)s", when=when(data)),
        "planned": _("planned for %(volunteer)s at about %(time)s", **plan),
        "unplanned": _("taken off the plan"),
        "rescheduled": _("changed to %(when)s", when=when(data)),
        "relocated": _("address changed"),
        "set_out": _("on the way"),
        "arrived": _("at the door"),
        "done": _done(data),
        "not_done": _not_done(data),
        "incident": _("incident: %(what)s", what=words.incident(data.get("what"))),
        "undone": _("the last report was taken back"),
        "passed_on": _("papers passed on to %(volunteer)s", volunteer=names.rider(event)),
        "gave_back": _("papers given back to the citizen"),
        "retry": _("to be tried again, %(when)s", when=when(data)),
        "gave_up": _("given up"),
        "posted": _posted(data),
        "cancelled": _("visit cancelled"),
        "checked": _("looked into"),
    }


def _done(data: dict[str, Any]) -> str:
    """What changed hands, and what the volunteer said about how."""
    papers = {"originals": data.get("originals", 0), "copies": data.get("copies", 0)}
    said = (
        _("done, %(originals)s originals and %(copies)s copies", **papers),
        _fee(data),
        _("without contact") if data.get("distance") else "",
        _("received by an authorised person") if data.get("authorised") else "",
        _("no code (%(why)s)", why=NO_CODE[data["no_code"]]) if data.get("no_code") in NO_CODE else "",
    )
    return " · ".join(filter(None, said))


def _fee(data: dict[str, Any]) -> str:
    if not data.get("fee_dong"):
        return _("receipt %(number)s", number=data["receipt"]) if data.get("receipt") else ""
    taken = {"sum": format_decimal(data["fee_dong"]), "number": data.get("receipt")}
    if not taken["number"]:
        return _("%(sum)s đ taken without a receipt", **taken)
    return _("%(sum)s đ taken, receipt %(number)s", **taken)


def _posted(data: dict[str, Any]) -> str:
    day = data.get("posted_on")
    if not day:
        return _("handed to the post")
    return _("handed to the post on %(day)s", day=show_day(date.fromisoformat(day)))


def _not_done(data: dict[str, Any]) -> str:
    why = _("not done: %(reason)s", reason=words.reason(data.get("reason")))
    proposal = words.PROPOSALS.get(data.get("proposal", ""))
    return why + (" · " + _("the volunteer proposes: %(what)s", what=proposal) if proposal else "")


def when(data: dict[str, Any]) -> str:
    """The window of an event in words."""
    start, end = _clock(data.get("start")), _clock(data.get("end"))
    day = _day(data.get("service_date"))
    if not day and data.get("start"):
        day = _day_of(data["start"])
    if start and end:
        return str(_("%(day)s, %(start)s to %(end)s", day=day, start=start, end=end))
    if start:
        return str(_("%(day)s, from %(start)s", day=day, start=start))
    if end:
        return str(_("%(day)s, until %(end)s", day=day, end=end))
    return day or str(_("at any time"))


def _day(text: str | None) -> str:
    return show_day(date.fromisoformat(text)) if text else ""


def _day_of(moment: str) -> str:
    return show_day(local(datetime.fromisoformat(moment), g.ward.timezone).date())


def _clock(text: str | None) -> str:
    return show_time(datetime.fromisoformat(text)) if text else ""
