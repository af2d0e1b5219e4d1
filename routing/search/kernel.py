"""Ruin and recreate on flat arrays, compiled by numba: strings of stops out, greedy with blinks in, cool down.

Slack induction by string removals after J. Christiaens and G. Vanden Berghe (Transportation Science 54(2), 2020). The
arrays are made and explained in ``routing.search.arrays``; they are passed one by one because that is what numba does
fast. One file, because numba's cache on disk does not see that a function of another file has changed.

Nodes: 0 is the office, 1..n the jobs, then other places where trips start or end. A *slot* is one possible trip, all
slots of a shift stand next to each other in order of time. Positions 0 and m + 1 of a slot are its start and end.
Times are those at which a service starts, ``arc`` holds what lies between two starts; times, loads and prices of a
slot follow from its order of stops, and ``refresh`` brings them up to date for a shift:

    AT     earliest start, given all before      PRE  highest load up to here     LINK  cost of the arc to the next
    LATE   latest start that keeps all after     SUF  highest load from here on   SUM   time from the start, no waits

A linked job (AFTER) is *stamped* when it is put in: its trip leaves at the stamp or later, and the trip of the job that
it waits for is back DELAY before the stamp. So neither needs to know the other's times.
"""

import math

import numpy as np
from numba import njit

# fmt: off
OPEN, CLOSE, LOAD, CHANGE, RELEASE, CUT, MUST, SOFT, RATE, WIN, WIN_END, AFTER, DELAY, FOLLOWER, SIBLING = range(15)
START, END, LEAVE, BACK, CAP, BAG, SHIFT, STAYS, LOCK, CARRIED, TWIN, SLOT_CLASS = range(12)
LO, HI, SHARE, MOST, MOST_WORK, FIXED, SHIFT_CLASS = range(7)
CROWD, MISSED, HANDLING, LINKED = range(4)
Q, AT, LATE, PRE, SUF, LINK, SUM = range(7)
SIZE, COST, FEES, HASH, DIRTY, CHANGED, FREE, BOUND, LIMIT, TIMED, WORK = range(11)
COUNT, TOTAL, STALE, WORKED = range(4)
ABSENT, SUM_COST, SUM_PAY, BEST, ITERATIONS = range(5)
NEVER = 1_000_000_000
ORDERS = 6

compiled = njit(nogil=True, cache=True, error_model="numpy")
inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)
S12, S25, S27, S33, S11 = (np.uint64(bits) for bits in (12, 25, 27, 33, 11))
MULTIPLIER = np.uint64(2685821657736338717)


@inlined
def draw(g):
    """64 random bits (xorshift64*)."""
    x = g[0]
    x ^= x >> S12
    x ^= x << S25
    x ^= x >> S27
    g[0] = x
    return x * MULTIPLIER


@inlined
def below(g, k):
    """A random whole number from 0 to k - 1."""
    return (np.int64(draw(g) >> S33) * k) >> 31


@inlined
def unit(g):
    """A random number in [0, 1)."""
    return np.int64(draw(g) >> S11) * (1.0 / 9007199254740992.0)


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
    """The last second up to t at which x may start; before its opening if there is none."""
    if stop[x, WIN_END] - stop[x, WIN] < 2:
        return min(t, stop[x, CLOSE])
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
    m, load = info[r, SIZE], slot[r, BAG]
    for i in range(1, m + 1):
        load += stop[rt[r, i, Q], LOAD]
    p, end = slot[r, START], slot[r, END]
    rt[r, 0, Q], rt[r, m + 1, Q] = p, end
    top, cost, total_s, h, timed = load, 0, 0, word[0] ^ word[0], slot[r, CARRIED] < slot[r, BACK]
    rt[r, 0, PRE], rt[r, 0, SUF], rt[r, 0, SUM] = load, load, 0
    for i in range(1, m + 1):
        x = rt[r, i, Q]
        rt[r, i - 1, LINK] = arc[p, x, 1]
        cost += arc[p, x, 1] + price[x, r]
        total_s += arc[p, x, 0]
        load += stop[x, CHANGE] - stop[x, LOAD]
        top = max(top, load)
        rt[r, i, PRE], rt[r, i, SUF], rt[r, i, SUM] = top, load, total_s
        h ^= word[x]
        timed |= stop[x, RATE] > 0 or stop[x, CUT] < slot[r, BACK]
        p = x
    rides = m > 0 or slot[r, STAYS] > 0
    rt[r, m, LINK] = arc[p, end, 1] if rides else 0
    rt[r, m + 1, SUM] = total_s + (arc[p, end, 0] if rides else 0)
    info[r, WORK], info[r, COST], info[r, HASH] = rt[r, m + 1, SUM], cost + rt[r, m, LINK], h
    info[r, TIMED] = 1 if timed else 0
    for i in range(m - 1, -1, -1):
        rt[r, i, SUF] = max(rt[r, i, SUF], rt[r, i + 1, SUF])


