"""Distances, times and costs as they stand on the pages, and the words of the planning task."""

from math import ceil

from flask import url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from dispatch.planning.solving import KIND
from dispatch.tasks.models import Task
from dispatch.tasks.words import Words, describe

TELLING_GAP = 0.5
"""A larger gap says more about the bound than about the plan."""


def kilometres(distance_m: int) -> str:
    """`12,4 km`."""
    return f"{format_decimal(round(distance_m / 1000, 1))} km"


def duration(seconds: int) -> str:
    """`1 giờ 25 phút`, `25 phút`, `2 giờ`."""
    hours, minutes = divmod(round(seconds / 60), 60)
    pattern = "minutes" if not hours else "hours" if not minutes else "both"
    return duration_patterns()[pattern].format(hours=hours, minutes=minutes)


def duration_patterns() -> dict[str, str]:
    """How a time is said: `{minutes} phút`, `{hours} giờ`, and `both`; a phone says it by these without a network."""
    hours, minutes = "{hours}", "{minutes}"
    return {
        "minutes": str(_("%(minutes)s min", minutes=minutes)),
        "hours": str(_("%(hours)s h", hours=hours)),
        "both": str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)),
    }


def duration_s(seconds: float) -> str:
    """`10 giây`, `3 phút`: how long a search may take."""
    if seconds >= 60:
        return str(_("%(minutes)s min", minutes=round(seconds / 60)))
    return str(_("%(seconds)s s", seconds=format_decimal(seconds)))


def percent(gap: float | None) -> str:
    """`14 %`: how far a plan is at most from the best possible. Empty where nothing is known that says much."""
    if gap is None or gap > TELLING_GAP:
        return ""
    rounded_up = ceil(1000 * gap) / 10 if gap < 0.1 else ceil(100 * gap)
    return f"{format_decimal(rounded_up)}\N{NO-BREAK SPACE}%"


def from_the_best(gap: float | None) -> str:
    """The same as part of a sentence."""
    known = percent(gap)
    return str(_("at most %(percent)s from the best possible", percent=known)) if known else ""


@describe(KIND)
def _words(task: Task) -> Words:
    """What the progress bar says: how many jobs the best plan so far serves, and what it costs."""
    standing = task.progress
    text = detail = ""
    if task.state == "running" and standing.get("served") is not None:
        text = ngettext("Best plan so far: %(num)s job", "Best plan so far: %(num)s jobs", standing["served"])
        if standing["unserved"]:
            text += _(", %(number)s not served", number=standing["unserved"])
        detail = _("cost %(cost)s", cost=format_decimal(standing["cost"]))
        detail = from_the_best(standing.get("gap")) or detail
    url = url_for("planning.show", public_id=task.result["plan"]) if task.result.get("plan") else ""
    return Words(text=str(text), detail=str(detail), url=url)
