"""One more job into a plan, at once: where it would go, what that costs, which windows can be promised.

No solver runs: every position of every trip is tried, and only what follows it is timed again. Nobody
else's window, and no other constraint, is broken by what comes out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routing.constraints import ROUTE_CONSTRAINTS
from routing.fairness import fair_shares
from routing.plan import Plan, Route, Trip, Unserved
from routing.problem import Job, Problem, Shift, TimeWindow
from routing.timing import (
    arrivals,
    earliest_leave,
    earliest_start,
    end_of,
    is_first_trip,
    is_last_trip,
    is_late_bag,
    late_price,
    late_s,
    latest_back,
    latest_starts,
    most_work_s,
    released_s,
    ride,
    time_trip,
    time_visits,
    worked_s,
)


@dataclass(frozen=True, slots=True)
class Insertion:
    """A place for a job: before position ``position`` of trip ``trip`` of a shift's route.

    With ``new_trip`` a trip of its own is put in at that index. ``added_cost`` is in the currency of
    ``Prices``.
    """

    shift_id: str
    span: int
    trip: int
    position: int
    new_trip: bool
    added_cost: int
    arrive_s: int
    start_s: int
    not_before_s: int


@dataclass(frozen=True, slots=True)
class PromisableWindow:
    """A window that can be kept, and the cheapest place that keeps it."""

    window: TimeWindow
    insertion: Insertion


def places_for(problem: Problem, plan: Plan, job: Job, not_before_s: int = 0) -> list[Insertion]:
    """Every place where the job fits into the plan, cheapest first.

    The job need not be in the problem, but its location must be in the travel tables. What the plan states
    before ``not_before_s`` has happened and stays: a trip that has left takes no result from the office any
    more, and a door that somebody is riding to is reached first.
    """
    links = _Links(problem, plan, job)
    routes = {route.shift_id: route for route in plan.routes}
    places = [
        place
        for shift in problem.shifts
        if (links.met or shift.end_location is not None) and _may_serve(shift, job)
        for place in _RouteInsertions(problem, shift, routes.get(shift.id), job, not_before_s, links).places()
    ]
    return sorted(places, key=lambda place: (place.added_cost, place.start_s, place.shift_id))


def _may_serve(shift: Shift, job: Job) -> bool:
    if shift.frozen is not None or shift.id in job.excluded_shifts:
        return False
    return job.skills <= shift.skills and job.only_shift in (None, shift.id)


def windows_that_hold(
    problem: Problem, plan: Plan, job: Job, windows: Sequence[TimeWindow], not_before_s: int = 0
) -> list[PromisableWindow]:
    """Those of ``windows`` in which the job can be put into the plan, in the given order."""
    holding = []
    for window in windows:
        places = places_for(problem, plan, replace(job, windows=(window,)), not_before_s)
        if places:
            holding.append(PromisableWindow(window, places[0]))
    return holding


def insert(problem: Problem, plan: Plan, insertion: Insertion, job: Job) -> Plan:
    """The plan with the job at that place and no longer among the unserved.

    Raises ``ValueError`` when the job does not fit there (any more).
    """
    shift = problem.shift_by_id[insertion.shift_id]
    old = next((route for route in plan.routes if route.shift_id == shift.id), Route(shift.id, ()))
    work = _RouteInsertions(problem, shift, old, job, insertion.not_before_s, _Links(problem, plan, job))
    trips = work.trips_with(insertion.span, insertion.trip, insertion.position, insertion.new_trip)
    if trips is None:
        raise ValueError(f"Job {job.id!r} does not fit into shift {shift.id!r} at that place.")
    new = Route(shift.id, trips)
    routes = [new if route.shift_id == shift.id else route for route in plan.routes]
    if new not in routes:
        routes.append(new)
    unserved: tuple[Unserved, ...] = tuple(item for item in plan.unserved if item.job_id != job.id)
    return Plan(tuple(routes), unserved)


class _Links:
    """What the plan says about jobs that wait for each other.

    ``arrived_s`` is when what a job collects is at the office, ``wanted_s`` by when it has to be there for what rides
    with other shifts, ``met`` whether the job asked for finds what it waits for, whatever else changes.
    """

    def __init__(self, problem: Problem, plan: Plan, job: Job) -> None:
        known = [route for route in plan.routes if route.shift_id in problem.shift_by_id]
        linked = any(other.after is not None for other in (*problem.jobs, job))
        self.arrived_s = arrivals(problem, known) if linked else {}
        self.met = job.after is None or job.after in self.arrived_s
        self._waiting = [
            (other.after, route.shift_id, trip.leave_office_s - other.after_delay_s)
            for route in (known if linked else ())
            for trip in route.trips
            for visit in trip.visits
            if (other := problem.job_by_id[visit.job_id]).after is not None
        ]

    def wanted_s(self, shift_id: str) -> dict[str, int]:
        """By when what this shift collects has to be at the office, for jobs that other shifts' jobs wait for."""
        wanted: dict[str, int] = {}
        for after, other_shift, by_s in self._waiting:
            if after is not None and other_shift != shift_id:
                wanted[after] = min(by_s, wanted.get(after, by_s))
        return wanted


