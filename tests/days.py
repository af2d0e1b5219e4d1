"""Ward days made up for tests: ten volunteers, two half-days, papers to collect and to return."""

import numpy as np
import numpy.typing as npt

from routing.problem import Job, Problem, Shift, TimeWindow

HOUR_S = 3600
MORNING = TimeWindow(7 * HOUR_S + 1800, 11 * HOUR_S + 1800)
AFTERNOON = TimeWindow(13 * HOUR_S + 1800, 17 * HOUR_S)
CUTOFF_S = 15 * HOUR_S
DETOUR = 1.35
SPEED_M_PER_S = 6.0


def ward_day(n_jobs: int, n_volunteers: int, seed: int, capacity: int = 20, cutoff_share: float = 0.15) -> Problem:
    """A day in a ward of 3 x 3 km with the office near its middle.

    Half the jobs collect and half return, 40 % have a window of 1 or 2 hours, service takes 3 to 10
    minutes, one job in ten asks for a skill that three volunteers in ten lack. ``cutoff_share`` of the jobs
    should be back by 15:00, a quarter of these must.
    """
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 3000, size=(n_jobs + 1, 2))
    points[0] = (1500, 1400)
    distance_m, duration_s = tables(points)
    return Problem(
        jobs=tuple(_job(rng, number, cutoff_share) for number in range(1, n_jobs + 1)),
        shifts=tuple(_shift(rng, number, capacity) for number in range(1, n_volunteers + 1)),
        duration_s=duration_s,
        distance_m=distance_m,
        handling_s=600,
    )


def tables(points: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Distances in metres and travel times in seconds between points given in metres."""
    places = np.asarray(points, dtype=float)
    gaps = places[:, None, :] - places[None, :, :]
    distance_m = np.rint(np.hypot(gaps[..., 0], gaps[..., 1]) * DETOUR).astype(np.int64)
    return distance_m, np.rint(distance_m / SPEED_M_PER_S).astype(np.int64)


def _job(rng: np.random.Generator, number: int, cutoff_share: float) -> Job:
    collects = bool(rng.random() < 0.5)
    units = int(rng.integers(1, 4))
    dated = collects and bool(rng.random() < 2 * cutoff_share)
    return Job(
        id=f"job-{number}",
        location=number,
        service_s=int(rng.integers(180, 601)),
        setup_s=60,
        deliver=0 if collects else units,
        collect=units if collects else 0,
        windows=_windows(rng),
        skills=frozenset({"certify"} if rng.random() < 0.1 else ()),
        priority=int(rng.integers(1, 4)),
        cutoff_s=CUTOFF_S if dated else None,
        cutoff_hard=dated and bool(rng.random() < 0.25),
    )


def _windows(rng: np.random.Generator) -> tuple[TimeWindow, ...]:
    if rng.random() >= 0.4:
        return ()
    length_s = HOUR_S * int(rng.integers(1, 3))
    half_day = MORNING if rng.random() < 0.5 else AFTERNOON
    start_s = int(rng.integers(half_day.start_s // 900, (half_day.end_s - length_s) // 900 + 1)) * 900
    return (TimeWindow(start_s, start_s + length_s),)


def _shift(rng: np.random.Generator, number: int, capacity: int) -> Shift:
    skilled = number == 1 or bool(rng.random() < 0.7)
    return Shift(f"shift-{number}", (MORNING, AFTERNOON), capacity, frozenset({"certify"} if skilled else ()))
