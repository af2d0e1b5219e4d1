"""The sentences that citizens get, one function a kind, in the words a ward officer would use."""

from typing import Any

from flask_babel import gettext as _

from dispatch.dossiers.models import Dossier
from dispatch.identity import spoken_code

KINDS = ("request_received", "planned_window", "on_the_way", "returned")


def wording(kind: str, dossier: Dossier, values: dict[str, Any]) -> str:
    """The sentence of a message. `values` are texts that are ready to be shown (a time, a volunteer's first name)."""
    code = spoken_code(dossier.code)
    return {
        "request_received": lambda: _("%(ward)s: request received, code %(code)s. %(when)s", code=code, **values),
        "planned_window": lambda: _(
            "%(ward)s: for dossier %(code)s somebody comes on %(day)s between %(start)s and %(end)s.",
            code=code,
            **values,
        ),
        "on_the_way": lambda: _(
            "%(ward)s: %(volunteer)s is on the way to you for dossier %(code)s, at about %(eta)s.",
            code=code,
            **values,
        ),
        "returned": lambda: _(
            "%(ward)s: the result of dossier %(code)s was handed over at %(time)s. Thank you.",
            code=code,
            **values,
        ),
    }[kind]()