class _RouteInsertions:
    """All places for one job in one shift's route."""

    def __init__(
        self, problem: Problem, shift: Shift, route: Route | None, job: Job, not_before_s: int, links: _Links
    ) -> None:
        self.problem = problem
        self.shift = shift
        self.job = job
        self.not_before_s = not_before_s
        self.trips = list(route.trips) if route else []
        self.jobs = [[problem.job_by_id[visit.job_id] for visit in trip.visits] for trip in self.trips]
        self.arrived_s = dict(links.arrived_s)
        self.wanted_s = links.wanted_s(shift.id)
        self._share = fair_shares(problem)[shift.id]
        self.aboard_units = problem.load_at_start(shift)
        if job.aboard and job.id not in problem.job_by_id:
            self.aboard_units += job.deliver

    def places(self) -> Iterator[Insertion]:
        if self.shift.max_stops is not None and sum(map(len, self.jobs)) >= self.shift.max_stops:
            return
        base = self._cost(self.trips, self.jobs)
        bounds = [
            (self._soonest(index), latest_starts(self.problem, self.shift, trip.span, jobs))
            for index, (trip, jobs) in enumerate(zip(self.trips, self.jobs, strict=True))
        ]
        for span, index, position, new_trip in self._positions():
            if not new_trip and self._comes_too_late(index, position, *bounds[index]):
                continue
            trips = self.trips_with(span, index, position, new_trip)
            if trips is None:
                continue
            visit = trips[index].visits[position]
            added = self._cost(trips, self._jobs_with(index, position, new_trip)) - base
            if self.job.preferred_shift in self.problem.shift_by_id.keys() - {self.shift.id}:
                added += self.problem.prices.moved_job
            if self.job.wished_shifts and self.shift.id not in self.job.wished_shifts:
                added += self.problem.prices.unwished
            if sum(map(len, self.jobs)) >= self._share:
                added += self.problem.prices.crowded_stop
            times_s = visit.arrive_s, visit.start_s, self.not_before_s
            yield Insertion(self.shift.id, span, index, position, new_trip, added, *times_s)

    def _positions(self) -> Iterator[tuple[int, int, int, bool]]:
        """(span, trip index, position, new trip) of every place that is worth a closer look."""
        for index, trip in enumerate(self.trips):
            if self.job.aboard and not is_first_trip(self.shift, index, trip.span):
                continue
            for position in range(len(trip.visits) + 1):
                if self._in_time(trip, index, position):
                    yield trip.span, index, position, False
        for index in range(len(self.trips) + 1):
            for span in range(self.shift.first_span, len(self.shift.spans)):
                if self._may_open(span, index):
                    yield span, index, 0, True

    def _in_time(self, trip: Trip, index: int, position: int) -> bool:
        """Whether the place lies in the future, and before the job's last window closes."""
        left = trip.leave_office_s < self.not_before_s
        if is_first_trip(self.shift, index, trip.span) and self._is_locked(position):
            return False
        if position == 0:
            return not left
        leave_s = trip.visits[position - 1].leave_s
        if left and leave_s < self.not_before_s:
            return False
        ride_s = self.problem.travel_s(self.jobs[index][position - 1].location, self.job.location)
        if not self.job.windows or self.job.late_per_min is not None:
            return True
        return leave_s + ride_s <= max(w.end_s for w in self.job.windows)

    def _comes_too_late(self, index: int, position: int, leave_s: list[int], latest_s: list[int]) -> bool:
        """Whether what follows the place could not be reached in time, even without any setup."""
        jobs, job, problem = self.jobs[index], self.job, self.problem
        ready_s = leave_s[position - 1] + problem.travel_s(jobs[position - 1].location, job.location) if position else 0
        ride_s = problem.travel_s(job.location, jobs[position].location) if position < len(jobs) else 0
        return earliest_start(job.windows, ready_s) + job.service_s + ride_s > latest_s[position]

    def _soonest(self, index: int) -> list[int]:
        """When each visit of a trip can be over at the soonest, whatever is put in after it."""
        trip, shift = self.trips[index], self.shift
        if trip.leave_office_s < self.not_before_s:
            return [visit.leave_s for visit in trip.visits]
        free_s = shift.spans[trip.span].start_s
        if shift.end_location is None:
            free_s = earliest_leave(self.problem, shift, trip.span, self.trips[:index])
        first = is_first_trip(shift, index, trip.span)
        timed = time_trip(self.problem, shift, trip.span, self.jobs[index], free_s, first)
        return [visit.leave_s for visit in timed.visits]

    def _is_locked(self, position: int) -> bool:
        """Whether another job has to stand at this position of the first trip."""
        return self.job.id not in self.shift.next_stops[position : position + 1] and position < len(
            self.shift.next_stops
        )

    def _may_open(self, span: int, index: int) -> bool:
        """Whether a new trip in this span can stand at this index of the route."""
        before, after = self.trips[:index], self.trips[index:]
        if any(trip.span > span for trip in before) or any(trip.span < span for trip in after):
            return False
        if sum(trip.span == span for trip in self.trips) >= self.shift.max_trips:
            return False
        if any(trip.leave_office_s < self.not_before_s for trip in after):
            return False
        first = is_first_trip(self.shift, index, span)
        if (self.job.aboard and not first) or (first and self._is_locked(0)):
            return False
        # What is aboard stays on the first trip.
        return not (first and after and any(job.aboard for job in self.jobs[index]))

    def _jobs_with(self, index: int, position: int, new_trip: bool) -> list[list[Job]]:
        if new_trip:
            return [*self.jobs[:index], [self.job], *self.jobs[index:]]
        jobs = list(self.jobs)
        jobs[index] = [*jobs[index][:position], self.job, *jobs[index][position:]]
        return jobs

    def trips_with(self, span: int, index: int, position: int, new_trip: bool) -> tuple[Trip, ...] | None:
        """All trips of the route with the job in that place, or nothing when a constraint would be broken."""
        jobs = self._jobs_with(index, position, new_trip)
        stated: list[Trip | None] = list(self.trips)
        if new_trip:
            stated.insert(index, None)
        spans = [span if trip is None else trip.span for trip in stated]
        trips = [self._ended(trip, self.jobs[k], k, len(jobs)) for k, trip in enumerate(self.trips[:index])]
        arrived_s = dict(self.arrived_s)
        if new_trip and self.shift.end_location is not None:  # What rode home with the shift comes to the office now.
            arrived_s |= {job.id: trip.back_s for trip, ridden in zip(trips, jobs, strict=False) for job in ridden}
        for k in range(index, len(jobs)):
            kept = stated[k]
            first, last = is_first_trip(self.shift, k, spans[k]), is_last_trip(self.shift, k, len(jobs), spans[k])
            was_first = is_first_trip(self.shift, k - new_trip, spans[k])
            if k > index and kept and first == was_first and self._undisturbed(trips, kept):
                trips += self.trips[k - new_trip :]
                break
            leave_s = max(earliest_leave(self.problem, self.shift, spans[k], trips), self.not_before_s)
            leave_s = max(leave_s, released_s(jobs[k], arrived_s))
            if kept and kept.leave_office_s < self.not_before_s:
                trip = self._continued(kept, jobs[k], position, last)
            else:
                trip = time_trip(self.problem, self.shift, spans[k], jobs[k], leave_s, first, last)
            if not self._holds(trip, jobs[k], first, last, changed=k == index):
                return None
            trips.append(trip)
            arrived_s.update({job.id: trip.back_s for job in jobs[k] if job.id in arrived_s})
        holds = self._links_hold(trips, jobs, arrived_s) and self._not_too_long(trips, jobs) and self._rides(trips)
        return tuple(trips) if holds else None

    def _links_hold(self, trips: Sequence[Trip], jobs: Sequence[Sequence[Job]], arrived_s: dict[str, int]) -> bool:
        """Whether everything still leaves after what it waits for, on this route too."""
        linked = ((trip, job) for trip, visited in zip(trips, jobs, strict=True) for job in visited if job.after)
        return all(
            job.after in arrived_s and trip.leave_office_s >= arrived_s[job.after] + job.after_delay_s
            for trip, job in linked
        )

    def _rides(self, trips: Sequence[Trip]) -> bool:
        """Whether a shift that begins or ends elsewhere can ride these trips: which one does so may have changed."""
        if self.shift.begin_location is None and self.shift.end_location is None:
            return True
        problem = self.problem
        if self.job.id not in problem.job_by_id:
            problem = replace(problem, jobs=(*problem.jobs, self.job))
        ridden = ride(problem, Route(self.shift.id, tuple(trips)))
        return not any(True for constraint in ROUTE_CONSTRAINTS for _ in constraint(problem, ridden))

    def _ended(self, trip: Trip, jobs: Sequence[Job], index: int, count: int) -> Trip:
        """An earlier trip, which may no longer be the one that ends where the shift ends."""
        if self.shift.end_location is None:
            return trip
        end = end_of(self.problem, self.shift, is_last_trip(self.shift, index, count, trip.span))
        start = (
            self.problem.start_of(self.shift) if is_first_trip(self.shift, index, trip.span) else self.problem.office
        )
        left_s, at = (trip.visits[-1].leave_s, jobs[-1].location) if jobs else (trip.leave_office_s, start)
        return replace(trip, back_s=left_s + self.problem.travel_s(at, end))

    def _not_too_long(self, trips: Sequence[Trip], jobs: Sequence[Sequence[Job]]) -> bool:
        """Whether the shift works no longer than it can."""
        most_s = most_work_s(self.problem, self.shift)
        if most_s is None:
            return True
        work_s = 0
        for index, (trip, visited) in enumerate(zip(trips, jobs, strict=True)):
            last = is_last_trip(self.shift, index, len(trips), trip.span)
            work_s += worked_s(self.problem, self.shift, visited, is_first_trip(self.shift, index, trip.span), last)
        return work_s <= most_s

    def _undisturbed(self, trips: Sequence[Trip], following: Trip) -> bool:
        return trips[-1].back_s + self.problem.handling_s <= following.leave_office_s

    def _continued(self, trip: Trip, jobs: Sequence[Job], position: int, last: bool) -> Trip:
        """A trip under way: what lies before the position stays as stated, the rest is timed again."""
        before = jobs[position - 1]
        now_s = trip.visits[position - 1].leave_s
        rest = time_visits(self.problem, before.location, now_s, before, jobs[position:])
        visits = (*trip.visits[:position], *rest)
        end = end_of(self.problem, self.shift, last)
        back_s = visits[-1].leave_s + self.problem.travel_s(jobs[-1].location, end)
        return Trip(trip.span, trip.leave_office_s, visits, back_s)

    def _holds(self, trip: Trip, jobs: Sequence[Job], first: bool, last: bool, changed: bool) -> bool:
        """Whether the trip breaks nothing; its bag is looked at only where the visits have changed."""
        if trip.back_s > latest_back(self.problem, self.shift, trip.span, first, last):
            return False
        at_office = end_of(self.problem, self.shift, last) == self.problem.office
        for job, visit in zip(jobs, trip.visits, strict=True):
            in_window = not job.windows or any(visit.start_s in window for window in job.windows)
            if not in_window and not late_s(job, visit.start_s):
                return False
            if trip.leave_office_s < job.release_s:
                return False
            if job.cutoff_hard and job.cutoff_s is not None and (trip.back_s > job.cutoff_s or not at_office):
                return False
            if job.id in self.wanted_s and (trip.back_s > self.wanted_s[job.id] or not at_office):
                return False
        return not changed or self._fits_bag(trip, jobs, first)

    def _fits_bag(self, trip: Trip, jobs: Sequence[Job], first: bool) -> bool:
        from_office = not (first and self.problem.is_away(self.shift))
        to_load = self.job.deliver if not self.job.aboard else 0
        if to_load and (not from_office or trip.leave_office_s < self.not_before_s):
            return False
        load = sum(job.deliver for job in jobs if not job.aboard) + (self.aboard_units if first else 0)
        fits = max(self.shift.capacity, self.aboard_units if first else 0)
        for job in jobs:
            if load > fits:
                return False
            load += job.collect - job.deliver
        return load <= fits

    def _cost(self, trips: Sequence[Trip], jobs: Sequence[Sequence[Job]]) -> int:
        """Travel, lateness and missed cut-offs of the route, and what it costs that somebody rides at all."""
        problem, shift, prices = self.problem, self.shift, self.problem.prices
        travel = missed = late = 0
        for index, (trip, visited) in enumerate(zip(trips, jobs, strict=True)):
            first, last = is_first_trip(shift, index, trip.span), is_last_trip(shift, index, len(trips), trip.span)
            end = end_of(problem, shift, last)
            stops = [problem.start_of(shift) if first else problem.office]
            stops += [job.location for job in visited]
            stops.append(end)
            travel += sum(map(problem.cost_of, stops[:-1], stops[1:]))
            at_office = end == problem.office
            missed += is_late_bag(shift, first, trip.back_s, at_office)
            for job, visit in zip(visited, trip.visits, strict=True):
                late += late_price(job, visit.start_s)
                if job.cutoff_s is not None and not job.cutoff_hard:
                    missed += trip.back_s > job.cutoff_s or not at_office
        if problem.is_away(shift) and not (trips and is_first_trip(shift, 0, trips[0].span)):
            last = not trips and shift.first_span == len(shift.spans) - 1
            travel += problem.cost_of(shift.start_location, end_of(problem, shift, last))
        fixed = shift.fixed_price if any(jobs) else 0
        return travel * prices.travel_per_s + missed * prices.cutoff_missed + late + fixed