@compiled
def forward(arc, stop, win, slot, fee, rt, info, stamp, r):
    """Earliest times of a slot, and the prices that depend on them."""
    m, t, fees = info[r, SIZE], max(info[r, FREE], np.int64(slot[r, LEAVE])), 0
    for i in range(1, m + 1):
        x = rt[r, i, Q]
        t = max(t, np.int64(stop[x, RELEASE]), np.int64(stamp[x]))
    rt[r, 0, AT] = t
    p = slot[r, START]
    for i in range(1, m + 1):
        x = rt[r, i, Q]
        t = opening(stop, win, x, t + arc[p, x, 0])
        fees += stop_fee(stop, x, t)
        rt[r, i, AT] = t
        p = x
    if m > 0 or slot[r, STAYS] > 0:
        t += arc[p, slot[r, END], 0]
    rt[r, m + 1, AT] = t
    for i in range(1, m + 1):
        fees += fee[MISSED] * (stop[rt[r, i, Q], CUT] < t and slot[r, END] == 0)
    if m > 0 or slot[r, STAYS] > 0:
        fees += fee[MISSED] * (slot[r, CARRIED] < t)
    info[r, FEES] = fees


@compiled
def backward(arc, stop, win, slot, rt, info, r):
    """Latest times of a slot, back by BOUND."""
    m, late, y = info[r, SIZE], info[r, BOUND], slot[r, END]
    rt[r, m + 1, LATE] = late
    for i in range(m, 0, -1):
        x = rt[r, i, Q]
        late = closing(stop, win, x, late - arc[x, y, 0])
        rt[r, i, LATE] = late
        y = x
    if m > 0:
        rt[r, 0, LATE] = late - arc[slot[r, START], y, 0]
    else:
        rt[r, 0, LATE] = late - rt[r, 1, SUM]


@compiled
def limit_of(stop, slot, rt, info, stamp, r):
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
        if info[r, CHANGED] or free != info[r, FREE]:
            info[r, FREE] = free
            forward(arc, stop, win, slot, fee, rt, info, stamp, r)
        m = info[r, SIZE]
        if m > 0 or slot[r, STAYS] > 0:
            free = np.int64(rt[r, m + 1, AT]) + fee[HANDLING]
            work += info[r, WORK]
            total += info[r, COST] + info[r, FEES]
        count += m
    by, timed = np.int64(NEVER), np.int64(0)
    for r in range(shift[v, HI] - 1, shift[v, LO] - 1, -1):
        if info[r, CHANGED] or fee[LINKED]:
            info[r, LIMIT] = limit_of(stop, slot, rt, info, stamp, r)
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
    for s in range(r + 1, shift[slot[r, SHIFT], HI]):
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


@inlined
def best_place(arc, stop, win, slot, shift, fee, rt, info, own, g, r, x, low, base, release, bound, blink):
    """The cheapest place for x after position ``low`` or later, below ``bound``: (cost, position or -1)."""
    at, m, v = -1, info[r, SIZE], slot[r, SHIFT]
    opens, closes = stop[x, OPEN], stop[x, CLOSE]
    room_before, room_after = slot[r, CAP] - stop[x, LOAD], slot[r, CAP] - stop[x, CHANGE]
    several = stop[x, WIN_END] - stop[x, WIN] > 1
    pushes = release > rt[r, 0, AT]
    timed = info[r, TIMED] > 0 or stop[x, RATE] > 0 or stop[x, CUT] < slot[r, BACK] or stop[x, MUST] < info[r, BOUND]
    tired = shift[v, MOST_WORK] < NEVER
    if pushes and m > 0 and release > rt[r, 0, LATE]:
        return bound, at
    p = rt[r, low, Q]
    for i in range(low, m + 1):
        y = rt[r, i + 1, Q]
        added = np.int64(arc[x, p, 3]) + arc[x, y, 1] - rt[r, i, LINK] + base
        if added < bound:
            before = rt[r, i, AT]
            if pushes:
                before = max(before, release + rt[r, i, SUM])
            if before > closes:
                break
            t = max(before + arc[x, p, 2], opens)
            if several:
                t = opening(stop, win, x, before + arc[x, p, 2])
            if (t <= closes and t + arc[x, y, 0] <= rt[r, i + 1, LATE] and rt[r, i, PRE] <= room_before
                    and rt[r, i, SUF] <= room_after and not (blink > 0 and unit(g) < blink)):
                fits = True
                if tired:
                    instead = rt[r, i + 1, SUM] - rt[r, i, SUM]
                    fits = own[v, WORKED] + arc[x, p, 2] + arc[x, y, 0] - instead <= shift[v, MOST_WORK]
                if timed and fits:
                    added += fees_with(arc, stop, win, slot, shift, fee, rt, info, r, x, i, release)
                if fits and added < bound:
                    bound, at = added, i
        p = y
    return bound, at


