"""What the desk changed on a route since the volunteer last said that they had seen it, and why."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.duty.models import Device, Duty
from dispatch.field.route import AT_WORK, Door, Route

DESK = ("opened", "planned", "unplanned", "rescheduled", "relocated", "cancelled", "posted", "gave_up", "retry")
MOST_EVENTS = 2000


@dataclass(frozen=True)
class Difference:
    """`kind` is added, moved, changed (time or address) or removed; `why` is a sentence without names of citizens."""

    kind: str
    job: Job
    number: int
    why: str


def shown_of(route: Route) -> list[dict[str, Any]]:
    """What the volunteer has seen, by ids and times alone: the doors to do, in order."""
    return [_seen(door.job) for door in route.doors]


def written(shown: Sequence[dict[str, Any]]) -> str:
    """What a page showed, as its form carries it: the tap says what was seen, whatever changed since."""
    return json.dumps(shown, separators=(",", ":"))


def remember_seen(device: Device, text: str) -> bool:
    """Take over what the phone says was seen; False where it cannot be read or is known. Commits."""
    try:
        shown = json.loads(text)
        doors = [{"job": str(one["job"]), "window": list(one["window"]), "place": one["place"]} for one in shown]
    except (ValueError, TypeError, KeyError, RecursionError):
        db.session.rollback()
        return False
    if device.shown == doors:
        db.session.rollback()
        return False
    device.shown = doors
    db.session.commit()
    return True


def differences(known: list[dict[str, Any]] | None, route: Route) -> list[Difference]:
    """In riding order, what is new or moved; then what is gone. Nothing for somebody who saw no route yet."""
    if known is None:
        return []
    before = {one["job"]: one for one in known}
    over = {door.job.public_id: door for door in route.over}
    gone = [id for id in before if _is_gone(id, route, over)]
    moved = _moved(list(before), [door.job.public_id for door in route.doors if door.job.state not in AT_WORK])
    found: list[tuple[str, Door]] = []
    for door in route.doors:
        id = door.job.public_id
        if id not in before:
            found.append(("added", door))
        elif before[id] != _seen(door.job):
            found.append(("changed", door))
        elif id in moved:
            found.append(("moved", door))
    jobs = {job.public_id: job for job in _jobs(route.duty, gone)}
    found += [("removed", over.get(id) or Door(jobs[id])) for id in gone if id in over or id in jobs]
    events = _events(route.duty, [door.job for _kind, door in found])
    return [
        Difference(kind, door.job, door.number, _why(kind, door.job, route.duty, events.get(door.job.id, [])))
        for kind, door in found
    ]


def _seen(job: Job) -> dict[str, Any]:
    times = [moment.isoformat() for moment in (job.promised_start, job.promised_end) if moment is not None]
    return {"job": job.public_id, "window": times, "place": job.place_id}


def _is_gone(id: str, route: Route, over: dict[str, Door]) -> bool:
    if any(door.job.public_id == id for door in route.doors):
        return False
    return id not in over or over[id].outcome == "gone"


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The fewest doors that must have moved: all but a longest run that kept its order."""
    at = {id: position for position, id in enumerate(before)}
    common = [id for id in after if id in at]
    tails: list[int] = []
    lengths = []
    for id in common:
        place = bisect_left(tails, at[id])
        tails[place : place + 1] = [at[id]]
        lengths.append(place)
    kept, wanted = set(), len(tails) - 1
    for id, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted:
            kept.add(id)
            wanted -= 1
    return set(common) - kept


def _jobs(duty: Duty, public_ids: Iterable[str]) -> list[Job]:
    query = select(Job).where(Job.ward_id == duty.ward_id, Job.public_id.in_(list(public_ids)))
    return list(db.session.scalars(query.limit(MOST_EVENTS)))


def _events(duty: Duty, jobs: list[Job]) -> dict[int, list[Event]]:
    """The desk's events of these jobs, oldest first."""
    query = select(Event).where(
        Event.ward_id == duty.ward_id, Event.job_id.in_([job.id for job in jobs]), Event.kind.in_(DESK)
    )
    found: dict[int, list[Event]] = {}
    for event in sorted(db.session.scalars(query.limit(MOST_EVENTS)), key=lambda e: e.replay_order):
        found.setdefault(event.job_id or 0, []).append(event)
    return found


def _why(kind: str, job: Job, duty: Duty, events: list[Event]) -> str:
    """The last thing that the desk did about it, as one would say it."""
    last = events[-1].kind if events else ""
    if kind == "removed":
        return _why_removed(job, duty, last)
    if kind == "changed":
        return _("new time or address, as agreed with the citizen")
    before = [event.data.get("duty_id") for event in events if event.kind == "planned"]
    others = [id for id in before if id not in (None, duty.id)]
    if kind == "added" and others:
        return _("taken over from %(name)s", name=_name(others[-1]))
    if kind == "added" and len(before) <= 1:
        return _("new request")
    return _("the desk planned the day again")


def _why_removed(job: Job, duty: Duty, last: str) -> str:
    reasons = {
        "cancelled": _("the request was cancelled"),
        "rescheduled": _("moved to another day or hour"),
        "relocated": _("the address changed, it is planned again"),
        "posted": _("it goes by post"),
        "gave_up": _("the desk gave it up"),
    }
    if last in reasons:
        return reasons[last]
    if job.duty_id not in (None, duty.id):
        return _("given to %(name)s", name=_name(job.duty_id))
    return _("the desk planned the day again")


def _name(duty_id: int | None) -> str:
    return db.session.get_one(Duty, duty_id).volunteer.name
