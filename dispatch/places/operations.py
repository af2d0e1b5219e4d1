"""Keeping places: an address becomes a row of the ward's own, and every pin that was set stays in its history."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from dispatch.clock import now
from dispatch.database import db
from dispatch.places.lookup import Understood, understand
from dispatch.places.models import Place, PlaceNote, PlacePin
from dispatch.wards.models import Ward
from dispatch.words import fold, nfc
from routing.geo import Point, distance_m

SAME_PIN_M = 5.0
SAME_PLACE_M = 30.0
AT_THE_OFFICE_M = 40.0
ARRIVED = "arrived"
ANOTHER_VISIT = timedelta(hours=12)  # a tap taken back and given again is one visit
Degrees = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """An address as the desk has it: the words, the pin in degrees if there is one, how to find the door.

    `confirmed`: somebody said that the pin is right; a pin moved away from where the map had it counts as confirmed.
    """

    spoken: str
    pin: tuple[float, float] | None = None
    confirmed: bool = False
    access_note: str = ""


def keep_place(ward: Ward, spot: Spot, account_id: int | None) -> Place:
    """The ward's place for this address: the one it has, or a new one. The caller commits.

    A place that others use is never moved: a pin far from it makes a place of its own.
    """
    known = understand(ward, spot.spoken)
    point = spot.pin or known.point
    confirmed = point is not None and (spot.confirmed or (spot.pin is not None and not _near(spot.pin, known.point)))
    place = known.place
    if place is None or not _may_share(place, point):
        place = _new_place(ward, spot.spoken, known)
    if point is not None and (place.point is None or (confirmed and place.match_class != "confirmed")):
        set_pin(place, point, account_id, match_class="confirmed" if confirmed else known.match_class)
        place.radius_m = 0 if confirmed else known.radius_m
    if spot.access_note:
        set_access_note(place, spot.access_note, account_id)
    db.session.flush()
    return place


def set_pin(place: Place, point: Degrees, account_id: int | None, *, match_class: str, source: str = "") -> None:
    """Put the pin of a place; the history keeps where it was before."""
    place.lat, place.lon = point
    place.match_class = match_class
    _note_pin(place, point, source or ("desk" if match_class == "confirmed" else "map"), account_id, now())


def set_access_note(place: Place, words: str, account_id: int | None) -> None:
    """Say how to find the door; who said what before stays in the history."""
    if words != place.access_note:
        place.access_note = words
        place.notes.append(PlaceNote(ward_id=place.ward_id, words=words, account_id=account_id, at=now()))


def seen_at_door(place: Place, point: Degrees, at: datetime) -> None:
    """Where a phone was when its volunteer arrived, at the tap's own time, however late it came in.

    Two visits that agree confirm a pin, unless somebody at the desk already did. At the office nobody is at a door:
    there a volunteer writes down the visits of the day.
    """
    office = db.session.get_one(Ward, place.ward_id).office
    if office and _metres(office, point) <= AT_THE_OFFICE_M:
        return
    before = [pin for pin in place.pins if pin.source == ARRIVED and abs(at - pin.at) >= ANOTHER_VISIT]
    _note_pin(place, point, ARRIVED, None, at)
    agrees = next((pin for pin in reversed(before) if _metres((pin.lat, pin.lon), point) <= SAME_PLACE_M), None)
    if agrees is not None and place.match_class != "confirmed":
        middle = (agrees.lat + point[0]) / 2, (agrees.lon + point[1]) / 2
        set_pin(place, middle, None, match_class="confirmed", source="visits")
        place.radius_m = round(SAME_PLACE_M)


def _note_pin(place: Place, point: Degrees, source: str, account_id: int | None, at: datetime) -> None:
    pin = PlacePin(ward_id=place.ward_id, lat=point[0], lon=point[1], source=source, account_id=account_id, at=at)
    place.pins.append(pin)


def _new_place(ward: Ward, spoken: str, known: Understood) -> Place:
    parts = known.parts
    place = Place(
        ward_id=ward.id,
        spoken=nfc(spoken),
        folded=fold(spoken),
        parts=asdict(parts),
        street=parts.street,
        neighbourhood=parts.group or parts.ward,
        match_class=known.match_class if known.place is None else "unknown",
        radius_m=known.radius_m,
        match={"label": known.label, "match_class": known.match_class, "others": list(known.others)},
        created_at=now(),
    )
    db.session.add(place)
    db.session.flush()
    return place


def _may_share(place: Place, point: tuple[float, float] | None) -> bool:
    return point is None or place.point is None or _metres(place.point, point) <= SAME_PLACE_M


def _near(one: tuple[float, float], other: tuple[float, float] | None) -> bool:
    return other is not None and _metres(one, other) <= SAME_PIN_M


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return distance_m(Point(*one), Point(*other))
