"""Why a job is not served and what a plan would break, in words that a dispatcher can act on."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from dispatch.wards.models import clock_text

Values = Mapping[str, Any]
Names = Mapping[str, str]
"""Public id of a duty -> the volunteer's name."""

# Codes of `routing.why` and of our own `waiting` and `day`.
UNSERVED: dict[str, Callable[[Values, Names], str]] = {
    "no_shift": lambda v, n: _("Nobody is on duty any more that day."),
    "not_on_duty": lambda v, n: _("Only %(who)s could do it, and is not on duty.", who=_who(v, n)),
    "skill_missing": lambda v, n: _("Nobody on duty is trained for it: %(skills)s.", skills=", ".join(v["skills"])),
    "bag_too_small": lambda v, n: _("It does not fit into any bag on duty (%(capacity)s fit).", capacity=v["capacity"]),
    "unreachable": lambda v, n: _("No road leads there on the map. Please check the pin."),
    "cutoff_impossible": lambda v, n: _(
        "Same day was promised, and nobody can have it at the office by %(time)s.", time=clock_text(v["cutoff_s"])
    ),
    "no_time": lambda v, n: _(
        "Nobody on duty can be there %(when)s, even with nothing else to do.", when=_when(v["windows"])
    ),
    "not_loaded": lambda v, n: _("It lies at the office; %(who)s is not back there in time.", who=_who(v, n)),
    "waits_for": lambda v, n: _("It waits for another job, which is not planned either."),
    "routes_full": lambda v, n: _(
        "All routes are full %(when)s. One more volunteer or another time would help.", when=_when(v["windows"])
    ),
    "not_planned": lambda v, n: _("There is room for it; plan again, or with more time."),
    "no_pin": lambda v, n: _("Its address has no pin on the map yet."),
    "window_passed": lambda v, n: _("The time that was wished for has passed. Please call and agree on another."),
    "papers_out": lambda v, n: _("A volunteer who fell out has its papers: they must come back first."),
    "other_day": lambda v, n: _("Another day was agreed on."),
}

# Constraints of `routing.constraints`, by name.
BROKEN: dict[str, Callable[[], str]] = {
    "window": lambda: _("a promised time would not be kept"),
    "outside_span": lambda: _("a trip would lie outside the volunteer's half-day"),
    "span_end": lambda: _("somebody would come back after the end of the shift"),
    "lunch": lambda: _("somebody would miss the lunch break"),
    "trips_overlap": lambda: _("a trip would begin before the one before it has ended"),
    "max_trips": lambda: _("somebody would have too many trips in a half-day"),
    "impossible_times": lambda: _("somebody would have to be faster than the roads allow"),
    "capacity": lambda: _("a bag would be too full"),
    "not_loaded": lambda: _("a result would be handed out that was never fetched at the office"),
    "aboard": lambda: _("papers that are in a bag would change hands on the way"),
    "only_shift": lambda: _("a job would go to somebody who does not have its papers"),
    "skill": lambda: _("a job would go to somebody who is not trained for it"),
    "cutoff": lambda: _("a same-day dossier would reach the office too late"),
    "release": lambda: _("a trip would leave before a result is ready at the office"),
    "after": lambda: _("a result would be brought before its papers were at the office"),
    "excluded_shift": lambda: _("somebody would go to a door where they shall not go"),
    "max_stops": lambda: _("somebody would have too many doors"),
    "max_work": lambda: _("somebody would work too long"),
    "next_stop": lambda: _("somebody who is riding already would be sent elsewhere"),
    "frozen_route": lambda: _("a route that shall stay would change"),
    "lost_job": lambda: _("a job would be lost"),
    "doubled_job": lambda: _("a job would be visited twice"),
    "unknown_job": lambda: _("a job would be visited that is not of this day"),
    "unknown_shift": lambda: _("somebody would ride who is not on duty"),
    "doubled_shift": lambda: _("somebody would have two routes"),
}


def why_not(reasons: list[dict[str, Any]], names: Names) -> list[str]:
    """Sentences for the reasons that stand on a `PlanUnserved`; without any, nobody had planned it yet."""
    known = [str(UNSERVED[reason["code"]](reason["values"], names)) for reason in reasons if reason["code"] in UNSERVED]
    return known or [str(_("It came in after the plan was made."))]


def what_breaks(constraint: str) -> str:
    """What would go wrong for people, by the name of the constraint."""
    return str(BROKEN[constraint]())


def _who(values: Values, names: Names) -> str:
    return names.get(values.get("shift") or "", _("a volunteer"))


def _when(windows: list[dict[str, int]]) -> str:
    spans = [f"{clock_text(w['start_s'])}–{clock_text(min(w['end_s'], 86_340))}" for w in windows]
    return str(_("between %(times)s", times=_(" or ").join(spans)))
