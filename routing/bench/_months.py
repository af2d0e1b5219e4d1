"""Months made up from a seed: volunteers with their availability, skills, wishes and history."""

import random
from datetime import date, timedelta

from routing.roster.problem import History, Person, RosterProblem, Slot

SKILLS = ("notary", "english", "elderly")


def month(seed: int, people: int = 30, wanted: int = 10, days: int = 20, available: float = 0.7) -> RosterProblem:
    """Four weeks from a Tuesday, two half-days from Monday to Friday; two notaries wanted in each."""
    rng = random.Random(seed)
    first = date(2026, 12, 1)
    workdays = [d for d in (first + timedelta(days=n) for n in range(2 * days)) if d.weekday() < 5][:days]
    slots = [
        Slot(id=f"{day}/{half}", date=day, wanted=wanted, skills={"notary": min(2, wanted), "english": 1, "elderly": 1})
        for day in workdays
        for half in ("morning", "afternoon")
    ]
    volunteers = tuple(_person(rng, number, slots, available) for number in range(people))
    return RosterProblem(slots=tuple(slots), people=volunteers)


def _person(rng: random.Random, number: int, slots: list[Slot], available: float) -> Person:
    away = {slot.id for slot in slots if rng.random() > available}
    return Person(
        id=f"volunteer-{number}",
        skills=frozenset(skill for skill in SKILLS if rng.random() < 0.4),
        unavailable=frozenset(away),
        wishes={slot.id: rng.choice((1, -1)) for slot in rng.sample(slots, 6) if slot.id not in away},
        most_a_week=rng.choice((5, 6, None)),
        history=History(served=rng.randint(8, 16), fair_share=12),
    )
