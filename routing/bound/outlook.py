"""What a route can still bring at best, for every place and time: labels without hope are left out. Compiled by numba.

The rest of a route is looked at from its end (dynamic programming). Seconds are rounded down to whole steps, so that it
has more time than it really has, and at each node only the ``small`` set of jobs is remembered (ng-routes again, with
sets so small that every subset has its own entry). Bags and cuts are left out. So it is never dearer than what a label
can still become, as long as a label remembers at least the same.
"""

import numpy as np
from numba import njit

from routing.bound.labels import CUT, HANDLING, MISSED, MUST, RATE, RELEASE, RELOADS, SHARE, SOFT, opening

compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def carry_over(small, moved):
    """Fills ``moved[x, y, m]``: what of the set of y is remembered there after the subset m of the set of x."""
    nodes, size = small.shape
    into = np.zeros(size, np.int64)
    for x in range(nodes):
        for y in range(nodes):
            here = 0
            into[:] = 0
            for j in range(size):
                job = small[y, j]
                here |= 1 << j if job > 0 and job == x else 0
                for i in range(size):
                    into[i] |= 1 << j if job > 0 and job == small[x, i] else 0
            moved[x, y, 0] = here
            for i in range(size):
                for m in range(1 << i):
                    moved[x, y, m | 1 << i] = moved[x, y, m] | into[i]


@compiled
def outlook(
    arc_s, arc_cost, stop, window, span, price, home_s, home_cost, rule, worth, crowd, small, moved, rest, step,
    layered, stop_flag,
):  # fmt: skip
    """Fills ``rest[s, b, c, x, m]``: the least reduced cost still to come at x after c visits, from second b * step on.

    The first second is that of the span. Where it is ``layered`` the last c is the most visits that there can be;
    otherwise it stands for all from there on, each of which is dear or none, and every ride lasts a step at least.
    """
    spans, buckets, layers, nodes, subsets = rest.shape
    n = len(stop) - 1
    rest[:] = np.inf
    for turn in range(layers if layered else 1):
        low, high = (layers - 1 - turn, layers - turn) if layered else (0, layers)
        for s in range(spans - 1, -1, -1):
            last = 1 if span[s, 2] else 0
            for b in range(buckets - 1, -1, -1):
                t = span[s, 0] + b * step
                if stop_flag[0] != 0:
                    return
                if t > span[s, 1]:
                    continue
                for number in range(nodes):
                    x = number if layered else (number + 1) % nodes
                    here = rest[s, b, :, x]
                    if 0 < x <= n and t + home_s[last, x] <= span[s, 1]:
                        here[low:high] = home_cost[last, x]
                    for after in range(s if rule[RELOADS] else s + 1, spans if 0 < x <= n else 0):
                        ready = max(t + home_s[0, x] + rule[HANDLING], span[after, 0])
                        if t + home_s[0, x] <= span[s, 1] and ready <= span[after, 1]:
                            then = rest[after, (ready - span[after, 0]) // step, :, 0]
                            for c in range(low, high):
                                for m in range(subsets):
                                    here[c, m] = min(here[c, m], home_cost[0, x] + then[c, 0])
                    for y in range(1, n + 1):
                        if y == x or price[y] < 0:
                            continue
                        ready = opening(stop, window, y, max(t + arc_s[x, y], stop[y, RELEASE]))
                        if ready > stop[y, MUST] or ready + home_s[2, y] > span[s, 1]:
                            continue
                        paid = arc_cost[x, y] + price[y] - worth[x, y]
                        if ready > stop[y, SOFT]:
                            paid += (ready - stop[y, SOFT]) * stop[y, RATE] // 60
                        if ready > stop[y, CUT]:
                            paid += rule[MISSED]
                        then, into, bit = rest[s, (ready - span[s, 0]) // step, :, y], moved[x, y], 0
                        for j in range(small.shape[1]):
                            if small[x, j] == y:
                                bit = 1 << j
                        for c in range(low, min(high, layers - 1) if layered else high):
                            next_c = min(c + 1, layers - 1)
                            cost = paid + (crowd if c + 1 > rule[SHARE] else 0)
                            for m in range(subsets):
                                if m & bit == 0:
                                    here[c, m] = min(here[c, m], cost + then[next_c, into[m]])
