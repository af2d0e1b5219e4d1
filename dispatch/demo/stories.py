"""What happened in the demo's last two weeks, and what waits for its coming day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from dispatch.accounts.models import Role
from dispatch.clock import at, local
from dispatch.custody.codes import envelope_label
from dispatch.database import db
from dispatch.demo.cast import Cast
from dispatch.demo.history import Past
from dispatch.demo.people import ORGANISATIONS, person
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.events import SYSTEM, Actor
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.working_days import add_working_days, next_working_day
from dispatch.identity import dossier_code
from dispatch.intake.models import Citizen, InboxMessage, Request
from dispatch.places.models import Place, PlacePin
from dispatch.words import fold

A_DAY = 22
COMING = 80
REASONS = ("nobody_home", "papers_not_ready", "wrong_address", "refused")


def past_dossiers(cast: Cast, days: Sequence[date], today: date) -> list[Dossier]:
    """Ten days of requests with all that followed; returns those whose result waits to be brought back today."""
    waiting = []
    for day in days:
        for _ in range(A_DAY):
            dossier = _request(cast, at(day, cast.rng.randint(27_000, 59_000), cast.ward.timezone))
            if _live(cast, dossier, day, today):
                waiting.append(dossier)
    return waiting


def coming_jobs(cast: Cast, days: Sequence[date], day: date, results: list[Dossier]) -> None:
    """Exactly 80 jobs for the coming day: the results that wait, and what the last two days' calls asked for."""
    returns = results[:30]
    for dossier in returns:
        _job_for(cast, dossier, "return", day)
    for _ in range(COMING - len(returns)):
        called = at(cast.rng.choice(days[-2:]), cast.rng.randint(27_000, 59_000), cast.ward.timezone)
        dossier = _request(cast, called, shipped="collect")
        _job_for(cast, dossier, "collect", day)


FANPAGE = (
    ("Thảo Nguyễn", "Dạ cho em hỏi làm giấy xác nhận độc thân thì phường tới nhà lấy hồ sơ được không ạ?", 95),
    ("Thảo Nguyễn", "Nhà em ở 215 Ngô Quyền, số điện thoại 0905 004 321 ạ", 88),
    ("Chú Bảy Cá", "phuong oi mai toi can chung thuc so ho khau, K120/8 Le Duc Tho, goi 0935008765", 40),
)


def fanpage_messages(cast: Cast, day: date) -> None:
    """What came to the fanpage early this morning and waits for an answer."""
    opening = at(day, 7 * 3600 + 45 * 60, cast.ward.timezone)
    for number, (name, body, minutes) in enumerate(FANPAGE):
        message = InboxMessage(
            ward_id=cast.ward.id,
            sender=f"demo-{fold(name).replace(' ', '-')}",
            sender_name=name,
            body=body,
            provider_id=f"demo-{number}",
            received_at=opening - timedelta(minutes=minutes),
        )
        db.session.add(message)


def _request(cast: Cast, moment: datetime, shipped: str = "") -> Dossier:
    """Somebody asked for something at that time; the dossier is open, no job yet."""
    ward, rng = cast.ward, cast.rng
    procedure = _procedure(cast, shipped)
    legs = "return" if procedure.ship_policy == "return_only" else rng.choice(["both", "both", "both", "collect"])
    citizen = Citizen(ward_id=ward.id, created_at=moment, phone=cast.next_phone(), **_who(cast))
    place = _place(cast, moment)
    request = Request(
        ward_id=ward.id,
        channel=rng.choices(["hotline", "fanpage"], [4, 1])[0],
        caller=citizen,
        beneficiary=citizen,
        procedure=procedure,
        place=place,
        legs=legs,
        consent_at=moment,
        consent_account_id=cast.staff[Role.HOTLINE].id,
        created_by=cast.staff[Role.HOTLINE].id,
        created_at=moment,
    )
    db.session.add(request)
    db.session.flush()
    dossier = Dossier(
        ward_id=ward.id,
        code=dossier_code(100_000 + request.id * 7919 % 900_000),
        request=request,
        procedure=procedure,
        beneficiary=citizen,
        created_at=moment,
    )
    db.session.add(dossier)
    db.session.flush()
    past = Past(dossier, rng)
    past.write("opened", moment, _staff(cast, Role.HOTLINE), data={"channel": request.channel, "legs": legs})
    past.close()
    return dossier


