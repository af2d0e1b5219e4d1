"""Ruin and recreate on flat arrays, compiled by numba: strings of stops out, greedy with blinks in, cool down.

Slack induction by string removals after J. Christiaens and G. Vanden Berghe (Transportation Science 54(2), 2020), with
trips that change hands. The arrays are made and explained in ``routing.search.arrays``, what follows from an order of
stops in ``routing.search.riding``; they are passed one by one because that is what numba does fast.
"""

import hashlib
import math
from pathlib import Path

import numpy as np
from numba import njit

# fmt: off
# isort: off
from routing.search import columns, dice, riding, trips
from routing.search.columns import (
    ABSENT, AFTER, AT, BACK, BEST, BOUND, CAP, CHANGE, CHANGED, CLOSE, COST, COUNT, CROWD, CUT, DELAY, DIRTY, END,
    FEES, FIXED, FREE, HANDLING, HASH, HI, ITERATIONS, LATE, LEAVE, LINK, LOAD, LOCK, LONE, MISSED, MOST, MOST_WORK,
    MUST, NEEDS, NEVER, OPEN, ORDERS, PRE, Q, RATE, RELEASE, SEVERAL, SHARE, SHIFT, SIZE, SLOT_CLASS, STALE, START,
    STAYS, SUF, SUM, SUM_COST, SUM_PAY, TIMED, TOLL, TOLLED, TWIN, WIN, WIN_END, WORKED
)
from routing.search.dice import below, unit
from routing.search.riding import compiled, fees_after, fees_with, inlined, opening, refresh, stop_fee
from routing.search.trips import close_up, cross, exchange, hole, make_room, position_of

NEIGHBOURS = 30


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
    ways, ride = arc[x], rt[r]
    p = np.uint64(ride[low, Q])
    for i in range(low, m + 1):
        y = np.uint64(ride[i + 1, Q])
        added = np.int64(ways[p, 3]) + ways[y, 1] - ride[i, LINK] + base
        if added < bound:
            before = np.int64(ride[i, AT])
            if pushes:
                before = max(before, release + ride[i, SUM])
            if before > closes:
                break
            t = max(before + ways[p, 2], opens)
            if several:
                t = opening(stop, win, x, before + ways[p, 2])
            if (t <= closes and t + ways[y, 0] <= ride[i + 1, LATE] and ride[i, PRE] <= room_before
                    and ride[i, SUF] <= room_after and not (blink > 0 and unit(g) < blink)):
                fits = True
                if tired:
                    instead = ride[i + 1, SUM] - ride[i, SUM]
                    fits = own[v, WORKED] + ways[p, 2] + ways[y, 0] - instead <= shift[v, MOST_WORK]
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
    if s < 0 or slot[s, END] != 0 or (slot[s, SHIFT] == slot[r, SHIFT] and r <= s):
        return np.int64(NEVER)
    return max(np.int64(stop[x, RELEASE]), np.int64(rt[s, info[s, SIZE] + 1, AT]) + stop[x, DELAY])


@compiled
def put(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, r, x, at, release):
    """Puts x after position ``at``; takes it out again and says False where that breaks something after all."""
    m, v = info[r, SIZE], np.int64(slot[r, SHIFT])
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
        w = np.int64(slot[where[stop[x, AFTER]], SHIFT])
        ok = refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
    if ok:
        return True
    for i in range(at + 1, m + 1):
        rt[r, i, Q] = rt[r, i + 1, Q]
    info[r, SIZE], info[r, CHANGED], where[x], stamp[x] = m, 1, -1, 0
    refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
    if waits:
        w = np.int64(slot[where[stop[x, AFTER]], SHIFT])
        refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, w)
    return False


