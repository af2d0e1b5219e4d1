"""Forms of the dossier's page."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, StringField, TextAreaField

from dispatch.dossiers.posting import PostFields
from dispatch.forms import Form, at_most, required
from dispatch.intake.forms import WindowFields
from dispatch.places.forms import AddressForm


class FindForm(Form):
    q = StringField(_l("Phone, name, code or street"), [at_most(200)])


class WindowForm(WindowFields, Form):
    """Another day or window for a visit."""


class DecisionForm(PostFields, WindowForm):
    """What happens after a "not done"."""

    decision = RadioField(
        _l("What happens now"),
        [required()],
        choices=[
            SelectChoice("retry", _l("Try again")),
            SelectChoice("gave_up", _l("Give it up")),
            SelectChoice("posted", _l("Hand it to the postal service")),
        ],
    )


class RelocateForm(AddressForm):
    """Another address for a visit."""


class AccessNoteForm(Form):
    access_note = StringField(_l("How to find the door"), [at_most(300)])


class NoteForm(Form):
    note = TextAreaField(_l("Note"), [required(), at_most(1000)])
