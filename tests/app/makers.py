"""Makers of rows for tests: small, real operations where there are any. They flush; the test commits."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role, StaffAccount
from dispatch.clock import at, now
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.events import Actor
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.operations import Window, open_dossier, open_job
from dispatch.duty.models import Duty, DutyShift, Shift, Volunteer
from dispatch.intake.models import Citizen, Request
from dispatch.places.models import Place
from dispatch.wards.models import Ward
from dispatch.wards.operations import found_ward
from dispatch.words import fold

TODAY = date(2026, 11, 23)
OFFICE = (16.0990, 108.2490)
STAFF = Actor("staff", None)
_number = count(1)


def make_ward(name: str = "Thọ Quang", **columns: Any) -> Ward:
    lat, lon = OFFICE
    defaults = {"office_lat": lat, "office_lon": lon, "set_up_at": datetime(2026, 11, 1, tzinfo=UTC)}
    return found_ward(name, **{**defaults, **columns})


def make_account(ward: Ward, *roles: Role, username: str = "") -> StaffAccount:
    """An account without a usable password: `login` below opens its session directly."""
    account = StaffAccount(
        ward_id=ward.id, username=username or f"user{next(_number)}", name="Lê Thị Thử", password_hash="-"
    )
    account.set_roles(set(roles))
    db.session.add(account)
    db.session.flush()
    return account


def login(client: FlaskClient, account: StaffAccount) -> None:
    """Put the account into the client's session, as a log-in would."""
    db.session.commit()
    with client.session_transaction() as session:
        session["_user_id"] = account.get_id()
        session["_fresh"] = True


def login_as(client: FlaskClient, ward: Ward, *roles: Role) -> StaffAccount:
    account = make_account(ward, *roles)
    login(client, account)
    return account


def make_citizen(ward: Ward, name: str = "Trần Thị Hoa", phone: str | None = "+84905123456") -> Citizen:
    citizen = Citizen(ward_id=ward.id, name=name, folded_name=fold(name), phone=phone, created_at=now())
    db.session.add(citizen)
    db.session.flush()
    return citizen


def make_place(ward: Ward, spoken: str = "120 Ngô Quyền", lat: float = 16.0935, lon: float = 108.2438) -> Place:
    place = Place(
        ward_id=ward.id,
        spoken=spoken,
        folded=fold(spoken),
        lat=lat,
        lon=lon,
        match_class="confirmed",
        created_at=now(),
    )
    db.session.add(place)
    db.session.flush()
    return place


def procedure_of(ward: Ward, code: str = "chung-thuc-ban-sao") -> Procedure:
    return db.session.scalars(select(Procedure).where(Procedure.ward_id == ward.id, Procedure.code == code)).one()


def make_dossier(
    ward: Ward,
    *,
    legs: str = "both",
    procedure: str = "chung-thuc-ban-sao",
    citizen: Citizen | None = None,
    place: Place | None = None,
) -> Dossier:
    """A request with its dossier, no job yet."""
    citizen = citizen or make_citizen(ward)
    place = place or make_place(ward)
    request = Request(
        ward_id=ward.id,
        channel="hotline",
        caller_id=citizen.id,
        beneficiary_id=citizen.id,
        procedure_id=procedure_of(ward, procedure).id,
        place_id=place.id,
        legs=legs,
        consent_at=now(),
        created_at=now(),
    )
    db.session.add(request)
    db.session.flush()
    return open_dossier(request, STAFF)


def make_job(dossier: Dossier, leg: str = "collect", window: Window | None = None) -> Job:
    return open_job(dossier, leg, dossier.request.place, window or Window(TODAY), STAFF)


def make_volunteer(ward: Ward, name: str = "Nguyễn Văn An", **columns: Any) -> Volunteer:
    volunteer = Volunteer(
        ward_id=ward.id, name=name, folded_name=fold(name), phone=f"+8490512{next(_number):04d}", **columns
    )
    db.session.add(volunteer)
    db.session.flush()
    return volunteer


def make_duty(ward: Ward, volunteer: Volunteer, day: date = TODAY, halves: tuple[str, ...] = ()) -> Duty:
    """The volunteer on duty for these half-days (all of them unless named)."""
    duty = Duty(ward_id=ward.id, service_date=day, volunteer_id=volunteer.id)
    db.session.add(duty)
    db.session.flush()
    for half in ward.halves:
        if not halves or half.key in halves:
            duty.shift_rows.append(DutyShift(ward_id=ward.id, shift=make_shift(ward, day, half.key)))
    db.session.flush()
    return duty


def make_shift(ward: Ward, day: date, key: str) -> Shift:
    found = db.session.scalars(
        select(Shift).where(Shift.ward_id == ward.id, Shift.service_date == day, Shift.half == key)
    ).first()
    if found is not None:
        return found
    half = next(h for h in ward.halves if h.key == key)
    shift = Shift(
        ward_id=ward.id,
        service_date=day,
        half=key,
        starts_at=at(day, half.start_s, ward.timezone),
        ends_at=at(day, half.end_s, ward.timezone),
    )
    db.session.add(shift)
    db.session.flush()
    return shift
