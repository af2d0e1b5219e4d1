"""For phones without the web: a route as text, and a volunteer's outcomes recorded by the hotline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from dispatch.clock import at, local, now
from dispatch.custody import door as at_door
from dispatch.database import db
from dispatch.dossiers.events import Actor, Origin, lock_dossier, record
from dispatch.duty.models import Duty
from dispatch.field.recording import PERSON, tell_citizen
from dispatch.field.route import Door, Route
from dispatch.field.taps import derived_key, read_tap
from dispatch.identity import spoken_code
from dispatch.phones import show_phone
from dispatch.wards.models import Ward, clock_seconds

KINDS = ("done", "not_done")
DOORS_A_MESSAGE = 5


def messages_of(route: Route, zone: str) -> list[str]:
    """The doors that are left as text messages, some doors each."""
    lines = [_line(door, zone) for door in route.doors]
    return ["\n".join(lines[n : n + DOORS_A_MESSAGE]) for n in range(0, len(lines), DOORS_A_MESSAGE)]


def _line(door: Door, zone: str) -> str:
    job, dossier = door.job, door.job.dossier
    when = local(door.stop.starts_at, zone).strftime("%H:%M") if door.stop else ""
    parts = [
        f"{door.number}. {when}".strip(),
        _("COLLECT") if job.leg == "collect" else _("RETURN"),
        spoken_code(dossier.code),
        job.place.spoken if job.place else "",
        job.place.access_note if job.place else "",
        dossier.beneficiary.name,
        show_phone(dossier.request.caller.phone) if dossier.request.caller.phone else "",
    ]
    return ", ".join(part for part in parts if part)


def record_outcomes(duty: Duty, doors: Sequence[Door], form: Mapping[str, str], clerk: Actor) -> int:
    """Record what the volunteer said by telephone, door by door; returns how many are new.

    Fields are named `what-JOB`, `originals-JOB` and so on; what is left empty is not recorded. Commits each by itself.
    """
    recorded = 0
    # Always in the same order, so that two clerks never wait for each other's locks.
    for door in sorted(doors, key=lambda one: one.job.dossier_id):
        suffix = f"-{door.job.public_id}"
        fields = {name.removesuffix(suffix): text for name, text in form.items() if name.endswith(suffix)}
        if fields.get("what") in KINDS:
            recorded += _record(duty, door, fields, clerk)
            db.session.commit()
    return recorded


def _record(duty: Duty, door: Door, fields: Mapping[str, Any], clerk: Actor) -> bool:
    job = door.job
    lock_dossier(job.dossier_id)
    db.session.refresh(job)
    tap = read_tap({**fields, "kind": fields["what"], "job": job.public_id})
    data, said = at_door.facts(job, tap)
    was_done = job.state == "done"
    event, new = record(
        tap.kind,
        job,
        clerk,
        data={**data, "by_phone": True},
        origin=Origin(derived_key("by-phone", job.public_id, str(fields.get("key", ""))), _moment(duty, fields)),
        duty_id=duty.id,
        notes={PERSON[job.leg] if kind == "person" else kind: text for kind, text in said.items()},
    )
    if new:
        tell_citizen(event, job, duty, was_done=was_done)
        at_door.follow(event, job, said)
    return new


def _moment(duty: Duty, fields: Mapping[str, Any]) -> datetime:
    """When it happened: the time that was said, on the day of the duty; now where none or a later one was said."""
    zone = db.session.get_one(Ward, duty.ward_id).timezone
    try:
        told = at(duty.service_date, clock_seconds(str(fields.get("at", ""))), zone)
    except (ValueError, OverflowError):
        return now()
    return min(told, now())
