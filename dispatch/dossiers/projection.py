"""States derived from events: any events in any order give a state plus flags; rebuilding gives the same rows."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from dispatch.custody.keeping import keep_ledger
from dispatch.database import db
from dispatch.dossiers.lifecycle import DOSSIER, JOB
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.taking_back import in_force

# What a job's event means for its dossier, by leg.
MEANING = {
    ("done", "collect"): "collected",
    ("done", "return"): "returned",
    ("posted", "return"): "posted",
    ("gave_back", "collect"): "gave_back",
}


class Flags:
    """What the table did not expect. A `checked` takes away what the desk had received by then, and nothing later."""

    def __init__(self) -> None:
        self._found: list[tuple[str, datetime]] = []
        self._checked_at: datetime | None = None

    def note(self, event: Event, flag: str | None) -> None:
        if flag:
            self._found.append((flag, event.received_at))
        if event.kind == "checked":
            self._checked_at = max(event.received_at, self._checked_at or event.received_at)

    def left(self) -> list[str]:
        return sorted({flag for flag, at in self._found if self._checked_at is None or at > self._checked_at})


def project(dossier: Dossier) -> None:
    """Derive the dossier and its jobs again from all of their events."""
    query = select(Event).where(Event.ward_id == dossier.ward_id, Event.dossier_id == dossier.id)
    written = sorted(db.session.scalars(query), key=lambda e: e.replay_order)
    events = in_force(written)
    # Only what differs is written, so it must be compared with what the rows hold now, not with what was seen before.
    rows = select(Job).where(Job.dossier_id == dossier.id).execution_options(populate_existing=True)
    jobs = {job.id: job for job in db.session.scalars(rows)}
    legs = {id: job.leg for id, job in jobs.items()}
    found = keep_ledger(dossier, _born_first(written), legs)
    _project_dossier(dossier, _born_first(events), legs, found)
    for job in jobs.values():
        _project_job(job, _born_first(e for e in events if e.job_id == job.id))
    db.session.flush()


def _born_first(events: Iterable[Event]) -> list[Event]:
    """Nothing happens before the opening, though the clock may have been set back after it."""
    return sorted(events, key=lambda e: e.kind != "opened")


def _project_dossier(
    dossier: Dossier, events: list[Event], legs: dict[int, str], found: list[tuple[str, Event]]
) -> None:
    """`found`: flags of the ledger, each with its event."""
    state, flags = DOSSIER.start, Flags()
    for odd, event in found:
        flags.note(event, odd)
    values: dict[str, Any] = dict.fromkeys(("official_code", "received_at", "promised_on", "ready_at", "closed_at"))
    for event in events:
        kind = event.kind
        if event.job_id is not None:
            leg = legs.get(event.job_id, "")
            kind = MEANING.get((event.kind, leg), "")
            if not kind:
                continue
        state, flag = DOSSIER.follow(state, kind)
        flags.note(event, flag)
        _note_dossier(values, kind, event)
        if state in DOSSIER.final:
            values["closed_at"] = values["closed_at"] or event.occurred_at
        else:
            values["closed_at"] = None
    _set(dossier, state=state, flags=flags.left(), **values)


def _note_dossier(values: dict[str, Any], kind: str, event: Event) -> None:
    if kind == "received":
        values["received_at"] = event.occurred_at
    if kind in ("received", "resumed", "recoded"):
        values["official_code"] = event.data.get("official_code") or values["official_code"]
        values["promised_on"] = _date(event.data.get("promised_on")) or values["promised_on"]
    if kind in ("result_ready", "refused"):
        values["ready_at"] = event.occurred_at


def _project_job(job: Job, events: list[Event]) -> None:
    state, flags, attempts = JOB.start, Flags(), 0
    values: dict[str, Any] = dict.fromkeys(JOB_VALUES)
    values.update(originals=0, copies=0, same_day_promised=False)
    for event in events:
        if _is_guess(event) and state != "planned":
            continue
        state, flag = JOB.follow(state, event.kind)
        flags.note(event, flag)
        flags.note(event, f"incident:{event.data.get('what', 'other')}" if event.kind == "incident" else None)
        flags.note(event, f"{event.kind} in other_route" if _is_off_route(event, values["duty_id"]) else None)
        if not flag or event.kind in JOB.facts:
            _note_job(values, event)
            attempts += event.kind in ("done", "not_done")
        if state == "open":
            values.update(duty_id=None, eta=None, set_out_at=None, arrived_at=None)
    _set(job, state=state, flags=flags.left(), attempts=attempts, **values)


def _is_guess(event: Event) -> bool:
    """The system set somebody out; as a later delivery shows, the door was done or not planned then. Nobody erred."""
    return event.kind == "set_out" and event.actor_kind == "system"


def _is_off_route(event: Event, duty_id: int | None) -> bool:
    """A volunteer was at the door of a job that the plan had given to somebody else by then."""
    at_door = event.kind in ("arrived", "done", "not_done")
    return at_door and event.duty_id is not None and duty_id not in (None, event.duty_id)


JOB_VALUES = (
    "place_id",
    "service_date",
    "window_start",
    "window_end",
    "promised_start",
    "promised_end",
    "first_promised_start",
    "first_promised_end",
    "duty_id",
    "eta",
    "not_done_reason",
    "set_out_at",
    "arrived_at",
    "finished_at",
)


def _note_job(values: dict[str, Any], event: Event) -> None:
    data, kind = event.data, event.kind
    if kind in ("opened", "rescheduled", "retry"):
        values["service_date"] = _date(data.get("service_date"))
        values["window_start"], values["window_end"] = _time(data.get("start")), _time(data.get("end"))
        values["promised_start"] = values["promised_end"] = values["finished_at"] = None
        values["first_promised_start"] = values["first_promised_end"] = None
    if kind in ("opened", "relocated"):
        values["place_id"] = data.get("place_id")
    if kind == "promised":
        values["promised_start"], values["promised_end"] = _time(data.get("start")), _time(data.get("end"))
        if values["first_promised_end"] is None:
            values["first_promised_start"] = values["promised_start"]
            values["first_promised_end"] = values["promised_end"]
        values["same_day_promised"] = bool(data.get("same_day")) or values["same_day_promised"]
    if kind == "planned":
        values["duty_id"], values["eta"] = data.get("duty_id"), _time(data.get("eta"))
    if kind == "set_out":
        values["set_out_at"] = event.occurred_at
    if kind == "arrived":
        values["arrived_at"] = event.occurred_at
    if kind == "not_done":
        values["not_done_reason"] = data.get("reason")
    if kind in ("done", "not_done", "cancelled", "gave_up", "posted"):
        values["finished_at"] = event.occurred_at
    if kind == "done":
        values["originals"], values["copies"] = data.get("originals", 0), data.get("copies", 0)
        values["duty_id"] = event.duty_id or values["duty_id"]


def _set(row: Dossier | Job, **values: Any) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def rebuild(ward_id: int) -> int:
    """Derive every dossier of the ward again from its events; returns how many. The caller commits."""
    count = 0
    for dossier in db.session.scalars(select(Dossier).where(Dossier.ward_id == ward_id).order_by(Dossier.id)):
        project(dossier)
        count += 1
    return count
