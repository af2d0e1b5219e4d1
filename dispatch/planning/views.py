"""Planning a day: what is to be planned, the draft as a preview, publishing, and the sheet on paper."""

from datetime import date, datetime
from typing import Any

import segno
from flask import Blueprint, abort, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import SelectField

from dispatch.accounts.looks import looked_at, not_seen_lately
from dispatch.accounts.models import Role
from dispatch.clock import now, today_in
from dispatch.config import Settings
from dispatch.database import db, of_ward, one_or_404
from dispatch.dossiers import words
from dispatch.dossiers.events import Actor
from dispatch.dossiers.models import Job
from dispatch.dossiers.operations import NotPossible
from dispatch.duty.links import address_of
from dispatch.duty.models import Duty, RouteLink
from dispatch.forms import Form
from dispatch.planning import change, coming, figures
from dispatch.planning.day import CannotPlan, duties_on
from dispatch.planning.drawing import draw_on_paper, draw_plan
from dispatch.planning.in_force import WHOLE, plan_in_force
from dispatch.planning.models import Plan
from dispatch.planning.proving import WORTH_IT, proof_of, start_proof
from dispatch.planning.publish import discard as discard_plan
from dispatch.planning.publish import publish as publish_plan
from dispatch.planning.reasons import why_not
from dispatch.planning.solving import newest_planning, start_planning
from dispatch.planning.waiting import off_the_roads, waiting_on
from dispatch.security import allow
from dispatch.tasks.words import words_of
from dispatch.wards.fields import read_day
from dispatch.wards.map_store import current_map
from routing.search.process import prepare_process

blueprint = Blueprint("planning", __name__)
VERSIONS_SHOWN = 20
LONGER_S = (30, 60, 180)
PLAN_STATES = {
    "draft": (_l("Draft"), "idle"),
    "published": (_l("In force"), "done"),
    "superseded": (_l("Replaced"), "cancelled"),
    "discarded": (_l("Thrown away"), "cancelled"),
}


class PlanForm(Form):
    """How long the search may take."""

    seconds = SelectField(_l("Time for the search"), coerce=float)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        settings: Settings = current_app.config["SETTINGS"]
        usual = settings.plan_seconds
        choices = [usual, *(longer for longer in LONGER_S if longer > usual)]
        self.seconds.choices = [(seconds, figures.duration_s(seconds)) for seconds in choices]


@blueprint.get("/")
@allow(Role.DISPATCHER)
def days() -> ResponseReturnValue:
    """The coming days: jobs, people, plan."""
    today = today_in(g.ward.timezone)
    return render_template(
        "planning/days.html",
        days=coming.coming_days(g.ward, today),
        undated=coming.undated(g.ward, today),
        today=today,
        states=PLAN_STATES,
    )


@blueprint.route("/ngay/<day>", methods=["GET", "POST"])
@allow(Role.DISPATCHER)
def day(day: str) -> ResponseReturnValue:
    """What would be planned and who is there; the button that plans."""
    date_, form = _day(day), PlanForm()
    if request.method == "POST" and form.validate():
        start_planning(g.ward.id, date_, current_user.id, form.seconds.data)
        db.session.commit()
        return redirect(url_for("planning.day", day=day), 303)
    return _day_page(date_, form), 422 if form.errors else 200


def _day_page(date_: date, form: PlanForm) -> str:
    waiting = waiting_on(g.ward, date_, now())
    versions = of_ward(Plan).where(Plan.service_date == date_).order_by(Plan.version.desc()).limit(VERSIONS_SHOWN)
    in_force = plan_in_force(g.ward.id, date_)
    left_out = [job for job in waiting.plannable if job.state == "open"] if in_force else []
    duties, task = duties_on(g.ward.id, date_), newest_planning(g.ward.id, date_)
    looked_at("citizen", *{job.dossier.beneficiary_id for job, _code in waiting.blocked})
    looked_at("volunteer", *(duty.volunteer_id for duty in duties))
    return render_template(
        "planning/day.html",
        day=date_,
        form=form,
        waiting=waiting,
        blocked=[(job, why_not([{"code": code, "values": {}}], {})) for job, code in waiting.blocked],
        left_out=left_out,
        off_the_roads=off_the_roads(g.ward, date_, waiting.plannable),
        duties=duties,
        people=coming.people_on(g.ward, date_)[date_],
        task=None if task is None or task.over else task,
        failure=words_of(task).text if task is not None and task.state == "failed" else "",
        in_force=in_force,
        versions=db.session.scalars(versions).all(),
        states=PLAN_STATES,
        over=date_ < today_in(g.ward.timezone),
        words=words,
    )


