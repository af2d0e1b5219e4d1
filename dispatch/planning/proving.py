"""The task that proves how far a plan is from the best possible. It changes nothing: the answer stands in the task."""

import logging
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.database import db, reading
from dispatch.planning.figures import from_the_best
from dispatch.planning.models import Plan
from dispatch.tasks.models import Task
from dispatch.tasks.runner import Running, TaskFailed, start_task, work
from dispatch.tasks.words import Words, describe
from routing.plan import Plan as RoutingPlan
from routing.problem import Problem
from routing.search.process import SearchFailedError, prove_in_process

log = logging.getLogger(__name__)
KIND = "prove_plan"
LONGEST_S = 120.0
WORTH_IT = 0.005
"""A smaller gap is not worth two minutes."""


def start_proof(plan: Plan, account_id: int | None) -> Task:
    """Start to prove it; where that is under way already, the task that does it. The caller commits."""
    under_way = next((task for task in _proofs(plan) if not task.over), None)
    return under_way or start_task(plan.ward_id, KIND, {"plan": plan.public_id, "seconds": LONGEST_S}, account_id)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of how much better a plan could be.

    ``task`` works on it now, ``gap`` is the smallest known so far, of the search or of a proof, and ``tried`` says that
    a proof has had all its time: another one would find no more.
    """

    task: Task | None
    gap: float | None
    tried: bool


def proof_of(plan: Plan) -> Proof:
    """As far as it is known now."""
    proofs = _proofs(plan)
    gaps = [gap for gap in (plan.figures.get("gap"), *(task.result.get("gap") for task in proofs)) if gap is not None]
    under_way = next((task for task in proofs if not task.over), None)
    return Proof(under_way, min(gaps, default=None), any(task.state == "done" for task in proofs))


def _proofs(plan: Plan) -> list[Task]:
    tasks = select(Task).where(Task.ward_id == plan.ward_id, Task.kind == KIND).order_by(Task.id.desc()).limit(50)
    return [task for task in db.session.scalars(tasks) if task.payload["plan"] == plan.public_id]


@work(KIND)
def prove_plan(task: Running) -> dict[str, Any]:
    """Read what was planned, compute with no transaction open."""
    from routing.bound.proof import Proving  # brings in OR-Tools' models, which a web process can do without

    with reading():
        plans = select(Plan.problem).where(Plan.ward_id == task.ward_id, Plan.public_id == task.payload["plan"])
        kept = db.session.scalars(plans).one()
    stopped = False

    def tell(progress: Proving) -> bool:
        nonlocal stopped
        going = task.report(progress.fraction, gap=progress.gap)
        stopped = stopped or not going
        return going

    problem, plan = Problem.from_dict(kept), RoutingPlan.from_dict(kept["plan"])
    try:
        bound = prove_in_process(problem, plan, float(task.payload["seconds"]), tell)
    except SearchFailedError as error:
        log.exception("proof failed")
        raise TaskFailed(_("The calculation broke off. The plan itself is as it was.")) from error
    return {"plan": task.payload["plan"], "gap": bound.gap if bound.cost else None, "stopped": stopped}


@describe(KIND)
def _words(task: Task) -> Words:
    text = _("Working out how much better a plan could be…") if task.state == "running" else ""
    return Words(
        text=str(text),
        detail=from_the_best(task.progress.get("gap")),
        url=url_for("planning.show", public_id=task.payload["plan"]),
    )
