"""Which events count: a tap that was taken back stays written down, and moves nothing any more."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from dispatch.database import db
from dispatch.dossiers.models import Event

UNDO = timedelta(minutes=5)
UNDO_GRACE = timedelta(seconds=30)
MOST = 20_000


def in_force(events: Iterable[Event]) -> list[Event]:
    """Events in replay order, without those that were taken back."""
    written = sorted(events, key=lambda e: e.replay_order)
    gone = taken_back(written)
    return [e for e in written if e.kind != "undone" and e.key not in gone]


def taken_back(events: Iterable[Event]) -> set[str | None]:
    """Keys of the events that were taken back (an `undone` names the key that it corrects)."""
    by_key = {e.key: e for e in events}
    undone = [e for e in by_key.values() if e.kind == "undone"]
    return {e.corrects for e in undone if _takes_back(e, by_key.get(e.corrects or ""))}


def taken_back_in(ward_id: int) -> set[str | None]:
    """Keys of all events of the ward that were taken back."""
    undone = select(Event).where(Event.ward_id == ward_id, Event.kind == "undone", Event.corrects.is_not(None))
    named = undone.with_only_columns(Event.corrects)
    targets = select(Event).where(Event.ward_id == ward_id, Event.key.in_(named))
    return taken_back([*db.session.scalars(undone.limit(MOST)), *db.session.scalars(targets.limit(MOST))])


def _takes_back(undone: Event, target: Event | None) -> bool:
    """A volunteer takes back only an own tap, within minutes: judged here too, as the tap may come in after it."""
    if target is None or undone.actor_kind != "volunteer":
        return target is not None
    own = (target.job_id, target.actor_kind, target.actor_id) == (undone.job_id, undone.actor_kind, undone.actor_id)
    return own and abs(undone.occurred_at - target.occurred_at) <= UNDO + UNDO_GRACE
