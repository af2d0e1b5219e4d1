"""VROOM's input as a Problem.

What differs: a window of VROOM holds the start of the setup, ours the start of the service, so windows are
moved by the setup; priorities become weights that rank plans as VROOM does (their sum, then the count); a
vehicle without start or end gets a place that is no way from anywhere.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from routing.formats.errors import InputError, parsed
from routing.formats.vroom.amounts import Amount, the_dimension
from routing.formats.vroom.schema import Input, Job, Matrix, Span, Table, Vehicle
from routing.problem import UNREACHABLE_S, IntTable, Prices, Problem, Shift, TimeWindow
from routing.problem import Job as OurJob


@dataclass(frozen=True)
class Read:
    """The problem, and what is needed to write a plan in VROOM's words: dimensions, and the row of no place."""

    input: Input
    problem: Problem
    amount: Amount
    nowhere: int | None


def read_input(json: bytes | str, to_check: bool = False) -> Read:
    """Raises ``InputError`` where something cannot be used.

    At a door that several jobs share the setup can fall away, and with it what a window of VROOM holds moves. There a
    job with windows spends its setup in any case; ``to_check``: it may, for ``check`` looks at the steps themselves.
    """
    asked = parsed(Input, json)
    _check_ids(asked)
    matrix = _matrix(asked)
    size = len(matrix.durations)
    _check_places(asked, size)
    open_ended = any(v.start_index is None or v.end_index is None for v in asked.vehicles)
    nowhere = size if open_ended else None
    amount = the_dimension(asked)
    costs = matrix.durations if matrix.costs is None else matrix.costs
    ends = _Ends(_office(asked), nowhere, _horizon_s(asked, matrix))
    problem = _problem(
        jobs=_jobs(asked, amount, to_check),
        shifts=tuple(_shift(f"vehicles.{n}", v, amount, ends) for n, v in enumerate(asked.vehicles)),
        duration_s=_square(matrix.durations, nowhere),
        distance_m=_square(matrix.distances or [[0] * size] * size, nowhere),
        travel_cost=None if matrix.costs is None else _square(matrix.costs, nowhere),
        office=ends.office,
        handling_s=asked.handling,
        prices=_prices(asked, costs),
    )
    return Read(asked, problem, amount, nowhere)


def _problem(**parts: Any) -> Problem:
    try:
        return Problem(**parts)
    except ValueError as error:
        raise InputError("", str(error)) from error


def _check_ids(asked: Input) -> None:
    for key in ("jobs", "vehicles"):
        seen: set[int] = set()
        for number, thing in enumerate(getattr(asked, key)):
            if thing.id in seen:
                raise InputError(f"{key}.{number}.id", f"{thing.id} is there twice")
            seen.add(thing.id)
    jobs, vehicles = {job.id for job in asked.jobs}, {vehicle.id for vehicle in asked.vehicles}
    for number, job in enumerate(asked.jobs):
        if job.after is not None and job.after not in jobs:
            raise InputError(f"jobs.{number}.after", f"there is no job {job.after}")
        for key in ("only_vehicle", "excluded_vehicles", "wished_vehicles"):
            named = getattr(job, key)
            for known in named if isinstance(named, list) else [named]:
                if known is not None and known not in vehicles:
                    raise InputError(f"jobs.{number}.{key}", f"there is no vehicle {known}")
    for number, vehicle in enumerate(asked.vehicles):
        frozen = chain.from_iterable(ids for _span, ids in vehicle.locks.frozen or ())
        for known in chain(vehicle.locks.next, frozen):
            if known not in jobs:
                raise InputError(f"vehicles.{number}.locks", f"there is no job {known}")


def _matrix(asked: Input) -> Matrix:
    """The one matrix of all vehicles."""
    profile = asked.vehicles[0].profile
    for number, vehicle in enumerate(asked.vehicles):
        if vehicle.profile != profile:
            raise InputError(f"vehicles.{number}.profile", "all vehicles must have the same profile")
    if profile not in asked.matrices:
        raise InputError("matrices", f"there is none for the profile {profile!r}")
    matrix = asked.matrices[profile]
    size = len(matrix.durations)
    for name in ("durations", "distances", "costs"):
        table = getattr(matrix, name)
        for number, row in enumerate(table or ()):
            if len(row) != size or len(table) != size:
                raise InputError(f"matrices.{profile}.{name}.{number}", f"expected {size} rows of {size} numbers")
    return matrix


def _check_places(asked: Input, size: int) -> None:
    places = [(f"jobs.{n}.location_index", job.location_index) for n, job in enumerate(asked.jobs)]
    for number, vehicle in enumerate(asked.vehicles):
        under_way = vehicle.locks.under_way
        places += [
            (f"vehicles.{number}.{key}", index)
            for key, index in (("start_index", vehicle.start_index), ("end_index", vehicle.end_index))
            if index is not None
        ]
        places += [(f"vehicles.{number}.locks.under_way.at_index", under_way.at_index)] if under_way else []
        if vehicle.start_index is None and vehicle.end_index is None:
            raise InputError(f"vehicles.{number}", "a vehicle needs start_index or end_index")
    places += [("office", asked.office)] if asked.office is not None else []
    for path, index in places:
        if index >= size:
            raise InputError(path, f"{index} is no row of a matrix of {size}")


def _office(asked: Input) -> int:
    """The place named, or where most vehicles start."""
    if asked.office is not None:
        return asked.office
    starts = Counter(v.start_index for v in asked.vehicles if v.start_index is not None)
    ends = Counter(v.end_index for v in asked.vehicles if v.end_index is not None)
    return (starts or ends).most_common(1)[0][0]