@blueprint.get("/<public_id>")
@allow(Role.DISPATCHER)
def show(public_id: str) -> ResponseReturnValue:
    """A plan as map and lists: a draft to publish, or what was published."""
    plan = _plan(public_id)
    names = {duty.public_id: duty.volunteer.name for duty in duties_on(g.ward.id, plan.service_date)}
    jobs = [stop.job for route in plan.routes for stop in route.stops] + [item.job for item in plan.unserved]
    looked_at("citizen", *{job.dossier.beneficiary_id for job in jobs})
    looked_at("volunteer", *(route.duty.volunteer_id for route in plan.routes))
    routed = {route.duty_id for route in plan.routes}
    proof = proof_of(plan)
    idle = [duty for duty in duties_on(g.ward.id, plan.service_date) if not duty.off_at and duty.id not in routed]
    return render_template(
        "planning/show.html",
        plan=plan,
        routes=sorted(plan.routes, key=lambda route: route.position),
        unserved=[(item.job, why_not(item.reasons, names)) for item in plan.unserved],
        idle=idle,
        kept=set(plan.problem.get("kept_job_ids", ())),
        states=PLAN_STATES,
        words=words,
        km=figures.kilometres,
        duration=figures.duration,
        proof=proof,
        gap=figures.percent(proof.gap),
        worth_proving=plan.routes and (proof.gap is None or proof.gap > WORTH_IT),
        moment_of=datetime.fromisoformat,
    )


@blueprint.get("/<public_id>/tuyen.json")
@allow(Role.DISPATCHER)
def routes_json(public_id: str) -> ResponseReturnValue:
    """The plan for the map."""
    plan = _plan(public_id)
    jobs = [stop.job for route in plan.routes for stop in route.stops] + [item.job for item in plan.unserved]
    people, me = {job.dossier.beneficiary_id for job in jobs}, ("staff", current_user.id)
    looked_at("citizen", *not_seen_lately("citizen", people, me, "planning.show", "planning.routes_json"))
    return jsonify(draw_plan(g.ward, plan))


