"""The office receives a whole bag: what was scanned or typed against what the ledger says, then in one go."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from dispatch.custody.codes import read_envelope
from dispatch.custody.holdings import held_by
from dispatch.database import db, of_ward
from dispatch.dossiers.events import Actor, lock_dossier, record
from dispatch.dossiers.models import Dossier
from dispatch.identity import read_code
from dispatch.wards.models import Ward

MOST_CODES = 200


@dataclass
class Checked:
    """A bag against the ledger. `unexpected`: ours, but by the ledger in other hands; `unknown`: as typed."""

    found: list[Dossier] = field(default_factory=list)
    missing: list[Dossier] = field(default_factory=list)
    unexpected: list[Dossier] = field(default_factory=list)
    here_already: list[Dossier] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def to_take(self) -> list[Dossier]:
        """What lies on the desk and is not the office's yet."""
        return [*self.found, *self.unexpected]


def check_bag(volunteer_id: int, typed: str) -> Checked:
    """Each line is an envelope's number or a dossier's code, as a scanner or a person types it."""
    bag = held_by(volunteer_id)
    checked, seen = Checked(), set[int]()
    for text in list(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))[:MOST_CODES]:
        dossier = _in(bag, text) or _anywhere(text)
        if dossier is None:
            checked.unknown.append(text[:40])
        elif dossier.id not in seen:
            seen.add(dossier.id)
            _pile(checked, dossier, bag).append(dossier)
    checked.missing = [dossier for dossier in bag if dossier.id not in seen]
    return checked


def _pile(checked: Checked, dossier: Dossier, bag: Sequence[Dossier]) -> list[Dossier]:
    if dossier in bag:
        return checked.found
    return checked.here_already if dossier.holder == "office" else checked.unexpected


def _in(bag: Sequence[Dossier], text: str) -> Dossier | None:
    envelope, code = read_envelope(text), read_code(text)
    return next((one for one in bag if one.envelope == envelope or one.code == code), None)


def _anywhere(text: str) -> Dossier | None:
    """A dossier of the ward by its code, or by an envelope that is sealed."""
    named = or_(Dossier.envelope == read_envelope(text), Dossier.code == (read_code(text) or ""))
    return db.session.scalars(of_ward(Dossier).where(named).order_by(Dossier.id.desc()).limit(1)).first()


def take_in(dossiers: Sequence[Dossier], actor: Actor) -> int:
    """The office has these papers now; those that it had already stay as they are. The caller commits."""
    taken = 0
    # Always in the same order, so that two officers never wait for each other's locks.
    for dossier in sorted(dossiers, key=lambda one: one.id):
        if lock_dossier(dossier.id).holder != "office":
            record("handed_in", dossier, actor)
            taken += 1
    return taken


def next_labels(ward: Ward, count: int) -> list[int]:
    """Numbers for a sheet of envelope labels: each is printed once. The caller commits."""
    locked = select(Ward).where(Ward.id == ward.id).with_for_update().execution_options(populate_existing=True)
    fresh = db.session.scalars(locked).one()
    first = fresh.labels_printed + 1
    fresh.labels_printed += count
    return list(range(first, first + count))
