"""A month's roster in words: who, and why a place stays empty."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.duty.models import MonthRoster, Volunteer


@dataclass
class Cell:
    """A half-day of the roster: who serves, who stands by, what is missing."""

    slot: str
    on_duty: list[Volunteer] = field(default_factory=list)
    on_call: list[Volunteer] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def cells_of(roster: MonthRoster, people: Mapping[str, Volunteer]) -> dict[date, dict[str, Cell]]:
    """The roster by day and half-day."""
    table: dict[date, dict[str, Cell]] = {}
    cells = {}
    for assigned in roster.roster["slots"]:
        day, _colon, half = assigned["slot"].partition(":")
        on_duty, on_call = (
            sorted((people[p] for p in assigned[key] if p in people), key=lambda person: person.folded_name)
            for key in ("on_duty", "on_call")
        )
        cell = cells[assigned["slot"]] = Cell(assigned["slot"], on_duty, on_call)
        table.setdefault(date.fromisoformat(day), {})[half] = cell
    for empty in roster.roster["unfilled"]:
        if empty["slot"] in cells:
            cells[empty["slot"]].missing.append(what_is_missing(empty))
    return table


def shares_of(roster: MonthRoster, people: Mapping[str, Volunteer]) -> dict[int, dict[str, Any]]:
    """By volunteer's row: the share as it was worked out, and the half-days as they are after swaps by hand."""
    served = Counter(person for assigned in roster.roster["slots"] for person in assigned["on_duty"])
    return {
        people[share["person"]].id: {**share, "served": served[share["person"]]}
        for share in roster.roster["shares"]
        if share["person"] in people
    }


def what_is_missing(empty: Mapping[str, Any]) -> str:
    """`Thiếu 2 người: 21 người bận, 3 người đã đủ ca trong tuần.`"""
    number = empty["missing"]
    if empty["backup"]:
        what = _("Nobody to stand by")
    elif empty["skill"]:
        what = ngettext(
            "%(num)d person with “%(skill)s” missing",
            "%(num)d people with “%(skill)s” missing",
            number,
            skill=empty["skill"],
        )
    else:
        what = ngettext("%(num)d person missing", "%(num)d people missing", number)
    why = [words for code, count in empty["blocked"].items() if count and (words := _blocked(code, count))]
    return f"{what}: {', '.join(why)}." if why else f"{what}."


def _blocked(code: str, count: int) -> str:
    """Why so many people are not there; nothing where nothing keeps them from it."""
    one, more = "%(num)d has enough half-days that week", "%(num)d have enough half-days that week"
    return {
        "unavailable": ngettext("%(num)d has no time", "%(num)d have no time", count),
        "off_by_hand": ngettext("%(num)d taken off by hand", "%(num)d taken off by hand", count),
        "week_full": ngettext(one, more, count),
        "resting": ngettext("%(num)d has to rest", "%(num)d have to rest", count),
        "lacks_skill": ngettext("%(num)d without the skill", "%(num)d without the skill", count),
    }.get(code, "")
