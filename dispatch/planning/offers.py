"""Windows that the hotline may offer: those that one more job can be put into, with the plans in force.

Where no plan is in force yet there is nothing to offer; then the sentence is "we will tell you by ...".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from dispatch.clock import at, local, now
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.working_days import is_working_day, next_working_day
from dispatch.duty.operations import skill_name
from dispatch.planning import assumptions
from dispatch.planning.bridge import bridge, rest_in_force
from dispatch.planning.day import CannotPlan, read_day
from dispatch.planning.in_force import plan_in_force
from dispatch.planning.waiting import service_s
from dispatch.wards.models import Ward, clock_seconds
from dispatch.wards.road_changes import map_of_day
from routing.insert import windows_that_hold
from routing.problem import Job, TimeWindow


@dataclass(frozen=True)
class OfferedWindow:
    """From when to when (aware UTC) somebody can come on a service date.

    `same_day`: papers of a same-day procedure that are taken then reach the office before the cut-off.
    """

    day: date
    start: datetime
    end: datetime
    same_day: bool = False


@dataclass(frozen=True)
class Offers:
    """Windows that will hold, in order of time; where there is none, until when the ward tells one (aware UTC)."""

    windows: list[OfferedWindow]
    tell_by: datetime | None


def offers_for(ward: Ward, point: tuple[float, float] | None, leg: str, procedure: Procedure) -> Offers:
    """Windows of today's rest and the next working day that can be kept for one more job at this door.

    `point` is (latitude, longitude), or None while the pin is missing; `leg` is `collect` or `return`.
    """
    windows: list[OfferedWindow] = []
    if point is not None:
        today = local(now(), ward.timezone).date()
        for day in (today, next_working_day(ward, today)):
            windows += _offers_on(ward, day, point, leg, procedure)
    return Offers(windows, None if windows else tell_by(ward))


def tell_by(ward: Ward) -> datetime:
    """When a caller whose window is still open will have been told: at the ward's hour, on a working day."""
    moment = now()
    day = local(moment, ward.timezone).date()
    hour_s = clock_seconds(ward.tell_by)
    if not is_working_day(ward, day) or at(day, hour_s, ward.timezone) <= moment:
        day = next_working_day(ward, day)
    return at(day, hour_s, ward.timezone)


def _offers_on(
    ward: Ward, day: date, point: tuple[float, float], leg: str, procedure: Procedure
) -> Iterator[OfferedWindow]:
    in_force = plan_in_force(ward.id, day)
    if in_force is None or not ward.serves_on(day):
        return
    try:
        bridged = bridge(read_day(ward, day, now()), map_of_day(ward, day), extra=(point,))
    except CannotPlan:
        return
    problem, plan = rest_in_force(bridged, in_force)
    now_s = bridged.facts.now_s
    job = _asked(ward, bridged.location_of(point), leg, procedure)
    # Tested with the slack taken off at the end, so that a little delay breaks no promise.
    tested = {
        TimeWindow(window.start_s, window.end_s - assumptions.OFFER_SLACK_S): window for window in _windows(ward, now_s)
    }
    in_time = replace(job, cutoff_hard=True) if job.cutoff_s is not None else None
    dated = [held.window for held in windows_that_hold(problem, plan, in_time, list(tested), now_s)] if in_time else []
    for held in windows_that_hold(problem, plan, job, list(tested), now_s):
        start, end = (at(day, seconds, ward.timezone) for seconds in (held.window.start_s, tested[held.window].end_s))
        yield OfferedWindow(day, start, end, same_day=held.window in dated)


def _asked(ward: Ward, location: int, leg: str, procedure: Procedure) -> Job:
    dated = leg == "collect" and procedure.same_day
    return Job(
        id="asked",
        location=location,
        service_s=service_s(leg, len(procedure.components)),
        setup_s=assumptions.SETUP_S,
        deliver=int(leg == "return"),
        collect=int(leg == "collect"),
        skills=frozenset([skill_name(procedure.skill)] if procedure.skill else []),
        cutoff_s=clock_seconds(procedure.cutoff or ward.cutoff) if dated else None,
    )


def _windows(ward: Ward, now_s: int) -> Iterator[TimeWindow]:
    """The windows that the ward offers on a working day, as far as they lie ahead."""
    step_s = assumptions.OFFER_STEP_S
    soonest_s = -(-(now_s + assumptions.OFFER_LEAD_S) // step_s) * step_s if now_s else 0
    for half in ward.halves:
        for opens_s in range(half.start_s, half.end_s, assumptions.OFFER_WIDTH_S):
            window_s = max(opens_s, soonest_s), min(opens_s + assumptions.OFFER_WIDTH_S, half.end_s)
            if window_s[1] - window_s[0] >= assumptions.OFFER_SHORTEST_S:
                yield TimeWindow(*window_s)
