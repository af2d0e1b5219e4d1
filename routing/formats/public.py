"""Public benchmark files as problems: Gehring-Homberger, Wang-Chen, JD (VRPSDPTW) and MTVRPTWR.

Each keeps its own unit of time and its own price, scaled to whole numbers. Serving comes first, and nobody has a share.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from routing.formats.errors import InputError
from routing.problem import IntTable, Job, Prices, Problem, Shift, TimeWindow

FloatTable = npt.NDArray[np.float64]
UNSERVED = 100_000_000
VEHICLE_WEIGHS = 200_000
"""Wang-Chen: one vehicle more weighs as much as 2,000 units of distance."""


def read_public(path: Path) -> Problem:
    """The problem of a file, by its ending and first words. Raises ``InputError`` where it cannot be read as one."""
    try:
        text = path.read_text("utf-8")
        return _format_of(path.suffix, text)(text)
    except OSError as error:
        raise InputError(str(path), error.strerror or "cannot be read") from error
    except (ValueError, LookupError, StopIteration) as error:
        raise InputError(str(path), f"no public instance that can be read ({error})") from error


def _format_of(suffix: str, text: str) -> Callable[[str], Problem]:
    if suffix == ".vrpsdptw":
        return jd
    if "TYPE: MTVRPTWR" in text:
        return mtvrptwr
    if "PDEMAND" in text:
        return wang_chen
    if "VEHICLE" in text and "CUSTOMER" in text:
        return gehring_homberger
    raise ValueError("of no known format")


def gehring_homberger(text: str) -> Problem:
    """`number x y demand ready due service`; what counts is distance x 10, truncated."""
    (most, capacity), rows = _solomon(text)
    way = _distances(rows[:, 1:3], lambda d: np.floor(10 * d))
    jobs = [_stop(row, (0, row[3]), row[4:], 10) for row in rows[1:]]
    return _day(jobs, [_vehicle(n, capacity, 10 * rows[0, 5]) for n in range(int(most))], way, way)


def wang_chen(text: str) -> Problem:
    """`number x y delivery pickup ready due service`; vehicles first, then distance x 100, rounded."""
    (most, capacity), rows = _solomon(text)
    way = _distances(rows[:, 1:3], lambda d: np.rint(100 * d))
    jobs = [_stop(row, (row[4], row[3]), row[5:], 100) for row in rows[1:]]
    fleet = [_vehicle(n, capacity, 100 * rows[0, 6], VEHICLE_WEIGHS) for n in range(int(most))]
    return _day(jobs, fleet, way, way)


def jd(text: str) -> Problem:
    """Times in minutes, loads in millionths, prices in thousandths: 300 a vehicle and 0.014 a metre."""
    head, nodes, arcs = _sections(text, "NODE_SECTION", "DISTANCETIME_SECTION")
    keys = {key.strip(): value.strip() for key, _colon, value in (line.partition(":") for line in head)}
    rows = np.array([[float(cell) for cell in line.split(",")] for line in nodes])
    metres, minutes = (np.zeros((len(rows), len(rows)), dtype=np.int64) for _ in range(2))
    for line in arcs:
        origin, target, length_m, time_min = (float(cell) for cell in line.split(","))
        metres[int(origin), int(target)], minutes[int(origin), int(target)] = round(length_m), round(time_min)
    million = 1_000_000
    jobs = [_stop(row, (round(million * row[2]), round(million * row[1])), row[3:], 1) for row in rows[1:]]
    price = round(1000 * float(keys["DISPATCHINGCOST"]))
    # The file allows 500 vehicles; nobody needs more than a third of the stops.
    fleet = [_vehicle(n, million * float(keys["CAPACITY"]), rows[0, 4], price) for n in range(min(500, len(rows) // 3))]
    return _day(jobs, fleet, minutes, metres * round(1000 * float(keys["UNITCOST"])))


def mtvrptwr(text: str) -> Problem:
    """Several trips, and a second before which nothing leaves; distance x 10, truncated, is time and price."""
    names = ("NODE_COORD_SECTION", "DEMAND_SECTION", "TIME_WINDOW_SECTION", "RELEASE_TIME_SECTION")
    head, *tables, _rest = _sections(text, *names, "VEHICLES_RELOAD_DEPOT_SECTION")
    keys = {key.strip(): value.strip() for key, _colon, value in (line.partition(":") for line in head)}
    places, demand, windows, release = (
        np.array([[float(cell) for cell in line.split()] for line in t]) for t in tables
    )
    way = _distances(places[:, 1:3], lambda d: np.floor(10 * d))
    service = float(keys["SERVICE_TIME"])
    jobs = [
        _stop([n], (0, demand[n, 1]), [*windows[n, 1:3], service], 10, release_s=round(10 * release[n, 1]))
        for n in range(1, len(places))
    ]
    day_ends, capacity = 10 * windows[0, 2], float(keys["CAPACITY"])
    fleet = [_vehicle(n, capacity, day_ends, max_trips=len(jobs)) for n in range(int(keys["VEHICLES"]))]
    return _day(jobs, fleet, way, way)


def _sections(text: str, *names: str) -> Iterator[list[str]]:
    """The lines before the first name, and those after each."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marks = [-1, *(lines.index(name) for name in names)]
    ends = [*marks[1:], next((n for n, line in enumerate(lines) if n > marks[-1] and "SECTION" in line), len(lines))]
    return (lines[begin + 1 : end] for begin, end in zip(marks, ends, strict=True))


def _solomon(text: str) -> tuple[list[float], FloatTable]:
    """Vehicles and capacity, and a row of numbers for the office and every stop."""
    rows = [line.split() for line in text.splitlines() if line.strip()[:1].isdigit()]
    fleet = next(row for row in rows if len(row) <= 3)[-2:]
    return [float(cell) for cell in fleet], np.array([row for row in rows if len(row) > 3], dtype=float)


def _distances(places: FloatTable, scaled: Callable[[FloatTable], FloatTable]) -> IntTable:
    gaps = places[:, None, :] - places[None, :, :]
    return scaled(np.hypot(gaps[..., 0], gaps[..., 1])).astype(np.int64)


def _stop(
    row: Sequence[float] | FloatTable,
    loads: tuple[float, float],
    times: Sequence[float] | FloatTable,
    scale: int,
    release_s: int = 0,
) -> Job:
    """``loads`` are what is collected and what is delivered, ``times`` ready, due and service."""
    number, (ready, due, service) = int(row[0]), (round(scale * time) for time in times)
    window = TimeWindow(ready, due)
    collect, deliver = (round(load) for load in loads)
    return Job(str(number), number, service, deliver=deliver, collect=collect, windows=(window,), release_s=release_s)


def _vehicle(number: int, capacity: float, ends: float, fixed_price: int = 0, max_trips: int = 1) -> Shift:
    span = TimeWindow(0, round(ends))
    return Shift(f"v{number}", (span,), round(capacity), max_trips=max_trips, fixed_price=fixed_price)


def _day(jobs: list[Job], fleet: list[Shift], duration: IntTable, cost: IntTable) -> Problem:
    return Problem(
        tuple(jobs),
        tuple(fleet),
        duration_s=duration,
        distance_m=np.zeros_like(duration),
        travel_cost=cost,
        prices=Prices(unserved=UNSERVED, crowded_stop=0),
    )
