"""Small planning problems of every kind, for property tests."""

from dataclasses import replace

from hypothesis import strategies as st

from routing.problem import Job, Problem, Shift, TimeWindow
from tests.days import AFTERNOON, MORNING, tables

SKILLS = st.frozensets(st.sampled_from(["certify", "sign"]), max_size=1)
SECONDS = st.integers(26_000, 62_000)


@st.composite
def windows(draw):
    """None, one, or two windows, overlapping or not."""
    starts = draw(st.lists(SECONDS, max_size=2))
    return tuple(TimeWindow(start_s, start_s + draw(st.integers(0, 7200))) for start_s in starts)


@st.composite
def shifts(draw, name: str, locations: int):
    """A shift at rest or under way, at the office or out."""
    return Shift(
        name,
        draw(st.sampled_from([(MORNING,), (AFTERNOON,), (MORNING, AFTERNOON)])),
        capacity=draw(st.integers(0, 6)),
        skills=draw(SKILLS),
        start_location=draw(st.integers(0, locations - 1)),
        start_s=draw(st.none() | SECONDS),
        carried=draw(st.integers(0, 2)),
        max_trips=draw(st.integers(1, 3)),
        carried_cutoff_s=draw(st.none() | st.just(54_000)),
        begin_location=draw(st.none() | st.integers(0, locations - 1)),
        end_location=draw(st.none() | st.integers(0, locations - 1)),
        max_stops=draw(st.none() | st.integers(0, 4)),
        max_work_s=draw(st.none() | st.integers(0, 12_000)),
        fixed_price=draw(st.sampled_from([0, 0, 900])),
    )


@st.composite
def jobs(draw, name: str, locations: int, shift_ids: list[str], before: list[str]):
    """A job with whatever a job can have."""
    cutoff_s = draw(st.none() | st.sampled_from([36_000, 54_000]))
    only_shift = draw(st.none() | st.sampled_from(shift_ids)) if shift_ids else None
    return Job(
        name,
        draw(st.integers(0, locations - 1)),
        service_s=draw(st.integers(0, 3600)),
        setup_s=draw(st.sampled_from([0, 60])),
        deliver=draw(st.integers(0, 2)),
        collect=draw(st.integers(0, 2)),
        windows=draw(windows()),
        skills=draw(SKILLS),
        priority=draw(st.integers(1, 3)),
        cutoff_s=cutoff_s,
        cutoff_hard=cutoff_s is not None and draw(st.booleans()),
        only_shift=only_shift,
        preferred_shift=draw(st.none() | st.sampled_from([*shift_ids, "gone"])),
        aboard=only_shift is not None and draw(st.booleans()),
        release_s=draw(st.just(0) | SECONDS),
        late_per_min=draw(st.none() | st.sampled_from([0, 7, 60])),
        excluded_shifts=draw(st.frozensets(st.sampled_from([*shift_ids, "gone"]), max_size=1)),
        wished_shifts=draw(st.frozensets(st.sampled_from([*shift_ids, "gone"]), max_size=1)),
        after=draw(st.none() | st.sampled_from(before)) if before else None,
        after_delay_s=draw(st.sampled_from([0, 900])),
    )


@st.composite
def plain_problems(draw):
    """Problems in the terms of OR-Tools' routing model: see ``routing.baseline``."""
    problem = draw(problems())
    jobs = (replace(job, release_s=0, late_per_min=None, after=None, wished_shifts=frozenset()) for job in problem.jobs)
    own = {"begin_location": None, "end_location": None, "max_stops": None, "max_work_s": None, "fixed_price": 0}
    return replace(problem, jobs=tuple(jobs), shifts=tuple(replace(shift, **own) for shift in problem.shifts))


@st.composite
def problems(draw, max_jobs: int = 7):
    """Up to three shifts and a handful of jobs in a town of 6 x 6 km."""
    points = draw(st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 6000)), min_size=1, max_size=6, unique=True))
    distance_m, duration_s = tables(points)
    on_duty = [draw(shifts(f"s{n}", len(points))) for n in range(draw(st.integers(0, 3)))]
    ids = [shift.id for shift in on_duty]
    names = [f"j{n}" for n in range(draw(st.integers(0, max_jobs)))]
    asked = [draw(jobs(name, len(points), ids, names[:n])) for n, name in enumerate(names)]
    handling_s = draw(st.sampled_from([0, 600]))
    cost = draw(st.sampled_from([None, distance_m]))
    return Problem(tuple(asked), tuple(on_duty), duration_s, distance_m, handling_s=handling_s, travel_cost=cost)
