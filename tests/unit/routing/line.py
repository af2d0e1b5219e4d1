"""Days on one straight street, small enough to work out by hand.

The office is location 0; locations 1, 2, 3 lie 10, 20, 30 minutes (600, 1200, 1800 s; 3, 6, 9 km) down the
street. The half-days are 07:30-11:30 (27000-41400) and 13:30-17:00 (48600-61200).
"""

import numpy as np

from routing.problem import Job, Prices, Problem, Shift
from routing.timing import schedule
from tests.days import AFTERNOON, MORNING

STEPS = np.abs(np.arange(4)[:, None] - np.arange(4)[None, :])


def job(name: str, location: int, **details) -> Job:
    """A job of 300 s without setup, unless told otherwise."""
    return Job(name, location, details.pop("service_s", 300), **details)


def shift(name: str = "s", **details) -> Shift:
    """A whole day with a bag of 5."""
    return Shift(name, details.pop("spans", (MORNING, AFTERNOON)), details.pop("capacity", 5), **details)


def day(jobs, shifts=None, **details) -> Problem:
    """A problem on the street, with 600 s of handling between trips."""
    details.setdefault("handling_s", 600)
    details.setdefault("prices", Prices())
    shifts = (shift(),) if shifts is None else tuple(shifts)
    return Problem(tuple(jobs), shifts, STEPS * 600, STEPS * 3000, **details)


def route(problem: Problem, *trips: tuple[int, list[str]], shift_id: str = "s"):
    """The earliest times for trips given as (span, job ids)."""
    return schedule(problem, shift_id, trips)
