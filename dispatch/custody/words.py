"""Choices that the phone shows at a door, in a volunteer's words."""

from flask_babel import lazy_gettext as _l

from dispatch.dossiers.words import INCIDENTS, PROPOSALS

NO_CODE = {
    "no_message": _l("No message came"),
    "forgotten": _l("The citizen cannot find it"),
    "no_phone": _l("The citizen has no phone"),
    "other": _l("Another reason"),
}
CHOICES = {
    "no_code_reasons": list(NO_CODE.items()),
    "proposal_labels": list(PROPOSALS.items()),
    "incident_labels": list(INCIDENTS.items()),
}
