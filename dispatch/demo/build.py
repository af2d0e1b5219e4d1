"""Building the demo ward: people, duties, two weeks of history, and 80 jobs for the coming working day."""

import random
from datetime import date, datetime, timedelta

from sqlalchemy import select

from dispatch.accounts.operations import add_account
from dispatch.clock import at, local
from dispatch.database import db
from dispatch.demo.cast import STAFF, VOLUNTEERS, Cast
from dispatch.demo.doors import doors
from dispatch.demo.people import person
from dispatch.demo.rides import Rides
from dispatch.demo.stories import coming_jobs, fanpage_messages, past_dossiers
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.working_days import is_working_day, next_working_day
from dispatch.duty.models import Duty, DutyShift, Shift, Volunteer
from dispatch.wards.models import Hotline, Ward
from dispatch.wards.operations import found_ward
from dispatch.words import fold

SEED = 2020
START_S = 7 * 3600 + 45 * 60


def coming_day(ward: Ward, real: datetime) -> date:
    """The next working day after the real one: whatever the date, the demo opens on a day with work."""
    return next_working_day(ward, local(real, ward.timezone).date())


def build_demo(real: datetime, password: str) -> Ward:
    """The whole demo ward in an empty database, the same for the same day. The caller commits."""
    ward = _ward()
    day = coming_day(ward, real)
    ward.demo_offset_s = int((at(day, START_S, ward.timezone) - real).total_seconds())
    rng = random.Random(SEED)
    places = doors(ward, rng, 400)
    cast = Cast(ward, rng, places, Rides(ward, places, rng))
    _people(cast, password)
    days = _past_working_days(ward, day, 10)
    for past in [*days, day]:
        _duties(cast, past, days.index(past) if past in days else len(days))
    _duties(cast, next_working_day(ward, day), len(days) + 1)
    results = past_dossiers(cast, days, day)
    coming_jobs(cast, days, day, results)
    fanpage_messages(cast, day)
    db.session.flush()
    return ward


def _ward() -> Ward:
    ward = found_ward(
        "Thọ Quang (dữ liệu thử)",
        old_names=["Thọ Quang", "Mân Thái", "Nại Hiên Đông"],
        office_name="Bộ phận một cửa phường Thọ Quang",
        office_address="120 Ngô Quyền",
        office_lat=16.0981,
        office_lon=108.2458,
        fanpage="https://facebook.com/phuong-tho-quang-thu",
        is_demo=True,
        labels_printed=480,
        set_up_at=datetime.fromisoformat("2026-01-05T00:00:00+00:00"),
    )
    ward.hotlines = [
        Hotline(ward_id=ward.id, number="+842363831000", kind="landline", position=0),
        Hotline(ward_id=ward.id, number="+84905000000", kind="mobile", position=1),
    ]
    return ward


def _people(cast: Cast, password: str) -> None:
    ward, rng = cast.ward, cast.rng
    for role, name in STAFF.items():
        cast.staff[role] = add_account(ward.id, role.value, name, password, {role})
    for number in range(VOLUNTEERS):
        name = person(rng)
        volunteer = Volunteer(
            ward_id=ward.id,
            name=name,
            folded_name=fold(name),
            phone=f"+8493500{number:04d}",
            skills=["hộ tịch"] if number % 3 == 0 else [],
            vehicle="motorbike" if number % 10 else "electric",
            bag_capacity=None if number % 5 else 12,
            busy=[f"{number % 5}:morning", f"{(number + 2) % 5}:afternoon"] if number % 3 else [],  # classes
        )
        db.session.add(volunteer)
        cast.volunteers.append(volunteer)
    db.session.flush()
    found = select(Procedure).where(Procedure.ward_id == ward.id).order_by(Procedure.position)
    cast.procedures = list(db.session.scalars(found))
    for procedure in cast.procedures:
        if procedure.code == "khai-tu":
            procedure.skill = "hộ tịch"


def _past_working_days(ward: Ward, day: date, count: int) -> list[date]:
    days: list[date] = []
    while len(days) < count:
        day -= timedelta(days=1)
        if is_working_day(ward, day):
            days.append(day)
    return days[::-1]


def _duties(cast: Cast, day: date, turn: int) -> None:
    """Ten people a day in turn, eight of them for both half-days."""
    ward = cast.ward
    shifts = {}
    for half in ward.halves:
        shifts[half.key] = Shift(
            ward_id=ward.id,
            service_date=day,
            half=half.key,
            starts_at=at(day, half.start_s, ward.timezone),
            ends_at=at(day, half.end_s, ward.timezone),
        )
        db.session.add(shifts[half.key])
    cast.duties[day] = []
    for seat in range(ward.people_wanted):
        volunteer = cast.volunteers[(turn * ward.people_wanted + seat) % len(cast.volunteers)]
        duty = Duty(ward_id=ward.id, service_date=day, volunteer_id=volunteer.id)
        keys = {8: ["morning"], 9: ["afternoon"]}.get(seat, list(shifts))
        duty.shift_rows = [DutyShift(ward_id=ward.id, shift=shifts[key]) for key in keys]
        db.session.add(duty)
        cast.duties[day].append(duty)
    db.session.flush()
