"""Pricing by labels: the cheapest routes of one kind, given what serving each job is worth. Compiled by numba.

A label is the way of a route up to the start of service at a job (or up to being ready at the office between trips):
its second, its reduced cost, its number of visits, its bag, and what it remembers of the jobs behind it. Labels are
looked at in order of time, so that one can only be dominated by what was seen at its node before. A job is remembered
as long as the route stays among jobs that hold it in their memory (ng-routes: Baldacci, Mingozzi and Roberti,
Operations Research 59(5), 2011); what is forgotten may be served again, which only makes routes cheaper. ``cut`` marks
for each job the subset-row cuts that it is in, ``fine`` is what each costs at every second visit to its jobs (Jepsen,
Petersen, Spoorendonk and Pisinger, Operations Research 56(2), 2008).

``rule``: fair share, price of a visit beyond it, bag (-1: not looked at), handling, whether one span may have several
trips, price of a missed cut-off.
"""

import numpy as np
from numba import njit

# fmt: off
WIN, WIN_END, SOFT, RATE, RELEASE, CUT, MUST, DELIVER, COLLECT, HOME = range(10)
SHARE, CROWD, BAG, HANDLING, RELOADS, MISSED = range(6)
NODE, SPAN, TIME, COUNT, BROUGHT, PEAK, BEFORE, NEXT, PAID = range(9)
NEVER = 1_000_000_000
COMPLETE, FULL, STOPPED = range(3)
# fmt: on

compiled = njit(nogil=True, cache=True, error_model="numpy")
inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)


@inlined
def opening(stop, window, x, t):
    """The first second from t on at which x may start; never, if too late."""
    for w in range(stop[x, WIN], stop[x, WIN_END]):
        if t <= window[w, 1]:
            return max(t, window[w, 0])
    return np.int64(NEVER)


@inlined
def extra(a, b, label, parity, fine, crowd):
    """By how much more the label a can still be fined than the label b."""
    more = crowd * max(0, label[a, COUNT] - label[b, COUNT])
    bits = parity[a] & ~parity[b]
    q = 0
    while bits:
        if bits & np.uint64(1):
            more += fine[q]
        bits >>= np.uint64(1)
        q += 1
    return more


@inlined
def dominates(a, b, label, cost, memory, parity, fine, crowd, bags):
    """Whether whatever can follow the label b can follow a too, no dearer; a was there no later."""
    for w in range(memory.shape[1]):
        if memory[a, w] & ~memory[b, w]:
            return False
    if bags and (label[a, BROUGHT] > label[b, BROUGHT] or label[a, PEAK] > label[b, PEAK]):
        return False
    return cost[a] + extra(a, b, label, parity, fine, crowd) <= cost[b]


@compiled
def is_dominated(new, first, label, cost, memory, parity, fine, crowd, bags):
    """Whether a label of the same place and span dominates the new one; ``first`` is the cheapest of them."""
    other = first
    while other >= 0 and cost[other] <= cost[new]:
        if dominates(other, new, label, cost, memory, parity, fine, crowd, bags):
            return True
        other = label[other, NEXT]
    return False


@compiled
def enter(new, first, place, label, cost, memory, parity, fine, crowd, bags):
    """Puts the label among those of its place, in order of cost; what it dominates leaves."""
    before, other = -1, first[place]
    while other >= 0 and cost[other] <= cost[new]:
        before, other = other, label[other, NEXT]
    label[new, NEXT] = other
    if before < 0:
        first[place] = new
    else:
        label[before, NEXT] = new
    before = new
    while other >= 0:
        after = label[other, NEXT]
        if dominates(new, other, label, cost, memory, parity, fine, crowd, bags):
            label[before, NEXT] = after
        else:
            before = other
        other = after


