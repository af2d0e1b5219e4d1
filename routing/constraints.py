"""What may not happen: one named constraint, one function, one reason that a person can read.

Each function looks at one ridden route (or at the whole plan) and yields what is broken. ``amount`` says by how
much, in the constraint's own unit: seconds, bag units or a count. Words for people are made elsewhere, from the
constraint's name and the values.
"""

from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a code and the values that a sentence about it needs."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """One constraint that a plan breaks, where, and by how much."""

    constraint: str
    shift_id: str | None
    job_id: str | None
    amount: int
    values: Values = field(default_factory=dict)
