"""What is asked of the roster: half-days to fill, people, and the rules that give them rest.

These classes are also the JSON of ``python -m routing roster``: a key that is not known, or a value that
cannot be, is an error that names the key's path.
"""

from collections import Counter
from datetime import date
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Slot(_Strict):
    """A half-day: ``wanted`` people, among them as many with each skill as ``skills`` says, ``backups`` on call."""

    id: str = Field(min_length=1)
    date: date
    wanted: int = Field(ge=0)
    backups: int = Field(default=1, ge=0)
    skills: dict[str, int] = {}


class History(_Strict):
    """Half-days served in the months before, and what a fair share of them would have been."""

    served: float = 0
    fair_share: float = 0


class Person(_Strict):
    """Somebody who serves.

    ``unavailable`` and ``wishes`` name slots: a wish of 1 asks for the half-day, -1 asks to be spared (larger
    numbers weigh more). ``most_a_week`` replaces that of the rules. ``recent`` holds one date for each half-day
    served shortly before the first slot, so that rest and weeks do not begin anew with the month.
    """

    id: str = Field(min_length=1)
    skills: frozenset[str] = frozenset()
    unavailable: frozenset[str] = frozenset()
    wishes: dict[str, int] = {}
    most_a_week: int | None = Field(default=None, ge=0)
    recent: tuple[date, ...] = ()
    history: History = History()


class Fixed(_Strict):
    """Decided by hand: this person serves this slot (or, with ``on`` false, does not). Nothing overrules it."""

    person: str
    slot: str
    on: bool = True


class Rules(_Strict):
    """At most ``most_a_week`` half-days from Monday to Sunday, and ``work_days`` days with duty in any ``in_days``.

    ``wish_price`` says what a wish is worth: hundredths of one half-day away from the fair share, squared.
    """

    most_a_week: int = Field(default=6, ge=0)
    work_days: int = Field(default=4, ge=0)
    in_days: int = Field(default=5, ge=1)
    wish_price: int = Field(default=50, ge=0)


class RosterProblem(_Strict):
    """A month to fill."""

    slots: tuple[Slot, ...]
    people: tuple[Person, ...]
    fixed: tuple[Fixed, ...] = ()
    rules: Rules = Rules()

    @model_validator(mode="after")
    def _check_references(self) -> "RosterProblem":
        for what, ids in (("slots", [s.id for s in self.slots]), ("people", [p.id for p in self.people])):
            twice = [name for name, times in Counter(ids).items() if times > 1]
            if twice:
                raise ValueError(f"{what}: two have the id {twice[0]!r}")
        for number, person in enumerate(self.people):
            for key in ("unavailable", "wishes"):
                for slot in getattr(person, key):
                    if slot not in self.slot_by_id:
                        raise ValueError(f"people.{number}.{key}: there is no slot {slot!r}")
        decided: set[tuple[str, str]] = set()
        for number, fixed in enumerate(self.fixed):
            pair = (fixed.person, fixed.slot)
            if fixed.person not in self.person_by_id or fixed.slot not in self.slot_by_id:
                raise ValueError(f"fixed.{number}: there is no such person or slot")
            if pair in decided:
                raise ValueError(f"fixed.{number}: this person and slot are decided already")
            decided.add(pair)
        return self

    @cached_property
    def slot_by_id(self) -> dict[str, Slot]:
        return {slot.id: slot for slot in self.slots}

    @cached_property
    def person_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def by_hand(self) -> dict[tuple[str, str], bool]:
        """(person, slot) -> on or off, where decided by hand."""
        return {(fixed.person, fixed.slot): fixed.on for fixed in self.fixed}

    def may_serve(self, person: Person, slot: Slot) -> bool:
        """Whether the person can be put on this slot at all: what is decided by hand overrules availability."""
        return self.by_hand.get((person.id, slot.id), slot.id not in person.unavailable)

    def most_a_week(self, person: Person) -> int:
        return self.rules.most_a_week if person.most_a_week is None else person.most_a_week
