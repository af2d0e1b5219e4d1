"""From dual prices to the cheapest routes and to a bound: calls the labels, kind by kind."""

import threading
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.bound import labels as k
from routing.bound.master import Column, Cut, Prices
from routing.bound.relaxed import Ints, Kind, Relaxed
from routing.search.budget import Stop

Floats = npt.NDArray[Any]

FIRST_ROOM, MOST_ROOM = 1 << 17, 1 << 23
"""Labels that there is room for at first, and at most (70 bytes each)."""
ALL = 1 << 30
STEP_S = 600
AT_ONCE = 20
NEAREST = 8
"""So many neighbours remember a job from the beginning."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The best routes of a kind, and the least reduced cost of any of its routes (0 if none is below)."""

    routes: list[Column]
    least: float


class Pricing:
    """Prices routes on one relaxed day. ``near`` says at which nodes each job is remembered."""

    def __init__(self, day: Relaxed) -> None:
        self.day = day
        n, nodes = len(day.jobs), len(day.arc_s)
        self.near = np.zeros((nodes, max(1, -(-n // 64))), np.uint64)
        self._flag = np.zeros(1, np.int8)
        self._room = 0
        self._make_room(FIRST_ROOM)
        there = day.arc_cost[1 : n + 1, 1 : n + 1]
        for i in range(n):
            for j in np.argsort(there[:, i] + there[i], kind="stable")[:NEAREST]:
                self.remember(i + 1, int(j) + 1)
            self.remember(i + 1, i + 1)
        self._families = _families(day)

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

    def all_kinds(
        self, prices: Prices, cuts: Sequence[Cut], most: int, slack: float, until_s: float, stop: Stop | None
    ) -> list[Offer] | None:
        """The offers of all kinds; nothing where time is over, it was stopped, or memory is too short."""
        cut = np.zeros(len(self.day.jobs) + 1, np.uint64)
        for q, one in enumerate(cuts):
            for x in one.jobs:
                cut[x] |= np.uint64(1) << np.uint64(q)
        worth, fine = np.array(prices.worth), np.array(prices.fine or [0.0])
        self._flag[0] = 0
        with _Watch(self._flag, until_s, stop):
            offers: dict[int, Offer] = {}
            for members, least_price in self._families:
                rest = self._outlook(self.day.kinds[members[0]], least_price, worth)
                for number in members:
                    offer = self._cheapest(number, worth, fine, cut, most, slack, rest)
                    if offer is None:
                        return None
                    offers[number] = offer
        return [offers[number] for number in range(len(self.day.kinds))]

    def _cheapest(
        self, number: int, worth: Floats, fine: Floats, cut: Floats, most: int, slack: float, rest: Floats
    ) -> Offer | None:
        kind, day = self.day.kinds[number], self.day
        ends = np.full(len(worth), -1, np.int64)
        while True:
            state, _ = k.price_routes(
                *(day.arc_s, day.arc_cost, day.stop, day.window, kind.start, kind.span, kind.price),
                *(kind.home_s, kind.home_cost, kind.rule, worth, self.near, cut, fine),
                *(
                    self._label,
                    self._cost,
                    self._memory,
                    self._parity,
                    ends,
                    most,
                    slack,
                    -1e-6,
                    rest,
                    STEP_S,
                    self._flag,
                ),
            )
            if state != k.FULL:
                break
            if self._room >= MOST_ROOM:
                return None
            self._make_room(4 * self._room)
        if state == k.STOPPED:
            return None
        found = sorted((self._column(number, kind, int(label)) for label in ends[ends >= 0]), key=lambda one: one[0])
        return Offer([column for _, column in found[:AT_ONCE]], found[0][0] if found else 0.0)

    def _outlook(self, kind: Kind, least_price: Ints, worth: Floats) -> Floats:
        """What can still come at best; there are as many visits as there is time for, if each took the least."""
        n, lasts_s, all_s = len(self.day.jobs), kind.span[:, 1] - kind.span[:, 0], 0
        into = self.day.arc_s[:, 1 : n + 1].copy()
        into[np.arange(1, n + 1), np.arange(n)] = k.NEVER
        quickest = np.cumsum(np.sort(into.min(axis=0)))
        all_s = int(lasts_s.sum())
        most = int(np.searchsorted(quickest, all_s, side="right")) + len(kind.span) + 1
        rest = np.empty((len(kind.span), min(n, most) + 2, int(lasts_s.max()) // STEP_S + 1, len(self.day.arc_s)))
        k.outlook(
            *(self.day.arc_s, self.day.arc_cost, self.day.stop, self.day.window, kind.span, least_price),
            *(kind.home_s, kind.home_cost, kind.rule, worth, rest, STEP_S),
        )
        return rest

    def _column(self, number: int, kind: Kind, label: int) -> tuple[float, Column]:
        row = self._label[label]
        x, last = int(row[k.NODE]), int(kind.span[row[k.SPAN], 2])
        more = int(kind.home_cost[last, x]) + int(kind.rule[k.CROWD]) * max(0, int(row[k.COUNT] - kind.rule[k.SHARE]))
        stops: list[int] = []
        at = label
        while at >= 0:
            stops.append(int(self._label[at, k.NODE]))
            at = int(self._label[at, k.BEFORE])
        return float(self._cost[label]) + more, Column(number, tuple(stops[::-1][1:]), int(row[k.PAID]) + more)

    def _make_room(self, room: int) -> None:
        self._room = room
        self._label: npt.NDArray[Any] = np.zeros((room, 9), np.int64)
        self._cost = np.zeros(room)
        self._memory = np.zeros((room, self.near.shape[1]), np.uint64)
        self._parity = np.zeros(room, np.uint64)


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
        families.append((members, np.where(least == k.NEVER, -1, least)))
    return families


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
