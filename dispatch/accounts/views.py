"""The front door: where `/` leads, log-in and log-out, one's own password, the language of the pages."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from wtforms import SelectChoice

from dispatch.accounts.forms import LoginForm, PasswordForm
from dispatch.accounts.models import Role, StaffAccount
from dispatch.accounts.operations import password_is, set_password
from dispatch.clock import now
from dispatch.database import db
from dispatch.field.devices import current_device
from dispatch.i18n import LOCALES
from dispatch.pages import home_of
from dispatch.security import allow, limiter, public
from dispatch.wards.founding import may_be_founded
from dispatch.wards.models import Ward

blueprint = Blueprint("accounts", __name__)
LANGUAGE_KEPT_S = 365 * 24 * 3600


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """The first page of whoever comes."""
    if current_user.is_authenticated:
        return redirect(home_of(current_user.roles))
    if current_device() is not None:
        return redirect(url_for("field.route"))
    if may_be_founded(g.ward):
        return redirect(url_for("setup.first"))
    return redirect(url_for("demo.roles" if g.ward.is_demo else "accounts.login"))


@blueprint.get("/healthz")
@public
@limiter.exempt
def health() -> ResponseReturnValue:
    """200 when the database answers."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="database out of reach"), 503
    return jsonify(status="ok")


def _who_tries() -> str:
    return f"{get_remote_address()} {request.form.get('username', '')[:60].lower()}"


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@public
@limiter.limit("10/minute;60/hour", methods=["POST"], key_func=_who_tries)
@limiter.limit("60/minute", methods=["POST"])
def login() -> ResponseReturnValue:
    """By user name and password, within a ward."""
    if g.ward is None:
        return redirect(url_for("setup.first"))
    wards = db.session.scalars(select(Ward).order_by(Ward.name).limit(500)).all()
    form = LoginForm(next=request.args.get("next", ""), ward=g.ward.public_id)
    form.ward.choices = [SelectChoice(ward.public_id, ward.name) for ward in wards]
    if len(wards) == 1:
        form.ward.data = wards[0].public_id
    if form.validate_on_submit():
        account = _account(form.ward.data, form.username.data)
        if password_is(account, form.password.data) and account is not None:
            enter(account)
            return redirect(own_path(form.next.data) or home_of(account.roles))
        form.password.errors = [_("The user name or the password is not right. Please try again.")]
    status = 422 if form.errors else 200
    return render_template("accounts/login.html", form=form, one_ward=len(wards) == 1), status


def _account(ward_public_id: str, username: str) -> StaffAccount | None:
    of_that_ward = select(StaffAccount).join(Ward, Ward.id == StaffAccount.ward_id)
    named = of_that_ward.where(Ward.public_id == ward_public_id, StaffAccount.username == username.lower())
    return db.session.scalars(named.where(StaffAccount.active).limit(1)).first()


def enter(account: StaffAccount) -> None:
    """Begin a session of its own for this account, and commit."""
    session.clear()
    session.permanent = True
    login_user(account)
    account.last_login_at = now()
    db.session.commit()


def own_path(address: str | None) -> str:
    """The address where it is a path on this server, else nothing: a link must not lead elsewhere after the log-in."""
    parts = urlsplit(address or "")
    plain = address and address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address or "" if plain and not parts.scheme and not parts.netloc else ""


@blueprint.post("/dang-xuat")
@public
def logout() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    flash(_("You are logged out."), "success")
    return redirect(url_for("accounts.home" if g.ward is not None and g.ward.is_demo else "accounts.login"))


@blueprint.route("/mat-khau", methods=["GET", "POST"])
@allow(*Role)
@limiter.limit("10/minute", methods=["POST"])
def password() -> ResponseReturnValue:
    """Change one's own password; every other open session of the account ends."""
    form = PasswordForm()
    if form.validate_on_submit():
        account = db.session.get_one(StaffAccount, current_user.id)
        if password_is(account, form.current.data):
            set_password(account, form.new.data)
            enter(account)
            flash(_("Your password is changed. Other computers where you were logged in must log in again."), "success")
            return redirect(home_of(account.roles))
        form.current.errors = [_("This is not your password now.")]
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@blueprint.post("/ngon-ngu")
@public
def language() -> ResponseReturnValue:
    """Show the pages in another language from now on, in this browser."""
    response = redirect(own_path(request.form.get("next")) or url_for("accounts.home"))
    if (chosen := request.form.get("language", "")) in LOCALES:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie("language", chosen, max_age=LANGUAGE_KEPT_S, samesite="Lax", secure=secure, httponly=True)
    return response
