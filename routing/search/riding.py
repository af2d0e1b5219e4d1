"""How trips go, in the kernel's flat arrays: times, loads and prices of a slot follow from its order of stops.

Nodes: 0 is the office, 1..n the jobs, then other places where trips start or end. A *slot* is one possible trip, all
slots of a shift stand next to each other in order of time. Positions 0 and m + 1 of a slot are its start and end.
Times are those at which a service starts, ``arc`` holds what lies between two starts. ``refresh`` brings the rows of
``rt`` up to date for a shift:

    AT     earliest start, given all before      PRE  highest load up to here     LINK  cost of the arc to the next
    LATE   latest start that keeps all after     SUF  highest load from here on   SUM   time from the start, no waits

A linked job (AFTER) is *stamped* when it is put in: its trip leaves at the stamp or later, and the trip of the job that
it waits for is back DELAY before the stamp. So neither needs to know the other's times.
"""

import numpy as np
from numba import njit

# fmt: off
# isort: off
from routing.search.columns import (
    AT, BACK, BAG, BOUND, CARRIED, CHANGE, CHANGED, CLOSE, COST, COUNT, CROWD, CUT, DELAY, END, FEES, FIXED, FOLLOWER,
    FREE, HANDLING, HASH, HI, LATE, LEAVE, LIMIT, LINK, LINKED, LO, LOAD, MISSED, MUST, NEEDS, NEVER, OPEN, PRE, Q,
    RATE, READY, RELEASE, SHARE, SHIFT, SIBLING, SIZE, SOFT, STALE, START, STAYS, SUF, SUM, SUM_COST, TIMED, TOLL,
    TOTAL, WIN, WIN_END, WORK, WORKED
)

compiled = njit(nogil=True, _nrt=False, error_model="numpy")
inlined = njit(nogil=True, _nrt=False, error_model="numpy", forceinline=True)
"""Without numba's runtime, which counts references to every array at every call: a third of the search's time. What
is compiled so can make no arrays."""


@inlined
def opening(stop, win, x, t):
    """The first second from t on at which x may start; t itself if too late."""
    if stop[x, WIN_END] - stop[x, WIN] < 2:
        return max(t, stop[x, OPEN])
    for k in range(stop[x, WIN], stop[x, WIN_END]):
        if t <= win[k, 1]:
            return max(t, win[k, 0])
    return t


@inlined
def closing(stop, win, x, t):
    """The last second up to t at which x may start; -1 if there is none, which no wait for an opening can make up."""
    if stop[x, WIN_END] - stop[x, WIN] < 2:
        return min(t, stop[x, CLOSE]) if t >= stop[x, OPEN] else -1
    for k in range(stop[x, WIN_END] - 1, stop[x, WIN] - 1, -1):
        if win[k, 0] <= t:
            return min(t, win[k, 1])
    return -1


@inlined
def stop_fee(stop, x, t):
    """What starting x at t costs for being late."""
    return (t - stop[x, SOFT]) * stop[x, RATE] // 60 if t > stop[x, SOFT] else 0


