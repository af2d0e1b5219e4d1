"""The page of roles: one click each. Only where the ward is a demo."""

from flask import Blueprint, abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import login_user
from sqlalchemy import func, select

from dispatch.accounts.models import Role, StaffAccount
from dispatch.clock import now, today_in
from dispatch.database import db, of_ward
from dispatch.dossiers.models import Dossier, Job
from dispatch.duty.links import link_for, token_of
from dispatch.duty.models import Duty
from dispatch.pages import home_of
from dispatch.planning.models import Plan, PlanRoute
from dispatch.security import public

blueprint = Blueprint("demo", __name__)

PEOPLE = {
    Role.HOTLINE: (_l("Hotline clerk"), _l("Takes calls and fanpage messages, and tells people when somebody comes.")),
    Role.DISPATCHER: (_l("Dispatcher"), _l("Plans the day, publishes the routes and watches the board.")),
    Role.OFFICER: (_l("One-stop officer"), _l("Receives dossiers, gives codes and dates, hands out results.")),
    Role.CHAIRMAN: (_l("Chairman"), _l("Sees in five minutes whether the service works, and for whom.")),
    Role.ADMIN: (_l("Administrator"), _l("Sets up the ward: office, hours, procedures, people, map.")),
}


@blueprint.before_request
def _only_in_the_demo() -> None:
    if g.ward is None or not g.ward.is_demo:
        abort(404)


@blueprint.get("/")
@public
def roles() -> ResponseReturnValue:
    """Who can be tried, what the day looks like, and a code to track."""
    day = today_in(g.ward.timezone)
    routes = (
        select(PlanRoute)
        .join(Plan, PlanRoute.plan_id == Plan.id)
        .where(PlanRoute.ward_id == g.ward.id, Plan.service_date == day, Plan.state == "published")
        .order_by(PlanRoute.position)
        .limit(40)
    )
    sample = of_ward(Dossier).where(Dossier.state == "in_process").order_by(Dossier.id.desc()).limit(1)
    jobs = select(func.count()).select_from(Job).where(Job.ward_id == g.ward.id, Job.service_date == day)
    return render_template(
        "demo/roles.html",
        day=day,
        clock_now=now(),
        people=[(role, *words) for role, words in PEOPLE.items()],
        jobs=db.session.scalar(jobs),
        routes=db.session.scalars(routes).all(),
        sample=db.session.scalars(sample).first(),
    )


@blueprint.post("/vai/<role>")
@public
def enter(role: str) -> ResponseReturnValue:
    """Log in as the demo's account of this role."""
    account = db.session.scalars(of_ward(StaffAccount).where(StaffAccount.username == role).limit(1)).first()
    if role not in set(Role) or account is None:
        abort(404)
    login_user(account)
    return redirect(home_of(frozenset({Role(role)})))


@blueprint.post("/tuyen/<public_id>")
@public
def ride(public_id: str) -> ResponseReturnValue:
    """Open a volunteer's phone page, as the QR code on the duty sheet would."""
    duty = db.session.scalars(of_ward(Duty).where(Duty.public_id == public_id).limit(1)).first()
    if duty is None:
        abort(404)
    token = token_of(link_for(duty))
    db.session.commit()
    return redirect(url_for("field.open_link", token=token))
