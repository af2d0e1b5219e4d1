"""What the route page shows, gathered for the templates."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from dispatch.accounts.looks import not_seen_lately
from dispatch.clock import now, today_in
from dispatch.custody.codes import check_of
from dispatch.custody.holdings import held_by
from dispatch.custody.words import CHOICES
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.operations import OWED
from dispatch.dossiers.taking_back import UNDO, in_force
from dispatch.field.installed import map_files, reader_files
from dispatch.field.route import Door, Route, trip_times, version_of
from dispatch.field.shift import LATE_MIN, standing_of
from dispatch.field.taps import REASONS
from dispatch.field.times import times_of
from dispatch.field.underway import set_out_key
from dispatch.live.positions import agreed, is_on_duty
from dispatch.live.push import is_told, public_key
from dispatch.places.way_in import way_in
from dispatch.planning.figures import duration

REASON_LABELS = {
    "nobody_home": _l("Nobody at home"),
    "wrong_address": _l("Wrong address, not found"),
    "papers_not_ready": _l("Papers not ready yet"),
    "refused": _l("They do not want it any more"),
    "unsafe": _l("Not safe (dog, quarrel, threat)"),
    "closed_road": _l("Road closed or flooded"),
    "vehicle": _l("My scooter broke down"),
    "other": _l("Another reason"),
}
CHANGES = {
    "added": _l("Added"),
    "moved": _l("Moved"),
    "changed": _l("Changed"),
    "removed": _l("Taken away, do not go there"),
}
UNDO_LABELS = {
    "arrived": _l("I have arrived"),
    "done": _l("Done at this door"),
    "not_done": _l("Not done here"),
    "passed_on": _l("Passed on"),
    "gave_back": _l("I gave it back to the citizen"),
    "running_late": _l("I told the desk that I am late"),
    "incident": _l("I told the desk of the incident"),
    "shift_ended": _l("My shift is over"),
}


def of_route(route: Route) -> dict[str, Any]:
    """Everything that field/route.html shows."""
    return {
        "route": route,
        "rows": _rows(route),
        "figures": route.figures(),
        "version": version_of(route),
        "to_fetch": _to_fetch(route),
        "carried": _carried(route),
        "undo": last_tap(),
        "reasons": [(reason, REASON_LABELS[reason]) for reason in REASONS],
        "map_files": map_files(),
        "reader_files": reader_files(),
        "new_key": lambda: str(uuid4()),
        "set_out_key": lambda door: set_out_key(door.job, route.duty),
        "papers": papers_of,
        "handover_check": check_of,
        "way_in": way_in,
        **CHOICES,
        "standing": _standing(route),
        "held": lambda: len(held_by(route.duty.volunteer_id)),
        "late_choices": LATE_MIN,
        "times": times_of(route),
        "sharing": agreed(route.duty) if is_on_duty(route.duty, now()) else None,
        "push_key": public_key(),
        "push_on": bool(public_key()) and is_told(g.device),
        "now": now,
        "today": today_in(g.ward.timezone),
        "distance": distance_text,
        "duration": duration,
        "reason_label": lambda job: REASON_LABELS.get(job.not_done_reason or "", REASON_LABELS["other"]),
    }


def _standing(route: Route) -> dict[str, datetime | None]:
    """As the shift stands; who rides on in the afternoon has not ended it for good in the morning."""
    standing = standing_of(route.duty)
    jobs = [door.job for door in (*route.doors, *route.over)]
    rode_at = [moment for job in jobs for moment in (job.set_out_at, job.arrived_at) if moment]
    if standing["ended"] and any(moment > standing["ended"] for moment in rode_at):
        standing["ended"] = None
    return standing


def _rows(route: Route) -> list[dict[str, Any]]:
    """The doors in order, with the ways back to the office and the lunch between them.

    The first one's row is for a phone that shows another door first without asking the server."""
    rows: list[dict[str, Any]] = []
    times = trip_times(route)
    trip = route.next.trip if route.next else None
    for position, door in enumerate(route.doors):
        if door.trip is not None and trip is not None and door.trip != trip:
            rows.append({"office": _between(route, times, trip, door.trip)})
        trip = door.trip if door.trip is not None else trip
        rows.append({"door": door, "position": position})
    if trip is not None:
        rows.append({"office": {"back_at": times.get(trip, {}).get("back_at"), "leave_at": None, "lunch": None}})
    return rows


def _between(route: Route, times: dict[int, dict[str, datetime | None]], before: int, after: int) -> dict[str, Any]:
    trips = route.planned.trips if route.planned else []
    spans = [trips[n].get("span") if n < len(trips) else None for n in (before, after)]
    return {
        "back_at": times.get(before, {}).get("back_at"),
        "leave_at": times.get(after, {}).get("leave_at"),
        "lunch": _lunch(route) if spans[0] != spans[1] else None,
    }


def _lunch(route: Route) -> tuple[datetime, datetime] | None:
    shifts = route.duty.shifts
    return (shifts[0].ends_at, shifts[1].starts_at) if len(shifts) > 1 else None


def _to_fetch(route: Route) -> list[Dossier]:
    """Before a trip starts: what to take along from the office."""
    first = route.next
    if first is None or first.job.state != "planned" or not route.starts_trip(first):
        return []
    return [d.job.dossier for d in route.doors if d.job.leg == "return" and d.trip == first.trip]


def _carried(route: Route) -> list[Job]:
    """Papers taken at doors that the office has not received yet."""
    done = [d.job for d in route.over if d.outcome == "done" and d.job.leg == "collect"]
    return [job for job in done if job.dossier.state in ("carried", "to_bring_in")]


def papers_of(door: Door) -> dict[str, int]:
    """How many papers to expect at the door, for the two counters."""
    dossier = door.job.dossier
    if door.job.leg == "return":
        taken = [job for job in dossier.jobs if job.leg == "collect" and job.state == "done"]
        if dossier.state in OWED and taken:
            return {"originals": taken[-1].originals, "copies": taken[-1].copies}
        return {"originals": 1, "copies": 0}
    parts = dossier.procedure.components
    return {"originals": sum(p.originals for p in parts), "copies": sum(p.copies for p in parts)}


def people_not_logged_yet(route: Route) -> set[int]:
    """Whose data the page shows, without those shown to this volunteer within the hour: after each tap it is the same
    page again, and the same look."""
    jobs = [door.job for door in (*route.doors, *route.over) if door.outcome != "gone"]
    people = {id for job in jobs for id in (job.dossier.beneficiary_id, job.dossier.request.caller_id)}
    return not_seen_lately("citizen", people, ("volunteer", route.duty.volunteer_id))


def distance_text(distance_m: int) -> str:
    """`850 m`, `1,2 km`."""
    return f"{distance_m} m" if distance_m < 1000 else f"{distance_m / 1000:.1f} km".replace(".", ",")


def last_tap() -> dict[str, Any] | None:
    """The last thing this phone reported, while it can be taken back."""
    since = now() - UNDO
    query = (
        select(Event)
        .where(
            Event.ward_id == g.ward.id,
            Event.occurred_at >= since - timedelta(minutes=1),
            Event.device_id == g.device.id,
        )
        .limit(100)
    )
    taps = [e for e in in_force(db.session.scalars(query)) if e.kind in UNDO_LABELS and e.occurred_at >= since]
    if not taps:
        return None
    last = taps[-1]
    job = db.session.get_one(Job, last.job_id) if last.job_id is not None else None
    return {"event": last, "job": job, "label": UNDO_LABELS[last.kind]}
