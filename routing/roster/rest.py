"""The rules that give people rest, as sets of days: one place for the model, the reasons and the check.

A limit never falls below what was decided by hand: a person who is put on duty by hand against a rule gets
no further duty that the rule forbids, and the rest of the month can still be filled.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from routing.roster.problem import Person, RosterProblem


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_limits(problem: RosterProblem, person: Person) -> Iterator[tuple[list[str], int]]:
    """(slots of a week, how many of them the person may serve)."""
    weeks: dict[date, list[str]] = defaultdict(list)
    for slot in problem.slots:
        weeks[monday_of(slot.date)].append(slot.id)
    for monday, slots in weeks.items():
        before = sum(monday_of(day) == monday for day in person.recent)
        by_hand = sum(problem.by_hand.get((person.id, slot), False) for slot in slots)
        yield slots, max(problem.most_a_week(person) - before, by_hand)


def rest_limits(problem: RosterProblem, person: Person) -> Iterator[tuple[list[date], int]]:
    """(days close together, on how many of them the person may serve)."""
    days = sorted({slot.date for slot in problem.slots})
    hand_days = {
        problem.slot_by_id[slot].date for (who, slot), on in problem.by_hand.items() if on and who == person.id
    }
    length = timedelta(days=problem.rules.in_days)
    # A window that begins elsewhere than on a day of work holds no more days of work than one that does.
    for start in sorted({*days, *person.recent}):
        window = [day for day in days if start <= day < start + length]
        before = len({day for day in person.recent if start <= day < start + length} - set(window))
        if window and before + len(window) > problem.rules.work_days:
            yield window, max(problem.rules.work_days - before, len(hand_days & set(window)))


def week_is_full(problem: RosterProblem, person: Person, slot_id: str, served: Iterable[str]) -> bool:
    """Whether one more half-day in the slot's week is too many for somebody who serves these slots."""
    mine = set(served)
    return any(slot_id in slots and len(mine & set(slots)) >= most for slots, most in week_limits(problem, person))


def must_rest(problem: RosterProblem, person: Person, slot_id: str, served: Iterable[str]) -> bool:
    """Whether the slot's day would be a working day too many for somebody who serves these slots."""
    day = problem.slot_by_id[slot_id].date
    worked = {problem.slot_by_id[slot].date for slot in served}
    if day in worked:
        return False
    return any(day in days and len(worked & set(days)) >= most for days, most in rest_limits(problem, person))
