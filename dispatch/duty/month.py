"""A month of duties: what is asked of `routing.roster`, and what its answer becomes. Callers commit."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from dispatch.database import db
from dispatch.duty.models import Duty, MonthRoster, Volunteer
from dispatch.duty.operations import duties_of, routed_duties, set_duty
from dispatch.duty.roster import FAIR_OVER, active_volunteers, is_served
from dispatch.duty.times import fallen_out, is_busy, said_by, slot_id
from dispatch.wards.models import Ward
from routing.roster.problem import Fixed, History, Person, RosterProblem, Rules, Slot

WISHES = {"wants": 1, "rather_not": -1}
USUAL = {"backups": 1, "most_a_week": 6, "work_days": 4, "skills": {}}
"""What is asked for besides the ward's own number of people, until somebody changes it."""


def days_of(month: date) -> list[date]:
    """Every day of the month that begins on this day."""
    days = (month + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == month.month]


def open_days(ward: Ward, month: date, today: date) -> list[date]:
    """Days of the month that are served and still to come."""
    return [day for day in days_of(month) if day > today and is_served(ward, day)]


def newest_roster(ward_id: int, month: date, *, applied: bool = False) -> MonthRoster | None:
    """The last one worked out for the month (that became its duties)."""
    rows = select(MonthRoster).where(MonthRoster.ward_id == ward_id, MonthRoster.month == month)
    rows = rows.where(MonthRoster.applied_at.is_not(None)) if applied else rows
    return db.session.scalars(rows.order_by(MonthRoster.id.desc()).limit(1)).first()


def ask(ward: Ward, roster: MonthRoster, today: date) -> RosterProblem:
    """The month as the roster sees it. Duties that stand are kept; with `afresh` only those with a route are."""
    asked, days = roster.asked, open_days(ward, roster.month, today)
    slots = tuple(
        Slot(
            id=slot_id(day, half.key),
            date=day,
            wanted=asked["wanted"],
            backups=asked["backups"],
            skills={skill: min(number, asked["wanted"]) for skill, number in asked["skills"].items()},
        )
        for day in days
        for half in ward.halves
    )
    standing = duties_of(ward.id, days[0], days[-1]) if days else []
    if asked["afresh"]:
        routed = routed_duties(ward.id, standing)
        standing = [duty for duty in standing if duty.id in routed]
    people = active_volunteers(ward)
    people += [duty.volunteer for duty in standing if not duty.volunteer.active and duty.volunteer not in people]
    return RosterProblem(
        slots=slots,
        people=tuple(_people(ward, people, slots)),
        fixed=_fixed(standing, roster.by_hand, slots, {person.public_id for person in people}),
        rules=Rules(most_a_week=asked["most_a_week"], work_days=asked["work_days"]),
    )


def _fixed(
    standing: Iterable[Duty], by_hand: Iterable[tuple[str, str, bool]], slots: Iterable[Slot], people: set[str]
) -> tuple[Fixed, ...]:
    """Duties that stand, then swaps by hand, which overrule them."""
    known = {slot.id for slot in slots}
    decided = {
        (duty.volunteer.public_id, slot_id(duty.service_date, shift.half)): True
        for duty in standing
        for shift in duty.shifts
    }
    decided |= {(person, slot): on for person, slot, on in by_hand}
    return tuple(
        Fixed(person=person, slot=slot, on=on)
        for (person, slot), on in decided.items()
        if slot in known and person in people
    )