def _square(table: Table, nowhere: int | None) -> IntTable:
    """The table as an array without ways from a place to itself, and with the place of those that have none."""
    size = len(table) + (nowhere is not None)
    square = np.zeros((size, size), dtype=np.int64)
    square[: len(table), : len(table)] = table
    np.fill_diagonal(square, 0)
    return square


def _horizon_s(asked: Input, matrix: Matrix) -> int:
    """A second by which everything can be over, where no vehicle says when its day ends."""
    spans = [span for v in asked.vehicles for span in (*v.spans, v.time_window) if span is not None]
    named = [0, *(end for _start, end in spans)]
    named += [end for job in asked.jobs for _start, end in job.time_windows]
    named += [job.release + job.after_delay for job in asked.jobs]
    longest_s = max((way for row in matrix.durations for way in row if way < UNREACHABLE_S), default=0)
    return max(named) + sum(job.setup + job.service for job in asked.jobs) + 2 * (len(asked.jobs) + 1) * longest_s + 1


def _prices(asked: Input, costs: Table) -> Prices:
    """One job left out costs more than any detour for it."""
    farthest = max((cost for row in costs for cost in row if cost < UNREACHABLE_S), default=0)
    fixed = max(vehicle.costs.fixed for vehicle in asked.vehicles)
    return Prices(unserved=max(100_000, 3 * farthest + fixed), **asked.prices.model_dump())


def _jobs(asked: Input, amount: Amount, to_check: bool) -> tuple[OurJob, ...]:
    same = len({job.priority for job in asked.jobs}) <= 1
    doors = Counter(job.location_index for job in asked.jobs)
    jobs = []
    for number, job in enumerate(asked.jobs):
        weight = 1 if same else job.priority * (len(asked.jobs) + 1) + 1
        shared = doors[job.location_index] > 1 and bool(job.time_windows)
        ours = _job(f"jobs.{number}", job, weight, amount)
        if shared and to_check:
            ours = replace(ours, windows=tuple(TimeWindow(a, b + job.setup) for a, b in sorted(job.time_windows)))
        elif shared:
            windows = tuple(TimeWindow(a, b) for a, b in sorted(job.time_windows))
            ours = replace(ours, windows=windows, setup_s=0, service_s=job.setup + job.service)
        jobs.append(ours)
    return tuple(jobs)


def _job(path: str, job: Job, weight: int, amount: Amount) -> OurJob:
    for key, other in (("cutoff_hard", "cutoff"), ("aboard", "only_vehicle")):
        if getattr(job, key) and getattr(job, other) is None:
            raise InputError(
                f"{path}.{key}", "this needs cutoff" if key == "cutoff_hard" else "this needs only_vehicle"
            )
    return OurJob(
        id=str(job.id),
        location=job.location_index,
        service_s=job.service,
        setup_s=job.setup,
        deliver=amount.of(job.delivery),
        collect=amount.of(job.pickup),
        windows=_windows(f"{path}.time_windows", job),
        skills=frozenset(map(str, job.skills)),
        priority=weight,
        cutoff_s=job.cutoff,
        cutoff_hard=job.cutoff_hard,
        only_shift=_name(job.only_vehicle),
        preferred_shift=_name(job.in_force),
        aboard=job.aboard,
        release_s=job.release,
        late_per_min=job.late_per_minute,
        excluded_shifts=frozenset(map(str, job.excluded_vehicles)),
        wished_shifts=frozenset(map(str, job.wished_vehicles)),
        after=_name(job.after),
        after_delay_s=job.after_delay,
    )


def _name(number: int | None) -> str | None:
    return None if number is None else str(number)


def _windows(path: str, job: Job) -> tuple[TimeWindow, ...]:
    """When the service may start, after the setup."""
    return tuple(
        _window(f"{path}.{number}", (start + job.setup, end + job.setup))
        for number, (start, end) in enumerate(sorted(job.time_windows))
    )


def _window(path: str, span: Span) -> TimeWindow:
    try:
        return TimeWindow(*span)
    except ValueError as error:
        raise InputError(path, str(error)) from error


@dataclass(frozen=True)
class _Ends:
    """Where and by when vehicles end that do not say so."""

    office: int
    nowhere: int | None
    ends_s: int

    def place(self, index: int | None) -> int | None:
        """None for the office itself."""
        return self.nowhere if index is None else None if index == self.office else index


def _shift(path: str, vehicle: Vehicle, amount: Amount, ends: _Ends) -> Shift:
    spans = [(f"{path}.spans.{n}", span) for n, span in enumerate(vehicle.spans)]
    spans = spans or [(f"{path}.time_window", vehicle.time_window or (0, ends.ends_s))]
    under_way, frozen = vehicle.locks.under_way, vehicle.locks.frozen
    try:
        return Shift(
            id=str(vehicle.id),
            spans=tuple(_window(*span) for span in spans),
            capacity=amount.capacity(vehicle),
            skills=frozenset(map(str, vehicle.skills)),
            start_location=under_way.at_index if under_way else 0,
            start_s=under_way.since if under_way else None,
            carried=under_way.carried if under_way else 0,
            carried_cutoff_s=under_way.carried_cutoff if under_way else None,
            max_trips=vehicle.max_trips,
            begin_location=ends.place(vehicle.start_index),
            end_location=ends.place(vehicle.end_index),
            max_stops=vehicle.max_tasks,
            max_work_s=vehicle.max_work,
            fixed_price=vehicle.costs.fixed,
            next_stops=tuple(map(str, vehicle.locks.next)),
            frozen=None if frozen is None else tuple((span, tuple(map(str, ids))) for span, ids in frozen),
        )
    except InputError:
        raise
    except ValueError as error:
        raise InputError(path, str(error)) from error
