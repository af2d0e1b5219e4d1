"""What the hotline form shows beside what is typed: known callers, the address as understood, windows, look-alikes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from dispatch.accounts.looks import looked_at
from dispatch.clock import local
from dispatch.dossiers.catalogue import Procedure
from dispatch.intake.forms import RequestForm, write_offer
from dispatch.intake.known import Wanted, alike, callers_with
from dispatch.pages import show_day, show_time
from dispatch.places.forms import AddressForm
from dispatch.places.lookup import Understood, shown_parts, understand
from dispatch.planning.offers import OfferedWindow, Offers, offers_for, tell_by

# part of the page -> fields whose change makes it new
DEPENDS_ON = {
    "callers": {"phone"},
    "understood": {"address", "lat"},
    "windows": {"address", "lat", "pin_confirmed", "procedure", "legs", "result_ready"},
    "alike": {"phone", "procedure", "address", "for_whom", "caller_name", "beneficiary_name"},
}


def picture(form: RequestForm, parts: Collection[str] = tuple(DEPENDS_ON)) -> dict[str, Any]:
    """Values for the templates of these parts of the page."""
    shown: dict[str, Any] = {}
    if "callers" in parts:
        shown["callers"] = callers_with(g.ward, form.e164) if form.e164 else []
        looked_at("citizen", *(known.citizen.id for known in shown["callers"]))
    if "understood" in parts or "windows" in parts:
        shown.update(picture_of_address(form))
    if "windows" in parts:
        guessed = is_guessed(form)
        shown.update(picture_of_windows(form.chosen, form.first_leg, None if guessed else form.pin), guessed=guessed)
    if "alike" in parts:
        shown["alike"] = alike(g.ward, wanted_by(form))
        looked_at("citizen", *(dossier.beneficiary_id for dossier in shown["alike"]))
    return shown


def wanted_by(form: RequestForm) -> Wanted:
    """What makes this request alike to another one."""
    chosen = form.chosen
    return Wanted(form.e164, chosen.id if chosen else None, (form.address.data or "")[:300], form.beneficiary[:160])


def picture_of_address(form: AddressForm) -> dict[str, Any]:
    """The address as understood. Where no pin is set yet, the best that is known becomes the pin."""
    address = (form.address.data or "")[:300]
    if not address:
        return {"understood": None, "around": None}
    found = understand(g.ward, address)
    by_hand = _by_hand(form, found)
    if form.pin is None:
        form.lat.data, form.lon.data = (f"{value:.6f}" for value in found.point) if found.point else ("", "")
        form.pin_for.data = address
    words = _("Pin set by hand.") if by_hand else found.said
    return {
        "understood": found,
        "accuracy": words,
        "needs_pin": form.pin is None,
        "around": found.around if form.pin is None else None,
        "doubtful": not by_hand and found.doubtful,
        "address_parts": shown_parts(found),
    }


def is_guessed(form: AddressForm) -> bool:
    """Whether the pin is only the map's guess, and nobody has confirmed or moved it: no time is promised on that."""
    if form.pin is None or form.pin_confirmed.data:
        return False
    found = understand(g.ward, (form.address.data or "")[:300])
    return found.doubtful and not _by_hand(form, found)


def _by_hand(form: AddressForm, found: Understood) -> bool:
    """Whether the pin stands where the map did not put it."""
    return form.pin is not None and (found.point is None or tuple(round(v, 6) for v in found.point) != form.pin)


def picture_of_windows(procedure: Procedure | None, leg: str | None, pin: tuple[float, float] | None) -> dict[str, Any]:
    """Windows that can be offered, each with its value and words; until when the caller is told otherwise."""
    offers = offers_now(procedure, leg, pin)
    windows = [
        {
            "value": write_offer(window.start, window.end),
            "label": f"{show_day(window.day)}, {show_time(window.start)}–{show_time(window.end)}",
            "same_day": window.same_day,
        }
        for window in offers.windows
    ]
    asked = procedure is not None and pin is not None
    words = tell_by_words(offers.tell_by)
    return {"leg": leg, "windows": windows, "asked": asked, "guessed": False, "tell_by_words": words}


def tell_by_words(moment: datetime | None) -> str:
    """What the clerk says while no window can be promised."""
    if moment is None:
        return ""
    day = show_day(local(moment, g.ward.timezone).date())
    return str(_("“We will tell you the time before %(time)s on %(day)s.”", time=show_time(moment), day=day))


def offers_now(procedure: Procedure | None, leg: str | None, pin: tuple[float, float] | None) -> Offers:
    """What the plans in force can still take. Nothing where it is not yet known what and where."""
    if procedure is None or leg is None:
        return Offers([], None)
    offers = offers_for(g.ward, pin, leg, procedure)
    return Offers(offers.windows, offers.tell_by or tell_by(g.ward))


def chosen_now(form: Any, offers: Offers) -> OfferedWindow | None:
    """The chosen window, if it is still among the offers of this moment; else that is an error of the form."""
    if form.offer is None:
        return None
    chosen = next((window for window in offers.windows if (window.start, window.end) == form.offer), None)
    if chosen is None:
        add_error(form, "window", _("That time has just been taken. Please choose another one."))
    return chosen


def add_error(form: FlaskForm, name: str, sentence: str) -> None:
    """One more error at a field, after validation."""
    form[name].errors = [*form[name].errors, sentence]
