"""What a solved month says to people: who serves, what is missing and why, and each one's share."""

from dataclasses import dataclass

from routing.roster.fairness import cost_of, fair_shares
from routing.roster.problem import Person, RosterProblem, Slot
from routing.roster.rest import must_rest, week_is_full
from routing.roster.roster import Assigned, Blocked, Roster, Share, Unfilled


@dataclass(frozen=True)
class Outcome:
    """What the search decided: slots by person, what is missing by (slot, skill)."""

    served: dict[str, set[str]]
    on_call: dict[str, set[str]]
    missing: dict[tuple[str, str | None], int]
    minimal: bool
    optimal: bool
    gap: float
    stopped: bool


def report(problem: RosterProblem, outcome: Outcome) -> Roster:
    shares = tuple(_share(problem, outcome, person) for person in problem.people)
    return Roster(
        slots=tuple(
            Assigned(slot=slot.id, on_duty=_those(outcome.served, slot), on_call=_those(outcome.on_call, slot))
            for slot in problem.slots
        ),
        unfilled=tuple(_unfilled(problem, outcome)),
        unfilled_minimal=outcome.minimal,
        shares=shares,
        cost=cost_of(problem, outcome.served),
        gap=outcome.gap,
        optimal=outcome.optimal,
        stopped=outcome.stopped,
        largest_deviation=max((abs(share.served - share.fair_share) for share in shares), default=0.0),
    )


def _those(slots_by_person: dict[str, set[str]], slot: Slot) -> tuple[str, ...]:
    return tuple(who for who, slots in slots_by_person.items() if slot.id in slots)


def _share(problem: RosterProblem, outcome: Outcome, person: Person) -> Share:
    mine = outcome.served[person.id]
    wanted = {slot for slot, wish in person.wishes.items() if wish > 0}
    unwanted = {slot for slot, wish in person.wishes.items() if wish < 0}
    return Share(
        person=person.id,
        served=len(mine),
        on_call=len(outcome.on_call[person.id]),
        fair_share=round(fair_shares(problem)[person.id], 2),
        wishes_kept=len(wanted & mine) + len(unwanted - mine),
        wishes_missed=len(wanted - mine) + len(unwanted & mine),
    )


def _unfilled(problem: RosterProblem, outcome: Outcome) -> list[Unfilled]:
    found = []
    for (slot_id, skill), missing in outcome.missing.items():
        if missing:
            why = why_empty(problem, outcome.served, problem.slot_by_id[slot_id], skill)
            found.append(Unfilled(slot=slot_id, missing=missing, skill=skill, blocked=why))
    taken = {who: outcome.served[who] | outcome.on_call[who] for who in outcome.served}
    for slot in problem.slots:
        missing = slot.backups - len(_those(outcome.on_call, slot))
        if missing:
            found.append(
                Unfilled(slot=slot.id, missing=missing, backup=True, blocked=why_empty(problem, taken, slot, None))
            )
    return found


def why_empty(problem: RosterProblem, taken: dict[str, set[str]], slot: Slot, skill: str | None) -> Blocked:
    """For everybody who is not there, the first thing that keeps them away; ``free`` where nothing does."""
    counts = dict.fromkeys(Blocked.model_fields, 0)
    for person in problem.people:
        mine = taken[person.id]
        if slot.id not in mine:
            counts[_kept_away_by(problem, person, slot, mine, skill)] += 1
    return Blocked(**counts)


def _kept_away_by(problem: RosterProblem, person: Person, slot: Slot, mine: set[str], skill: str | None) -> str:
    if skill is not None and skill not in person.skills:
        return "lacks_skill"
    if not problem.may_serve(person, slot):
        return "off_by_hand" if (person.id, slot.id) in problem.by_hand else "unavailable"
    if week_is_full(problem, person, slot.id, mine):
        return "week_full"
    return "resting" if must_rest(problem, person, slot.id, mine) else "free"
