"""The officer's forms."""

from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from dispatch.dossiers.models import Dossier
from dispatch.duty.models import Duty
from dispatch.forms import Form, at_most, required
from dispatch.identity import spoken_code
from dispatch.office.lists import today
from dispatch.office.terms import LATEST, Term, same_official_code
from dispatch.pages import show_day


class SearchForm(Form):
    q = StringField(_l("Code, official code or name"), [at_most(200)])


class PromisedDay(Form):
    """A date that can be promised: from today on, and not in another decade."""

    promised_on = DateField(_l("Promised for"), [Optional()])

    def validate_promised_on(self, field: DateField) -> None:
        if field.data is not None and not today() <= field.data <= today() + LATEST:
            raise ValidationError(_("Please choose a day from today on, at most two years ahead."))


class CodeForm(Form):
    """An official code; one that another dossier has already is taken only when that was confirmed."""

    official_code = StringField(_l("Official code"), [required(), at_most(64)])
    same_code = BooleanField(_l("Both dossiers really have this code"))
    twice = False

    def about(self, dossier: Dossier) -> None:
        """Whose code it is."""
        self._dossier = dossier

    def validate_official_code(self, field: StringField) -> None:
        other = same_official_code(self._dossier, field.data or "")
        self.twice = other is not None
        if other is not None and not self.same_code.data:
            code = spoken_code(other.code)
            raise ValidationError(
                _("Dossier %(other)s has this official code already. Please correct it, or confirm below.", other=code)
            )


class ReceiveForm(CodeForm, PromisedDay):
    term = RadioField(_l("Result promised for"), [required()], default="normal")
    note = StringField(_l("Note to the file"), [at_most(500)])

    def offer(self, terms: list[Term]) -> None:
        """The choices of this dossier, each with its date."""
        self._days = {term.name: term.day for term in terms}
        dated = [(term.name, f"{show_day(term.day)} – {_in_words(term)}") for term in terms]
        self.term.choices = [*dated, ("other", _("Another day"))]

    def validate_term(self, field: RadioField) -> None:
        if field.data == "other" and self.promised_on.data is None and not self.promised_on.errors:
            raise ValidationError(_("Please say which day is promised."))

    @property
    def day(self) -> date:
        """The promised day that was chosen."""
        return self._days.get(self.term.data) or self.promised_on.data or today() + timedelta(days=1)


def _in_words(term: Term) -> str:
    if not term.working_days:
        return _("usual term, same working day")
    if term.name == "verified":
        return _("needs verification, %(days)s working days", days=term.working_days)
    return _("usual term, %(days)s working days", days=term.working_days)


class PauseForm(Form):
    missing = TextAreaField(_l("Which papers are missing?"), [required(), at_most(1000)])


class ResumeForm(PromisedDay):
    promised_on = DateField(_l("Promised for"), [required()])


class RefuseForm(Form):
    reason = TextAreaField(_l("Why is it refused?"), [required(), at_most(1000)])


class CitizenForm(Form):
    receiver = StringField(_l("Who received it at the counter?"), [required(), at_most(200)])


class VolunteerForm(Form):
    duty = RadioField(_l("Who takes it along?"), [required()])
    envelope = StringField(_l("Number on the envelope"), [at_most(20)])

    def offer(self, duties: dict[int, Duty], planned: Duty | None) -> None:
        """Today's volunteers; the planned one first and chosen."""
        order = sorted(duties.values(), key=lambda duty: (duty is not planned, duty.volunteer.folded_name))
        self.duty.choices = [
            (
                duty.public_id,
                _("%(name)s (planned)", name=duty.volunteer.name) if duty is planned else duty.volunteer.name,
            )
            for duty in order
        ]
        if planned is not None and self.duty.data is None:
            self.duty.data = planned.public_id
