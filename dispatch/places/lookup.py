"""What the ward knows about an address: places it has been to before, then the gazetteer of its map."""

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, case, literal

from dispatch.database import db, of_ward
from dispatch.places.models import Place
from dispatch.wards.map_store import current_map
from dispatch.wards.models import Ward
from dispatch.words import fold
from routing.places.address import Address, parse
from routing.places.gazetteer import Gazetteer

SUGGESTIONS = 8
KNOWN_SUGGESTIONS = 4
WITHOUT_POSITION = ("name_only", "area", "unknown")
"""Classes whose point, if there is one, is no door: the pin has to be set by hand."""


@dataclass(frozen=True)
class Understood:
    """An address as spoken, its parts, and the best that is known about its position.

    `point` is (latitude, longitude) or None; `radius_m` the distance within which the door should lie;
    `place` the ward's own place of the same door; `others` labels of streets that could be meant as well.
    """

    spoken: str
    parts: Address
    label: str
    point: tuple[float, float] | None
    match_class: str
    radius_m: int
    place: Place | None = None
    others: tuple[str, ...] = ()

    @property
    def needs_pin(self) -> bool:
        """Whether somebody has to set the pin before a volunteer can be sent."""
        return self.point is None


def understand(ward: Ward, spoken: str) -> Understood:
    """Where an address is: the ward's own pin before the map's answer. Never raises."""
    gazetteer = current_map(ward).gazetteer
    found = gazetteer.locate(spoken)
    parts = found[0].parts if found else parse(spoken, gazetteer.names, gazetteer.wards)
    label = found[0].label if found else (parts.label or spoken)
    place = known_place(ward, spoken, parts)
    others = tuple(candidate.label for candidate in found[1:6])
    if place is not None and place.point is not None:
        return Understood(spoken, parts, label, place.point, place.match_class, place.radius_m or 0, place, others)
    if not found:
        return Understood(spoken, parts, label, None, "unknown", 0, place)
    best = found[0]
    point = None if best.match_class in WITHOUT_POSITION else best.point
    at = (point.lat, point.lon) if point else None
    return Understood(spoken, parts, label, at, best.match_class, best.radius_m, place, others)


def known_place(ward: Ward, spoken: str, parts: Address) -> Place | None:
    """The ward's place with these words, or at this door of this street; a confirmed pin before others."""
    same_words = _best_first(of_ward(Place, ward.id).where(Place.folded == fold(spoken)))
    found = db.session.scalars(same_words.limit(1)).first()
    if found is not None or not (parts.street and parts.door):
        return found
    on_street = _best_first(of_ward(Place, ward.id).where(Place.street == parts.street))
    wanted = _door(asdict(parts))
    return next((place for place in db.session.scalars(on_street.limit(2000)) if _door(place.parts) == wanted), None)


def same_door(ward: Ward, one: str, other: str) -> bool:
    """Whether two spellings mean one door, so that a pin set for the first still holds for the second."""
    if fold(one) == fold(other):
        return True
    gazetteer = current_map(ward).gazetteer
    doors = [_door(asdict(parse(text, gazetteer.names, gazetteer.wards))) for text in (one, other)]
    return doors[0] == doors[1] and bool(doors[0][0])


def _door(parts: dict[str, Any]) -> tuple[str, ...]:
    alley = "/".join(parts.get("alley") or ())
    return tuple(fold(text) for text in (parts.get("street", ""), alley, *(parts.get(k, "") for k in _INSIDE)))


_INSIDE = ("number", "block", "flat")


def _best_first(places: Select[Place]) -> Select[Place]:
    rank = case((Place.match_class == "confirmed", 0), (Place.lat.is_not(None), 1), else_=2)
    return places.order_by(rank, Place.id.desc())


def suggest(ward: Ward, text: str, *, known: bool = True) -> list[dict[str, Any]]:
    """What the address field offers while one types: places of the ward, then the map's streets and doors.

    `known=False` leaves out the ward's own places, for people who have no business with citizens' addresses.
    """
    gazetteer = current_map(ward).gazetteer
    items = [_known_item(place) for place in _known(ward, text)] if known else []
    seen = {fold(item["label"]) for item in items}
    for item in _map_items(gazetteer, text):
        if fold(item["label"]) not in seen and len(items) < SUGGESTIONS:
            items.append(item)
    return items


def _known(ward: Ward, text: str) -> list[Place]:
    words = fold(text).split()[:8]
    if sum(map(len, words)) < 2:
        return []
    query = of_ward(Place, ward.id)
    for word in words:
        query = query.where((literal(" ") + Place.folded).contains(" " + word))
    found: dict[str, Place] = {}
    for place in db.session.scalars(_best_first(query).limit(4 * KNOWN_SUGGESTIONS)):
        found.setdefault(place.folded, place)
    return list(found.values())[:KNOWN_SUGGESTIONS]


def _known_item(place: Place) -> dict[str, Any]:
    note = _("Known here, pin confirmed") if place.match_class == "confirmed" else _("Known here")
    return {"label": place.spoken, "note": note, "lat": place.lat, "lon": place.lon}


def _map_items(gazetteer: Gazetteer, text: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for suggestion in gazetteer.suggest(text, limit=SUGGESTIONS):
        item: dict[str, Any] = {"label": suggestion.label}
        if suggestion.point is None:
            item["note"] = accuracy("name_only")
        else:
            item.update(lat=suggestion.point.lat, lon=suggestion.point.lon)
        items.append(item)
    return items


def accuracy(match_class: str, radius_m: int = 0) -> str:
    """How far a position can be trusted, in words."""
    radius = max(10, round(radius_m, -1))
    words = {
        "confirmed": _("Pin confirmed."),
        "exact": _("Exactly this house number."),
        "interpolated": _("Estimated from the numbers beside it, within %(radius)s m of the door.", radius=radius),
        "street": _("About the middle of the street, within %(radius)s m: please set the pin.", radius=radius),
        "name_only": _("Street known, position not: please set the pin."),
        "area": _("Only the area is known: please set the pin."),
    }
    return str(words.get(match_class) or _("This address is not known yet: please set the pin."))


def shown_parts(found: Understood) -> list[tuple[str, str]]:
    """The parts that were understood, each with its name on screen, in the order in which one says them."""
    parts = found.parts
    alleys = " / ".join(parts.alley)
    street = _("Street, not on the map") if found.match_class == "unknown" else _("Street")
    named = (
        (_("House number"), parts.number),
        (_("Alley"), alleys),
        (street, parts.street),
        (_("Flat"), parts.flat),
        (_("Block"), parts.block),
        (_("Neighbourhood group"), parts.group),
        (_("Ward named"), parts.ward),
        (_("Building or organisation"), parts.organisation),
        (_("Landmark"), parts.landmark),
        (_("Not understood"), parts.rest),
    )
    return [(term, value) for term, value in named if value]
