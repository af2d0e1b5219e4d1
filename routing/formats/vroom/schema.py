"""The keys that are understood. Those of VROOM mean what its documentation says; ours are explained in the README.

Numbers are whole: seconds, metres, units. A key that does not stand here is refused by its path.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0, lt=2**32)]
"""As large as VROOM's own numbers."""
Amounts = list[Count]
Table = list[list[Count]]
Place = tuple[float, float]
Span = tuple[Count, Count]
Nothing = Annotated[list[None], Field(max_length=0)]
"""A key of VROOM that may stand there, but has to be empty."""


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Matrix(_Keys):
    durations: Table
    distances: Table | None = None
    costs: Table | None = None


class Costs(_Keys):
    fixed: Count = 0


class Job(_Keys):
    id: Id
    description: str = ""
    location: Place | None = None
    location_index: Count
    setup: Count = 0
    service: Count = 0
    delivery: Amounts = []
    pickup: Amounts = []
    skills: list[Id] = []
    priority: int = Field(default=0, ge=0, le=100)
    time_windows: list[Span] = []
    # Ours:
    release: Count = 0
    after: Id | None = None
    after_delay: Count = 0
    late_per_minute: Count | None = None
    cutoff: Count | None = None
    cutoff_hard: bool = False
    only_vehicle: Id | None = None
    excluded_vehicles: list[Id] = []
    wished_vehicles: list[Id] = []
    in_force: Id | None = None
    aboard: bool = False


class UnderWay(_Keys):
    since: Count
    at_index: Count
    carried: Count = 0
    carried_cutoff: Count | None = None


class Locks(_Keys):
    under_way: UnderWay | None = None
    next: list[Id] = []
    frozen: list[tuple[Count, list[Id]]] | None = None


class Vehicle(_Keys):
    id: Id
    profile: str = "car"
    description: str = ""
    start: Place | None = None
    start_index: Count | None = None
    end: Place | None = None
    end_index: Count | None = None
    capacity: Amounts = []
    costs: Costs = Costs()
    skills: list[Id] = []
    time_window: Span | None = None
    breaks: Nothing = []
    steps: Nothing = []
    speed_factor: float = Field(default=1.0, ge=1.0, le=1.0)
    max_tasks: Count | None = None
    # Ours:
    spans: list[Span] = []
    max_trips: int = Field(default=1, ge=1, le=1000)
    max_work: Count | None = None
    locks: Locks = Locks()


class OwnPrices(_Keys):
    cutoff_missed: Count = 3_600
    moved_job: Count = 300
    unwished: Count = 300
    crowded_stop: Count = 0


class Input(_Keys):
    vehicles: list[Vehicle] = Field(min_length=1)
    jobs: list[Job] = []
    shipments: Nothing = []
    matrices: dict[str, Matrix]
    # Ours:
    office: Count | None = None
    handling: Count = 0
    prices: OwnPrices = OwnPrices()
