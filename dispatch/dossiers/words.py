"""States, legs, reasons and flags as people at the desk say them, each with the tone of its badge."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

DOSSIER_STATES = {
    "requested": (_l("Requested, papers not collected yet"), "idle"),
    "carried": (_l("Collected, on the way to the office"), "underway"),
    "in_process": (_l("Being processed"), "underway"),
    "paused": (_l("Waiting: papers are missing"), "late"),
    "result_ready": (_l("Result ready at the office"), "planned"),
    "returning": (_l("Result on the way"), "underway"),
    "to_bring_in": (_l("Cancelled, papers still with the volunteer"), "late"),
    "to_give_back": (_l("Cancelled, papers have to go back"), "late"),
    "closed": (_l("Result handed over"), "done"),
    "given_back": (_l("Papers given back"), "done"),
    "cancelled": (_l("Cancelled"), "cancelled"),
}
JOB_STATES = {
    "open": (_l("Waits for a plan"), "idle"),
    "planned": (_l("Planned"), "planned"),
    "under_way": (_l("Volunteer on the way"), "underway"),
    "at_door": (_l("Volunteer at the door"), "underway"),
    "undecided": (_l("Not done: please decide"), "failed"),
    "done": (_l("Done"), "done"),
    "given_up": (_l("Given up"), "cancelled"),
    "posted": (_l("Handed to the post"), "done"),
    "cancelled": (_l("Cancelled"), "cancelled"),
}
LEGS = {"collect": _l("Collect papers"), "return": _l("Bring result")}
REASONS = {
    "nobody_home": _l("nobody at home"),
    "wrong_address": _l("wrong address"),
    "papers_not_ready": _l("papers were not ready"),
    "refused": _l("the citizen refused"),
    "unsafe": _l("not safe"),
    "closed_road": _l("road closed"),
    "vehicle": _l("trouble with the scooter"),
    "other": _l("another reason"),
}
CHANNELS = {"hotline": _l("hotline"), "fanpage": _l("fanpage"), "web": _l("web page"), "counter": _l("counter")}
EVENTS = {
    "opened": _l("opened"),
    "promised": _l("time promised"),
    "planned": _l("planned"),
    "unplanned": _l("taken off the plan"),
    "rescheduled": _l("time changed"),
    "relocated": _l("address changed"),
    "set_out": _l("volunteer set out"),
    "arrived": _l("volunteer arrived"),
    "done": _l("done at the door"),
    "not_done": _l("reported not done"),
    "retry": _l("to be tried again"),
    "gave_up": _l("given up"),
    "posted": _l("handed to the post"),
    "cancelled": _l("cancelled"),
    "collected": _l("papers collected"),
    "returned": _l("result handed over"),
    "received": _l("received at the one-stop"),
    "recoded": _l("official code corrected"),
    "result_ready": _l("result ready"),
    "handed_in": _l("handed in at the office"),
    "passed_on": _l("passed on to another volunteer"),
    "gave_back": _l("given back to the citizen"),
    "incident": _l("incident"),
    "explained": _l("explained at the end of the shift"),
}
INCIDENTS = {
    "accident": _l("Accident"),
    "dog": _l("Dog"),
    "threat": _l("Threat or quarrel"),
    "rain": _l("Heavy rain, flooding"),
    "other": _l("Something else"),
}
PROPOSALS = {
    "later_today": _l("Try again later today"),
    "another_day": _l("Another day"),
    "call_first": _l("The desk calls first"),
    "give_up": _l("Give it up"),
}
CUSTODY_FLAGS = {
    "custody:other_holder": _l("Papers were handed over by somebody who did not hold them by the ledger."),
    "custody:counts": _l("The papers were counted differently than at the hand-over before."),
    "custody:envelope": _l("The envelope’s number is not the one of the hand-over before."),
    "custody:code": _l("The hand-over code that was typed at the door was wrong."),
    "custody:not_handed_out": _l("Nobody recorded that the office gave it to the volunteer."),
}


def reason(code: str | None) -> str:
    """Why a visit was not done."""
    return str(REASONS.get(code or "other", REASONS["other"]))


def incident(code: str | None) -> str:
    """What a volunteer reported beside the papers."""
    return str(INCIDENTS.get(code or "other", INCIDENTS["other"]))


def flag(text: str) -> str:
    """A flag (`done in cancelled`, `custody:counts`) as a sentence: what was reported although it does not fit."""
    if text.startswith("incident:"):
        return str(_("Incident: %(what)s", what=incident(text.partition(":")[2])))
    if text in CUSTODY_FLAGS:
        return str(CUSTODY_FLAGS[text])
    kind, _in, state = text.partition(" in ")
    what = EVENTS.get(kind, kind)
    if state == "other_route":
        return str(_("Reported “%(what)s” by somebody who was not planned for it.", what=what))
    known = JOB_STATES.get(state) or DOSSIER_STATES.get(state)
    return str(
        _("Reported “%(what)s” although the state was “%(state)s”.", what=what, state=known[0] if known else state)
    )
