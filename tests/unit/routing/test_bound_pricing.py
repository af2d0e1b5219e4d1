"""What prices the routes of the lower bound is never too dear, and exact where it says so."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from routing.bound import pricing as pricing_module
from routing.bound.capacity import capacity_of, violated_capacities
from routing.bound.columns import Column
from routing.bound.master import Master, Prices
from routing.bound.pricing import Pricing
from routing.bound.relaxed import relax
from routing.bound.seeds import least_cost
from routing.fairness import fair_shares
from routing.solve import solve
from tests.days import ward_day

UNHURRIED_S = 1e12


def random_prices(day, seed, capacities=()):
    rng = np.random.default_rng(seed)
    worth = [0.0, *rng.uniform(200, 1500, len(day.jobs)).tolist()]
    return Prices(worth, [], [float(rng.uniform(0, 20)) for _ in capacities], 0.0)


def reduced(day, prices, capacities, column):
    share = int(day.kinds[column.kind].rule[0])
    beyond = max(0, column.visits - share)
    entries = sum(
        price * (one.entered(column) + one.beyond * beyond) for one, price in zip(capacities, prices.entry, strict=True)
    )
    return column.cost - sum(prices.worth[x] for x in column.stops) - entries


def every_route(day, most):
    """The cheapest reduced cost of every order of up to so many jobs, in one or two spans."""
    jobs = range(1, len(day.jobs) + 1)
    for number, kind in enumerate(day.kinds):
        for size in range(1, most + 1):
            for order in _orders(jobs, size):
                for cut in range(size + 1 if len(kind.span) > 1 else 1):
                    parts = [(0, order[:cut]), (1, order[cut:])] if len(kind.span) > 1 else [(0, order)]
                    trips = [(span, part) for span, part in parts if part]
                    cost = least_cost(day, kind, trips)
                    if cost is not None:
                        stops = tuple(x for n, (_, part) in enumerate(trips) for x in ((0,) if n else ()) + part)
                        yield Column(number, stops, cost)


def _orders(jobs, size):
    if size == 0:
        yield ()
        return
    for order in _orders(jobs, size - 1):
        yield from ((*order, x) for x in jobs if x not in order)


@pytest.mark.parametrize("service_s", [0, 300])
@pytest.mark.parametrize("crowded_stop", [0, 600])
def test_the_least_reduced_cost_is_exact(service_s, crowded_stop):
    """In layers of visits, where a ride may be shorter than a step, and without."""
    problem = replace(ward_day(5, 2, seed=service_s + crowded_stop, cutoff_share=0.2), handling_s=0)
    jobs = tuple(replace(job, service_s=service_s) for job in problem.jobs)
    problem = replace(problem, jobs=jobs, prices=replace(problem.prices, crowded_stop=crowded_stop))
    day = relax(problem)
    master = Master(day, 0)
    if crowded_stop:
        master.need([capacity_of(frozenset(jobs), 4) for jobs in combinations(range(1, 6), 3)])
    columns = list(every_route(day, 5))
    for seed in range(5):
        prices = random_prices(day, seed, master.capacities)
        offers = Pricing(day).all_kinds(prices, master, UNHURRIED_S, None)
        for number, offer in enumerate(offers):
            own = [one for one in columns if one.kind == number]
            least = min(0.0, *(reduced(day, prices, master.capacities, one) for one in own))
            assert offer.least <= least + 1e-6
            if offer.routes and all(max(one.counts.values()) == 1 for one in offer.routes[:1]):
                assert offer.least == pytest.approx(least)


def test_columns_cost_what_their_labels_say():
    problem = replace(ward_day(14, 3, seed=2), handling_s=0)
    day = relax(problem)
    master = Master(day, 0)
    master.need([capacity_of(frozenset(range(1, 8)), 5)])
    prices = random_prices(day, 1, master.capacities)
    for offer in Pricing(day).all_kinds(prices, master, UNHURRIED_S, None):
        costs = [reduced(day, prices, master.capacities, column) for column in offer.routes]
        assert costs[0] == pytest.approx(offer.least)
        assert costs == pytest.approx(sorted(costs))


def test_too_little_room_for_labels_makes_the_bound_lower_not_wrong(monkeypatch):
    problem = replace(ward_day(14, 3, seed=2), handling_s=0)
    day = relax(problem)
    master = Master(day, 0)
    prices = random_prices(day, 1)
    exact = [offer.least for offer in Pricing(day).all_kinds(prices, master, UNHURRIED_S, None)]
    monkeypatch.setattr(pricing_module, "ROOM", 200)
    cramped = [offer.least for offer in Pricing(day).all_kinds(prices, master, UNHURRIED_S, None)]
    assert all(a <= b + 1e-6 for a, b in zip(cramped, exact, strict=True))


def test_every_plan_keeps_every_cut_of_capacity():
    for seed in range(4):
        problem = replace(ward_day(18, 4, seed=seed), handling_s=0)
        plan = solve(problem, UNHURRIED_S, seed, max_iterations=50)
        shares = fair_shares(problem)
        number = {job.id: x for x, job in enumerate(problem.jobs, start=1)}
        routes = []
        for route in plan.routes:
            stops = [x for trip in route.trips for x in (0, *(number[visit.job_id] for visit in trip.visits))]
            routes.append((Column(0, tuple(stops[1:]), 0), shares[route.shift_id]))
        assert sum(column.visits for column, _ in routes) == 18
        crowded = sum(max(0, column.visits - share) for column, share in routes)
        rng = np.random.default_rng(seed)
        for _ in range(200):
            jobs = frozenset((rng.permutation(18)[: rng.integers(2, 18)] + 1).tolist())
            cut = capacity_of(jobs, max(shares.values()))
            assert sum(cut.entered(column) for column, _ in routes) + crowded * cut.beyond >= cut.entries - 1e-9


def test_a_set_that_is_entered_too_seldom_is_found():
    """Half of each of two routes that ride through five jobs: they enter them once in all, and serve four each."""
    columns = [Column(0, (1, 2, 3, 4, 5), 0), Column(0, (5, 4, 3, 2, 1), 0), Column(0, (6, 7), 0)]
    cuts = violated_capacities(columns, [0.5, 0.5, 1.0], 0.0, [], 7, 4)
    assert frozenset({1, 2, 3, 4, 5}) in {cut.jobs for cut in cuts}
    assert all(cut.entries == -(-len(cut.jobs) // 4) for cut in cuts)
    assert not violated_capacities(columns, [0.5, 0.5, 1.0], 0.0, cuts, 7, 4)
