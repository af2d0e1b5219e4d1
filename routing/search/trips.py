"""What the compiled search does with whole trips: they change slots, and they change tails with one another."""

import math

import numpy as np

# fmt: off
# isort: off
from routing.search.columns import (
    AT, CAP, CHANGED, CLOSE, COUNT, DIRTY, END, LINK, LOCK, MOST, MOST_WORK, Q, SEVERAL, SHIFT, SIZE, SLOT_CLASS,
    STALE, SUF, TWIN, WORKED
)
from routing.search.dice import below, unit
from routing.search.riding import compiled, refresh

NEAR = 30
"""A tail is joined to one of so many nearest stops."""


@compiled
def hole(slot, info, r):
    """The first empty slot after r that is the same as r is; -1 where there is none."""
    for s in range(r + 1, slot.shape[0]):
        if slot[s, TWIN] == 0:
            break
        if info[s, SIZE] == 0:
            return s
    return -1


@compiled
def make_room(slot, rt, info, where, r):
    """Moves trips one slot on, so that slot r is empty. Times stay as they are."""
    for s in range(hole(slot, info, r), r, -1):
        move(rt, info, where, s - 1, s)


@compiled
def close_up(slot, rt, info, own, where):
    """Moves trips back into empty slots before them that are the same."""
    for r in range(slot.shape[0]):
        s = r
        while slot[s, TWIN] and info[s - 1, SIZE] == 0:
            s -= 1
        if s < r and info[r, SIZE] > 0:
            move(rt, info, where, r, s)
            own[slot[r, SHIFT], STALE] = 1


@compiled
def move(rt, info, where, r, s):
    """Swaps what two slots hold."""
    m, k = info[r, SIZE], info[s, SIZE]
    for i in range(1, max(m, k) + 1):
        rt[r, i, Q], rt[s, i, Q] = rt[s, i, Q], rt[r, i, Q]
    for i in range(1, m + 1):
        where[rt[s, i, Q]] = s
    for i in range(1, k + 1):
        where[rt[r, i, Q]] = r
    info[r, SIZE], info[s, SIZE] = k, m
    info[r, CHANGED], info[s, CHANGED], info[r, DIRTY], info[s, DIRTY] = 1, 1, 1, 1


@compiled
def position_of(rt, r, x):
    """Where x stands in a slot."""
    i = 1
    while rt[r, i, Q] != x:
        i += 1
    return i


@compiled
def may_move(price, rt, info, r, s):
    """Whether all that slot r holds may ride in slot s."""
    fits = True
    for i in range(1, info[r, SIZE] + 1):
        fits &= price[rt[r, i, Q], s] >= 0
    return fits


@compiled
def holds(slot, shift, rt, info, own, r):
    """Whether a slot that refresh has found to be in time is not too full either, nor its shift."""
    v = slot[r, SHIFT]
    return (rt[r, 0, SUF] <= slot[r, CAP] and own[v, COUNT] <= shift[v, MOST] and own[v, WORKED] <= shift[v, MOST_WORK])


@compiled
def exchange(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, g, tries):
    """Swaps a trip with another one, or moves it into an empty slot or between two trips, wherever that holds."""
    r = below(g, slot.shape[0])
    if info[r, SIZE] == 0 or slot[r, LOCK] > 0:
        return
    for _ in range(tries):
        s = below(g, slot.shape[0])
        if s == r or slot[s, LOCK] > 0 or (slot[r, SLOT_CLASS] == slot[s, SLOT_CLASS] and fee[SEVERAL] == 0):
            continue
        if slot[s, SHIFT] != slot[r, SHIFT] and info[s, SIZE] > 0 and below(g, 2) and hole(slot, info, s) >= 0:
            make_room(slot, rt, info, where, s)
        ok = may_move(price, rt, info, r, s) and may_move(price, rt, info, s, r)
        v, w = np.int64(slot[r, SHIFT]), np.int64(slot[s, SHIFT])
        if ok:
            move(rt, info, where, r, s)
        ok1 = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        ok2 = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
        if not ok:
            continue
        if ok1 and ok2 and holds(slot, shift, rt, info, own, r) and holds(slot, shift, rt, info, own, s):
            return
        move(rt, info, where, r, s)
        refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)


@compiled
def cross(arc, stop, win, price, word, near, slot, shift, fee, rt, info, own, stamp, tot, where, g, temperature, tries):
    """Lets two trips change tails, so that a stop is followed by one near it; a whole trip or nothing is a tail too."""
    n = near.shape[1]
    for _ in range(tries):
        y = below(g, n) + 1
        s = np.int64(where[y])
        if s < 0:
            continue
        j = position_of(rt, s, y)
        if below(g, 10) == 0:  # The tail becomes a trip of its own.
            r, i = below(g, slot.shape[0]), np.int64(0)
            if info[r, SIZE] > 0:
                continue
        else:
            x = near[y, 1 + below(g, min(NEAR, n - 1))]
            r = np.int64(where[x])
            if r < 0:
                continue
            i = position_of(rt, r, x)
        if r == s or i < slot[r, LOCK] or j <= slot[s, LOCK] or slot[r, END] != slot[s, END]:
            continue
        m, k = info[r, SIZE], info[s, SIZE]
        x, after, before = rt[r, i, Q], rt[r, i + 1, Q], rt[s, j - 1, Q]
        added = np.int64(arc[x, y, 1]) + arc[before, after, 1] - rt[r, i, LINK] - rt[s, j - 1, LINK]
        if added > -temperature * math.log(unit(g) + 1e-300):
            continue
        if rt[r, i, AT] + arc[x, y, 0] > stop[y, CLOSE]:
            continue
        fits = True
        for a in range(i + 1, m + 1):
            fits &= price[rt[r, a, Q], s] >= 0
        for a in range(j, k + 1):
            fits &= price[rt[s, a, Q], r] >= 0
        if not fits:
            continue
        swap_tails(rt, info, where, r, i, s, j - 1)
        v, w = np.int64(slot[r, SHIFT]), np.int64(slot[s, SHIFT])
        ok1 = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        ok2 = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
        if ok1 and ok2 and holds(slot, shift, rt, info, own, r) and holds(slot, shift, rt, info, own, s):
            return y
        swap_tails(rt, info, where, r, i, s, j - 1)
        refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
    return np.int64(0)


@compiled
def swap_tails(rt, info, where, r, i, s, j):
    """Swaps what two slots hold after positions i and j."""
    m, k = info[r, SIZE], info[s, SIZE]
    a, b = m - i, k - j
    for c in range(1, max(a, b) + 1):
        rt[r, i + c, Q], rt[s, j + c, Q] = rt[s, j + c, Q], rt[r, i + c, Q]
    info[r, SIZE], info[s, SIZE] = i + b, j + a
    for c in range(i + 1, i + b + 1):
        where[rt[r, c, Q]] = r
    for c in range(j + 1, j + a + 1):
        where[rt[s, c, Q]] = s
    info[r, CHANGED], info[s, CHANGED], info[r, DIRTY], info[s, DIRTY] = 1, 1, 1, 1