@inlined
def released(stop, slot, rt, info, where, r, x):
    """When x may leave the office in a slot; NEVER where what it waits for does not come in before."""
    a = stop[x, AFTER]
    if a == 0:
        return np.int64(stop[x, RELEASE])
    s = where[a]
    if s < 0 or (slot[s, SHIFT] == slot[r, SHIFT] and r <= s):
        return np.int64(NEVER)
    return max(np.int64(stop[x, RELEASE]), np.int64(rt[s, info[s, SIZE] + 1, AT]) + stop[x, DELAY])


@compiled
def put(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, r, x, at, release):
    """Puts x after position ``at``; takes it out again and says False where that breaks something after all."""
    m, v = info[r, SIZE], slot[r, SHIFT]
    for i in range(m, at, -1):
        rt[r, i + 1, Q] = rt[r, i, Q]
    rt[r, at + 1, Q] = x
    info[r, SIZE], info[r, CHANGED], info[r, DIRTY], where[x] = m + 1, 1, 1, r
    waits = stop[x, AFTER] > 0
    if waits:
        stamp[x] = release
    ok = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
    if waits and ok:
        stamp[x] = rt[r, 0, AT]
        w = slot[where[stop[x, AFTER]], SHIFT]
        ok = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
    if ok:
        return True
    for i in range(at + 1, m + 1):
        rt[r, i, Q] = rt[r, i + 1, Q]
    info[r, SIZE], info[r, CHANGED], where[x], stamp[x] = m, 1, -1, 0
    refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
    if waits:
        w = slot[where[stop[x, AFTER]], SHIFT]
        refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
    return False


@compiled
def recreate(arc, stop, win, pay, key, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, out, seen, g,
             order, blink, p_new):
    """Puts absent jobs back, each where it costs least, in one of several orders; what fits nowhere stays absent."""
    n_out = tot[ABSENT]
    for i in range(n_out - 1, 0, -1):
        j = below(g, i + 1)
        out[i], out[j] = out[j], out[i]
    if order > 0:
        for i in range(1, n_out):
            x, j = out[i], i
            while j > 0 and key[order, out[j - 1]] > key[order, x]:
                out[j] = out[j - 1]
                j -= 1
            out[j] = x
    alone = out[0] if n_out > 0 and unit(g) < p_new else -1
    left = 0
    for a in range(n_out):
        x = out[a]
        bound, br, at, release = pay[x], -1, -1, np.int64(0)
        for r in range(slot.shape[0]):
            if price[x, r] < 0:
                continue
            v = slot[r, SHIFT]
            bl = blink
            if info[r, SIZE] == 0:
                if slot[r, TWIN] and info[r - 1, SIZE] == 0:
                    continue
                if own[v, COUNT] == 0:  # Of shifts that are all the same and not yet used one is enough.
                    if seen[slot[r, SLOT_CLASS]] == x:
                        continue
                    seen[slot[r, SLOT_CLASS]] = x
                if x == alone and br >= 0 and below(g, 2):
                    continue
                bl = 0.0
            elif x == alone:
                continue
            if own[v, COUNT] >= shift[v, MOST]:
                continue
            base = np.int64(price[x, r])
            if own[v, COUNT] >= shift[v, SHARE]:
                base += fee[CROWD]
            if own[v, COUNT] == 0:
                base += shift[v, FIXED]
            ready = released(stop, slot, rt, info, where, r, x)
            if base >= bound or ready >= NEVER:
                continue
            low = slot[r, LOCK]
            c, i = best_place(arc, stop, win, slot, shift, fee, rt, info, own, g, r, x, low, base, ready, bound, bl)
            if i >= 0:
                bound, br, at, release = c, r, i, ready
        seen[:] = 0
        if br >= 0 and put(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, br, x, at,
                           release):
            tot[SUM_COST] -= pay[x]
            tot[SUM_PAY] -= pay[x]
        else:
            out[left] = x
            left += 1
    tot[ABSENT] = left