@compiled
def price_routes(
    arc_s, arc_cost, stop, window, start, span, price, home_s, home_cost, rule,
    worth, crowd, near, cut, fine, label, cost, memory, parity, ends, below, rest, small, step, stop_flag,
):  # fmt: skip
    """The routes of least reduced cost under ``below``, for each job that one can end with: the label that ends there.

    ``near`` holds what each node keeps in memory, ``rest`` is the outlook. With ``most`` labels a node and span, or
    some ``slack`` between labels, it is a heuristic and the answer need not be complete. Answers (state, labels used);
    ``ends[x]`` is the label or -1.
    """
    n, spans, nodes = len(stop) - 1, len(span), len(arc_s)
    begins, until = span[0, 0], span[-1, 1]
    for s in range(spans):
        begins, until = min(begins, span[s, 0]), max(until, span[s, 1])
    for s in range(len(start)):
        begins = min(begins, start[s, 2])
    due = np.full(max(0, until - begins) + 2, -1, np.int64)
    first = np.full(spans * nodes, -1, np.int64)
    bags, used = rule[BAG] >= 0, 0
    one = np.uint64(1)
    best = np.full(n + 1, np.inf)
    ends[:] = -1
    words, top = memory.shape[1], rest.shape[2] - 1
    for s in range(len(start)):
        if start[s, 2] <= span[start[s, 1], 1]:
            label[used, NODE], label[used, SPAN], label[used, TIME] = start[s, 0], start[s, 1], start[s, 2]
            label[used, COUNT] = label[used, BROUGHT] = label[used, PEAK] = 0
            label[used, BEFORE], label[used, PAID] = -1, start[s, 3]
            cost[used], parity[used] = start[s, 3], 0
            for w in range(words):
                memory[used, w] = 0
            label[used, NEXT] = due[start[s, 2] - begins]
            due[start[s, 2] - begins] = used
            used += 1
    for moment in range(len(due)):
        if stop_flag[0] != 0:
            return STOPPED, used
        while due[moment] >= 0:
            at = due[moment]
            due[moment] = label[at, NEXT]
            i, s, t = label[at, NODE], label[at, SPAN], label[at, TIME]
            place = s * nodes + i
            if is_dominated(at, first[place], label, cost, memory, parity, fine, crowd, bags):
                continue
            enter(at, first, place, label, cost, memory, parity, fine, crowd, bags)
            if used + n + 2 * spans + 2 >= len(label):
                return FULL, used
            if 0 < i <= n:
                last = 1 if span[s, 2] else 0
                if t + home_s[last, i] <= span[s, 1]:
                    total = cost[at] + home_cost[last, i] + crowd * max(0, label[at, COUNT] - rule[SHARE])
                    if total < min(best[i], below):
                        best[i], ends[i] = total, at
                for after in range(s if rule[RELOADS] else s + 1, spans):
                    ready = t + home_s[0, i] + rule[HANDLING]
                    if t + home_s[0, i] > span[s, 1]:
                        break
                    ready = max(ready, span[after, 0])
                    if ready > span[after, 1]:
                        continue
                    label[used, NODE], label[used, SPAN], label[used, TIME] = 0, after, ready
                    label[used, COUNT] = label[at, COUNT]
                    label[used, BROUGHT] = label[used, PEAK] = 0
                    label[used, BEFORE], label[used, PAID] = at, label[at, PAID] + home_cost[0, i]
                    cost[used], parity[used] = cost[at] + home_cost[0, i], parity[at]
                    for w in range(words):
                        memory[used, w] = memory[at, w] & near[0, w]
                    hope = cost[used] + crowd * max(0, label[used, COUNT] - rule[SHARE])
                    hope += rest[after, (ready - span[after, 0]) // step, min(top, label[used, COUNT]), 0, 0]
                    if hope < below and not is_dominated(
                        used, first[after * nodes], label, cost, memory, parity, fine, crowd, bags
                    ):
                        label[used, NEXT] = due[ready - begins]
                        due[ready - begins] = used
                        used += 1
            for x in range(1, n + 1):
                if price[x] < 0 or memory[at, (x - 1) >> 6] >> np.uint64((x - 1) & 63) & one:
                    continue
                ready = opening(stop, window, x, max(t + arc_s[i, x], stop[x, RELEASE]))
                if ready > stop[x, MUST] or ready + home_s[2, x] > span[s, 1]:
                    continue
                brought = peak = 0
                if bags:
                    brought = label[at, BROUGHT] + stop[x, COLLECT]
                    peak = max(label[at, PEAK] + stop[x, DELIVER], brought)
                    if peak > rule[BAG]:
                        continue
                paid = arc_cost[i, x] + price[x]
                if ready > stop[x, SOFT]:
                    paid += (ready - stop[x, SOFT]) * stop[x, RATE] // 60
                if ready > stop[x, CUT]:
                    paid += rule[MISSED]
                label[used, NODE], label[used, SPAN], label[used, TIME] = x, s, ready
                label[used, COUNT], label[used, BROUGHT], label[used, PEAK] = label[at, COUNT] + 1, brought, peak
                label[used, BEFORE], label[used, PAID] = at, label[at, PAID] + paid
                cost[used] = cost[at] + paid - worth[i, x]
                parity[used] = parity[at] ^ cut[x]
                second = parity[at] & cut[x]
                q = 0
                while second:
                    if second & one:
                        cost[used] += fine[q]
                    second >>= one
                    q += 1
                kept = 0
                for j in range(small.shape[1]):
                    y = small[x, j] - 1
                    if y >= 0 and memory[at, y >> 6] >> np.uint64(y & 63) & one:
                        kept |= 1 << j
                hope = cost[used] + crowd * max(0, label[used, COUNT] - rule[SHARE])
                if hope + rest[s, (ready - span[s, 0]) // step, min(top, label[used, COUNT]), x, kept] >= below:
                    continue
                for w in range(words):
                    memory[used, w] = memory[at, w] & near[x, w]
                memory[used, (x - 1) >> 6] |= one << np.uint64((x - 1) & 63)
                if not is_dominated(used, first[s * nodes + x], label, cost, memory, parity, fine, crowd, bags):
                    label[used, NEXT] = due[ready - begins]
                    due[ready - begins] = used
                    used += 1
    return COMPLETE, used