@compiled
def best_gap(arc, stop, win, price, slot, shift, fee, rt, info, own, where, g, x, bound):
    """The slot before whose trip a new one for x costs least, below ``bound``: (cost, slot or -1, release)."""
    at, released_at, n = -1, np.int64(0), slot.shape[0]
    begin = below(g, n)
    for k in range(n):
        r = begin + k if begin + k < n else begin + k - n
        v, p, y = slot[r, SHIFT], slot[r, START], slot[r, END]
        if info[r, SIZE] == 0 or price[x, r] < 0 or own[v, COUNT] >= shift[v, MOST]:
            continue
        added = np.int64(arc[x, p, 3]) + arc[x, y, 1] + price[x, r] + fee[TOLL + 1]
        if own[v, COUNT] >= shift[v, SHARE]:
            added += fee[CROWD]
        if added >= bound or hole(slot, info, r) < 0:
            continue
        ready = released(stop, slot, rt, info, where, r, x)
        t = max(info[r, FREE], np.int64(slot[r, LEAVE]), ready) + arc[x, p, 2]
        t = opening(stop, win, x, t)
        back = t + arc[x, y, 0]
        if t > stop[x, CLOSE] or back > stop[x, MUST] or back + fee[HANDLING] > rt[r, 0, LATE]:
            continue
        if own[v, WORKED] + arc[x, p, 2] + arc[x, y, 0] > shift[v, MOST_WORK]:
            continue
        added += stop_fee(stop, x, t) + fee[MISSED] * (stop[x, CUT] < back and y == 0)
        if info[r, TIMED]:
            added += fees_after(arc, stop, win, slot, fee, rt, info, r, shift[v, HI], back)
        if added < bound:
            bound, at, released_at = added, r, ready
    return bound, at, released_at


