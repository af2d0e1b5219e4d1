"""What a tap at a door means for the papers: its facts for the event, its words, and what follows from it."""

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import select

from dispatch.citizens import outbox
from dispatch.custody.codes import handover_code
from dispatch.database import db
from dispatch.dossiers.events import SYSTEM
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.operations import open_owed_return
from dispatch.duty.models import Duty
from dispatch.field.taps import Tap

MOST_LETTERS = 55


def facts(job: Job, tap: Tap) -> tuple[dict[str, Any], dict[str, str]]:
    """The event's data and notes. The typed code is judged here and not kept; papers are named as they are called
    now."""
    data, notes = dict(tap.data), dict(tap.notes)
    if tap.kind == "done":
        data.update(_proof(job, data, notes))
    if tap.kind == "passed_on":
        data = _to(job, str(data.get("to", "")))
    names = _names_of(job, data.get("lacks", []))
    if names:
        notes["lacks"] = "; ".join(names)
    return data, notes


def _proof(job: Job, data: dict[str, Any], notes: dict[str, str]) -> dict[str, str]:
    typed = data.pop("code", "")
    found = {}
    if job.leg == "return" and typed:
        found["code"] = "right" if typed == handover_code(job.dossier) else "wrong"
    signed, distance = data.pop("signed", False), data.get("distance", False)
    ways = (
        ("code", found.get("code") == "right"),
        ("distance", distance),
        ("signature", signed),
        ("name", bool(notes.get("person"))),
    )
    return {**found, "proof": next((way for way, used in ways if used), "")}


def _to(job: Job, public_id: str) -> dict[str, Any]:
    query = select(Duty.id).where(Duty.ward_id == job.ward_id, Duty.public_id == public_id).limit(1)
    return {"duty_id": db.session.scalar(query)}


def _names_of(job: Job, lacks: list[int]) -> list[str]:
    return [part.name for part in job.dossier.procedure.components if part.id in lacks] if lacks else []


def shortened(names: Sequence[str]) -> str:
    """Names of papers for a text message of three parts; what finds no room is counted."""
    told = [name for n, name in enumerate(names) if not n or len("; ".join(names[: n + 1])) <= MOST_LETTERS]
    more = len(names) - len(told)
    return "; ".join(told)[:MOST_LETTERS] + (f" (+{more})" if more else "")


def follow(event: Event, job: Job, notes: dict[str, str]) -> None:
    """What a new event at a door asks for, in the same transaction: papers that are owed, and news to the citizen."""
    if event.kind == "done" and job.leg == "collect":
        open_owed_return(job.dossier, SYSTEM)
        _send_slip(event, job)
    if event.kind == "undone":
        outbox.cancel_for(job, "papers_missing", "collected")
    if event.kind in ("done", "not_done") and notes.get("lacks"):
        values = {"papers": shortened(notes["lacks"].split("; "))}
        outbox.tell("papers_missing", job.dossier, job=job, key=f"missing:{event.key}", values=values)


def _send_slip(event: Event, job: Job) -> None:
    """The citizen's receipt by message. Nobody is called for it: the volunteer has said the code at the door."""
    if not outbox.takes_messages(job.dossier.request.caller):
        return
    public_url = current_app.config["SETTINGS"].public_url.rstrip("/")
    values = {
        "originals": event.data.get("originals", 0),
        "copies": event.data.get("copies", 0),
        "link": f"{public_url}/tra-cuu/" if public_url else "",
    }
    outbox.tell("collected", job.dossier, job=job, key=f"collected:{event.key}", values=values)
