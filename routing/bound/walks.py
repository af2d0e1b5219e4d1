"""Cheapest walks through a day by dynamic programming over visits and steps of time. Compiled by numba.

A walk is a route that may come to a job again, only not straight back (x, y, x). Seconds are rounded down to whole
steps where a ride ends, so that a walk is never later than the route it stands for; being sooner is never dearer.
"""

import numpy as np
from numba import njit

compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def cheapest(
    ride, ride_cost, span, opens, pays, home_by, home_cost, reload_by, reload, reload_cost, reloads, worth,
    value, following, ready, after, out, out_to,
):  # fmt: skip
    """Fills the tables of the least reduced costs that can still come.

    ``value[q, r, s, t, x]``: the service at x has begun in step t of span s, and at most r visits follow; q = 1 is the
    best with another next job than the best of all, q = 0. ``following`` says where it goes: to a job, home for good
    (0), or to the office and out again in span z (-1 - z). ``ready[q, r, s, t, y]``: y is reached in step t, its
    service and worth are included, ``after[r, s, t, y]`` comes next. ``out[r, s, t]``: the office can be left in step
    t, the first stop is ``out_to[r, s, t]`` and at most r follow.

    ``ride`` and ``reload`` hold steps, ``span`` the first and the last step of each, ``opens`` in which step a service
    begins (-1: too late), ``home_by`` and ``reload_by`` the last step in which it may begin before a ride home.
    """
    _, layers, spans, _steps, nodes = value.shape
    value[:] = np.inf
    ready[:] = np.inf
    out[:] = np.inf
    for r in range(layers):
        for s in range(spans - 1, -1, -1):
            for t in range(span[s, 1], span[s, 0] - 1, -1):
                for x in range(1, nodes):
                    best, second, to, to_second = np.inf, np.inf, 0, 0
                    if t <= home_by[s, x]:
                        best = home_cost[s, x]
                    if r and t <= reload_by[s, x]:
                        for z in range(s if reloads else s + 1, spans):
                            at = max(t + reload[x], span[z, 0])
                            if at <= span[z, 1]:
                                cost = reload_cost[x] + out[r - 1, z, at]
                                if cost < best:
                                    second, to_second, best, to = best, to, cost, -1 - z
                                elif cost < second:
                                    second, to_second = cost, -1 - z
                    for y in range(1, nodes if r else 1):
                        at = t + ride[x, y]
                        if y == x or at > span[s, 1]:
                            continue
                        cost = ride_cost[x, y] + ready[1 if after[r - 1, s, at, y] == x else 0, r - 1, s, at, y]
                        if cost < second:
                            if cost < best:
                                second, to_second, best, to = best, to, cost, y
                            else:
                                second, to_second = cost, y
                    value[0, r, s, t, x], value[1, r, s, t, x] = best, second
                    following[0, r, s, t, x], following[1, r, s, t, x] = to, to_second
            for t in range(span[s, 1], span[s, 0] - 1, -1):
                for y in range(1, nodes):
                    at = opens[s, t, y]
                    if at >= 0:
                        for q in range(2):
                            ready[q, r, s, t, y] = value[q, r, s, at, y] + pays[s, t, y] - worth[y]
                        after[r, s, t, y] = following[0, r, s, at, y]
            for t in range(span[s, 1], span[s, 0] - 1, -1):
                for y in range(1, nodes):
                    at = t + ride[0, y]
                    if at <= span[s, 1] and ride_cost[0, y] + ready[0, r, s, at, y] < out[r, s, t]:
                        out[r, s, t], out_to[r, s, t] = ride_cost[0, y] + ready[0, r, s, at, y], y


@compiled
def follow(ride, span, opens, reload, following, out_to, r, s, t, x, visits):
    """Counts in ``visits`` the jobs of the walk that reaches x in step t and goes on for at most r visits."""
    before = 0
    while True:
        visits[x] += 1
        t = opens[s, t, x]
        to = following[0, r, s, t, x]
        if to == before and to > 0:
            to = following[1, r, s, t, x]
        if to == 0:
            return
        r -= 1
        if to > 0:
            t, before, x = t + ride[x, to], x, to
        else:
            t, s, before = max(t + reload[x], span[-1 - to, 0]), -1 - to, 0
            x = out_to[r, s, t]
            t += ride[0, x]
