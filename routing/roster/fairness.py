"""What a fair month is: an equal share of the half-days for equal availability, what was served before counted."""

from collections.abc import Mapping

from routing.roster.problem import Person, RosterProblem

HUNDREDTHS = 100


def fair_shares(problem: RosterProblem) -> dict[str, float]:
    """Half-days that each person should serve if all was fair.

    Shared out by the number of slots that a person can serve; who served more than the share in the months
    before gets less now, and the other way round.
    """
    able = {p.id: sum(problem.may_serve(p, slot) for slot in problem.slots) for p in problem.people}
    carried = {p.id: p.history.served - p.history.fair_share for p in problem.people}
    places = sum(slot.wanted for slot in problem.slots)
    one = (places + sum(carried.values())) / max(1, sum(able.values()))
    return {p: min(able[p], max(0.0, one * able[p] - carried[p])) for p in able}


def unfairness(served: int, share: float) -> int:
    """The price of serving this much where ``share`` is fair: hundredths of the squared distance."""
    return round((HUNDREDTHS * served - HUNDREDTHS * share) ** 2 / HUNDREDTHS)


def wish_price(problem: RosterProblem, person: Person, slot_id: str) -> int:
    """What it costs to put the person on this slot: less than nothing where it was wished for."""
    return -problem.rules.wish_price * person.wishes.get(slot_id, 0)


def cost_of(problem: RosterProblem, served: Mapping[str, set[str]]) -> int:
    """The price of a month, ``served`` by person: unfairness, and wishes against which somebody serves."""
    shares = fair_shares(problem)
    cost = 0
    for person in problem.people:
        mine = served.get(person.id, set())
        cost += unfairness(len(mine), shares[person.id])
        cost += sum(wish_price(problem, person, slot) for slot in mine)
    return cost
