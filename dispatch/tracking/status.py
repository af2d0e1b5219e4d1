"""Where a dossier stands, in steps that anybody understands. No name, no address, no number."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import g
from flask_babel import gettext as _

from dispatch.clock import local
from dispatch.dossiers.lifecycle import DOSSIER, JOB
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.posting import parcel_of
from dispatch.live.arrival import arrival, late_arrival, minutes_away
from dispatch.pages import show_day, show_time

QUARTER_S = 15 * 60


@dataclass(frozen=True)
class Step:
    """One line of the way: `done`, `now` or `later`; `more` says when, or what happens next."""

    text: str
    place: str
    more: str = ""


def steps_of(dossier: Dossier) -> list[Step]:
    """The steps of this dossier's way, with the one where it is now."""
    if dossier.state == "cancelled":
        return [Step(_("The request was taken"), "done"), Step(_("The request was cancelled"), "now")]
    texts = _texts(dossier)
    at = _position(dossier, len(texts))
    if dossier.state in DOSSIER.final and (parcel := parcel_of(dossier)):
        texts[-1], at = (_("Handed to the post"), _posted(*parcel)), len(texts) - 1
    places = ["done" if n < at else "now" if n == at else "later" for n in range(len(texts))]
    return [
        Step(text, place, more if place == "now" else "") for (text, more), place in zip(texts, places, strict=True)
    ]


def _texts(dossier: Dossier) -> list[tuple[str, str]]:
    """(step, what is said while the dossier is there), in order."""
    legs = dossier.request.legs
    visits = {leg: _visit(_open_job(dossier, leg)) for leg in ("collect", "return")}
    steps = [(_("The request was taken"), "")]
    if legs != "return" or any(job.leg == "collect" for job in dossier.jobs):
        steps.append((_("A volunteer comes to collect the papers"), visits["collect"]))
        steps.append((_("The papers are on the way to the ward"), ""))
    if dossier.state in ("to_bring_in", "to_give_back", "given_back"):
        return [*steps, (_("The papers come back to you"), visits["return"]), (_("Given back"), "")]
    steps.append((_("The ward works on it"), _work(dossier)))
    if legs == "collect" and _open_job(dossier, "return") is None:
        steps.append((_("The result is ready"), _("Please fetch it at the ward's one-stop office.")))
        return [*steps, (_("Result handed over"), "")]
    ready = visits["return"] or _("We will tell you when somebody comes.")
    return [
        *steps,
        (_("The result is ready and is brought to you"), ready),
        (_("Result handed over"), ""),
    ]


def _position(dossier: Dossier, count: int) -> int:
    """The number of the step where the dossier is now; one past the last when all is over."""
    last = count - 1
    positions = {"requested": 1, "carried": 2, "in_process": last - 2, "paused": last - 2}
    if dossier.state in DOSSIER.final:
        return count
    return positions.get(dossier.state, last - 1)


def _work(dossier: Dossier) -> str:
    if dossier.state == "paused":
        return _("Some papers are missing. The ward will call you about them.")
    if dossier.promised_on is not None:
        return _("Result promised for %(day)s.", day=show_day(dossier.promised_on))
    return ""


def _open_job(dossier: Dossier, leg: str) -> Job | None:
    return next((job for job in reversed(dossier.jobs) if job.leg == leg and job.state not in JOB.final), None)


def _visit(job: Job | None) -> str:
    """When somebody comes."""
    if job is None:
        return ""
    if job.state == "undecided":
        if job.not_done_reason == "nobody_home":
            return _("We did not meet you. The ward will call to agree on another time.")
        return _("The last visit could not be completed. The ward will call to agree on another time.")
    if job.state == "at_door":
        return _("The volunteer is at the door now.")
    if job.state == "under_way":
        return _on_the_way(job)
    late = late_arrival(job)
    if late is not None:
        return _("The volunteer is late and comes at about %(time)s. We are sorry.", time=show_time(_rounded(late)))
    if job.promised_start and job.promised_end:
        return _(
            "Somebody comes on %(day)s between %(start)s and %(end)s.",
            day=_day(job.promised_start),
            start=show_time(job.promised_start),
            end=show_time(job.promised_end),
        )
    if job.state == "planned" and job.eta:
        return _("Somebody comes on %(day)s at about %(time)s.", day=_day(job.eta), time=show_time(_rounded(job.eta)))
    return _("We will tell you when somebody comes.")


def _on_the_way(job: Job) -> str:
    """When, and near the door how soon; never where the volunteer is."""
    expected = arrival(job)
    if expected is None:
        return _("The volunteer is on the way.")
    sentence = _("The volunteer is on the way, there at about %(time)s.", time=show_time(expected.at))
    minutes = minutes_away(expected)
    return f"{sentence} {_('About %(minutes)s more minutes.', minutes=minutes)}" if minutes else sentence


def _posted(number: str, day: date | None) -> str:
    """How the citizen follows the letter."""
    when = _("Handed in on %(day)s.", day=show_day(day)) if day else ""
    what = _("You can ask the post about it with the number %(number)s.", number=number) if number else ""
    return f"{when} {what}".strip()


def _rounded(moment: datetime) -> datetime:
    """To the nearest quarter of an hour: a plan is no promise."""
    seconds = round(moment.timestamp() / QUARTER_S) * QUARTER_S
    return datetime.fromtimestamp(seconds, moment.tzinfo)


def _day(moment: datetime) -> str:
    return show_day(local(moment, g.ward.timezone).date())
