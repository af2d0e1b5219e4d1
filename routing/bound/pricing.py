"""From dual prices to the cheapest routes and to a bound: calls the labels, kind by kind."""

import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from math import log2, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.bound import labels as k
from routing.bound.columns import Column
from routing.bound.master import Master, Prices
from routing.bound.outlook import carry_over, outlook
from routing.bound.relaxed import Ints, Kind, Relaxed
from routing.search.budget import Stop

Floats = npt.NDArray[Any]
Outlook = tuple[Floats, Ints, int]

ROOM = 1 << 19
"""Labels that there is room for (90 bytes each)."""
SHARES = (0.98, 0.96, 0.94, 0.92, 0.9, 0.87, 0.84, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)
"""Routes are looked for that cost less than this share of the least that any can; more than enough is not needed."""
AT_ONCE = 60
NOTHING = 1e-6
SHORTEST_STEP_S, LONGEST_STEP_S = 60, 240
FIRST_REMEMBERED, MOST_REMEMBERED, MOST_ENTRIES = 2, 8, 1 << 25
"""How many jobs the outlook remembers at a node: more where it takes less time than labels, fewer where more. Each that
it remembers doubles its entries and leaves fewer labels."""
LABELS_WORTH = 1500
"""A label takes as long as so many steps of the outlook."""
NEAREST = 8
"""So many neighbours remember a job from the beginning."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The best routes of a kind, and what none costs less than (0 if none is below).

    It is ``exact`` where the best of them costs that.
    """

    routes: list[Column]
    least: float
    exact: bool


