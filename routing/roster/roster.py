"""A filled month: who serves, who stands by, what could not be filled and why, and how fair it is."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

Pairs = frozenset[tuple[str, str]]
"""(person, slot)."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Blocked(_Frozen):
    """Why people do not fill a place: how many of those not on duty there are kept from it by what."""

    unavailable: int = 0
    off_by_hand: int = 0
    week_full: int = 0
    resting: int = 0
    lacks_skill: int = 0
    free: int = 0


class Unfilled(_Frozen):
    """``missing`` people (with ``skill``, where one is named) that a slot lacks, or lacks on call."""

    slot: str
    missing: int
    skill: str | None = None
    backup: bool = False
    blocked: Blocked = Blocked()


class Share(_Frozen):
    """A person's month: half-days served and on call, the fair share, and wishes kept and not kept."""

    person: str
    served: int
    on_call: int
    fair_share: float
    wishes_kept: int
    wishes_missed: int


class Assigned(_Frozen):
    slot: str
    on_duty: tuple[str, ...]
    on_call: tuple[str, ...]


class Roster(_Frozen):
    """``optimal``: fewest places empty, and then as fair as can be, both proven. ``gap``: how far, as a share, the
    fairness may be from the best possible."""

    slots: tuple[Assigned, ...]
    unfilled: tuple[Unfilled, ...]
    unfilled_minimal: bool
    shares: tuple[Share, ...]
    cost: int
    gap: float
    optimal: bool
    stopped: bool
    largest_deviation: float


@dataclass(frozen=True, slots=True)
class RosterProgress:
    """``step`` is ``places``, ``fairness`` or ``on_call``; ``gap`` a share, 1 while nothing is known."""

    step: str
    seconds: float
    missing: int | None
    gap: float


class RosterNotFoundError(Exception):
    """The time was too short to find any roster at all."""
