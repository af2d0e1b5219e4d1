"""The month as a CP-SAT model: one yes or no for each person and slot, and one function for each rule."""

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from ortools.sat.python import cp_model

from routing.roster.fairness import fair_shares, unfairness, wish_price
from routing.roster.problem import Person, RosterProblem, Slot
from routing.roster.rest import rest_limits, week_limits

Yes = cp_model.IntVar
Term = cp_model.LinearExprT


@dataclass
class Duties:
    """Variables: who serves which slot, and what is missing of each (slot, skill or None)."""

    model: cp_model.CpModel
    serves: dict[tuple[str, str], Yes] = field(default_factory=dict)
    missing: dict[tuple[str, str | None], Yes] = field(default_factory=dict)

    def of(self, person: Person) -> dict[str, Yes]:
        return {slot: yes for (who, slot), yes in self.serves.items() if who == person.id}

    def at(self, slot: Slot, problem: RosterProblem, skill: str | None = None) -> list[Yes]:
        able = (p.id for p in problem.people if skill is None or skill in p.skills)
        return [self.serves[who, slot.id] for who in able if (who, slot.id) in self.serves]


def duties_model(problem: RosterProblem) -> Duties:
    """Everything that must hold for those on duty; what is missing is to be made small."""
    duties = Duties(cp_model.CpModel())
    for person in problem.people:
        for slot in problem.slots:
            if problem.may_serve(person, slot):
                duties.serves[person.id, slot.id] = duties.model.new_bool_var("")
    for (who, slot_id), on in problem.by_hand.items():
        if on:
            duties.model.add(duties.serves[who, slot_id] == 1)
    for slot in problem.slots:
        _fill(problem, duties, slot)
    for person in problem.people:
        keep_rest(problem, duties.model, person, {slot: [yes] for slot, yes in duties.of(person).items()})
    return duties


def _fill(problem: RosterProblem, duties: Duties, slot: Slot) -> None:
    """As many people as wanted (more only by hand), and the skills among them."""
    by_hand = sum(on for (_who, slot_id), on in problem.by_hand.items() if slot_id == slot.id)
    short = duties.missing[slot.id, None] = duties.model.new_int_var(0, slot.wanted, "")
    on_duty = sum(duties.at(slot, problem))
    duties.model.add(on_duty + short >= slot.wanted)
    duties.model.add(on_duty <= max(slot.wanted, by_hand))
    for skill, needed in slot.skills.items():
        lacking = duties.missing[slot.id, skill] = duties.model.new_int_var(0, max(0, needed), "")
        duties.model.add(sum(duties.at(slot, problem, skill)) + lacking >= needed)


def keep_rest(problem: RosterProblem, model: cp_model.CpModel, person: Person, takes: dict[str, list[Term]]) -> None:
    """The week's limit and the days of rest; ``takes`` holds for each slot what says that the person is there."""
    for slots, most in week_limits(problem, person):
        model.add(sum(term for slot in slots for term in takes.get(slot, [])) <= most)
    works: dict[date, Yes] = {}
    for slot_id, terms in takes.items():
        day = works.setdefault(problem.slot_by_id[slot_id].date, model.new_bool_var(""))
        for term in terms:
            model.add(day >= term)
    for days, most in rest_limits(problem, person):
        model.add(sum(works[day] for day in days if day in works) <= most)


def month_price(problem: RosterProblem, duties: Duties) -> Term:
    """Unfairness and wishes."""
    shares = fair_shares(problem)
    terms: list[Term] = []
    for person in problem.people:
        mine = duties.of(person)
        steps = [unfairness(count, shares[person.id]) for count in range(len(mine) + 2)]
        terms.append(_stepped(duties.model, sum(mine.values()), steps))
        terms.extend(wish_price(problem, person, slot) * yes for slot, yes in mine.items() if slot in person.wishes)
    return sum(terms)


def _stepped(model: cp_model.CpModel, count: Term, steps: list[int]) -> Yes:
    """A price of ``steps[count]`` that grows faster and faster: the highest of its chords between neighbours, which
    leaves the linear relaxation as tight as can be."""
    price = model.new_int_var(0, max(steps), "")
    for at, (step, after) in enumerate(pairwise(steps)):
        model.add(price >= (after - step) * count + step - (after - step) * at)
    return price


def backups_model(problem: RosterProblem, served: dict[str, set[str]]) -> tuple[Duties, Term]:
    """People on call beside those on duty: whoever is called in still keeps every rule. Returns what it costs:
    nobody on call outweighs all, then it goes round fairly."""
    calls = Duties(cp_model.CpModel())
    for person in problem.people:
        mine = served[person.id]
        for slot in problem.slots:
            if problem.may_serve(person, slot) and slot.id not in mine:
                calls.serves[person.id, slot.id] = calls.model.new_bool_var("")
        takes: dict[str, list[Term]] = {slot: [1] for slot in mine}
        takes |= {slot: [yes] for slot, yes in calls.of(person).items()}
        keep_rest(problem, calls.model, person, takes)
    for slot in problem.slots:
        short = calls.missing[slot.id, None] = calls.model.new_int_var(0, slot.backups, "")
        calls.model.add(sum(calls.at(slot, problem)) + short == slot.backups)
    squares = [count**2 for count in range(len(problem.slots) + 2)]
    uneven = sum(_stepped(calls.model, sum(calls.of(person).values()), squares) for person in problem.people)
    return calls, sum(calls.missing.values()) * (len(problem.slots) ** 2 + 1) + uneven
