"""Staff accounts: who works here, with which roles. For the administrator of the ward."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from dispatch.accounts.forms import new_password, username_field
from dispatch.accounts.models import Role, StaffAccount
from dispatch.accounts.operations import account_named, add_account, is_last_administrator, set_password
from dispatch.database import db, of_ward, one_or_404
from dispatch.forms import Form, at_most, required
from dispatch.security import allow
from dispatch.wards.fields import choices_of

blueprint = Blueprint("staff", __name__)

ROLES = {
    Role.HOTLINE: _l("Hotline: takes calls and the fanpage"),
    Role.DISPATCHER: _l("Dispatcher: plans the day, duties, board"),
    Role.OFFICER: _l("One-stop officer: receives dossiers, gives out results"),
    Role.CHAIRMAN: _l("Chairman: statistics"),
    Role.ADMIN: _l("Administrator: set-up and accounts"),
}
SHORT_ROLES = {
    Role.HOTLINE: _l("Hotline"),
    Role.DISPATCHER: _l("Dispatcher"),
    Role.OFFICER: _l("One-stop officer"),
    Role.CHAIRMAN: _l("Chairman"),
    Role.ADMIN: _l("Administrator"),
}


class AccountForm(Form):
    name = StringField(_l("Full name"), [required(), at_most(80)], render_kw={"autocomplete": "off"})
    roles = SelectMultipleField(
        _l("Roles"),
        [required()],
        choices=choices_of(ROLES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=True,
    )


class NewAccountForm(AccountForm):
    username = username_field()
    password = new_password(_l("First password"))


class EditAccountForm(AccountForm):
    active = BooleanField(_l("May log in"))
    password = new_password(_l("New password"), Optional())


@blueprint.get("/")
@allow(Role.ADMIN)
def overview() -> ResponseReturnValue:
    """Everybody who can log in, and who no longer can."""
    accounts = of_ward(StaffAccount).order_by(StaffAccount.active.desc(), StaffAccount.name).limit(500)
    return render_template("accounts/staff.html", accounts=db.session.scalars(accounts).all(), roles=SHORT_ROLES)


@blueprint.route("/moi", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new() -> ResponseReturnValue:
    """Add an account; the password is told to its owner, who may change it."""
    form = NewAccountForm()
    if form.validate_on_submit():
        if account_named(g.ward.id, form.username.data):
            form.username.errors = [_("There is an account of this name already.")]
        else:
            add_account(g.ward.id, form.username.data, form.name.data, form.password.data, _roles(form))
            db.session.commit()
            flash(_("The account is there. Tell its owner the user name and the password."), "success")
            return redirect(url_for("staff.overview"))
    return render_template("accounts/account.html", form=form, account=None), 422 if form.errors else 200


@blueprint.route("/<public_id>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit(public_id: str) -> ResponseReturnValue:
    """Change name, roles or password, or end the account."""
    account = one_or_404(StaffAccount, public_id=public_id)
    form = EditAccountForm(obj=account, roles=[role.value for role in account.roles])
    if form.validate_on_submit():
        stays = form.active.data and Role.ADMIN in _roles(form)
        if is_last_administrator(account) and not stays:
            form.roles.errors = [_("The ward needs an administrator: give another account this role first.")]
        else:
            _save(account, form)
            flash(_("Saved."), "success")
            return redirect(url_for("accounts.home" if _is_me(account) and not stays else "staff.overview"))
    return render_template("accounts/account.html", form=form, account=account), 422 if form.errors else 200


def _save(account: StaffAccount, form: EditAccountForm) -> None:
    account.name, account.active = form.name.data, form.active.data
    account.set_roles(_roles(form))
    if form.password.data:
        set_password(account, form.password.data)
    db.session.commit()
    if _is_me(account) and account.active:
        login_user(account)  # a new password ends the others' sessions, not this one


def _is_me(account: StaffAccount) -> bool:
    return bool(account.id == current_user.id)


def _roles(form: AccountForm) -> set[Role]:
    return {Role(value) for value in form.roles.data}