def _procedure(cast: Cast, shipped: str) -> Procedure:
    weights = {"chung-thuc-ban-sao": 6, "khai-sinh": 4, "tinh-trang-hon-nhan": 4, "tro-cap-huu-tri-xa-hoi": 2}
    fitting = [p for p in cast.procedures if p.ship_policy != "never" and (not shipped or p.ships(shipped))]
    return cast.rng.choices(fitting, [weights.get(p.code, 1) for p in fitting])[0]


def _who(cast: Cast) -> dict[str, str]:
    organisation = cast.rng.random() < 0.08
    name = cast.rng.choice(ORGANISATIONS) if organisation else person(cast.rng)
    return {"kind": "organisation" if organisation else "person", "name": name, "folded_name": fold(name)}


def _place(cast: Cast, moment: datetime) -> Place:
    ward, door = cast.ward, cast.rng.choice(cast.doors)
    place = Place(
        ward_id=ward.id,
        spoken=door.spoken,
        folded=fold(door.spoken),
        street=door.street,
        neighbourhood=cast.rng.choice(["Thọ Quang", "Mân Thái", "Nại Hiên Đông"]),
        lat=round(door.point.lat, 6),
        lon=round(door.point.lon, 6),
        match_class="confirmed",
        radius_m=10,
        created_at=moment,
    )
    place.pins = [PlacePin(ward_id=ward.id, lat=place.lat, lon=place.lon, source="staff", at=moment)]
    db.session.add(place)
    return place


def _live(cast: Cast, dossier: Dossier, day: date, today: date) -> bool:
    """All that followed until today; whether the result now waits for its return job."""
    ward, rng = cast.ward, cast.rng
    past = Past(dossier, rng)
    desk, officer = _staff(cast, Role.HOTLINE), _staff(cast, Role.OFFICER)
    if rng.random() < 0.04:
        past.write("cancelled", dossier.created_at + timedelta(minutes=40), desk)
        past.close()
        return False
    legs = dossier.request.legs
    collected_on, at_office = day, dossier.created_at + timedelta(minutes=20)
    if legs != "return":
        at_door = _visits(cast, past, "collect", next_working_day(ward, day), today, dossier.created_at)
        if at_door is None:
            past.close()
            return False
        collected_on = local(at_door, ward.timezone).date()
        at_office = _half_day_end(cast, collected_on, at_door)
    days = dossier.procedure.working_days
    promised = add_working_days(ward, collected_on, days)
    code = f"H17.20.263-{collected_on:%y%m%d}-{dossier.id % 10_000:04d}"
    past.write("received", at_office, officer, data={"official_code": code, "promised_on": promised.isoformat()})
    ready = at(add_working_days(ward, promised, 1 if rng.random() < 0.08 else 0), 15 * 3600, ward.timezone)
    ready = max(ready, at_office + timedelta(minutes=30))
    if ready >= at(today, 0, ward.timezone):
        past.close()
        return False
    past.write("result_ready", ready, officer)
    if legs == "collect":
        past.write("handed_to_citizen", ready + timedelta(hours=18), officer)
        past.close()
        return False
    back_on = next_working_day(ward, local(ready, ward.timezone).date())
    if back_on >= today:
        past.close()
        return True
    _visits(cast, past, "return", back_on, today, ready)
    past.close()
    return False


