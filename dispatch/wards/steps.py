"""The steps of setting up a ward: in which order, on which page, and what is still missing for the first plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import Select, exists, select
from werkzeug.wrappers import Response

from dispatch.accounts.models import AccountRole, Role, StaffAccount
from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.duty.models import Duty, Volunteer
from dispatch.wards.founding import PLACEHOLDER
from dispatch.wards.map_store import map_in_force
from dispatch.wards.models import Ward


@dataclass(frozen=True)
class Step:
    """One page of the set-up. `missing` says in a sentence what keeps the ward from its first plan, or nothing;
    `advice` what the ward can do without."""

    key: str
    endpoint: str
    title: Any
    lead: Any
    missing: Callable[[Ward], str] = lambda ward: ""
    advice: Callable[[Ward], str] = lambda ward: ""

    @property
    def url(self) -> str:
        return url_for(self.endpoint)


def _there_is(rows: Select[Any]) -> bool:
    return bool(db.session.scalar(select(exists(rows))))


def _missing_name(ward: Ward) -> str:
    return _("The ward has no name yet.") if ward.name in ("", PLACEHOLDER) else ""


def _missing_office(ward: Ward) -> str:
    return _("The office has no pin on the map yet.") if ward.office is None else ""


def _advice_map(ward: Ward) -> str:
    return "" if map_in_force(ward.id) else _("The starter map of Thọ Quang is in use.")


def _missing_hotline(ward: Ward) -> str:
    return "" if ward.hotlines else _("No hotline number yet.")


def _missing_procedures(ward: Ward) -> str:
    active = select(Procedure.id).where(Procedure.ward_id == ward.id, Procedure.active)
    return "" if _there_is(active) else _("No procedure is offered yet.")


def _missing_accounts(ward: Ward) -> str:
    roles = select(AccountRole.role).join(StaffAccount, AccountRole.account_id == StaffAccount.id)
    given = set(db.session.scalars(roles.where(StaffAccount.ward_id == ward.id, StaffAccount.active)).all())
    return "" if {Role.HOTLINE, Role.DISPATCHER} <= given else _("Nobody may take calls and plan the day yet.")


def _advice_accounts(ward: Ward) -> str:
    officers = select(AccountRole.id).where(AccountRole.ward_id == ward.id, AccountRole.role == Role.OFFICER)
    return "" if _there_is(officers) else _("There is no one-stop officer yet.")


def _missing_volunteers(ward: Ward) -> str:
    active = select(Volunteer.id).where(Volunteer.ward_id == ward.id, Volunteer.active)
    return "" if _there_is(active) else _("No volunteer yet.")


def _missing_duties(ward: Ward) -> str:
    today = local(now(), ward.timezone).date()
    soon = Duty.service_date.between(today, today + timedelta(days=14))
    on_duty = select(Duty.id).where(Duty.ward_id == ward.id, soon, Duty.off_at.is_(None))
    return "" if _there_is(on_duty) else _("Nobody is on duty in the coming two weeks.")


STEPS = (
    Step("ward", "setup.ward", _l("The ward"), _l("Name, city, old names"), _missing_name),
    Step("office", "setup.office", _l("The office"), _l("Address, pin on the map, boundary"), _missing_office),
    Step("map", "maps.overview", _l("Map of the ward"), _l("Streets and house numbers"), advice=_advice_map),
    Step("hours", "setup.hours", _l("Hours and numbers"), _l("Half-days, volunteers a day, bag, cut-off")),
    Step("contacts", "setup.contacts", _l("Hotlines and fanpage"), _l("How citizens reach you"), _missing_hotline),
    Step(
        "procedures", "procedures.overview", _l("Procedures"), _l("What is carried, papers, fees"), _missing_procedures
    ),
    Step("accounts", "staff.overview", _l("Staff accounts"), _l("Who works here"), _missing_accounts, _advice_accounts),
    Step("volunteers", "volunteers.overview", _l("Volunteers"), _l("Phone, skills, vehicle"), _missing_volunteers),
    Step("duties", "duty.days", _l("Duties by day"), _l("Who rides when"), _missing_duties),
    Step(
        "service", "setup.service", _l("Service dates and fees"), _l("First and last day, days off, cash at the door")
    ),
)


@dataclass(frozen=True)
class Place:
    """Where a page stands in the wizard."""

    number: int
    step: Step
    previous: Step | None
    next: Step | None
    total: int = len(STEPS)


def place_in_wizard(key: str) -> Place | None:
    """The step's place while the ward is being set up; None once that is done, or for who does not set up."""
    if g.ward.set_up_at is not None or Role.ADMIN not in current_user.roles:
        return None
    at = next(i for i, step in enumerate(STEPS) if step.key == key)
    following = STEPS[at + 1] if at + 1 < len(STEPS) else None
    return Place(at + 1, STEPS[at], STEPS[at - 1] if at else None, following)


def go_on(key: str) -> Response:
    """After a step was saved: to the next one in the wizard, back to the overview afterwards."""
    flash(_("Saved."), "success")
    place = place_in_wizard(key)
    return redirect(place.next.url if place and place.next else url_for("setup.overview"))
