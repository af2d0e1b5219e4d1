"""Who holds what now, and through whose hands a dossier's papers went."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from dispatch.custody.models import CustodyLine
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.duty.models import Volunteer
from dispatch.places.models import Place

MOST = 500
HANDS = {
    "citizen": _l("the citizen"),
    "volunteer": _l("a volunteer"),
    "office": _l("the office"),
    "post": _l("the post"),
}
PROOFS = {
    "code": _l("with the code"),
    "signature": _l("signed"),
    "name": _l("by name"),
    "distance": _l("at a distance, as asked"),
    "": "",
}
LINE_FLAGS = {
    "other_holder": _l("by the ledger somebody else held it"),
    "counts": _l("counted differently"),
    "envelope": _l("another envelope"),
    "code": _l("the code was wrong"),
    "not_handed_out": _l("handing out was not recorded"),
}


@dataclass
class Holding:
    """What one volunteer has in the bag."""

    volunteer: Volunteer
    dossiers: list[Dossier] = field(default_factory=list)

    @property
    def papers(self) -> int:
        """Originals and copies by the last count."""
        return sum(dossier.originals + dossier.copies for dossier in self.dossiers)


def held_by_volunteers() -> list[Holding]:
    """Every volunteer who holds papers, by name."""
    query = of_ward(Dossier).where(Dossier.holder == "volunteer").order_by(Dossier.held_since, Dossier.id)
    dossiers = db.session.scalars(query.options(joinedload(Dossier.procedure)).limit(MOST)).all()
    ids = {dossier.holder_id for dossier in dossiers}
    people = of_ward(Volunteer).where(Volunteer.id.in_(ids)).order_by(Volunteer.folded_name).limit(MOST)
    holdings = {volunteer.id: Holding(volunteer) for volunteer in db.session.scalars(people)}
    for dossier in dossiers:
        if dossier.holder_id in holdings:
            holdings[dossier.holder_id].dossiers.append(dossier)
    return list(holdings.values())


def held_by(volunteer_id: int) -> Sequence[Dossier]:
    """What this volunteer has in the bag, oldest first."""
    held = of_ward(Dossier).where(Dossier.holder == "volunteer", Dossier.holder_id == volunteer_id)
    query = held.order_by(Dossier.held_since, Dossier.id).options(joinedload(Dossier.procedure)).limit(MOST)
    return db.session.scalars(query).all()


def number_at_office() -> int:
    query = select(func.count(Dossier.id)).where(Dossier.ward_id == g.ward.id, Dossier.holder == "office")
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Step:
    """One hand-over in words."""

    line: CustodyLine
    giver: str
    taker: str
    where: str
    """The door's address, the office, or on the road."""
    proof: str
    remarks: list[str]


def way_of(dossier: Dossier) -> list[Step]:
    """Through whose hands these papers went, oldest first."""
    query = of_ward(CustodyLine).where(CustodyLine.dossier_id == dossier.id)
    lines = db.session.scalars(query.order_by(CustodyLine.at, CustodyLine.id).limit(MOST)).all()
    names = _names({id for line in lines for id in (line.giver_id, line.taker_id) if id})
    doors = _doors([line.event_key for line in lines])
    return [
        Step(
            line=line,
            giver=names.get(line.giver_id or 0) or str(HANDS[line.giver]),
            taker=names.get(line.taker_id or 0) or str(HANDS[line.taker]),
            where=_where(line, doors),
            proof=str(PROOFS.get(line.proof, "")),
            remarks=[str(LINE_FLAGS[flag]) for flag in line.flags if flag in LINE_FLAGS],
        )
        for line in lines
    ]


def _where(line: CustodyLine, doors: dict[str, str]) -> str:
    if "office" in (line.giver, line.taker):
        return g.ward.office_name or str(HANDS["office"])
    if "citizen" in (line.giver, line.taker):
        return doors.get(line.event_key, "")
    return _("handed over on the way")  # from one volunteer to another, or straight to the post


def _doors(keys: Sequence[str]) -> dict[str, str]:
    """Event -> the address of the door it was reported from."""
    query = (
        select(Event.key, Place.spoken)
        .join(Job, Job.id == Event.job_id)
        .join(Place, Place.id == Job.place_id)
        .where(Event.ward_id == g.ward.id, Event.key.in_(keys))
    )
    return {row[0]: row[1] for row in db.session.execute(query.limit(MOST))}


def holder_name(dossier: Dossier) -> str:
    """Who has the papers now."""
    name = _names({dossier.holder_id}).get(dossier.holder_id) if dossier.holder_id else None
    return name or str(HANDS.get(dossier.holder, _("nobody knows")))


def _names(ids: set[int]) -> dict[int, str]:
    query = select(Volunteer.id, Volunteer.name).where(Volunteer.ward_id == g.ward.id, Volunteer.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(query.limit(MOST))}