def _visits(cast: Cast, past: Past, leg: str, day: date, today: date, opened_at: datetime) -> datetime | None:
    """One or two tries at the door; when it worked, or None where it did not (or is still to come)."""
    ward, rng, dossier = cast.ward, cast.rng, past.dossier
    if day >= today:
        return None
    job = past.job(leg, opened_at)
    desk = _staff(cast, Role.DISPATCHER)
    start = at(day, rng.choice([28_800, 32_400, 50_400, 54_000]), ward.timezone)
    opened = {"leg": leg, "place_id": dossier.request.place_id, "service_date": day.isoformat()}
    past.write("opened", opened_at, _staff(cast, Role.HOTLINE), job=job, data=opened)
    for attempt in (1, 2):
        door = dossier.request.place.spoken
        ride = cast.rides.to(door, cast.duties[day], start + timedelta(minutes=rng.triangular(-5, 115, 35)))
        duty, arrived = ride.duty, ride.arrived
        rider = Actor("volunteer", duty.volunteer_id)
        end = start + timedelta(minutes=90)
        planned_at = at(day, 26_000, ward.timezone)
        past.write("planned", planned_at, desk, job=job, data={"duty_id": duty.id, "eta": start.isoformat()})
        window = {"start": start.isoformat(), "end": end.isoformat(), "same_day": False}
        past.write("promised", planned_at, desk, job=job, data=window)
        past.write("set_out", ride.set_out, rider if ride.tapped else SYSTEM, job=job, duty_id=duty.id)
        past.write("arrived", arrived, rider, job=job, duty_id=duty.id)
        left = arrived + timedelta(minutes=rng.uniform(3, 9))
        cast.rides.left(ride, door, left)
        if attempt == 2 or rng.random() > 0.13:
            if leg == "return":
                handed = {"duty_id": duty.id}
                past.write("handed_to_volunteer", at(day, 27_000, ward.timezone), desk, data=handed)
            papers = {"originals": rng.randint(1, 3), "copies": rng.randint(0, 3), **_proof(dossier, leg)}
            past.write("done", left, rider, job=job, duty_id=duty.id, data=papers)
            return left
        past.write("not_done", left, rider, job=job, duty_id=duty.id, data={"reason": rng.choice(REASONS)})
        day = next_working_day(ward, day)
        if day >= today:
            return None
        start = at(day, rng.choice([28_800, 50_400]), ward.timezone)
        past.write("retry", left + timedelta(hours=1), desk, job=job, data={"service_date": day.isoformat()})
    return None


def _proof(dossier: Dossier, leg: str) -> dict[str, str]:
    """Most sign and most have their code; every eighth had lost it and gave a name."""
    if leg == "collect":
        return {"envelope": envelope_label(dossier.id), "proof": "signature"}
    return {"code": "right", "proof": "code"} if dossier.id % 8 else {"no_code": "forgotten", "proof": "name"}


def _half_day_end(cast: Cast, day: date, moment: datetime) -> datetime:
    """When the volunteer was back at the office with what was collected."""
    ends = (at(day, half.end_s, cast.ward.timezone) for half in cast.ward.halves)
    return next((end for end in ends if end >= moment), moment + timedelta(minutes=20))


def _job_for(cast: Cast, dossier: Dossier, leg: str, day: date) -> Job:
    """A job of the coming day; four in ten have a window of one or two hours."""
    ward, rng = cast.ward, cast.rng
    past = Past(dossier, rng)
    opened_at = dossier.ready_at or dossier.created_at
    job = past.job(leg, opened_at)
    window: dict[str, str] = {}
    if rng.random() < 0.4:
        start_s = rng.choice([27_000, 30_600, 34_200, 48_600, 52_200, 55_800])
        length_s = rng.choice([3600, 5400, 7200])
        window = {
            "start": at(day, start_s, ward.timezone).isoformat(),
            "end": at(day, start_s + length_s, ward.timezone).isoformat(),
        }
    data = {"leg": leg, "place_id": dossier.request.place_id, "service_date": day.isoformat(), **window}
    past.write("opened", opened_at, _staff(cast, Role.HOTLINE), job=job, data=data)
    past.close()
    return job


def _staff(cast: Cast, role: Role) -> Actor:
    return Actor("staff", cast.staff[role].id)