@compiled
def recreate(arc, stop, win, pay, key, price, word, near, slot, shift, fee, rt, info, own, stamp, tot, where, out,
             seen, g, order, blink, p_new):
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
    left, n = 0, slot.shape[0]
    for a in range(n_out):
        x = out[a]
        bound, br, at, release = pay[x], -1, -1, np.int64(0)
        seen[n, 0] += 1
        now = seen[n, 0]
        k, end, trips = 0, 0, 0
        if x != alone:  # First where its neighbours ride.
            for j in range(min(NEIGHBOURS, near.shape[1])):
                r = where[near[x, j]]
                if r >= 0 and seen[r, 0] != now:
                    seen[r, 0] = now
                    seen[end, 2] = r
                    end += 1
        while True:
            if k == end:
                trips += 1
                if trips == 1 and stop[x, LONE] + fee[TOLL + 1] < bound:  # Then trips of its own.
                    for r in range(n):
                        if info[r, SIZE] == 0 and not (slot[r, TWIN] and info[r - 1, SIZE] == 0):
                            seen[r, 0] = now
                            seen[end, 2] = r
                            end += 1
                elif trips == 2 and br < 0:  # Everywhere.
                    for r in range(n):
                        if info[r, SIZE] > 0 and seen[r, 0] != now and x != alone:
                            seen[end, 2] = r
                            end += 1
                elif trips > 2:
                    break
                continue
            r = np.int64(seen[k, 2])
            k += 1
            if price[x, r] < 0:
                continue
            v = slot[r, SHIFT]
            bl = blink
            if info[r, SIZE] == 0:
                if slot[r, NEEDS] > 0 and info[slot[r, NEEDS] - 1, SIZE] == 0:
                    continue
                if own[v, COUNT] == 0:  # Of shifts that are all the same and not yet used one is enough.
                    if seen[slot[r, SLOT_CLASS], 1] == now:
                        continue
                    seen[slot[r, SLOT_CLASS], 1] = now
                if x == alone and br >= 0 and below(g, 2):
                    continue
                bl = 0.0
            if own[v, COUNT] >= shift[v, MOST]:
                continue
            m = info[r, SIZE]
            base = np.int64(price[x, r]) + fee[TOLL + m + 1] - fee[TOLL + m]
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
        if fee[SEVERAL] and stop[x, LONE] + fee[TOLL + 1] < bound:
            bound, r, ready = best_gap(arc, stop, win, price, slot, shift, fee, rt, info, own, where, g, x, bound)
            if r >= 0:
                make_room(slot, rt, info, where, r)
                br, at, release = r, 0, ready
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
def ruin(stop, pay, near, slot, rt, info, own, stamp, tot, where, out, linked, touched, g, longest, removed, p_whole,
         start):
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
    seed = start if start > 0 else below(g, near.shape[0] - 1) + 1
    if start == 0 and unit(g) < p_whole:
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
def remember(group, slot, word, rt, info, table, col, data, plan_cost):
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
            table[at], col[c, 0], col[c, 1], col[c, 3], col[c, 5] = c, np.int64(h), k, col[0, 1], plan_cost
            col[0, 0], col[0, 1] = c, col[0, 1] + length
        else:
            col[c, 5] = min(col[c, 5], plan_cost)
            if col[c, 2] <= cost:
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
def play(arc, stop, win, pay, key, price, word, near, linked, slot, shift, group, fee, rt, info, own, stamp, tot,
           where, out, seen, touched, g, kept, outs, best, table, col, data, rounds, temperature, longest, removed,
           p_whole, p_new, p_swap, pool_gap):
    """So many rounds at one temperature, from the plan that the arrays hold. Call it again to go on."""
    if tot[ITERATIONS] == 0:
        close_up(slot, rt, info, own, where)
        for v in range(shift.shape[0]):
            refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
    for it in range(rounds + 1):
        cost, costs_pay = tot[SUM_COST], tot[SUM_PAY]
        if tot[ITERATIONS] > 0:
            if it == rounds:
                break
            if unit(g) < p_swap and linked.size == 0:
                exchange(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, where, g, 5)
            begin = np.int64(0)
            if linked.size == 0 and near.shape[1] > 1:
                begin = cross(arc, stop, win, price, word, near, slot, shift, fee, rt, info, own, stamp, tot, where, g,
                              temperature, 10)
            ruin(stop, pay, near, slot, rt, info, own, stamp, tot, where, out, linked, touched, g, longest, removed,
                 p_whole, begin)
        ok = True
        if fee[SEVERAL]:
            close_up(slot, rt, info, own, where)
        for v in range(shift.shape[0]):
            if own[v, STALE]:
                ok &= refresh(arc, stop, win, price, word, slot, shift, fee, rt, info, own, stamp, tot, v)
        if ok:
            order = below(g, ORDERS) if tot[ITERATIONS] > 0 else ORDERS
            blink = 0.01 if tot[ITERATIONS] > 0 else 0.0
            for _ in range(2 if linked.size else 1):
                recreate(arc, stop, win, pay, key, price, word, near, slot, shift, fee, rt, info, own, stamp, tot,
                         where, out, seen, g, order, blink, p_new)
        first = tot[ITERATIONS] == 0
        tot[ITERATIONS] += 1
        if first or (ok and tot[SUM_COST] < cost - temperature * math.log(unit(g) + 1e-300)):
            accept(rt, info, out, tot, stamp, linked, kept, outs)
            gap = (tot[BEST] - tot[SUM_PAY]) * pool_gap
            if fee[TOLL + 1] == 0 and tot[SUM_COST] < tot[BEST] + gap:
                remember(group, slot, word, rt, info, table, col, data, tot[SUM_COST])
            if tot[SUM_COST] < tot[BEST]:
                tot[BEST], tot[TOLLED] = tot[SUM_COST], 0
                for r in range(slot.shape[0]):
                    tot[TOLLED] += fee[TOLL + kept[r, 0]]
                    for i in range(kept[r, 0] + 1):
                        best[r, i] = kept[r, i]
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


def _entries(sources):
    """What Python calls. numba keeps it on disk while this file and what it closes over (the others) are the same."""

    @njit(nogil=True, cache=True, _nrt=False, error_model="numpy")
    def search(*everything):
        if sources > 0:
            play(*everything)

    @njit(nogil=True, cache=True, _nrt=False, error_model="numpy")
    def hold(*everything):
        return sources > 0 and refresh(*everything)

    return search, hold


def _digest(*files):
    return int(hashlib.sha256(b"".join(Path(str(file)).read_bytes() for file in files)).hexdigest()[:15], 16)


PARTS = columns, dice, riding, trips
TEXT = _digest(__file__, *(part.__file__ for part in PARTS))
search, hold = _entries(_digest(*(part.__file__ for part in PARTS)))
