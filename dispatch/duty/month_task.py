"""The task that works out a month of duties, and what the progress bar says meanwhile."""

from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from dispatch.clock import local, now
from dispatch.database import db, reading
from dispatch.duty.models import MonthRoster
from dispatch.duty.month import ask
from dispatch.tasks.models import Task
from dispatch.tasks.runner import Running, TaskFailed, start_task, work
from dispatch.tasks.words import Words, describe
from dispatch.wards.models import Ward
from routing.roster.problem import RosterProblem
from routing.roster.roster import RosterNotFoundError, RosterProgress

KIND = "month_roster"
LONGEST_S = 15.0
TELL_EVERY_S = 0.5


def start_roster(roster: MonthRoster) -> Task:
    """Work it out in the background; the caller commits."""
    payload = {"roster": roster.public_id, "month": roster.month.isoformat()}
    return start_task(roster.ward_id, KIND, payload, roster.made_by)


def newest_task(ward_id: int, month: date) -> Task | None:
    """The last task that worked on this month or still does."""
    tasks = select(Task).where(Task.ward_id == ward_id, Task.kind == KIND).order_by(Task.id.desc()).limit(50)
    return next((task for task in db.session.scalars(tasks) if task.payload["month"] == month.isoformat()), None)


@work(KIND)
def work_out(task: Running) -> dict[str, Any]:
    """Read, compute with no transaction open, store the answer beside what was asked."""
    from routing.roster.solve import solve_roster  # brings in pandas, which a web process can do without

    problem = _read(task)
    told_s = -TELL_EVERY_S

    def tell(progress: RosterProgress) -> bool:
        nonlocal told_s
        if progress.seconds - told_s < TELL_EVERY_S:
            return True
        told_s = progress.seconds
        standing = {"step": progress.step, "missing": progress.missing, "gap": progress.gap}
        return task.report(min(1.0, progress.seconds / LONGEST_S), **standing)

    try:
        roster = solve_roster(problem, LONGEST_S, on_progress=tell)
    except RosterNotFoundError as error:
        raise TaskFailed(_("No roster was found in the time. Please try again.")) from error
    row = _row(task)
    row.roster = roster.model_dump(mode="json")
    db.session.commit()
    return {"roster": row.public_id, "stopped": roster.stopped}


def _row(task: Running) -> MonthRoster:
    rows = select(MonthRoster).where(MonthRoster.ward_id == task.ward_id)
    return db.session.scalars(rows.where(MonthRoster.public_id == task.payload["roster"]).limit(1)).one()


def _read(task: Running) -> RosterProblem:
    with reading():
        ward = db.session.get_one(Ward, task.ward_id)
        problem = ask(ward, _row(task), local(now(), ward.timezone).date())
    if not problem.slots:
        raise TaskFailed(_("There is no half-day left to fill in this month."))
    if not problem.people:
        raise TaskFailed(_("There is no volunteer on the list yet. Please add the people who ride first."))
    return problem


@describe(KIND)
def _words(task: Task) -> Words:
    steps = {
        "places": _("Filling the half-days…"),
        "fairness": _("Sharing fairly and heeding wishes…"),
        "on_call": _("Choosing who stands by…"),
    }
    text = steps.get(task.progress.get("step", ""), "") if task.state == "running" and not task.stop_requested else ""
    missing = task.progress.get("missing")
    detail = ngettext("%(num)d place empty", "%(num)d places empty", missing) if missing else ""
    month = date.fromisoformat(task.payload["month"])
    return Words(text=text, detail=detail, url=url_for("month.show", month=month.strftime("%Y-%m")))