@compiled
def shape(arc, stop, price, word, slot, rt, info, r):
    """What follows from the order of a slot's stops alone: loads, arcs, cost."""
    ride, m, load = rt[r], info[r, SIZE], slot[r, BAG]
    for i in range(1, m + 1):
        load += stop[np.uint64(ride[i, Q]), LOAD]
    p, end = np.uint64(slot[r, START]), np.uint64(slot[r, END])
    ride[0, Q], ride[m + 1, Q] = p, end
    top, cost, total_s, h, timed = load, 0, 0, word[0] ^ word[0], slot[r, CARRIED] < slot[r, BACK]
    ready, limit = np.int64(slot[r, LEAVE]), np.int64(slot[r, BACK])
    ride[0, PRE], ride[0, SUF], ride[0, SUM] = load, load, 0
    for i in range(1, m + 1):
        x = np.uint64(ride[i, Q])
        ride[i - 1, LINK] = arc[p, x, 1]
        cost += arc[p, x, 1] + price[x, r]
        total_s += arc[p, x, 0]
        load += stop[x, CHANGE] - stop[x, LOAD]
        top = max(top, load)
        ride[i, PRE], ride[i, SUF], ride[i, SUM] = top, load, total_s
        h ^= word[x]
        timed |= stop[x, RATE] > 0 or stop[x, CUT] < slot[r, BACK]
        ready, limit = max(ready, np.int64(stop[x, RELEASE])), min(limit, np.int64(stop[x, MUST]))
        p = x
    rides = m > 0 or slot[r, STAYS] > 0
    ride[m, LINK] = arc[p, end, 1] if rides else 0
    ride[m + 1, SUM] = total_s + (arc[p, end, 0] if rides else 0)
    info[r, WORK], info[r, COST], info[r, HASH] = ride[m + 1, SUM], cost + ride[m, LINK], h
    info[r, TIMED], info[r, READY], info[r, LIMIT] = 1 if timed else 0, ready, limit
    for i in range(m - 1, -1, -1):
        ride[i, SUF] = max(ride[i, SUF], ride[i + 1, SUF])


@compiled
def forward(arc, stop, win, slot, fee, rt, info, stamp, r):
    """Earliest times of a slot, and the prices that depend on them."""
    ride, m, t, fees = rt[r], info[r, SIZE], max(info[r, FREE], info[r, READY]), 0
    if fee[LINKED]:
        for i in range(1, m + 1):
            t = max(t, np.int64(stamp[ride[i, Q]]))
    ride[0, AT] = t
    p = np.uint64(slot[r, START])
    for i in range(1, m + 1):
        x = np.uint64(ride[i, Q])
        t = opening(stop, win, x, t + arc[p, x, 0])
        ride[i, AT] = t
        p = x
    rides = m > 0 or slot[r, STAYS] > 0
    if rides:
        t += arc[p, np.uint64(slot[r, END]), 0]
    ride[m + 1, AT] = t
    if info[r, TIMED] & 1:
        for i in range(1, m + 1):
            x = np.uint64(ride[i, Q])
            fees += stop_fee(stop, x, ride[i, AT]) + fee[MISSED] * (stop[x, CUT] < t and slot[r, END] == 0)
        fees += fee[MISSED] * (rides and slot[r, CARRIED] < t)
    info[r, FEES] = fees


@compiled
def backward(arc, stop, win, slot, rt, info, r):
    """Latest times of a slot, back by BOUND."""
    ride, m, late, y = rt[r], info[r, SIZE], info[r, BOUND], np.uint64(slot[r, END])
    ride[m + 1, LATE] = late
    for i in range(m, 0, -1):
        x = np.uint64(ride[i, Q])
        late = closing(stop, win, x, late - arc[x, y, 0])
        ride[i, LATE] = late
        y = x
    if m > 0:
        ride[0, LATE] = late - arc[np.uint64(slot[r, START]), y, 0]
    else:
        ride[0, LATE] = late - ride[1, SUM]


@compiled
def waited_for(stop, slot, rt, info, stamp, r):
    """By when a slot has to be back for its own span, promised cut-offs, and jobs that wait for it."""
    bound = np.int64(slot[r, BACK])
    for i in range(1, info[r, SIZE] + 1):
        x = rt[r, i, Q]
        bound = min(bound, np.int64(stop[x, MUST]))
        b = stop[x, FOLLOWER]
        while b > 0:
            if stamp[b] > 0:
                bound = min(bound, np.int64(stamp[b]) - stop[b, DELAY])
            b = stop[b, SIBLING]
    return bound


