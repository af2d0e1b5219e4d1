"""Why a job was left out: a diagnosis that a person can act on."""

from dataclasses import replace

from routing.insert import places_for
from routing.plan import Plan, Reason
from routing.problem import UNREACHABLE_S, Job, Problem, Shift, TimeWindow

EMPTY = Plan(())


def why_unserved(problem: Problem, plan: Plan, job: Job) -> tuple[Reason, ...]:
    """The first cause found, from what can never be to what only this plan has no room for.

    Codes, with their values:
    ``no_shift``: nobody is on duty (that may carry the job);
    ``not_on_duty`` (shift): the only shift that may carry it is not there;
    ``skill_missing`` (skills): nobody on duty has all the skills;
    ``bag_too_small`` (units, capacity): it does not fit even alone into the largest bag;
    ``unreachable``: there is no way there and back;
    ``cutoff_impossible`` (cutoff_s): even alone it cannot be at the office by then;
    ``no_time`` (windows): even alone it fits into no half-day and window;
    ``not_loaded`` (shift): it lies at the office, and the shift does not come back there in time;
    ``waits_for`` (job): it comes after another job, which is not served either;
    ``routes_full`` (windows): it would fit alone, but every route is full then;
    ``not_planned``: there is room for it, but the plan leaves it out.
    """
    own = (shift for shift in problem.shifts if job.only_shift in (None, shift.id))
    shifts = [shift for shift in own if shift.id not in job.excluded_shifts]
    if not shifts:
        return (Reason("not_on_duty", {"shift": job.only_shift}) if job.only_shift else Reason("no_shift"),)
    able = [shift for shift in shifts if job.skills <= shift.skills]
    if not able:
        return (_skill_missing(job, shifts),)
    if _there_and_back_s(problem, job) >= UNREACHABLE_S:
        return (Reason("unreachable"),)
    largest = max(shift.capacity for shift in able)
    units = max(job.deliver, job.collect)
    if units > largest and not job.aboard:
        return (Reason("bag_too_small", {"units": units, "capacity": largest}),)
    if not _fits_alone(problem, job, able):
        return (_why_not_alone(problem, job, able),)
    if places_for(problem, plan, job):
        return (Reason("not_planned"),)
    if job.after is not None and plan.route_of(job.after) is None:
        return (Reason("waits_for", {"job": job.after}),)
    return (Reason("routes_full", {"windows": _plain(_windows(job, able))}),)


def _skill_missing(job: Job, shifts: list[Shift]) -> Reason:
    """The skills that nobody has, or, where each is there but not in one person, all of them."""
    nobody_has = job.skills - frozenset().union(*(shift.skills for shift in shifts))
    return Reason("skill_missing", {"skills": sorted(nobody_has or job.skills)})


def _there_and_back_s(problem: Problem, job: Job) -> int:
    there_s = problem.travel_s(problem.office, job.location)
    return there_s + problem.travel_s(job.location, problem.office)


def _fits_alone(problem: Problem, job: Job, shifts: list[Shift]) -> bool:
    """Whether the job could be served if it were the only one (what is aboard stays aboard)."""
    alone = _day_with(problem, shifts)
    return bool(places_for(alone, EMPTY, replace(job, after=None)))


def _day_with(problem: Problem, shifts: list[Shift]) -> Problem:
    """The same day with only these shifts, nothing locked and nothing waiting for anything."""
    ids = {shift.id for shift in shifts}
    jobs = (job for job in problem.jobs if job.only_shift is None or job.only_shift in ids)
    unlocked = (replace(shift, next_stops=(), frozen=None) for shift in shifts)
    return replace(problem, shifts=tuple(unlocked), jobs=tuple(replace(job, after=None) for job in jobs))


def _why_not_alone(problem: Problem, job: Job, shifts: list[Shift]) -> Reason:
    if job.cutoff_hard and _fits_alone(problem, replace(job, cutoff_hard=False), shifts):
        return Reason("cutoff_impossible", {"cutoff_s": job.cutoff_s})
    if job.deliver and _fits_alone(problem, replace(job, deliver=0), shifts):
        return Reason("not_loaded", {"shift": job.only_shift})
    return Reason("no_time", {"windows": _plain(_windows(job, shifts))})


def _windows(job: Job, shifts: list[Shift]) -> list[TimeWindow]:
    """When the job would have to be served: its windows, or all that the shifts have left."""
    if job.windows:
        return list(job.windows)
    return sorted({span for shift in shifts for span in shift.spans[shift.first_span :]})


def _plain(windows: list[TimeWindow]) -> list[dict[str, int]]:
    return [{"start_s": window.start_s, "end_s": window.end_s} for window in windows]
