"""The task that plans a day, or what is left of it, and leaves a draft."""

import logging
import time
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.clock import now
from dispatch.config import Settings
from dispatch.database import db, will_write
from dispatch.planning.bridge import Bridged, bridge, rest_in_force
from dispatch.planning.day import CannotPlan, DayFacts, read_day
from dispatch.planning.in_force import plan_in_force
from dispatch.planning.models import Plan as StoredPlan
from dispatch.planning.reasons import what_breaks
from dispatch.planning.store import BrokenPlan, Prepared
from dispatch.tasks.models import Task
from dispatch.tasks.runner import Running, TaskFailed, start_task, work
from dispatch.wards.map_store import LoadedMap
from dispatch.wards.models import Ward
from dispatch.wards.road_changes import map_of_day
from routing.plan import Plan
from routing.search.process import SearchFailedError, solve_in_process
from routing.solve import Progress

log = logging.getLogger(__name__)
KIND = "plan_day"
LONGEST_S = 600.0
SEED = 1


def start_planning(ward_id: int, day: date, account_id: int | None, seconds: float | None = None) -> Task:
    """Start to plan the day; where that is under way already, the task that does it. The caller commits."""
    under_way = planning_of(ward_id, day)
    if under_way is not None:
        return under_way
    settings: Settings = current_app.config["SETTINGS"]
    seconds = min(settings.plan_seconds if seconds is None else seconds, LONGEST_S)
    return start_task(ward_id, KIND, {"day": day.isoformat(), "seconds": seconds}, account_id)


def planning_of(ward_id: int, day: date) -> Task | None:
    """The task that plans this day at the moment."""
    newest = newest_planning(ward_id, day)
    return None if newest is None or newest.over else newest


def newest_planning(ward_id: int, day: date) -> Task | None:
    """The last task that planned this day or still does."""
    tasks = select(Task).where(Task.ward_id == ward_id, Task.kind == KIND).order_by(Task.id.desc()).limit(50)
    return next((task for task in db.session.scalars(tasks) if task.payload["day"] == day.isoformat()), None)


@work(KIND)
def plan_day(task: Running) -> dict[str, Any]:
    """Read, compute with no transaction open, check, store the draft. The result names the plan."""
    began_s = time.monotonic()
    facts, ward_map, bridged, start = _read(task)
    if not facts.jobs:
        raise TaskFailed(_("No job is waiting for this day: there is nothing to plan."))
    if not facts.on_duty:
        raise TaskFailed(_("Nobody is on duty on this day any more. Put volunteers on duty first."))

    stopped, gap = False, None

    def tell(progress: Progress) -> bool:
        nonlocal stopped, gap
        gap = progress.gap
        standing = {"cost": progress.cost, "served": progress.served, "unserved": progress.unserved, "gap": gap}
        going = task.report(progress.fraction, **standing)
        stopped = stopped or not going
        return going

    try:
        plan = solve_in_process(
            bridged.problem, float(task.payload["seconds"]), seed=SEED, on_progress=tell, start=start
        )
    except SearchFailedError as error:
        log.exception("search failed")
        raise TaskFailed(_("The search broke off before there was a plan. Please start it again.")) from error
    try:
        prepared = Prepared(bridged, plan, ward_map.network, ward_map.id, time.monotonic() - began_s, gap)
    except BrokenPlan as broken:
        raise TaskFailed(_("The plan was thrown away: %(what)s.", what=what_breaks(broken.constraint))) from broken
    stored = prepared.store(task.created_by)
    db.session.commit()
    return {"plan": stored.public_id, "stopped": stopped}


def _read(task: Running) -> tuple[DayFacts, LoadedMap, Bridged, Plan | None]:
    """Everything the computation needs, read without holding the database's only writer."""
    day = date.fromisoformat(task.payload["day"])
    db.session.rollback()
    token = will_write.set(False)
    try:
        ward = db.session.get_one(Ward, task.ward_id)
        try:
            facts = read_day(ward, day, now())
        except CannotPlan as reason:
            raise TaskFailed(str(reason)) from reason
        ward_map = map_of_day(ward, day)
        in_force = plan_in_force(ward.id, day)
        bridged, start = _bridge(facts, ward_map, in_force)
    finally:
        db.session.rollback()
        will_write.reset(token)
    return facts, ward_map, bridged, start


def _bridge(facts: DayFacts, ward_map: LoadedMap, in_force: StoredPlan | None) -> tuple[Bridged, Plan | None]:
    bridged = bridge(facts, ward_map)
    if in_force is None:
        return bridged, None
    return bridged, rest_in_force(bridged, in_force)[1]
