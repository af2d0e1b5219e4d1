"""The ledger's rows, kept equal to the events in the same transaction."""

from collections.abc import Sequence

from sqlalchemy import select

from dispatch.custody.ledger import CONTRADICTIONS, Line, lines_of
from dispatch.custody.models import CustodyLine
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event
from dispatch.duty.models import Duty

PREFIX = "custody:"


def keep_ledger(dossier: Dossier, events: Sequence[Event], legs: dict[int, str]) -> list[tuple[str, Event]]:
    """Write the dossier's hand-overs and who holds its papers; gives the flags that the desk has to look into.

    `events` are in replay order; a line that does not follow from them any more goes.
    """
    lines, papers = lines_of(events, legs, _riders(dossier.ward_id, events))
    query = select(CustodyLine).where(CustodyLine.dossier_id == dossier.id, CustodyLine.ward_id == dossier.ward_id)
    rows = {row.event_key: row for row in db.session.scalars(query.execution_options(populate_existing=True))}
    for line in lines:
        row = rows.pop(line.event.key, None)
        if row is None:
            row = CustodyLine(ward_id=dossier.ward_id, dossier_id=dossier.id, event_key=line.event.key)
            db.session.add(row)
        _set(row, **_columns(line))
    for row in rows.values():
        db.session.delete(row)
    moves = [line.event.occurred_at for line in lines if not line.is_taken_back]
    holder, since = papers.holder, moves[-1] if moves else None
    _set(dossier, holder=holder.kind, holder_id=holder.id, held_since=since, envelope=papers.envelope)
    _set(dossier, originals=papers.originals, copies=papers.copies)
    return [(PREFIX + flag, line.event) for line in lines for flag in line.flags if flag in CONTRADICTIONS]


def _columns(line: Line) -> dict[str, object]:
    return {
        "at": line.event.occurred_at,
        "giver": line.giver.kind,
        "giver_id": line.giver.id,
        "taker": line.taker.kind,
        "taker_id": line.taker.id,
        "duty_id": line.event.duty_id or line.event.data.get("duty_id"),
        "envelope": line.envelope,
        "originals": line.originals,
        "copies": line.copies,
        "proof": line.proof,
        "taken_back": line.is_taken_back,
        "flags": line.flags,
    }


def _riders(ward_id: int, events: Sequence[Event]) -> dict[int, int]:
    """Duty -> volunteer, of the duties that these events name."""
    ids = {id for event in events for id in (event.duty_id, event.data.get("duty_id")) if isinstance(id, int)}
    if not ids:
        return {}
    query = select(Duty.id, Duty.volunteer_id).where(Duty.ward_id == ward_id, Duty.id.in_(ids)).limit(1000)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _set(row: Dossier | CustodyLine, **values: object) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