@compiled
def cut(pay, slot, rt, info, own, stamp, tot, where, out, r, lo, keep_lo, keep_hi, hi):
    """Takes positions lo..hi-1 of a slot out, but for keep_lo..keep_hi-1. The shift is stale then."""
    m, w = info[r, SIZE], lo
    for i in range(lo, m + 1):
        x = rt[r, i, Q]
        if i < hi and not (keep_lo <= i < keep_hi):
            out[tot[ABSENT]] = x
            tot[ABSENT] += 1
            tot[SUM_COST] += pay[x]
            tot[SUM_PAY] += pay[x]
            where[x], stamp[x] = -1, 0
        else:
            rt[r, w, Q] = x
            w += 1
    info[r, SIZE], info[r, CHANGED], info[r, DIRTY], own[slot[r, SHIFT], STALE] = w - 1, 1, 1, 1


@compiled
def pick_slot(slot, info, g, used):
    """A random slot that has stops that may be taken out."""
    i = below(g, used)
    for r in range(info.shape[0]):
        if info[r, SIZE] > slot[r, LOCK]:
            if i == 0:
                return r
            i -= 1
    return -1


@compiled
def position_of(rt, r, x):
    """Where x stands in a slot."""
    i = 1
    while rt[r, i, Q] != x:
        i += 1
    return i


@compiled
def ruin(stop, pay, near, slot, rt, info, own, stamp, tot, where, out, linked, touched, g, longest, removed, p_whole):
    """Takes strings of neighbouring stops out, at most one a trip, and what waits for what was taken out."""
    used, served = 0, 0
    for r in range(info.shape[0]):
        touched[r] = 0
        served += info[r, SIZE]
        used += info[r, SIZE] > slot[r, LOCK]
    if used == 0:
        return
    longest = min(longest, served / used)
    strings = max(1, int(unit(g) * (4 * removed / (1 + longest) - 1) + 1))
    seed = below(g, near.shape[0] - 1) + 1
    if unit(g) < p_whole:
        r, r2 = pick_slot(slot, info, g, used), pick_slot(slot, info, g, used)
        if info[r2, SIZE] < info[r, SIZE]:
            r = r2
        seed = np.int64(rt[r, 1 + below(g, info[r, SIZE]), Q])
        cut(pay, slot, rt, info, own, stamp, tot, where, out, r, slot[r, LOCK] + 1, 0, 0, info[r, SIZE] + 1)
    done = 0
    for j in range(near.shape[1]):
        if done >= strings:
            break
        x = near[seed, j]
        r = np.int64(where[x])
        if r < 0 or touched[r]:
            continue
        lock = np.int64(slot[r, LOCK])
        pos, m = position_of(rt, r, x) - lock, info[r, SIZE] - lock
        if pos < 1:
            continue
        length = min(m, max(1, int(unit(g) * min(float(m), longest) + 1)))
        kept = 0
        if unit(g) < 0.5:
            while length + kept < m and unit(g) > 0.01:
                kept += 1
            if unit(g) < 0.5:
                kept = min(kept, 3)
        whole = length + kept
        lo, hi = max(1, pos - whole + 1), min(pos, m - whole + 1)
        lo += below(g, hi - lo + 1) + lock
        first = below(g, length + 1) if kept else length
        cut(pay, slot, rt, info, own, stamp, tot, where, out, r, lo, lo + first, lo + first + kept, lo + whole)
        touched[r] = 1
        done += 1
    for b in linked:  # In an order in which what is waited for comes first.
        r = np.int64(where[b])
        if r >= 0 and where[stop[b, AFTER]] < 0:
            pos = position_of(rt, r, b)
            cut(pay, slot, rt, info, own, stamp, tot, where, out, r, pos, 0, 0, pos + 1)


