"""Ward days on a real road graph, made from a seed: what a hotline would have taken down."""

import random
from dataclasses import replace

from routing.geo import Point
from routing.problem import Job, Prices, Problem, Shift, TimeWindow
from routing.roads.network import RoadNetwork

HOUR_S = 3600
MORNING = TimeWindow(7 * HOUR_S + 1800, 11 * HOUR_S + 1800)
AFTERNOON = TimeWindow(13 * HOUR_S + 1800, 17 * HOUR_S)
SKILLS = ("certify", "english")
ROOMY, TIGHT = 60, 10
RELEASES_S = (0, 0, 8 * HOUR_S, 9 * HOUR_S, 14 * HOUR_S, 15 * HOUR_S)


def ward_day(jobs: int, seed: int, network: RoadNetwork, volunteers: int = 10) -> Problem:
    """One trip a half-day, bags that hold a half-day's papers; 40 % ask for one or two hours, 15 % for a skill."""
    rng = random.Random(seed)
    matrix = network.matrix(doors(jobs + 1, rng, network))
    return Problem(
        jobs=tuple(_job(rng, number) for number in range(1, jobs + 1)),
        shifts=tuple(_shift(rng, number) for number in range(volunteers)),
        duration_s=matrix.duration_s,
        distance_m=matrix.distance_m,
        prices=Prices(crowded_stop=0),
    )


def tight_day(jobs: int, seed: int, network: RoadNetwork) -> Problem:
    """Bags for ten papers, up to four trips a half-day, and most returns are ready only in the course of the day."""
    rng = random.Random(seed)
    day = ward_day(jobs, seed, network)
    return replace(
        day,
        jobs=tuple(replace(job, release_s=_release_s(rng, job)) for job in day.jobs),
        shifts=tuple(replace(shift, capacity=TIGHT, max_trips=4) for shift in day.shifts),
    )


def _release_s(rng: random.Random, job: Job) -> int:
    """When a result is ready: an hour before its window closes at the latest."""
    release_s = rng.choice(RELEASES_S)
    late = any(release_s > window.end_s - HOUR_S for window in job.windows)
    return 0 if late or not job.deliver else release_s


def doors(count: int, rng: random.Random, network: RoadNetwork) -> list[Point]:
    """So many doors, anywhere along the streets."""
    return [_door(rng, network.edge_points(rng.randrange(len(network.edges)))) for _ in range(count)]


def _door(rng: random.Random, street: list[Point]) -> Point:
    """Somewhere along a piece of street."""
    at = rng.randrange(len(street) - 1)
    share, a, b = rng.random(), street[at], street[at + 1]
    return Point(a.lat + share * (b.lat - a.lat), a.lon + share * (b.lon - a.lon))


def _job(rng: random.Random, number: int) -> Job:
    collects, units = rng.random() < 0.5, rng.randint(1, 3)
    return Job(
        id=str(number),
        location=number,
        service_s=rng.randint(180, 600),
        deliver=0 if collects else units,
        collect=units if collects else 0,
        windows=(_window(rng),) if rng.random() < 0.4 else (),
        skills=frozenset({rng.choice(SKILLS)} if rng.random() < 0.15 else ()),
    )


def _window(rng: random.Random) -> TimeWindow:
    half, length_s = rng.choice((MORNING, AFTERNOON)), HOUR_S * rng.randint(1, 2)
    start_s = rng.randrange(half.start_s, half.end_s - length_s + 1, 900)
    return TimeWindow(start_s, start_s + length_s)


def _shift(rng: random.Random, number: int) -> Shift:
    skills = frozenset(SKILLS if number == 0 else [skill for skill in SKILLS if rng.random() < 0.7])
    return Shift(f"v{number}", (MORNING, AFTERNOON), ROOMY, skills, max_trips=1)