class Pricing:
    """Prices routes on one relaxed day. ``near`` says at which nodes each job is remembered."""

    def __init__(self, day: Relaxed) -> None:
        self.day = day
        n, nodes = len(day.jobs), len(day.arc_s)
        self.near = np.zeros((nodes, max(1, -(-n // 64))), np.uint64)
        self._flag = np.zeros(1, np.int8)
        self._labels, self._remembered, self._work = 0, FIRST_REMEMBERED, 0
        self._label: npt.NDArray[Any] = np.zeros((ROOM, 9), np.int64)
        self._cost, self._parity = np.zeros(ROOM), np.zeros(ROOM, np.uint64)
        self._memory = np.zeros((ROOM, self.near.shape[1]), np.uint64)
        there = day.arc_cost[1 : n + 1, 1 : n + 1]
        for i in range(n):
            for j in np.argsort(there[:, i] + there[i], kind="stable")[:NEAREST]:
                self.remember(i + 1, int(j) + 1)
            self.remember(i + 1, i + 1)
        self._families = _families(day)
        self._broader = {
            (a, b)
            for members, _ in self._families
            for a in members
            for b in members
            if a != b and _is_broader(day, a, b)
        }

    def remember(self, node: int, job: int) -> bool:
        """Lets the node remember the job from now on; whether it did not before."""
        word = (job - 1) >> 6
        had = bool(self.near[node, word] & _bit(job))
        self.near[node, word] |= _bit(job)
        return not had

    def allows(self, column: Column) -> bool:
        """Whether the route never comes to a job that it remembers."""
        memory = np.zeros(self.near.shape[1], np.uint64)
        for x in column.stops:
            if x and memory[(x - 1) >> 6] & _bit(x):
                return False
            memory &= self.near[x]
            if x:
                memory[(x - 1) >> 6] |= _bit(x)
        return True

    def all_kinds(self, prices: Prices, master: Master, until_s: float, stop: Stop | None) -> list[Offer] | None:
        """The offers of all kinds; nothing where time is over or it was stopped."""
        self._price(prices, master)
        self._flag[0] = self._labels = self._work = 0
        self._outlook_s, began_all_s = 0.0, time.monotonic()
        offers: dict[int, Offer] = {}
        with _Watch(self._flag, until_s, stop):
            for members, least_price in self._families:
                began_s = time.monotonic()
                rest = self._outlook(self.day.kinds[members[0]], least_price)
                self._outlook_s += time.monotonic() - began_s
                for number in members:
                    if not self._flag[0]:
                        offers[number] = self._shared(number, offers) or self._cheapest(number, rest)
        if self._flag[0]:
            return None
        self._balance(time.monotonic() - began_all_s - self._outlook_s)
        return [offers[number] for number in range(len(self.day.kinds))]

    def look_closer(self) -> bool:
        """Lets the outlook remember more from now on, where there were too many labels. Whether it can."""
        more = self._remembered < MOST_REMEMBERED
        self._remembered = min(MOST_REMEMBERED, self._remembered + 2)
        return more

    def _balance(self, labels_s: float) -> None:
        """Lets the outlook remember more where labels took longer, less where they took much less time."""
        if labels_s > 1.5 * self._outlook_s:
            self._remembered = min(MOST_REMEMBERED, self._remembered + 1)
        elif labels_s < 0.2 * self._outlook_s:
            self._remembered = max(0, self._remembered - 1)

    def _price(self, prices: Prices, master: Master) -> None:
        """What each ride to a job is worth, what a visit beyond the share costs, and the cuts of each job."""
        day = self.day
        self._worth = np.tile(np.array(prices.worth), (len(day.arc_s), 1))
        self._crowd, self._fine = float(day.kinds[0].rule[k.CROWD]), np.array(prices.fine or [0.0])
        for capacity, entry in zip(master.capacities, prices.entry, strict=True):
            if entry > 0:
                inside = np.isin(np.arange(len(day.arc_s)), list(capacity.jobs))
                self._worth[np.ix_(~inside, inside[: len(day.stop)])] += entry
                self._crowd -= entry * capacity.beyond
        self._crowd = max(0.0, self._crowd)
        self._cut = np.zeros(len(day.stop), np.uint64)
        for q, one in enumerate(master.cuts):
            for x in one.jobs:
                self._cut[x] |= np.uint64(1) << np.uint64(q)

    def _shared(self, number: int, offers: dict[int, Offer]) -> Offer | None:
        """The offer of a kind that may serve as much for as little, where this one may ride its best route too."""
        price = self.day.kinds[number].price
        for other, offer in offers.items():
            theirs = self.day.kinds[other].price
            if (other, number) in self._broader and offer.exact:
                same = [one for one in offer.routes if all(price[x] == theirs[x] for x in one.stops if x)]
                if not offer.routes or same[:1] == offer.routes[:1]:
                    return Offer([replace(one, kind=number) for one in same], offer.least, True)
        return None

    def _cheapest(self, number: int, rest: Outlook) -> Offer:
        """Looks below a limit that rises from what a route costs at least, until there are enough routes or labels."""
        kind = self.day.kinds[number]
        root = least = _least(kind, rest)
        found: list[tuple[float, Column]] = []
        complete, enough = False, self._work / LABELS_WORTH / len(self.day.kinds) / 8
        for share in SHARES if root < -NOTHING else ():
            limit, before = min(share * root, -NOTHING), self._labels
            ends, complete = self._ends(kind, limit, rest)
            found = sorted((self._column(number, kind, int(x)) for x in ends[ends >= 0]), key=lambda one: one[0])
            if complete:
                least = found[0][0] if found else limit
            if len(found) >= AT_ONCE or (found and self._labels - before > enough) or not complete:
                break
        exact = root >= -NOTHING or (complete and bool(found))
        return Offer([column for _, column in found[:AT_ONCE]], least, exact)

    def _ends(self, kind: Kind, limit: float, rest: Outlook) -> tuple[Ints, bool]:
        """For each job the label of the cheapest route that ends there; and whether all were looked at."""
        day, ends = self.day, np.full(len(self.day.stop), -1, np.int64)
        state, used = k.price_routes(
            *(day.arc_s, day.arc_cost, day.stop, day.window, kind.start, kind.span, kind.price),
            *(kind.home_s, kind.home_cost, kind.rule, self._worth, self._crowd, self.near, self._cut, self._fine),
            *(self._label, self._cost, self._memory, self._parity, ends, limit, *rest, self._flag),
        )
        self._labels += used
        return ends, state == k.COMPLETE

    def _outlook(self, kind: Kind, least_price: Ints) -> Outlook:
        """What can still come at best."""
        day = self.day
        n, lasts_s = len(day.jobs), kind.span[:, 1] - kind.span[:, 0]
        into = day.arc_s[1 : n + 1, 1 : n + 1].copy()
        np.fill_diagonal(into, k.NEVER)
        quickest_s = min(int(into.min()), int(kind.home_s[0, 1:].min() + kind.rule[k.HANDLING]))
        step_s = min(quickest_s, LONGEST_STEP_S)
        layered = step_s < SHORTEST_STEP_S
        step_s = LONGEST_STEP_S if layered else step_s
        if layered:
            into = np.minimum(into.min(axis=0), day.arc_s[0, 1 : n + 1])
            most = int(np.searchsorted(np.cumsum(np.sort(into)), int(lasts_s.sum()), side="right"))
            layers = min(n, most + len(kind.span) + 1) + 2
        else:
            layers = int(kind.rule[k.SHARE]) + 1 if kind.rule[k.CROWD] else 1
        shape = len(kind.span), int(lasts_s.max()) // step_s + 1, layers, len(day.arc_s)
        room = int(log2(max(1.0, MOST_ENTRIES / prod(shape))))
        small = self._small(min(self._remembered, room))
        subsets = 1 << small.shape[1]
        rest, moved = np.empty((*shape, subsets)), np.empty((*day.arc_s.shape, subsets), np.uint16)
        self._work += rest.size * n
        carry_over(small, moved)
        outlook(
            *(day.arc_s, day.arc_cost, day.stop, day.window, kind.span, least_price),
            *(kind.home_s, kind.home_cost, kind.rule, self._worth, self._crowd, small, moved, rest, step_s),
            *(layered, self._flag),
        )
        return rest, small, step_s

    def _small(self, size: int) -> Ints:
        """Of the jobs that each node remembers those that a route would most like to come back to (0: none)."""
        n = len(self.day.jobs)
        small = np.zeros((len(self.near), size), np.int64)
        back = self.day.arc_cost[1 : n + 1, 1 : n + 1]
        gain = back + back.T - self._worth[1 : n + 1, 1:]
        jobs = np.arange(n)
        held = (self.near[1 : n + 1, jobs >> 6] >> (jobs & 63).astype(np.uint64)) & np.uint64(1)
        gain = np.where(held.astype(bool) & ~np.eye(n, dtype=bool), gain, np.inf)
        order = np.argsort(gain, axis=1, kind="stable")[:, :size]
        known = np.isfinite(np.take_along_axis(gain, order, axis=1))
        small[1 : n + 1, : order.shape[1]] = np.where(known, order + 1, 0)
        return small

    def _column(self, number: int, kind: Kind, label: int) -> tuple[float, Column]:
        row = self._label[label]
        x, last = int(row[k.NODE]), int(kind.span[row[k.SPAN], 2])
        home, crowded = int(kind.home_cost[last, x]), max(0, int(row[k.COUNT] - kind.rule[k.SHARE]))
        stops: list[int] = []
        at = label
        while at >= 0:
            stops.append(int(self._label[at, k.NODE]))
            at = int(self._label[at, k.BEFORE])
        column = Column(number, tuple(stops[::-1][1:]), int(row[k.PAID]) + home + int(kind.rule[k.CROWD]) * crowded)
        return float(self._cost[label]) + home + self._crowd * crowded, column


def _least(kind: Kind, outlook: Outlook) -> float:
    """What a route of the kind costs at least."""
    rest, _, step_s = outlook
    begins = (
        (paid, rest[span, (second - kind.span[span, 0]) // step_s, 0, node, 0])
        for node, span, second, paid in kind.start.tolist()
        if second <= kind.span[span, 1]
    )
    return min((paid + float(then) for paid, then in begins), default=0.0)


def _bit(job: int) -> np.uint64:
    return np.uint64(1) << np.uint64((job - 1) & 63)


def _families(day: Relaxed) -> list[tuple[list[int], Ints]]:
    """Kinds that differ only in what may ride, with the least price of each job in any of them."""
    alike: dict[Hashable, list[int]] = {}
    for number, kind in enumerate(day.kinds):
        rest = (kind.span, kind.home_s, kind.home_cost, kind.rule)
        alike.setdefault(tuple(array.tobytes() for array in rest), []).append(number)
    families = []
    for members in alike.values():
        prices = np.array([day.kinds[number].price for number in members])
        least = np.where(prices < 0, k.NEVER, prices).min(axis=0)
        members.sort(key=lambda number: -int((day.kinds[number].price >= 0).sum()))
        families.append((members, np.where(least == k.NEVER, -1, least)))
    return families


def _is_broader(day: Relaxed, a: int, b: int) -> bool:
    """Whether one kind may serve whatever the other may, for no more."""
    wide, narrow = day.kinds[a].price, day.kinds[b].price
    return bool(np.all((narrow < 0) | ((wide >= 0) & (wide <= narrow))))


class _Watch:
    """Raises the flag that ends a search when time is over or somebody asks for it."""

    def __init__(self, flag: npt.NDArray[np.int8], until_s: float, stop: Stop | None) -> None:
        self._flag, self._until_s, self._stop = flag, until_s, stop
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.05):
            if time.monotonic() > self._until_s or (self._stop is not None and self._stop.is_set()):
                self._flag[0] = 1
