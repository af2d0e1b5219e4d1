"""A first plan in milliseconds: every job in turn goes where it costs least."""

from collections.abc import Iterable

from routing.search.tours import Tours


def fill(tours: Tours, jobs: Iterable[int]) -> None:
    """Puts each job, in the given order, into its cheapest place; what fits nowhere stays out."""
    for job in jobs:
        place = tours.best_place(job)
        if place is not None and place.cost < tours.unserved_cost[job]:
            tours.put(job, place)


def hardest_first(tours: Tours) -> list[int]:
    """The jobs that are still out: heavy weights first, then few slots, short windows, and long ways."""

    def key(job: int) -> tuple[int, int, int, int]:
        open_s = sum(end_s - start_s for start_s, end_s in tours.windows[job])
        return -tours.unserved_cost[job], int(tours.slots.may_ride[job].sum()), open_s, -tours.arc_cost[0][job + 1]

    return sorted(tours.unserved(), key=key)


def construct(tours: Tours) -> None:
    """Completes the tours by cheapest insertion."""
    fill(tours, hardest_first(tours))
