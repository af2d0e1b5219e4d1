"""What a fair month is: an equal share of the half-days for equal availability, what was served before counted."""

from collections.abc import Mapping

from scipy.optimize import brentq

from routing.roster.problem import Person, RosterProblem

HUNDREDTHS = 100


def fair_shares(problem: RosterProblem) -> dict[str, float]:
    """Half-days that each person should serve if all was fair; together they are the places, as far as people can.

    Shared out by the number of slots that a person can serve; who served more than the share in the months
    before gets less now, and the other way round.
    """
    able = {p.id: sum(problem.may_serve(p, slot) for slot in problem.slots) for p in problem.people}
    carried = {p.id: p.history.served - p.history.fair_share for p in problem.people}
    places = sum(slot.wanted for slot in problem.slots)

    def shares(level: float) -> dict[str, float]:
        return {p: min(able[p], max(0.0, level * able[p] - carried[p])) for p in able}

    def too_many(level: float) -> float:
        return sum(shares(level).values()) - places

    most = max(map(abs, carried.values()), default=0.0)  # at -most nobody has a share, at 1 + most everybody all
    return shares(1 + most) if too_many(1 + most) <= 0 else shares(brentq(too_many, -most, 1 + most))


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
