"""The ledger: hand-overs derived from a dossier's events, whatever their order, with flags where they do not fit.

A hand-over is what the giver or the taker reported; it is a fact and moves the papers, also when somebody else should
have held them. What does not fit is flagged: on the line alone where a step was merely not recorded, on the dossier
too where the desk has to look for papers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatch.dossiers.models import Event
from dispatch.dossiers.taking_back import taken_back


@dataclass(frozen=True)
class Holder:
    """`citizen`, `volunteer` (with the row number), `office` or `post`."""

    kind: str
    id: int | None = None


CITIZEN, OFFICE, POST = Holder("citizen"), Holder("office"), Holder("post")

# What the office does only while it has the papers: where nobody recorded how they came, this says that they did.
AT_OFFICE = ("handed_in", "received", "brought_back", "result_ready", "refused")
UNSEALS = ("received", "result_ready", "refused")
CONTRADICTIONS = ("other_holder", "counts", "envelope", "code")
"""Flags that stand on the dossier too: the desk has to look."""


@dataclass
class Line:
    """One hand-over as derived; the columns of `CustodyLine`."""

    event: Event
    giver: Holder
    taker: Holder
    envelope: str | None
    originals: int
    copies: int
    proof: str
    flags: list[str]
    is_taken_back: bool = False


@dataclass
class Papers:
    """Where a dossier's papers are after some of its events."""

    holder: Holder = CITIZEN
    envelope: str | None = None
    originals: int = 0
    copies: int = 0
    is_cancelled: bool = False


def lines_of(events: Sequence[Event], legs: Mapping[int, str], riders: Mapping[int, int]) -> tuple[list[Line], Papers]:
    """Hand-overs of one dossier, from all its events in replay order, and where its papers are in the end.

    What was taken back moves nothing, but its line stays. `legs`: job row -> leg; `riders`: duty row -> volunteer row.
    """
    papers, lines = Papers(), []
    gone = taken_back(events)
    for event in events:
        if event.key in gone:
            move = _move(event, legs.get(event.job_id or 0, ""), riders, papers.holder)
            if move is not None:
                lines.append(_line(event, *move, replace(papers), is_taken_back=True))
            continue
        papers.is_cancelled = papers.is_cancelled or (event.kind == "cancelled" and event.job_id is None)
        move = _move(event, legs.get(event.job_id or 0, ""), riders, papers.holder)
        if move is not None:
            lines.append(_line(event, *move, papers))
        if event.kind in UNSEALS:
            papers.envelope = None
        if event.kind == "result_ready":
            papers.originals, papers.copies = 1, 0
    return lines, papers


def _move(event: Event, leg: str, riders: Mapping[int, int], holder: Holder) -> tuple[Holder, Holder] | None:
    """Who gave to whom, as the event says it; None where no papers changed hands."""
    kind, volunteer = event.kind, _rider(event, riders)
    if kind == "done":
        return (CITIZEN, volunteer) if leg == "collect" else (volunteer, CITIZEN)
    if kind == "gave_back":
        return volunteer, CITIZEN
    if kind == "passed_on":
        return volunteer, Holder("volunteer", riders.get(event.data.get("duty_id") or 0))
    if kind == "handed_to_volunteer":
        return OFFICE, Holder("volunteer", riders.get(event.data.get("duty_id") or 0))
    if kind == "handed_to_citizen":
        return OFFICE, CITIZEN
    if kind == "posted" and leg == "return":
        return holder, POST
    if kind in AT_OFFICE and holder != OFFICE:
        return holder, OFFICE
    return None


def _rider(event: Event, riders: Mapping[int, int]) -> Holder:
    """Whoever rode: the one of the duty; a hotline that records by telephone names the duty, too."""
    own = event.actor_id if event.actor_kind == "volunteer" else None
    return Holder("volunteer", riders.get(event.duty_id or 0, own))


def _line(event: Event, giver: Holder, taker: Holder, papers: Papers, *, is_taken_back: bool = False) -> Line:
    """Write the hand-over and move the papers."""
    data = event.data
    line = Line(
        event=event,
        giver=giver,
        taker=taker,
        envelope=data.get("envelope") or papers.envelope,
        originals=data.get("originals", papers.originals),
        copies=data.get("copies", papers.copies),
        proof=str(data.get("proof") or ""),
        flags=[] if is_taken_back else _flags(data, giver, taker, papers),
        is_taken_back=is_taken_back,
    )
    papers.holder, papers.envelope = taker, line.envelope
    papers.originals, papers.copies = line.originals, line.copies
    return line


def _flags(data: Mapping[str, Any], giver: Holder, taker: Holder, papers: Papers) -> list[str]:
    flags = []
    if giver != papers.holder:
        is_office_missing = papers.holder == OFFICE and giver.kind == "volunteer"
        flags.append("not_handed_out" if is_office_missing else "other_holder")
    first = giver == CITIZEN
    counted = "originals" in data and (papers.is_cancelled or taker != CITIZEN)
    if not first and counted and (data["originals"], data.get("copies", 0)) != (papers.originals, papers.copies):
        flags.append("counts")
    if not first and data.get("envelope") and papers.envelope and data["envelope"] != papers.envelope:
        flags.append("envelope")
    if data.get("code") == "wrong":
        flags.append("code")
    return flags
