"""What a page says about a task while it runs and when it has ended; each kind may have words of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from dispatch.tasks.models import Task
from dispatch.tasks.runner import GAVE_UP, UNEXPECTED


@dataclass(frozen=True)
class Words:
    """A line, something smaller beside it, and where to go once the task has ended; empty: the usual words."""

    text: str = ""
    detail: str = ""
    url: str = ""


Describe = Callable[[Task], Words]
_described: dict[str, Describe] = {}


def describe(kind: str) -> Callable[[Describe], Describe]:
    """Register the words of a task kind: `function(task) -> Words`, from its state, progress and result."""

    def register(function: Describe) -> Describe:
        _described[kind] = function
        return function

    return register


def state_shown(task: Task) -> str:
    """The task's state as the page knows it: one that runs and was asked to stop is `stopping`."""
    return "stopping" if task.state == "running" and task.stop_requested else task.state


def words_of(task: Task) -> Words:
    """The words of this moment. A failure speaks for itself; the usual words stand in where a kind has none."""
    own = _described[task.kind](task) if task.kind in _described else Words()
    text = _failure(task) if task.state == "failed" else own.text or _usual(state_shown(task))
    return Words(text=text, detail=own.detail, url=own.url if task.over else "")


def _usual(state: str) -> str:
    return {
        "queued": _("Waiting for its turn…"),
        "running": _("Working…"),
        "stopping": _("Stopping…"),
        "done": _("Finished."),
        "stopped": _("Stopped."),
    }[state]


def _failure(task: Task) -> str:
    if task.error == GAVE_UP:
        return _("This was tried several times and broke off each time. Please tell whoever looks after the server.")
    if task.error in ("", UNEXPECTED):
        return _("Something unexpected happened and this could not be done. Please try again.")
    return task.error
