"""The sentences that citizens get, one function a kind, in the words a ward officer would use.

A text message with Vietnamese marks holds 70 letters, or 67 a part: these stay within three parts.
"""

from typing import Any

from flask_babel import gettext as _

from dispatch.dossiers.models import Dossier
from dispatch.identity import spoken_code
from dispatch.words import fold

KINDS = ("request_received", "planned_window", "on_the_way", "returned", "papers_missing", "collected", "call_first")
BY_VOICE = ("call_first",)
"""Told on the telephone, never by message: an answer is wanted."""
TITLES = ("phuong ", "xa ", "thi tran ", "dac khu ", "ubnd ", "uy ban ")


def wording(kind: str, dossier: Dossier, values: dict[str, Any]) -> str:
    """The text of a message: who speaks, then the news."""
    return _("%(ward)s: %(news)s", ward=values["ward"], news=news(kind, dossier, values))


def spoken(kind: str, dossier: Dossier, values: dict[str, Any]) -> str:
    """The same news as the hotline says it on the phone, once it is sure to speak with the right person (`name`)."""
    ward = values["ward"] if values["ward"][:2].isupper() else values["ward"][:1].lower() + values["ward"][1:]
    greeting = _("Hello, am I speaking with %(name)s? This is %(ward)s.", name=values["name"], ward=ward)
    return greeting + " " + news(kind, dossier, values)


def news(kind: str, dossier: Dossier, values: dict[str, Any]) -> str:
    """One kind's news. `values` are texts that are ready to be shown, and `leg` (collect or return).

    request_received: `when` (a sentence); planned_window: `day`, `start`, `end`; on_the_way: `volunteer`, `eta`;
    returned: `time`; papers_missing: `papers`; collected: `originals`, `copies`, `link`; call_first: `time`.
    `ward`, `hotline` and `handover` (the code at the door) are known by the outbox. A missing value raises KeyError.
    """
    texts = {"code": spoken_code(dossier.code), **values}
    returning = values.get("leg") == "return"
    if kind == "request_received":
        return _("Your request was received, dossier code %(code)s. %(when)s", **texts)
    if kind == "planned_window":
        return _planned(texts, returning)
    if kind == "on_the_way":
        if returning:
            return _("%(volunteer)s is on the way with your result (%(code)s), about %(eta)s.", **texts) + _handover(
                texts
            )
        return _("%(volunteer)s is on the way to collect dossier %(code)s, about %(eta)s.", **texts)
    if kind == "returned":
        return _("The result of dossier %(code)s was handed over at %(time)s. Thank you.", **texts)
    if kind == "collected":
        return _collected(texts)
    if kind == "papers_missing":
        lacking = _(
            "Dossier %(code)s still lacks: %(papers)s. Please add it at the ward or at our next visit.", **texts
        )
        return lacking + _ask(texts)
    if kind == "call_first":
        came = _("We came for dossier %(code)s at %(time)s, and it could not be done.", **texts)
        return came + " " + _("When may we come again?")
    raise ValueError(kind)


def _collected(texts: dict[str, Any]) -> str:
    slip = _("We received dossier %(code)s: %(originals)s originals, %(copies)s copies.", **texts)
    return slip + " " + _("See where it is: %(link)s", **texts) if texts.get("link") else slip


def _ask(texts: dict[str, Any]) -> str:
    """Where to ask, where the ward has a hotline."""
    return " " + _("Questions: %(hotline)s.", hotline=texts["hotline"]) if texts.get("hotline") else ""


def _planned(texts: dict[str, Any], returning: bool) -> str:
    if returning:
        visit = _("We bring your result (%(code)s) to your door on %(day)s, %(start)s to %(end)s.", **texts)
        visit += _handover(texts)
    else:
        visit = _("We come to collect dossier %(code)s on %(day)s, %(start)s to %(end)s.", **texts)
    if not texts.get("hotline"):
        return visit
    return visit + " " + _("To change it, please call %(hotline)s.", hotline=texts["hotline"])


def _handover(texts: dict[str, Any]) -> str:
    """The digits that the volunteer asks for at the door."""
    return " " + _("Your code at the door: %(handover)s.", **texts) if texts.get("handover") else ""


def ward_title(name: str) -> str:
    """`Thọ Quang` -> `Phường Thọ Quang`; a name that says what it is stays as it is."""
    return name if fold(name).startswith(TITLES) else _("Ward of %(name)s", name=name)
