"""The search that ``routing.solve`` leads: kernels side by side, then the master that combines their routes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from routing.plan import Plan
from routing.problem import Job, Problem
from routing.search.arrays import Arrays, make_arrays
from routing.search.budget import Budget
from routing.search.decode import locks_hold, orders_for, plan_of
from routing.search.master import Master
from routing.search.team import Orders, Search, typical_cost
from routing.search.threads import Phase, Way, cool
from routing.timing import arrivals, schedule_all

Offer = Callable[[Plan], None]

COLD_START, WARM_START, POLISH = 4.0, 0.4, 0.1
"""Temperatures to begin with, in units of the typical cost between neighbours."""
WARMTH = 4.0
"""How much warmer every other search begins."""
TOLLS = (1.0, 0.0)
"""Every other cooling empties trips."""
SEARCH_SHARE, MASTER_SHARE = 0.8, 0.06
DEEPER = (0.5, 1.0), (0.7, POLISH)
"""Where searches begin anew: their part of the time, then how warm the best plan is made again; and once more."""
FRESH_S, FRESH_ROUNDS_A_JOB = 3.0, 1000
"""With a plan to begin with, only a search that lasts so long begins anew beside it."""
MOST_COLUMNS, COLUMNS_A_SECOND = 6000, 1500
"""The master looks at so many routes, of short searches at fewer: more take longer to weigh than they bring."""


def improve(
    problem: Problem, start: Plan | None, budget: Budget, offer: Offer, seed: int, threads: int, rounds: int | None
) -> None:
    """Offers better and better plans until the budget, or the rounds of each thread, are over."""
    arrays = make_arrays(*_free_part(problem))
    if not arrays.slots or not arrays.jobs:
        return
    searches = [Search(arrays, seed + 1000 * number, number) for number in range(threads)]
    for search in searches:
        search.load(orders_for(arrays, start or Plan(())))
    watch = _Watch(arrays, searches, budget)
    searches[0].run(0, 1.0)
    offer(plan_of(arrays, searches[0].orders()))
    watch.look()
    if len(arrays.jobs) < 2 or budget.over():
        return
    phases = _Phases(arrays, budget, watch.look, rounds)
    ways = _ways(arrays, start, searches, phases)
    for share, warmth in DEEPER if ways[-1].anew is not None else ((SEARCH_SHARE, POLISH),):
        found = cool(searches, ways, phases.next(share))
        best = min(found)[1]
        offer(plan_of(arrays, best))
        if budget.over():
            return
        better = _combined(arrays, best, searches, budget, rounds is not None)
        offer(plan_of(arrays, better))
        for number, search in enumerate(searches):
            search.load(best if number else better)
        ways = [Way(warmth * warmer) for warmer in _warmths(threads)]
    offer(plan_of(arrays, min(cool(searches, ways, phases.next(1.0)))[1]))


def _warmths(threads: int) -> list[float]:
    """How much warmer than usual each search begins."""
    return [WARMTH if number % 2 else 1.0 for number in range(threads)]


def _ways(arrays: Arrays, start: Plan | None, searches: list[Search], phases: "_Phases") -> list[Way]:
    """How the searches begin: anew, or from ``start``; where there is time, all but the first anew all the same."""
    locked, warmths = orders_for(arrays, Plan(())), _warmths(len(searches))
    anew = [Way(COLD_START * warmer, locked, TOLLS[n % 2 :] + TOLLS[: n % 2]) for n, warmer in enumerate(warmths)]
    if start is None:
        return anew
    around = [Way(WARM_START * warmer) for warmer in warmths]
    if len(searches) == 1 or not phases.long_enough(len(arrays.jobs)):
        return around
    for search in searches[1:]:
        search.load(locked)
    return [*around[:1], *anew[1:]]


class _Phases:
    """The parts of the search, each taking its share of the time, or of the rounds, that are left."""

    def __init__(self, arrays: Arrays, budget: Budget, on_look: Callable[[], None], rounds: int | None) -> None:
        self.budget, self.on_look, self.rounds = budget, on_look, rounds
        self.unit = typical_cost(arrays)

    def long_enough(self, jobs: int) -> bool:
        """Whether there is time for plans from nothing to come near one that is good already."""
        return self.budget.left_s >= FRESH_S if self.rounds is None else self.rounds >= FRESH_ROUNDS_A_JOB * jobs

    def next(self, share: float) -> Phase:
        """The next one."""
        ends_s = self.budget.elapsed_s + share * self.budget.left_s
        rounds = self.rounds
        if rounds is not None and self.rounds is not None:
            rounds = max(1, int(share * rounds))
            self.rounds -= rounds
        return Phase(self.budget, ends_s, rounds, self.unit, self.on_look)


def _combined(arrays: Arrays, best: Orders, searches: list[Search], budget: Budget, repeatable: bool) -> Orders:
    """The better plan that the routes of all good plans make together, or the best one."""
    limit_s = min(MASTER_SHARE * budget.limit_s, budget.left_s / 2)
    most = int(min(MOST_COLUMNS, COLUMNS_A_SECOND * budget.limit_s)) // len(searches)
    pool = [column for search in searches for column in search.columns(most)]
    master = Master()
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(master.combine, arrays, best, pool, limit_s, repeatable)
        while wait([running], timeout=0.05).not_done:
            if budget.over():
                master.stop()
    return running.result()


class _Watch:
    """Tells the budget about every better plan that the threads have found."""

    def __init__(self, arrays: Arrays, searches: list[Search], budget: Budget) -> None:
        self.arrays, self.searches, self.budget = arrays, searches, budget
        self.best = 2**62

    def look(self) -> None:
        """Looks at what the threads have."""
        search = min(self.searches, key=lambda search: search.cost)
        if search.cost >= self.best:
            return
        self.best = search.cost
        absent = self._absent(search)
        unserved = self.arrays.problem.prices.unserved * sum(job.priority for job in absent)
        served = len(self.arrays.jobs) - len(absent)
        self.budget.found(self.best - self._pay(absent) + unserved, served, len(absent))

    def _absent(self, search: Search) -> list[Job]:
        served = {x for order in search.orders() for x in order}
        return [job for x, job in enumerate(self.arrays.jobs, start=1) if x not in served]

    def _pay(self, absent: list[Job]) -> int:
        names = {job.id for job in absent}
        return sum(int(self.arrays.pay[x]) for x, job in enumerate(self.arrays.jobs, start=1) if job.id in names)


def _free_part(problem: Problem) -> tuple[Problem, tuple[Job, ...]]:
    """The problem with locks that leave nothing to choose frozen, and the jobs that are not on frozen routes.

    What is linked to a frozen route has to leave after it, or be back before it, at a known second.
    """
    shifts = tuple(
        replace(shift, frozen=((shift.first_span, shift.next_stops),))
        if shift.frozen is None and shift.next_stops and not locks_hold(problem, shift)
        else shift
        for shift in problem.shifts
    )
    frozen = schedule_all(problem, {shift.id: shift.frozen for shift in shifts if shift.frozen is not None})
    left_s = {visit.job_id: trip.leave_office_s for route in frozen for trip in route.trips for visit in trip.visits}
    arrived_s = arrivals(replace(problem, shifts=shifts), frozen)
    jobs = {job.id: job for job in problem.jobs}
    blocked = set()
    for job in problem.jobs:
        if job.id in left_s and job.after is not None and job.after not in left_s:
            by_s = max(0, left_s[job.id] - job.after_delay_s)
            before = jobs[job.after]
            by_s = min(by_s, before.cutoff_s) if before.cutoff_hard and before.cutoff_s is not None else by_s
            jobs[job.after] = replace(before, cutoff_s=by_s, cutoff_hard=True)
        elif job.id not in left_s and job.after in arrived_s:
            free_s = max(job.release_s, arrived_s[job.after] + job.after_delay_s)
            jobs[job.id] = replace(jobs[job.id], release_s=free_s, after=None)
        elif job.id not in left_s and job.after in left_s:
            blocked.add(job.id)
    free = replace(problem, jobs=tuple(jobs.values()), shifts=shifts)
    return free, tuple(job for job in free.jobs if job.id not in left_s and job.id not in blocked)
