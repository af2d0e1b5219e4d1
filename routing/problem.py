"""What is asked of the planner: jobs, shifts, travel times and prices.

All times are whole seconds since the service date's local midnight, all distances whole metres, all bag
units whole. A *location* is a row (and column) of the two travel tables. Every class checks itself when it
is made and raises ``ValueError`` with a sentence that names the thing and what is wrong with it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

UNREACHABLE_S = 10_000_000
"""A travel time this long (or longer) means that there is no way."""

IntTable = npt.NDArray[np.integer[Any]]

Orders = tuple[tuple[int, tuple[str, ...]], ...]
"""The order of a route: ``(span, job ids)`` for each trip."""


def _expect(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)


@dataclass(frozen=True, slots=True, order=True)
class TimeWindow:
    """A closed interval of time: both ends belong to it."""

    start_s: int
    end_s: int

    def __post_init__(self) -> None:
        _expect(
            self.start_s <= self.end_s,
            f"A time window ends at second {self.end_s}, before it begins at {self.start_s}.",
        )

    def __contains__(self, time_s: int) -> bool:
        return self.start_s <= time_s <= self.end_s


@dataclass(frozen=True, slots=True)
class Job:
    """One visit to one door.

    A visit *arrives*, spends ``setup_s`` (parking, stairs, bell; not again when the visit before it on the
    same trip was at the same location), *starts* its service inside one of ``windows``, and *leaves*
    ``service_s`` later.

    ``deliver`` units leave the bag at the door, ``collect`` units come into it. What is delivered is loaded
    at the office when the trip starts, unless it is ``aboard``: already in the bag of ``only_shift``, whose
    first trip must then carry the job.

    Its trip leaves the office at ``release_s`` or later; with ``after``, no sooner than ``after_delay_s``
    after the trip of that other job has come back to the office (a dossier is collected, processed,
    returned), and not at all without it. With ``late_per_min`` the service may also start after the last
    window has closed, for that price a minute.

    ``priority`` is the weight of leaving the job out. The trip that carries the job should be back at the
    office by ``cutoff_s``: priced, or forbidden to miss where ``cutoff_hard``. ``only_shift`` is the one
    shift that may serve it, ``excluded_shifts`` those that may not, ``wished_shifts`` those that should;
    ``preferred_shift`` is the one which serves it in the plan in force, so that moving it costs a little.
    """

    id: str
    location: int
    service_s: int
    setup_s: int = 0
    deliver: int = 0
    collect: int = 0
    windows: tuple[TimeWindow, ...] = ()
    skills: frozenset[str] = frozenset()
    priority: int = 1
    cutoff_s: int | None = None
    cutoff_hard: bool = False
    only_shift: str | None = None
    preferred_shift: str | None = None
    aboard: bool = False
    release_s: int = 0
    late_per_min: int | None = None
    excluded_shifts: frozenset[str] = frozenset()
    wished_shifts: frozenset[str] = frozenset()
    after: str | None = None
    after_delay_s: int = 0

    def __post_init__(self) -> None:
        who = f"Job {self.id!r}"
        _expect(self.id != "", "A job has an empty id.")
        _expect(self.late_per_min is None or self.late_per_min >= 0, f"{who}: late_per_min is below 0.")
        _expect(self.after != self.id, f"{who} comes after itself.")
        for name in ("location", "service_s", "setup_s", "deliver", "collect", "release_s", "after_delay_s"):
            _expect(getattr(self, name) >= 0, f"{who}: {name} is {getattr(self, name)}, expected 0 or more.")
        _expect(self.priority >= 1, f"{who}: priority is {self.priority}, expected 1 or more.")
        _expect(not self.cutoff_hard or self.cutoff_s is not None, f"{who}: a hard cut-off needs cutoff_s.")
        _expect(not self.aboard or self.only_shift is not None, f"{who}: what is aboard needs only_shift.")


@dataclass(frozen=True, slots=True)
class Shift:
    """One volunteer's day: work spans with lunch between them (``spans``), ridden in trips from office to office.

    Every trip lies inside one span, and there are at most ``max_trips`` in each. ``capacity`` is the size
    of the bag. With ``start_s`` the shift is under way: nothing of it happens earlier, and its first trip,
    in the span ``first_span``, starts there and then at ``start_location``, with ``carried`` units in the
    bag that stay in it until that trip ends (and with every job that is ``aboard``); it should end by
    ``carried_cutoff_s`` when some of them are wanted at the office by then, or pays for a missed cut-off.
    Without ``start_s``, ``start_location`` is ignored and the shift starts at the office, or, when its first
    trip rides in the first span, at ``begin_location`` with a bag that was packed before. The last trip of
    the last span ends at ``end_location``, if there is one: what it collects does not reach the office.

    The shift visits at most ``max_stops`` doors and works at most ``max_work_s`` (travel, setup and service;
    waiting is not counted). ``fixed_price`` is paid once when it rides at all. Locks: the first trip begins
    with the jobs ``next_stops``, in this order; and with ``frozen``, ``(span, job ids)`` for each trip, the
    route is exactly that.
    """

    id: str
    spans: tuple[TimeWindow, ...]
    capacity: int
    skills: frozenset[str] = frozenset()
    start_location: int = 0
    start_s: int | None = None
    carried: int = 0
    max_trips: int = 2
    carried_cutoff_s: int | None = None
    begin_location: int | None = None
    end_location: int | None = None
    max_stops: int | None = None
    max_work_s: int | None = None
    fixed_price: int = 0
    next_stops: tuple[str, ...] = ()
    frozen: Orders | None = None

    def __post_init__(self) -> None:
        who = f"Shift {self.id!r}"
        _expect(self.id != "", "A shift has an empty id.")
        _expect(len(self.spans) >= 1, f"{who} has no spans, expected one or more.")
        _expect(self.spans[0].start_s >= 0, f"{who} begins before midnight, at second {self.spans[0].start_s}.")
        for before, after in zip(self.spans, self.spans[1:], strict=False):
            _expect(before.end_s <= after.start_s, f"{who}: its spans overlap or are out of order.")
        for name in ("capacity", "carried", "start_location", "fixed_price"):
            _expect(getattr(self, name) >= 0, f"{who}: {name} is {getattr(self, name)}, expected 0 or more.")
        for name in ("begin_location", "end_location", "max_stops", "max_work_s"):
            value = getattr(self, name)
            _expect(value is None or value >= 0, f"{who}: {name} is {value}, expected 0 or more.")
        for span, _ in self.frozen or ():
            _expect(
                0 <= span < len(self.spans), f"{who}: its frozen route rides in span {span}, which it does not have."
            )
        _expect(self.max_trips >= 1, f"{who}: max_trips is {self.max_trips}, expected 1 or more.")

    @property
    def first_span(self) -> int:
        """Index of the span that is under way (the last one that has begun), 0 before the day begins."""
        if self.start_s is None:
            return 0
        return max((i for i, span in enumerate(self.spans) if span.start_s <= self.start_s), default=0)

    @property
    def bag_due_s(self) -> int | None:
        """By when what is in the bag is wanted at the office; None before the day begins, and of an empty bag."""
        return self.carried_cutoff_s if self.start_s is not None and self.carried else None


@dataclass(frozen=True, slots=True)
class Prices:
    """What a plan pays for, in one currency: seconds of travel, unless ``travel_per_s`` says otherwise.

    ``unserved`` is paid per unit of priority; plans are compared by what they serve before anything else
    (``Evaluation.rank``). ``cutoff_missed``, ``moved_job`` and ``unwished`` (served by a shift that is not
    among the wished ones) are paid per job, ``crowded_stop`` for every visit beyond a shift's fair share
    (``routing.fairness``). ``travel_per_s`` multiplies the problem's travel costs.
    """

    travel_per_s: int = 1
    unserved: int = 100_000
    cutoff_missed: int = 3_600
    moved_job: int = 300
    crowded_stop: int = 600
    unwished: int = 300

    def __post_init__(self) -> None:
        for name in ("travel_per_s", "unserved", "cutoff_missed", "moved_job", "crowded_stop", "unwished"):
            _expect(getattr(self, name) >= 0, f"Prices: {name} is {getattr(self, name)}, expected 0 or more.")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A day, or what is left of it: jobs, shifts, and how long it takes to get from place to place.

    ``duration_s`` and ``distance_m`` are square integer tables, row = from, column = to, over all locations
    that jobs and shifts name; ``office`` is the office's row. A travel time of ``UNREACHABLE_S`` or more
    means that there is no way. ``handling_s`` passes at the office between two trips of a shift.
    ``travel_cost`` is a third table, of what travel costs; without it, that is ``duration_s``.
    """

    jobs: tuple[Job, ...]
    shifts: tuple[Shift, ...]
    duration_s: IntTable
    distance_m: IntTable
    office: int = 0
    handling_s: int = 0
    prices: Prices = field(default_factory=Prices)
    travel_cost: IntTable | None = None
    job_by_id: dict[str, Job] = field(init=False, repr=False)
    shift_by_id: dict[str, Shift] = field(init=False, repr=False)
    _aboard_units: Counter[str | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "job_by_id", {job.id: job for job in self.jobs})
        object.__setattr__(self, "shift_by_id", {shift.id: shift for shift in self.shifts})
        aboard: Counter[str | None] = Counter()
        for job in self.jobs:
            aboard[job.only_shift] += job.deliver * job.aboard
        object.__setattr__(self, "_aboard_units", aboard)
        self._check_tables()
        self._check_references()

    def _check_tables(self) -> None:
        for name in ("duration_s", "distance_m", "travel_cost"):
            table = getattr(self, name)
            if table is None:
                continue
            square = table.ndim == 2 and table.shape[0] == table.shape[1] >= 1
            _expect(square, f"{name} has the shape {table.shape}, expected a square table.")
            _expect(np.issubdtype(table.dtype, np.integer), f"{name} holds {table.dtype}, expected whole numbers.")
            _expect(int(table.min()) >= 0, f"{name} holds {int(table.min())}, expected 0 or more.")
            _expect(not table.diagonal().any(), f"{name} is not 0 from a location to itself.")
        _expect(
            self.duration_s.shape == self.distance_m.shape,
            f"duration_s is {self.duration_s.shape} but distance_m is {self.distance_m.shape}.",
        )
        _expect(
            self.travel_cost is None or self.travel_cost.shape == self.duration_s.shape,
            f"travel_cost has another shape than duration_s, {self.duration_s.shape}.",
        )
        _expect(self.handling_s >= 0, f"handling_s is {self.handling_s}, expected 0 or more.")

    def _check_references(self) -> None:
        size = len(self.duration_s)
        _expect(len(self.job_by_id) == len(self.jobs), "Two jobs have the same id.")
        _expect(len(self.shift_by_id) == len(self.shifts), "Two shifts have the same id.")
        _expect(0 <= self.office < size, f"office is {self.office}, but there are {size} locations.")
        for job in self.jobs:
            _expect(job.location < size, f"Job {job.id!r} is at location {job.location} of {size}.")
            _expect(
                job.only_shift is None or job.only_shift in self.shift_by_id,
                f"Job {job.id!r} may only ride with shift {job.only_shift!r}, which is not on duty.",
            )
            self._check_links(job)
        for shift in self.shifts:
            self._check_shift(shift)

    def _check_links(self, job: Job) -> None:
        before, passed = job.after, {job.id}
        while before is not None:
            _expect(before in self.job_by_id, f"Job {job.id!r} comes after job {before!r}, which is not there.")
            _expect(before not in passed, f"Job {job.id!r} comes after itself, by way of {before!r}.")
            passed.add(before)
            before = self.job_by_id[before].after

    def _check_shift(self, shift: Shift) -> None:
        size, who = len(self.duration_s), f"Shift {shift.id!r}"
        _expect(shift.start_location < size, f"{who} starts at location {shift.start_location} of {size}.")
        for name in ("begin_location", "end_location"):
            location = getattr(shift, name)
            _expect(location is None or location < size, f"{who}: {name} is {location} of {size}.")
        locked = [*shift.next_stops, *(job_id for _, ids in shift.frozen or () for job_id in ids)]
        for job_id in locked:
            _expect(job_id in self.job_by_id, f"{who} is locked to job {job_id!r}, which is not there.")

    def travel_s(self, origin: int, target: int) -> int:
        """Seconds from one location to another."""
        return int(self.duration_s[origin, target])

    def cost_of(self, origin: int, target: int) -> int:
        """What travel from one location to another costs, before ``Prices.travel_per_s``."""
        table = self.duration_s if self.travel_cost is None else self.travel_cost
        return int(table[origin, target])

    def start_of(self, shift: Shift) -> int:
        """Location at which the shift's first trip starts."""
        if shift.start_s is not None:
            return shift.start_location
        return self.office if shift.begin_location is None else shift.begin_location

    def is_away(self, shift: Shift) -> bool:
        """Whether the shift's first trip is under way somewhere else than at the office."""
        return shift.start_s is not None and shift.start_location != self.office

    def load_at_start(self, shift: Shift) -> int:
        """Bag units aboard when the shift's first trip starts, before anything is loaded at the office."""
        return shift.carried + self._aboard_units[shift.id]

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and whole numbers, ready for JSON."""
        return {
            "jobs": [_plain(job) for job in self.jobs],
            "shifts": [_plain(shift) for shift in self.shifts],
            "duration_s": self.duration_s.tolist(),
            "distance_m": self.distance_m.tolist(),
            "office": self.office,
            "handling_s": self.handling_s,
            "prices": _plain(self.prices),
            "travel_cost": None if self.travel_cost is None else self.travel_cost.tolist(),
        }

    @classmethod
    def from_dict(cls, problem: dict[str, Any]) -> "Problem":
        """The problem that ``to_dict`` wrote down, also after JSON; further keys are left alone."""
        cost = problem["travel_cost"]
        return cls(
            jobs=tuple(_job(job) for job in problem["jobs"]),
            shifts=tuple(_shift(shift) for shift in problem["shifts"]),
            duration_s=np.array(problem["duration_s"], np.int64),
            distance_m=np.array(problem["distance_m"], np.int64),
            office=problem["office"],
            handling_s=problem["handling_s"],
            prices=Prices(**problem["prices"]),
            travel_cost=None if cost is None else np.array(cost, np.int64),
        )


def _job(job: dict[str, Any]) -> Job:
    names = ("skills", "excluded_shifts", "wished_shifts")
    return Job(**{**job, "windows": _windows(job["windows"]), **{name: frozenset(job[name]) for name in names}})


def _shift(shift: dict[str, Any]) -> Shift:
    frozen = shift["frozen"]
    kept = {
        "spans": _windows(shift["spans"]),
        "skills": frozenset(shift["skills"]),
        "next_stops": tuple(shift["next_stops"]),
        "frozen": None if frozen is None else tuple((span, tuple(names)) for span, names in frozen),
    }
    return Shift(**{**shift, **kept})


def _windows(windows: list[dict[str, int]]) -> tuple[TimeWindow, ...]:
    return tuple(TimeWindow(**window) for window in windows)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
