"""How a scooter rides: the one table of speeds, and what the tags of a way mean for two wheels.

Speeds are averages over a whole ride in town, lights and slowing included, in km/h. They are our
estimates, to be calibrated from the volunteers' own events. Signs that hold at some hours only are read by
`routing.roads.conditional`: one that takes a way from us at any time between 6:00 and 20:00 takes it all day.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from routing.roads.conditional import ACCESS_KEYS, CLOSED, ONE_WAY, ONEWAY_KEYS, REVERSE, for_the_day

SPEED_KMH: dict[str, float] = {
    "trunk": 38,
    "primary": 32,
    "secondary": 30,
    "tertiary": 27,
    "unclassified": 24,
    "residential": 21,
    "living_street": 15,
    "service": 15,
    "track": 20,
    "alley": 12,  # kiệt and hẻm: highway=service + service=alley, or a footway that two wheels pass
    "ferry": 8,  # with the wait for it
    "link": 18,  # no road: the gap between two known pieces, a straight line x DETOUR; always an estimate
}
ROAD_CLASSES = tuple(SPEED_KMH)
LINK = ROAD_CLASSES.index("link")

SURFACE_SHARE: dict[str, float] = {"paved": 1.0, "rough": 0.75, "unpaved": 0.55}  # of the speed of the class
SURFACES = tuple(SURFACE_SHARE)
_ROUGH = {"sett", "cobblestone", "unhewn_cobblestone", "concrete:lanes", "concrete:plates", "metal", "wood"}
_UNPAVED = {"unpaved", "gravel", "fine_gravel", "pebblestone", "dirt", "earth", "ground", "grass", "mud", "sand"}

BARRIERS = {  # what stops two wheels unless its own tags let them pass; bollards and raised bars do not
    *("wall", "fence", "hedge", "jersey_barrier", "block", "debris", "log", "ditch"),
    *("turnstile", "full-height_turnstile", "kissing_gate", "stile"),
}

DETOUR = 1.35  # how much longer the real way is than the straight line
ACCESS_KMH = 8.0  # between the door and the nearest known road: at a walk or just above it
OFF_ROAD_KMH = 18.0  # straight-line guess where no road is known: alleys and residential streets mixed
REACH_M = 300.0  # a door farther than this from every known road is an estimate

_NARROW = {"footway", "path", "pedestrian"}
_NOT_FOR_RIDING = {"sidewalk", "crossing", "traffic_island", "link"}
_ALLEY_NAME = re.compile(r"(ki[eệ]t|h[eẻ]m|k\s?\.?\d|h\s?\.?\d)", re.IGNORECASE)
_YES = {"yes", "designated", "permissive", "destination", "official"}


@dataclass(frozen=True)
class Ride:
    """What a scooter may do on a way: its class in `SPEED_KMH`, the directions that are open, and its surface."""

    road_class: str
    forward: bool
    backward: bool
    surface: str = "paved"


def ride(tags: Mapping[str, str]) -> Ride | None:
    """The rule for a way with these OpenStreetMap tags; None where no scooter passes."""
    tags = for_the_day(tags)
    road_class = _road_class(tags)
    if road_class is None or tags.get("area") == "yes":
        return None
    allowed = _allowed(tags)
    if allowed is False or (allowed is None and _needs_a_word(tags)):
        return None
    forward, backward = _directions(tags)
    return Ride(road_class, forward, backward, _surface(tags))


def stops(tags: Mapping[str, str]) -> bool:
    """Whether a node with these tags lets no scooter through."""
    if "barrier" not in tags:
        return False
    allowed = _allowed(for_the_day(tags))
    return allowed is False or (allowed is None and tags["barrier"] in BARRIERS)


def _surface(tags: Mapping[str, str]) -> str:
    surface = tags.get("surface", "")
    if surface in _UNPAVED or (not surface and tags.get("highway") == "track"):
        return "unpaved"
    return "rough" if surface in _ROUGH or tags.get("smoothness") in ("bad", "very_bad", "horrible") else "paved"


def _road_class(tags: Mapping[str, str]) -> str | None:
    if tags.get("route") == "ferry" and "highway" not in tags:
        return "ferry"
    highway = tags.get("highway", "").removesuffix("_link")
    if highway == "service" and tags.get("service") == "alley":
        return "alley"
    if highway in _NARROW:
        return "alley"
    return highway if highway in SPEED_KMH and highway not in ("alley", "ferry", "link") else None


def _allowed(tags: Mapping[str, str]) -> bool | None:
    """The most specific access tag that says anything; None when there is none."""
    for key in ACCESS_KEYS:
        value = tags.get(key)
        if value is not None:
            return value not in CLOSED
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
    value = next((tags[key] for key in ONEWAY_KEYS if tags.get(key)), default)
    return (False, True) if value in REVERSE else (True, value not in ONE_WAY)