def _people(ward: Ward, volunteers: list[Volunteer], slots: tuple[Slot, ...]) -> Iterable[Person]:
    if not slots:
        return
    first, last = slots[0].date, slots[-1].date
    said, off = said_by(ward.id, first, last), fallen_out(ward.id, first, last)
    before = duties_of(ward.id, first - FAIR_OVER, first - timedelta(days=1))
    served = Counter(duty.volunteer_id for duty in before for _ in duty.shift_rows)
    ours = [served[volunteer.id] for volunteer in volunteers if served[volunteer.id]]
    share = sum(ours) / len(ours) if ours else 0.0
    recent: dict[int, list[date]] = defaultdict(list)
    for duty in before:
        if duty.service_date >= first - timedelta(days=7):
            recent[duty.volunteer_id] += [duty.service_date] * len(duty.shift_rows)
    known = {slot.id for slot in slots}
    for volunteer in volunteers:
        says = said[volunteer.id]
        yield Person(
            id=volunteer.public_id,
            skills=frozenset(volunteer.skills),
            unavailable=frozenset(slot.id for slot in slots if is_busy(volunteer, slot.id, says, off)),
            wishes={slot: WISHES[word] for slot, word in says.items() if word in WISHES and slot in known},
            most_a_week=volunteer.most_a_week,
            recent=tuple(recent[volunteer.id]),
            # Who has not served yet begins even with the others.
            history=History(served=served[volunteer.id], fair_share=share) if served[volunteer.id] else History(),
        )


def swap(roster: MonthRoster, slot: str, out: str, into: str) -> None:
    """Take somebody off a slot, put somebody on it, or both; a new run keeps it so."""
    changes = {(out, slot): False, (into, slot): True}
    changes.pop(("", slot), None)
    kept = [decided for decided in roster.by_hand if (decided[0], decided[1]) not in changes]
    roster.by_hand = kept + [[person, slot, on] for (person, slot), on in changes.items()]
    roster.roster = {**roster.roster, "slots": [_swapped(each, slot, out, into) for each in roster.roster["slots"]]}


def _swapped(assigned: dict[str, Any], slot: str, out: str, into: str) -> dict[str, Any]:
    if assigned["slot"] != slot:
        return assigned
    on_duty = [person for person in assigned["on_duty"] if person != out]
    on_duty += [into] if into and into not in on_duty else []
    on_call = [person for person in assigned["on_call"] if person != into]
    return {**assigned, "on_duty": on_duty, "on_call": on_call}


def apply(ward: Ward, roster: MonthRoster, today: date) -> int:
    """Make it the duties of its days still to come; how many volunteers' days changed. Who has a published route
    keeps at least those half-days."""
    wanted: dict[tuple[date, str], set[str]] = defaultdict(set)
    for assigned in roster.roster["slots"]:
        day, _colon, half = assigned["slot"].partition(":")
        for person in assigned["on_duty"]:
            wanted[date.fromisoformat(day), person].add(half)
    days = {date.fromisoformat(each["slot"].partition(":")[0]) for each in roster.roster["slots"]}
    known = {half.key for half in ward.halves}
    changed = 0
    for day in sorted(day for day in days if day > today and is_served(ward, day)):
        duties = duties_of(ward.id, day, day)
        routed, before = routed_duties(ward.id, duties), {duty.volunteer_id: duty for duty in duties}
        for volunteer in _everybody(ward.id):
            halves, duty = wanted[day, volunteer.public_id] & known, before.get(volunteer.id)
            served = {shift.half for shift in duty.shifts} if duty else set()
            halves |= served if duty and duty.id in routed else set()
            if halves != served:
                set_duty(ward, volunteer, day, halves)
                changed += 1
    return changed


def _everybody(ward_id: int) -> list[Volunteer]:
    return list(db.session.scalars(select(Volunteer).where(Volunteer.ward_id == ward_id).limit(2000)))


def on_call(ward: Ward, day: date) -> dict[str, list[Volunteer]]:
    """By half-day: who stands by, as the month's roster in force says."""
    roster = newest_roster(ward.id, day.replace(day=1), applied=True)
    if roster is None:
        return {}
    people = {volunteer.public_id: volunteer for volunteer in _everybody(ward.id)}
    return {
        half: [people[person] for person in assigned["on_call"] if person in people]
        for assigned in roster.roster["slots"]
        for on, _colon, half in [assigned["slot"].partition(":")]
        if on == day.isoformat()
    }
