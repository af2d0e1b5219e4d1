"""What makes the linear program tighter once no route helps any more: longer memory first, then cuts."""

from collections.abc import Sequence

import numpy as np

from routing.bound.columns import Column, Cut
from routing.bound.pricing import Pricing

MOST_CUTS = 64
"""A label has a bit for each."""
CUTS_AT_ONCE = 12
USED = 1e-6


def remember_cycles(pricing: Pricing, columns: Sequence[Column], values: Sequence[float]) -> set[Column]:
    """Lets every node between two visits to one job remember it; answers which columns are routes no more."""
    changed = False
    for column, value in zip(columns, values, strict=True):
        if value > USED:
            for job, between in _shortest_cycles(column.stops):
                for node in between:
                    changed |= pricing.remember(node, job)
    return {column for column in columns if changed and not pricing.allows(column)}


def _shortest_cycles(stops: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
    """Each job that is visited again, with the nodes between the two visits, for the shortest way round."""
    last: dict[int, int] = {}
    found: list[tuple[int, tuple[int, ...]]] = []
    for at, x in enumerate(stops):
        if x and x in last:
            found.append((x, stops[last[x] + 1 : at]))
        last[x] = at
    shortest = min((len(between) for _, between in found), default=0)
    return [(x, between) for x, between in found if len(between) <= shortest + 1]


def violated_cuts(columns: Sequence[Column], values: Sequence[float], known: Sequence[Cut], jobs: int) -> list[Cut]:
    """The subset-row cuts that the present solution breaks most, no job in too many of them."""
    ridden = [(column, value) for column, value in zip(columns, values, strict=True) if value > USED]
    held = np.zeros((len(ridden), jobs))
    for row, (column, _) in enumerate(ridden):
        held[row, [x - 1 for x in column.counts]] = 1.0
    weight = np.array([value for _, value in ridden])
    pair = held.T @ (held * weight[:, None])
    found: list[tuple[float, tuple[int, int, int]]] = []
    for i in range(jobs):
        third = held.T @ (held * (weight * held[:, i])[:, None])
        used = pair[i][:, None] + pair[i][None, :] + pair - 2 * third
        for j, k in np.argwhere(np.triu(used[i + 1 :, i + 1 :], 1) > 1.02):
            a, b = int(j) + i + 1, int(k) + i + 1
            found.append((float(used[a, b]), (i + 1, a + 1, b + 1)))
    chosen, often = [], dict.fromkeys(range(1, jobs + 1), 0)
    have = {cut.jobs for cut in known}
    for _, three in sorted(found, reverse=True):
        if three not in have and all(often[x] < 4 for x in three):
            chosen.append(Cut(three))
            for x in three:
                often[x] += 1
    return chosen[: min(CUTS_AT_ONCE, MOST_CUTS - len(known))]
