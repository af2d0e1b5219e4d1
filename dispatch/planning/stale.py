"""Whether a draft still fits the day: since it was made, doors were visited, calls came in, people fell out."""

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.identity import spoken_code
from dispatch.planning import assumptions
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.planning.waiting import MAX_JOBS
from dispatch.wards.models import Ward
from dispatch.wards.road_changes import changed_since

AHEAD = ("open", "planned")
VISITED = ("under_way", "at_door", "done", "undecided")
UPSETTING = ("rescheduled", "relocated", "retry", "undone", "cancelled", "brought_back", "gave_up", "posted")
NAMED = 5


def why_stale(plan: Plan, in_force: Plan | None) -> str:
    """A sentence that says why the draft can no longer be published; empty where it can."""
    if (in_force.id if in_force else None) != plan.based_on_id:
        return _("Another version of this day's plan was published meanwhile. Please plan again.")
    fallen_out = [route.duty.volunteer.name for route in plan.routes if route.duty.off_at and _ahead(plan, route)]
    if fallen_out:
        return _("%(names)s fell out since this draft was made. Please plan again.", names=", ".join(fallen_out))
    moved = [route.duty.volunteer.name for route in plan.routes if not _within_half_days(plan, route)]
    if moved:
        return _(
            "The half-days of %(names)s changed since this draft was made. Please plan again.", names=", ".join(moved)
        )
    changed = _changed(plan)
    if changed:
        codes = ", ".join(sorted({spoken_code(job.dossier.code) for job in changed})[:NAMED])
        return _(
            "Things have changed since this draft was made (dossiers %(codes)s). Please plan again; it takes seconds.",
            codes=codes,
        )
    if changed_since(db.session.get_one(Ward, plan.ward_id), plan.service_date, plan.made_at):
        return _("A street was closed or opened since this draft was made. Please plan again; it takes seconds.")
    if any(_has_departed(plan, route) for route in plan.routes):
        return _("The first departures of this draft have passed already. Please plan again from now on.")
    return ""


def _ahead(plan: Plan, route: PlanRoute) -> list[PlanStop]:
    """Stops that were still to be done when the draft was made."""
    kept = set(plan.problem["kept_job_ids"])
    return [stop for stop in route.stops if stop.job_id not in kept]


def _within_half_days(plan: Plan, route: PlanRoute) -> bool:
    """Whether the volunteer still serves the half-days in which this route's stops lie."""
    shifts = route.duty.shifts
    for stop in _ahead(plan, route):
        span = route.trips[stop.trip]["span"]
        if span >= len(shifts) or not shifts[span].starts_at <= stop.starts_at <= shifts[span].ends_at:
            return False
    return True


def _changed(plan: Plan) -> list[Job]:
    upset = _upset_jobs(plan)
    changed = []
    for route in plan.routes:
        untouched = False
        for stop in _ahead(plan, route):
            job = stop.job
            if job.state in AHEAD:
                untouched = True
            # Going on in the draft's own order upsets nothing.
            went_on = job.state in VISITED and job.duty_id == route.duty_id and not untouched
            if job.id in upset or not (job.state in AHEAD or went_on):
                changed.append(job)
    return changed


def _upset_jobs(plan: Plan) -> set[int]:
    """Jobs of the plan that were changed by an event that the draft has not seen."""
    stops = [(stop, route.duty_id) for route in plan.routes for stop in route.stops]
    events = db.session.scalars(
        select(Event)
        .where(
            Event.ward_id == plan.ward_id,
            Event.id > plan.problem["seen_event_id"],
            Event.dossier_id.in_({stop.job.dossier_id for stop, _duty in stops}),
            Event.kind.in_((*UPSETTING, "promised", "handed_to_volunteer")),
        )
        .limit(MAX_JOBS)
    ).all()
    return {stop.job_id for stop, duty_id in stops for event in events if _upsets(event, stop, duty_id)}


def _upsets(event: Event, stop: PlanStop, duty_id: int) -> bool:
    if event.dossier_id != stop.job.dossier_id or event.job_id not in (None, stop.job_id):
        return False
    if event.kind == "handed_to_volunteer":
        return event.data.get("duty_id") != duty_id
    if event.kind == "promised":
        start, end = stop.job.promised_start, stop.job.promised_end
        return start is None or end is None or not start <= stop.starts_at <= end
    return True


def _has_departed(plan: Plan, route: PlanRoute) -> bool:
    ahead = [stop for stop in _ahead(plan, route) if stop.job.state in AHEAD]
    if not ahead or len(ahead) != len(_ahead(plan, route)):
        return False
    return ahead[0].arrives_at + assumptions.DRAFT_KEEPS < now()