@compiled
def refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v):
    """Brings a shift up to date after a change of some of its slots; says whether all of it holds."""
    free, count, work, total, ok = np.int64(0), np.int64(0), np.int64(0), np.int64(0), True
    for r in range(shift[v, LO], shift[v, HI]):
        if info[r, CHANGED]:
            shape(arc, stop, price, word, slot, rt, info, r)
        later = max(free, info[r, READY]) != max(info[r, FREE], info[r, READY])
        info[r, FREE] = free
        if info[r, CHANGED] or later:
            forward(arc, stop, win, slot, fee, rt, info, stamp, r)
        m = info[r, SIZE]
        if m > 0 or slot[r, STAYS] > 0:
            free = np.int64(rt[r, m + 1, AT]) + fee[HANDLING]
            work += info[r, WORK]
            total += info[r, COST] + info[r, FEES] + fee[TOLL + m]
        count += m
        ok &= m == 0 or slot[r, NEEDS] == 0 or info[slot[r, NEEDS] - 1, SIZE] > 0
    by, timed = np.int64(NEVER), np.int64(0)
    for r in range(shift[v, HI] - 1, shift[v, LO] - 1, -1):
        if fee[LINKED]:
            info[r, LIMIT] = waited_for(stop, slot, rt, info, stamp, r)
        bound = min(info[r, LIMIT], by)
        if info[r, CHANGED] or bound != info[r, BOUND]:
            info[r, BOUND] = bound
            backward(arc, stop, win, slot, rt, info, r)
        if info[r, SIZE] > 0 or slot[r, STAYS] > 0:
            by = np.int64(rt[r, 0, LATE]) - fee[HANDLING]
            ok &= rt[r, 0, AT] <= rt[r, 0, LATE]
        timed |= info[r, TIMED] & 1
        info[r, TIMED] = (info[r, TIMED] & 1) | (timed << 1)
        info[r, CHANGED] = 0
    total += max(np.int64(0), count - shift[v, SHARE]) * fee[CROWD] + (shift[v, FIXED] if count > 0 else 0)
    tot[SUM_COST] += total - own[v, TOTAL]
    own[v, COUNT], own[v, TOTAL], own[v, WORKED], own[v, STALE] = count, total, work, 0
    return ok


@compiled
def fees_after(arc, stop, win, slot, fee, rt, info, r, last, t):
    """What the trips of slots r to last - 1 cost more where the trip before is back at t."""
    added = np.int64(0)
    for s in range(r, last):
        if info[s, TIMED] == 0:
            break
        if info[s, SIZE] == 0:
            continue
        t += fee[HANDLING]
        if t <= rt[s, 0, AT]:
            break
        added -= info[s, FEES]
        p = slot[s, START]
        for k in range(1, info[s, SIZE] + 1):
            y = rt[s, k, Q]
            t = opening(stop, win, y, t + arc[p, y, 0])
            added += stop_fee(stop, y, t)
            p = y
        t += arc[p, slot[s, END], 0]
        for k in range(1, info[s, SIZE] + 1):
            added += fee[MISSED] * (stop[rt[s, k, Q], CUT] < t and slot[s, END] == 0)
    return added


@compiled
def fees_with(arc, stop, win, slot, shift, fee, rt, info, r, x, at, release):
    """What x after position ``at`` of a slot adds to the prices that depend on time, in it and in later trips."""
    t, added, m = max(np.int64(rt[r, 0, AT]), np.int64(release)), -info[r, FEES], info[r, SIZE]
    p = slot[r, START]
    for k in range(m + 1):
        if k > 0:
            y = rt[r, k, Q]
            t = opening(stop, win, y, t + arc[p, y, 0])
            added += stop_fee(stop, y, t)
            p = y
        if k == at:
            t = opening(stop, win, x, t + arc[p, x, 0])
            added += stop_fee(stop, x, t)
            p = x
    t += arc[p, slot[r, END], 0]
    if t > stop[x, MUST]:
        return NEVER
    added += fee[MISSED] * (slot[r, CARRIED] < t)
    if slot[r, END] == 0:  # What does not come to the office misses every cut-off: that is in its price.
        added += fee[MISSED] * (stop[x, CUT] < t)
        for k in range(1, m + 1):
            added += fee[MISSED] * (stop[rt[r, k, Q], CUT] < t)
    return added + fees_after(arc, stop, win, slot, fee, rt, info, r + 1, shift[slot[r, SHIFT], HI], t)