@blueprint.post("/<public_id>/ban-hanh")
@allow(Role.DISPATCHER)
def publish(public_id: str) -> ResponseReturnValue:
    """Put the draft in force."""
    plan = _plan(public_id)
    day, sentence = plan.service_date.isoformat(), _("The plan is in force. Volunteers see their routes now.")
    try:
        publish_plan(plan, _me())
        db.session.commit()
    except NotPossible as reason:
        db.session.rollback()
        flash(str(reason), "error")
        return redirect(url_for("planning.day", day=day), 303)
    flash(sentence, "success")
    return redirect(url_for("planning.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/chung-minh")
@allow(Role.DISPATCHER)
def prove(public_id: str) -> ResponseReturnValue:
    """Work out how far the plan is from the best possible; it stays as it is."""
    start_proof(_plan(public_id), current_user.id)
    db.session.commit()
    return redirect(url_for("planning.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/bo")
@allow(Role.DISPATCHER)
def discard(public_id: str) -> ResponseReturnValue:
    """Throw the draft away."""
    plan = _plan(public_id)
    day = plan.service_date.isoformat()
    try:
        discard_plan(plan)
        db.session.commit()
        flash(_("The draft was thrown away."), "info")
    except NotPossible as reason:
        db.session.rollback()
        flash(str(reason), "error")
    return redirect(url_for("planning.day", day=day), 303)


@blueprint.get("/<public_id>/phieu")
@allow(Role.DISPATCHER)
def sheet(public_id: str) -> ResponseReturnValue:
    """Route sheets on paper, one a volunteer, with the code that opens the route on the phone."""
    plan = _plan(public_id)
    if plan.state != "published":
        abort(404)
    sheets = []
    for route in sorted((r for r in plan.routes if r.duty.off_at is None), key=lambda route: route.position):
        dossiers = [stop.job.dossier for stop in route.stops]
        looked_at("citizen", *{id for one in dossiers for id in (one.beneficiary_id, one.request.caller_id)})
        looked_at("volunteer", route.duty.volunteer_id)
        sheets.append((route, _qr(route.duty), draw_on_paper(g.ward, route)))
    return render_template(
        "planning/sheet.html",
        plan=plan,
        sheets=sheets,
        attribution=current_map(g.ward).attribution,
        words=words,
        km=figures.kilometres,
        duration=figures.duration,
        moment_of=datetime.fromisoformat,
    )


def _qr(duty: Duty) -> str:
    """The QR code of the duty's link as a data address; nothing where the link was ended."""
    links = of_ward(RouteLink).where(RouteLink.duty_id == duty.id, RouteLink.revoked_at.is_(None))
    link = db.session.scalars(links.order_by(RouteLink.id.desc()).limit(1)).first()
    return str(segno.make(address_of(link), error="m").svg_data_uri(border=2)) if link else ""


@blueprint.post("/truc/<public_id>/nghi")
@allow(Role.DISPATCHER)
def take_off(public_id: str) -> ResponseReturnValue:
    """A volunteer falls out: off the plan, and what is left is planned again."""
    duty = one_or_404(Duty, public_id=public_id)
    day, name = duty.service_date.isoformat(), duty.volunteer.name
    try:
        task = change.take_off(duty, _me(), current_user.id)
        db.session.commit()
        again = _("The rest of the day is being planned again.") if task else ""
        flash(f"{_('%(name)s is off the plan.', name=name)} {again}".strip(), "success")
    except NotPossible as reason:
        db.session.rollback()
        flash(str(reason), "error")
    return redirect(url_for("planning.day", day=day), 303)


@blueprint.route("/ngay/<day>/chen/<public_id>", methods=["GET", "POST"])
@allow(Role.DISPATCHER)
def put_in(day: str, public_id: str) -> ResponseReturnValue:
    """Where one more job fits into the plan in force, and what follows from each place."""
    date_, job = _day(day), one_or_404(Job, public_id=public_id)
    if request.method == "POST":
        place = request.form.get("place", "")[:200]
        try:
            if "refine" in request.form:
                plan = change.refined(g.ward, date_, job, place, current_user.id)
                db.session.commit()
                return redirect(url_for("planning.show", public_id=plan.public_id), 303)
            plan = change.put_in(g.ward, date_, job, place, _me(), current_user.id)
            db.session.commit()
            flash(_("The job is on the route, and the new plan is in force."), "success")
            return redirect(url_for("planning.show", public_id=plan.public_id), 303)
        except (NotPossible, CannotPlan) as reason:
            db.session.rollback()
            flash(str(reason), "error")
            return redirect(url_for("planning.put_in", day=day, public_id=public_id), 303)
    return _places_page(date_, job)


def _places_page(date_: date, job: Job) -> str:
    try:
        choices = change.Rest(g.ward, date_).choices(job) if plan_in_force(g.ward.id, date_) else []
    except CannotPlan:
        choices = []
    if choices:
        prepare_process()  # who sees places may ask for a short search around one of them
    duties = {duty.id: duty for duty in duties_on(g.ward.id, date_)}
    keys = {key for choice in choices for key in (*choice.delayed, *(shifted.job_key for shifted in choice.shifted))}
    moved = db.session.scalars(of_ward(Job).where(Job.public_id.in_(keys)).limit(500)).all()
    looked_at("citizen", job.dossier.beneficiary_id, *(one.dossier.beneficiary_id for one in moved))
    return render_template(
        "planning/put_in.html",
        day=date_,
        job=job,
        choices=choices,
        duties=duties,
        jobs={one.public_id: one for one in moved},
        words=words,
        duration=figures.duration,
    )


def _day(text: str) -> date:
    found = read_day(text)
    if found is None:
        abort(404)
    return found


def _plan(public_id: str) -> Plan:
    plan = db.session.scalars(
        select(Plan).where(Plan.ward_id == g.ward.id, Plan.public_id == public_id).limit(1).options(*WHOLE)
    ).first()
    if plan is None:
        abort(404)
    return plan


def _me() -> Actor:
    return Actor("staff", current_user.id)
