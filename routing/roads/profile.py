"""How a scooter rides: the one table of speeds, and what the tags of a way mean for two wheels.

Speeds are averages over a whole ride in town, lights and slowing included, in km/h. They are our
estimates, to be calibrated from the volunteers' own events.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SPEED_KMH: dict[str, float] = {
    "trunk": 38,
    "primary": 32,
    "secondary": 30,
    "tertiary": 27,
    "unclassified": 24,
    "residential": 21,
    "living_street": 15,
    "service": 15,
    "track": 12,
    "alley": 12,  # kiệt and hẻm: highway=service + service=alley, or a footway that two wheels pass
    "link": 18,  # no road: the gap between two known pieces, a straight line x DETOUR; always an estimate
}
ROAD_CLASSES = tuple(SPEED_KMH)
LINK = ROAD_CLASSES.index("link")

DETOUR = 1.35  # how much longer the real way is than the straight line
ACCESS_KMH = 8.0  # between the door and the nearest known road: at a walk or just above it
OFF_ROAD_KMH = 18.0  # straight-line guess where no road is known: alleys and residential streets mixed
REACH_M = 300.0  # a door farther than this from every known road is an estimate

_NARROW = {"footway", "path", "pedestrian"}
_NOT_FOR_RIDING = {"sidewalk", "crossing", "traffic_island", "link"}
_ALLEY_NAME = re.compile(r"(ki[eệ]t|h[eẻ]m|k\s?\.?\d|h\s?\.?\d)", re.IGNORECASE)
_YES = {"yes", "designated", "permissive", "destination", "official"}
_NO = {"no", "private"}


@dataclass(frozen=True)
class Ride:
    """What a scooter may do on a way: its class in `SPEED_KMH`, and the directions that are open."""

    road_class: str
    forward: bool
    backward: bool


def ride(tags: Mapping[str, str]) -> Ride | None:
    """The rule for a way with these OpenStreetMap tags; None where no scooter passes."""
    road_class = _road_class(tags)
    if road_class is None or tags.get("area") == "yes":
        return None
    allowed = _allowed(tags)
    if allowed is False or (allowed is None and _needs_a_word(tags)):
        return None
    forward, backward = _directions(tags)
    return Ride(road_class, forward, backward)


def _road_class(tags: Mapping[str, str]) -> str | None:
    highway = tags.get("highway", "").removesuffix("_link")
    if highway == "service" and tags.get("service") == "alley":
        return "alley"
    if highway in _NARROW:
        return "alley"
    return highway if highway in SPEED_KMH and highway not in ("alley", "link") else None


def _allowed(tags: Mapping[str, str]) -> bool | None:
    """The most specific access tag that says anything; None when there is none."""
    for key in ("moped", "motorcycle", "motor_vehicle", "vehicle", "access"):
        value = tags.get(key)
        if value is not None:
            return value not in _NO
    return None


def _needs_a_word(tags: Mapping[str, str]) -> bool:
    """Whether a way is for feet only unless its tags or its name say otherwise."""
    if tags.get("highway") not in _NARROW:
        return False
    if tags.get("footway") in _NOT_FOR_RIDING:
        return True
    return tags.get("bicycle") not in _YES and not _ALLEY_NAME.match(tags.get("name", ""))


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    roundabout = tags.get("junction") in ("roundabout", "circular")
    default = "yes" if roundabout else "no"
    value = tags.get("oneway:moped") or tags.get("oneway:motorcycle") or tags.get("oneway") or default
    if value in ("-1", "reverse"):
        return False, True
    return True, value not in ("yes", "true", "1")
