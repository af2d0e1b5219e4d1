"""What is typed to log in and to change a password."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, Length, Regexp

from dispatch.forms import Form, required

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def new_password(label: Any, *rules: Any) -> PasswordField:
    """A field for a password of its own choice: length is what makes it strong (NIST SP 800-63B)."""
    length = Length(
        min=SHORTEST_PASSWORD,
        max=LONGEST_PASSWORD,
        message=_l("Please use %(min)d to %(max)d characters; a short sentence is easy to remember."),
    )
    return PasswordField(label, [*(rules or (required(),)), length], render_kw={"autocomplete": "new-password"})


def username_field() -> StringField:
    """A user name to be given: letters that every keyboard types."""
    rule = Regexp(r"^[a-z0-9][a-z0-9._-]{1,39}$", message=_l("2 to 40 letters without accents, digits, . _ or -"))
    looks = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    return StringField(_l("User name"), [required(), rule], filters=[lower], render_kw=looks)


def lower(text: str | None) -> str | None:
    return text.lower() if text else text


def same_as(field: str) -> EqualTo:
    return EqualTo(field, message=_l("The two passwords are not the same. Please type both again."))


class LoginForm(Form):
    ward = SelectField(_l("Ward"))
    username = StringField(
        _l("User name"), [required(), Length(max=60)], render_kw={"autocomplete": "username", "autocapitalize": "none"}
    )
    password = PasswordField(
        _l("Password"), [required(), Length(max=LONGEST_PASSWORD)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class PasswordForm(Form):
    current = PasswordField(
        _l("Your password now"),
        [required(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    new = new_password(_l("New password"))
    again = PasswordField(
        _l("New password once more"), [required(), same_as("new")], render_kw={"autocomplete": "new-password"}
    )
