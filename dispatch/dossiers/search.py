"""Finding dossiers: by phone, name, code, official code or street, without diacritics too; and lists to work off."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, literal, or_, select
from sqlalchemy.orm import aliased, contains_eager, selectinload

from dispatch.database import db
from dispatch.dossiers.lifecycle import JOB
from dispatch.dossiers.models import Dossier, Job
from dispatch.identity import read_code
from dispatch.intake.models import Citizen, Request
from dispatch.phones import read_phone
from dispatch.places.models import Place
from dispatch.words import fold

PAGE = 25
MOST_WORDS = 8
FEWEST_LETTERS = 2
FEWEST_DIGITS = 3

Caller, Beneficiary, FirstPlace = aliased(Citizen), aliased(Citizen), aliased(Place)


def find(ward_id: int, text: str, page: int = 1) -> tuple[list[Dossier], bool]:
    """One page of the dossiers that fit, newest first, and whether there are more."""
    rule = _rule(text.strip()[:200])
    return ([], False) if rule is None else _page(_dossiers(ward_id).where(rule), page)


def _rule(text: str) -> ColumnElement[bool] | None:
    """What a dossier must be like to fit; None where the text says too little."""
    letters = fold(text)
    if len(letters.replace(" ", "")) < FEWEST_LETTERS:
        return None
    rules: list[ColumnElement[bool]] = [and_(*(_has_word(word) for word in letters.split()[:MOST_WORDS]))]
    phone, code = read_phone(text[:40]), read_code(text)
    if phone:
        rules += [Caller.phone == phone, Beneficiary.phone == phone]
    if code:
        rules.append(Dossier.code == code)
    digits = "".join(filter(str.isascii, filter(str.isdigit, text)))
    if digits and digits == letters.replace(" ", "") and FEWEST_DIGITS <= len(digits) <= 12:
        part = digits.removeprefix("0")
        rules += [Caller.phone.contains(part), Beneficiary.phone.contains(part)]
    there = [(literal(" ") + Place.folded).contains(" " + word) for word in letters.split()[:MOST_WORDS]]
    rules.append(Dossier.id.in_(select(Job.dossier_id).join(Place, Job.place_id == Place.id).where(and_(*there))))
    rules.append(Dossier.official_code.ilike(_escaped(text) + "%", escape="\\"))
    return or_(*rules)


def _has_word(word: str) -> ColumnElement[bool]:
    """A word that a name or the address has, or begins with."""
    columns = (Caller.folded_name, Beneficiary.folded_name, FirstPlace.folded)
    return or_(*((literal(" ") + column).contains(" " + word) for column in columns))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def needs_pin(ward_id: int, page: int = 1) -> tuple[list[Dossier], bool]:
    """Dossiers with a visit to a place whose pin nobody has set: it cannot be planned."""
    waiting = select(Job.dossier_id).join(Place, Job.place_id == Place.id)
    waiting = waiting.where(Job.ward_id == ward_id, Job.state.not_in(JOB.final), Place.lat.is_(None))
    return _page(_dossiers(ward_id).where(Dossier.id.in_(waiting)), page)


def undecided(ward_id: int, page: int = 1) -> tuple[list[Dossier], bool]:
    """Dossiers with a visit that was not done and about which the desk has to decide."""
    waiting = select(Job.dossier_id).where(Job.ward_id == ward_id, Job.state == "undecided")
    return _page(_dossiers(ward_id).where(Dossier.id.in_(waiting)), page)


def flagged(ward_id: int, page: int = 1) -> tuple[list[Dossier], bool]:
    """Dossiers about which something was reported that did not fit."""
    jobs = select(Job.dossier_id).where(Job.ward_id == ward_id, _has_flags(Job.flags))
    return _page(_dossiers(ward_id).where(or_(_has_flags(Dossier.flags), Dossier.id.in_(jobs))), page)


def _has_flags(column: Any) -> ColumnElement[bool]:
    return cast(column, String) != "[]"


def _dossiers(ward_id: int) -> Select[Dossier]:
    return (
        select(Dossier)
        .join(Request, Dossier.request_id == Request.id)
        .join(Caller, Request.caller_id == Caller.id)
        .join(Beneficiary, Dossier.beneficiary_id == Beneficiary.id)
        .join(FirstPlace, Request.place_id == FirstPlace.id)
        .where(Dossier.ward_id == ward_id)
        .options(
            contains_eager(Dossier.request).contains_eager(Request.caller.of_type(Caller)),
            contains_eager(Dossier.request).contains_eager(Request.place.of_type(FirstPlace)),
            contains_eager(Dossier.beneficiary.of_type(Beneficiary)),
            selectinload(Dossier.jobs),
            selectinload(Dossier.procedure),
        )
        .order_by(Dossier.id.desc())
    )


def _page(query: Select[Dossier], page: int) -> tuple[list[Dossier], bool]:
    rows = list(db.session.scalars(query.limit(PAGE + 1).offset((page - 1) * PAGE)))
    return rows[:PAGE], len(rows) > PAGE


LISTS = {"pin": needs_pin, "undecided": undecided, "flagged": flagged}
