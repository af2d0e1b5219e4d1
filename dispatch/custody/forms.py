"""Forms of the bag desk, the end of a shift, and the label sheets."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import NumberRange

from dispatch.forms import Form, at_most, required

A_SHEET = 24
MOST_SHEETS = 20


class BagForm(Form):
    codes = TextAreaField(_l("Envelopes and dossier codes, one a line"), [at_most(8000)])


class LabelsForm(Form):
    sheets = IntegerField(
        _l("Sheets of 24 labels"),
        [required(), NumberRange(1, MOST_SHEETS, _l("Please choose 1 to 20 sheets."))],
        default=1,
    )
