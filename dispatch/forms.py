"""Ground for every form: text is NFC and trimmed at the entrance, and each rule says what to do in a sentence."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from dispatch.phones import read_phone
from dispatch.words import nfc


class Form(FlaskForm):
    """A form whose text fields are NFC, trimmed and limited in length."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            if unbound_field.field_class in (StringField, TextAreaField):
                filters = unbound_field.kwargs.setdefault("filters", [])
                if clean not in filters:
                    unbound_field.kwargs["filters"] = [clean, *filters]
            return unbound_field.bind(form=form, **options)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            # Flask-WTF reads JSON as a form, whose lists and numbers no field expects. Our forms come from pages.
            if formdata is None or not request.is_json:
                return super().wrap_formdata(form, formdata)
            return formdata if isinstance(formdata, MultiDict) else request.form


def clean(text: str | None) -> str | None:
    """NFC and trimmed."""
    return nfc(text) if text else text


class Filled(InputRequired):
    """Something other than blanks."""

    def __call__(self, form: Any, field: Any) -> None:
        super().__call__(form, field)
        if isinstance(field.data, str) and not field.data.strip():
            raise StopValidation(self.message)


def required() -> InputRequired:
    return Filled(message=_l("Please fill this in."))


def at_most(characters: int) -> Length:
    return Length(max=characters, message=_l("That is too long; please keep it under %(max)d characters."))


class PhoneNumber:
    """A Vietnamese number in any spelling; the field's data becomes E.164."""

    def __call__(self, form: FlaskForm, field: StringField) -> None:
        if not field.data:
            return
        number = read_phone(field.data)
        if number is None:
            raise ValidationError(
                _l("This is not a Vietnamese telephone number. Example: 0905 123 456 or 0236 3831 234.")
            )
        field.e164 = number
