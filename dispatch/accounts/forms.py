"""What is typed to log in and to change a password."""

from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, Length, Regexp, ValidationError

from dispatch.forms import Form, required
from dispatch.words import fold

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
RATED_LETTERS = 40  # a longer one is not made weaker by what follows, and would take long to rate


def new_password(label: Any, *rules: Any) -> PasswordField:
    """A field for a password of its own choice: length makes it strong, a blocklist keeps out the known ones.

    As NIST SP 800-63B has it: no rules about kinds of letters.
    """
    length = Length(
        min=SHORTEST_PASSWORD,
        max=LONGEST_PASSWORD,
        message=_l("Please use %(min)d to %(max)d characters; a short sentence is easy to remember."),
    )
    checks = [*(rules or (required(),)), length, _not_easily_guessed]
    return PasswordField(label, checks, render_kw={"autocomplete": "new-password"})


def easily_guessed(password: str, *known_words: str) -> bool:
    """Whether fewer than a million tries find it (zxcvbn's score below 2) by whoever knows these words."""
    from zxcvbn import zxcvbn  # its word lists are large: only who sets a password loads them

    words = [word for known in known_words for word in (fold(known), fold(known).replace(" ", ""))]
    return bool(zxcvbn(password[:RATED_LETTERS], user_inputs=["matkhau", *words])["score"] < 2)


def _not_easily_guessed(form: Form, field: PasswordField) -> None:
    ward = g.get("ward")
    username = form["username"].data if "username" in form else ""
    if easily_guessed(field.data or "", username or "", ward.name if ward else ""):
        raise ValidationError(_("This password is guessed at once. Please take a short sentence that only you know."))


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