@compiled
def remember(group, slot, word, rt, info, table, col, data):
    """Keeps the routes of a good plan as columns: of each set of jobs and group class the cheapest. Row 0 counts."""
    mask = table.size - 1
    for k in range(group.shape[0]):
        h, cost, m, first = word[-1 - group[k, 2]], 0, 0, group[k, 0]
        for r in range(first, group[k, 1]):
            h ^= np.uint64(info[r, HASH])
            if info[r, SIZE] > 0 or slot[r, STAYS] > 0:
                cost += info[r, COST] + info[r, FEES]
            m += info[r, SIZE]
        if m == 0:
            continue
        at = np.int64(h & np.uint64(mask))
        while table[at] > 0 and np.uint64(col[table[at], 0]) != h:
            at = (at + 1) & mask
        c, length = np.int64(table[at]), m + group[k, 1] - first
        if c == 0:
            c = col[0, 0] + 1
            if col[0, 1] + length > data.size or c >= col.shape[0]:
                return
            table[at], col[c, 0], col[c, 1], col[c, 3] = c, np.int64(h), k, col[0, 1]
            col[0, 0], col[0, 1] = c, col[0, 1] + length
        elif col[c, 2] <= cost:
            continue
        col[c, 2], col[c, 4] = cost, length
        w = col[c, 3]
        for r in range(first, group[k, 1]):
            for i in range(1, info[r, SIZE] + 1):
                data[w] = rt[r, i, Q]
                w += 1
            data[w] = 0
            w += 1


@compiled
def accept(rt, info, out, tot, stamp, linked, kept, outs):
    """Copies the changed slots of the working plan to the accepted one."""
    for r in range(info.shape[0]):
        if info[r, DIRTY]:
            info[r, DIRTY] = 0
            kept[r, 0] = info[r, SIZE]
            for i in range(1, info[r, SIZE] + 1):
                kept[r, i] = rt[r, i, Q]
    outs[0, 0] = tot[ABSENT]
    for i in range(tot[ABSENT]):
        outs[0, i + 1] = out[i]
    for b in linked:
        outs[1, b] = stamp[b]


@compiled
def search(arc, stop, win, pay, key, price, word, near, linked, slot, shift, group, fee, rt, info, own, stamp, tot,
           where, out, seen, touched, g, kept, outs, best, table, col, data, rounds, temperature, longest, removed,
           p_whole, p_new, pool_gap):
    """So many rounds at one temperature, from the plan that the arrays hold. Call it again to go on."""
    if tot[ITERATIONS] == 0:
        for v in range(shift.shape[0]):
            refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
    for it in range(rounds + 1):
        cost, costs_pay = tot[SUM_COST], tot[SUM_PAY]
        if tot[ITERATIONS] > 0:
            if it == rounds:
                break
            ruin(stop, pay, near, slot, rt, info, own, stamp, tot, where, out, linked, touched, g, longest, removed,
                 p_whole)
        ok = True
        for v in range(shift.shape[0]):
            if own[v, STALE]:
                ok &= refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        if ok:
            order = below(g, ORDERS) if tot[ITERATIONS] > 0 else ORDERS
            blink = 0.01 if tot[ITERATIONS] > 0 else 0.0
            for _ in range(2 if linked.size else 1):
                recreate(arc, stop, win, pay, key, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, out,
                         seen, g, order, blink, p_new)
        first = tot[ITERATIONS] == 0
        tot[ITERATIONS] += 1
        if first or (ok and tot[SUM_COST] < cost - temperature * math.log(unit(g) + 1e-300)):
            accept(rt, info, out, tot, stamp, linked, kept, outs)
            gap = (tot[BEST] - tot[SUM_PAY]) * pool_gap
            if tot[SUM_COST] < tot[BEST] + gap:
                remember(group, slot, word, rt, info, table, col, data)
            if tot[SUM_COST] < tot[BEST]:
                tot[BEST] = tot[SUM_COST]
                best[:] = kept
            continue
        for b in linked:
            stamp[b] = outs[1, b]
        for r in range(info.shape[0]):
            if info[r, DIRTY]:
                info[r, DIRTY], info[r, CHANGED], own[slot[r, SHIFT], STALE] = 0, 1, 1
                info[r, SIZE] = kept[r, 0]
                for i in range(1, kept[r, 0] + 1):
                    rt[r, i, Q] = kept[r, i]
                    where[kept[r, i]] = r
        tot[ABSENT] = outs[0, 0]
        for i in range(tot[ABSENT]):
            out[i] = outs[0, i + 1]
            where[out[i]] = -1
        for v in range(shift.shape[0]):
            if own[v, STALE] or linked.size:
                refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        tot[SUM_COST], tot[SUM_PAY] = cost, costs_pay
