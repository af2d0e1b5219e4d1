"""What the jobs ask of whoever serves them, as columns: so a slot is priced for all of them at one stroke."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from routing.problem import Job, Problem, Shift
from routing.search import columns as k
from routing.search.matrix import Ints

Flags = npt.NDArray[np.bool_]


class Asked:
    """The wishes of jobs. ``named`` are the shifts that some job knows by name."""

    def __init__(self, problem: Problem, jobs: Sequence[Job]) -> None:
        self.problem = problem
        self.number = {job.id: number for number, job in enumerate(jobs)}
        self.only = _by_name((number, [job.only_shift]) for number, job in enumerate(jobs))
        self.excluded = _by_name((number, job.excluded_shifts) for number, job in enumerate(jobs))
        self.wished = _by_name((number, job.wished_shifts) for number, job in enumerate(jobs))
        self.preferred = _by_name((number, [job.preferred_shift]) for number, job in enumerate(jobs))
        self.named = {name for table in (self.only, self.excluded, self.wished, self.preferred) for name in table}
        self.free = np.array([job.only_shift is None for job in jobs], bool)
        self.picky = np.array([bool(job.wished_shifts) for job in jobs], bool)
        self.bound = np.array([job.preferred_shift in problem.shift_by_id for job in jobs], bool)
        self.skills = list(dict.fromkeys(job.skills for job in jobs))
        rank = {skills: number for number, skills in enumerate(self.skills)}
        self.needs = np.array([rank[job.skills] for job in jobs], np.int64)
        self.aboard = np.array([job.aboard for job in jobs], bool)
        self.loaded = np.array([0 if job.aboard else job.deliver for job in jobs], np.int64)
        self.most = np.maximum(self.loaded, np.array([job.collect for job in jobs], np.int64))
        self.dated = np.array([job.cutoff_s is not None for job in jobs], bool)
        self.hard = np.array([job.cutoff_hard for job in jobs], bool)
        self.by_s = np.array(
            [job.cutoff_s if job.cutoff_hard and job.cutoff_s is not None else k.NEVER for job in jobs]
        )
        self.any_time = np.array([not job.windows or job.late_per_min is not None for job in jobs], bool)
        windows = [(number, w.start_s, w.end_s) for number, job in enumerate(jobs) for w in job.windows]
        self.windows = np.array(windows, np.int64).reshape(-1, 3)

    def prices(self, shift: Shift, first: bool, row: Ints) -> Ints:
        """What each job costs in a slot besides travel; below 0 where it may not ride. ``row`` is the slot's."""
        prices, at_office = self.problem.prices, row[k.END] == 0
        moved, unwished = self.bound.copy(), self.picky.copy()
        moved[self.preferred[shift.id]] = unwished[self.wished[shift.id]] = False
        price = moved * prices.moved_job + unwished * prices.unwished
        price += (self.dated & (not at_office)) * prices.cutoff_missed
        return np.where(self._may_ride(shift, first, row), price, -1)

    def _may_ride(self, shift: Shift, first: bool, row: Ints) -> Flags:
        fits = self.free.copy()
        fits[self.only[shift.id]] = True
        fits[self.excluded[shift.id]] = False
        fits &= np.array([skills <= shift.skills for skills in self.skills], bool)[self.needs]
        if not first:
            fits &= ~self.aboard
        elif self.problem.is_away(shift):
            fits &= self.loaded == 0
        fits &= (self.most <= row[k.CAP]) & (self.by_s >= row[k.LEAVE])
        if row[k.END] != 0:
            fits &= ~self.hard
        fits &= self.any_time | self._open(row[k.LEAVE], row[k.BACK])
        fits[[self.number[name] for name in shift.next_stops[: int(row[k.LOCK])] if name in self.number]] = True
        return fits

    def _open(self, from_s: int, until_s: int) -> Flags:
        """Which jobs have a window that touches this time."""
        number, start_s, end_s = self.windows.T
        touched = np.zeros(len(self.free), bool)
        touched[number[(start_s <= until_s) & (end_s >= from_s)]] = True
        return touched


def _by_name(wishes: Iterable[tuple[int, Iterable[str | None]]]) -> defaultdict[str, list[int]]:
    """The jobs that name a shift, of every shift that is named."""
    jobs: defaultdict[str, list[int]] = defaultdict(list)
    for job, names in wishes:
        for name in names:
            if name is not None:
                jobs[name].append(job)
    return jobs
