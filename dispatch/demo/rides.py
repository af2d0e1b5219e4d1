"""Who rode to which door in the demo's past, and when they tapped: on the ward's roads, at an invented pace."""

import random
from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.demo.people import Door
from dispatch.duty.models import Duty
from dispatch.wards.map_store import current_map
from dispatch.wards.models import Ward
from routing.geo import Point

NEXT_DOOR = timedelta(minutes=20)  # who left a door no longer ago rides on from there
APART = timedelta(minutes=50)  # else there is time to have been back at the office
OFFICE = 0


@dataclass(frozen=True)
class Ride:
    """`tapped` says whether the volunteer set out by a tap; some forget, then the system guesses."""

    duty: Duty
    set_out: datetime
    arrived: datetime
    tapped: bool


class Rides:
    """The rides of all days; give them in any order."""

    def __init__(self, ward: Ward, doors: Sequence[Door], rng: random.Random) -> None:
        self.rng = rng
        self.rows = {door.spoken: row for row, door in enumerate(doors, start=OFFICE + 1)}
        points = [Point(*(ward.office or (0.0, 0.0))), *(door.point for door in doors)]
        self.duration_s = current_map(ward).network.matrix(points).duration_s
        self.visits: dict[int, list[tuple[datetime, int]]] = defaultdict(list)  # by duty: when which door was left

    def to(self, spoken: str, duties: Sequence[Duty], about: datetime) -> Ride:
        """Somebody rides to this door, to be there at about that time: on from the door before, or from the office."""
        door = self.rows[spoken]
        shuffled = self.rng.sample(duties, len(duties))
        for duty in shuffled:
            before = [visit for visit in self.visits[duty.id] if visit[0] <= about]
            if before and about - before[-1][0] <= NEXT_DOOR and not self._busy(duty, about, about + APART):
                set_out = before[-1][0] + timedelta(minutes=self.rng.uniform(1, 6))
                return Ride(duty, set_out, set_out + self._took(before[-1][1], door), tapped=True)
        took = self._took(OFFICE, door)
        free = next((duty for duty in shuffled if not self._busy(duty, about - APART, about + APART)), None)
        return Ride(free or shuffled[0], about - took, about, tapped=free is not None)

    def left(self, ride: Ride, spoken: str, at: datetime) -> None:
        """The door was left at that time."""
        insort(self.visits[ride.duty.id], (at, self.rows[spoken]))

    def _busy(self, duty: Duty, begin: datetime, end: datetime) -> bool:
        return any(begin < at < end for at, _ in self.visits[duty.id])

    def _took(self, start: int, door: int) -> timedelta:
        pace = self.rng.triangular(0.8, 1.7, 1.1)
        return timedelta(seconds=max(30.0, float(self.duration_s[start, door]) * pace))
