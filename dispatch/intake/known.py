"""What is known already while a request is being logged: the caller, and requests that look alike."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from dispatch.database import db, of_ward
from dispatch.dossiers.lifecycle import DOSSIER
from dispatch.dossiers.models import Dossier
from dispatch.intake.models import Citizen, Request
from dispatch.places.models import Place
from dispatch.wards.models import Ward
from dispatch.words import fold


@dataclass(frozen=True)
class KnownCaller:
    """Somebody who called with this number before, and where papers were fetched or brought, newest first."""

    citizen: Citizen
    places: list[Place]


def callers_with(ward: Ward, phone: str, limit: int = 4) -> list[KnownCaller]:
    """Who is known under a telephone number (E.164), newest first."""
    people = of_ward(Citizen, ward.id).where(Citizen.phone == phone).order_by(Citizen.id.desc()).limit(limit)
    return [KnownCaller(citizen, _last_places(citizen)) for citizen in db.session.scalars(people)]


def _last_places(citizen: Citizen, limit: int = 3) -> list[Place]:
    concerned = or_(Request.caller_id == citizen.id, Request.beneficiary_id == citizen.id)
    requests = (
        of_ward(Request, citizen.ward_id)
        .where(concerned)
        .options(joinedload(Request.place))
        .order_by(Request.id.desc())
        .limit(20)
    )
    places = {request.place_id: request.place for request in db.session.scalars(requests)}
    return list(places.values())[:limit]


@dataclass(frozen=True)
class Wanted:
    """What tells one request from another."""

    phone: str | None
    procedure_id: int | None
    address: str
    beneficiary: str


def alike(ward: Ward, wanted: Wanted, limit: int = 5) -> list[Dossier]:
    """Dossiers still under way with the same phone and procedure, or the same address and beneficiary."""
    caller, beneficiary = aliased(Citizen), aliased(Citizen)
    rules = []
    if wanted.phone and wanted.procedure_id:
        rules.append(and_(caller.phone == wanted.phone, Dossier.procedure_id == wanted.procedure_id))
    if wanted.address and wanted.beneficiary:
        rules.append(and_(Place.folded == fold(wanted.address), beneficiary.folded_name == fold(wanted.beneficiary)))
    if not rules:
        return []
    query = (
        select(Dossier)
        .join(Request, Dossier.request_id == Request.id)
        .join(caller, Request.caller_id == caller.id)
        .join(beneficiary, Request.beneficiary_id == beneficiary.id)
        .join(Place, Request.place_id == Place.id)
        .where(Dossier.ward_id == ward.id, Dossier.state.not_in(DOSSIER.final), or_(*rules))
        .order_by(Dossier.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
