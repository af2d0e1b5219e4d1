"""Amounts in several dimensions: of these, the one that can fill a bag at all."""

from dataclasses import dataclass

from routing.formats.errors import InputError
from routing.formats.vroom.schema import Amounts, Input, Vehicle


@dataclass(frozen=True)
class Amount:
    """Which of ``size`` dimensions counts (None: no bag can ever be full)."""

    size: int
    counts: int | None

    def of(self, amounts: Amounts) -> int:
        return 0 if self.counts is None or not amounts else amounts[self.counts]

    def capacity(self, vehicle: Vehicle) -> int:
        return 0 if self.counts is None else vehicle.capacity[self.counts]


def the_dimension(asked: Input) -> Amount:
    """Raises ``InputError`` where arrays differ in length, or more than one dimension can fill a bag."""
    size = max((len(v.capacity) for v in asked.vehicles), default=0)
    for number, vehicle in enumerate(asked.vehicles):
        if len(vehicle.capacity) != size:
            raise InputError(f"vehicles.{number}.capacity", f"expected {size} numbers, as another vehicle has")
    for number, job in enumerate(asked.jobs):
        for key in ("delivery", "pickup"):
            if len(getattr(job, key)) not in (0, size):
                raise InputError(f"jobs.{number}.{key}", f"expected {size} numbers, as the vehicles' capacity has")
    tight = [d for d in range(size) if _total(asked, d) > min(v.capacity[d] for v in asked.vehicles)]
    if len(tight) > 1:
        sentence = f"only one of the dimensions may be able to fill a bag; here {len(tight)} can"
        raise InputError("vehicles.0.capacity", sentence)
    counts = tight[0] if tight else (0 if size else None)
    return Amount(size, counts)


def _total(asked: Input, dimension: int) -> int:
    return sum(amounts[dimension] for job in asked.jobs for amounts in (job.delivery, job.pickup) if amounts)
