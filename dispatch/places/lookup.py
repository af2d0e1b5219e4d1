"""What the ward knows about an address: places it has been to before, then the gazetteer of its map."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, case, literal

from dispatch.database import db, of_ward, reading
from dispatch.places.anchors import learned_gazetteer
from dispatch.places.models import Place
from dispatch.places.outside import outside
from dispatch.places.warnings import judged, warnings
from dispatch.wards.map_import import Area
from dispatch.wards.models import Ward
from dispatch.words import fold, nfc
from routing.geo import Point, distance_m
from routing.places.address import Address
from routing.places.certainty import ASK_BELOW, CONFIRMED
from routing.places.gazetteer import Candidate, Gazetteer

SUGGESTIONS = 8
KNOWN_SUGGESTIONS = 4
MOST_OTHERS = 5
OUTSIDE_RADIUS_M = 300
OUTSIDE_PROBABILITY = 0.5  # not measured here: always shown to somebody who looks
ALWAYS_SHOWN = ("number", "alley", "street")
WITHOUT_POSITION = ("name_only", "area", "unknown")
"""Classes whose point, if there is one, is no door: the pin has to be set by hand."""


@dataclass(frozen=True)
class Other:
    """A further candidate: what to write for it, and what tells it apart from the first."""

    label: str
    note: str


@dataclass(frozen=True)
class Understood:
    """An address as spoken, its parts, and the best that is known about its position.

    `point` is (latitude, longitude) or None; `radius_m` holds four doors in five, `probability` says how likely it
    is that the door lies within 100 m; `place` is the ward's own place of the same door; `others` are further
    candidates; `warnings` are sentences to be heard first. Where no point is known, `around` is the middle of the
    neighbourhood or ward that was named, with its radius in metres.
    """

    spoken: str
    parts: Address
    label: str
    point: tuple[float, float] | None
    match_class: str
    radius_m: int
    probability: float = 0.0
    place: Place | None = None
    others: tuple[Other, ...] = ()
    warnings: tuple[str, ...] = ()
    around: tuple[float, float, int] | None = None

    @property
    def needs_pin(self) -> bool:
        """Whether somebody has to set the pin before a volunteer can be sent."""
        return self.point is None

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look at the map before a volunteer rides there."""
        return self.point is None or self.probability < ASK_BELOW or bool(self.warnings)

    @property
    def said(self) -> str:
        """How far the position can be trusted, in words, after what has to be heard first."""
        unknown = self.warnings and self.match_class in WITHOUT_POSITION
        return " ".join([*self.warnings, "" if unknown else accuracy(self.match_class, self.radius_m)]).strip()


def understand(ward: Ward, spoken: str) -> Understood:
    """Where an address is: the ward's own pin before the map's answer. Never raises."""
    gazetteer = learned_gazetteer(ward)
    found = judged(ward, gazetteer.locate(spoken))
    as_said = gazetteer.understand(spoken)
    best = found[0] if found and not found[0].instead_of else None
    parts = best.parts if best and best.sole else as_said
    label = best.label if best else (parts.label or spoken)
    place = known_place(ward, spoken, parts)
    rest = found if found and not found[0].sole else found[1:]
    others = tuple(Other(candidate.label, _apart(found[0], candidate)) for candidate in rest[:MOST_OTHERS])
    heard = warnings(ward, as_said, found[0] if found else None)
    around = _around(gazetteer, spoken) if as_said.group or as_said.ward else None
    answer = partial(Understood, spoken, parts, label, place=place, others=others, around=around)
    if place is not None and place.point is not None:
        confirmed = place.match_class == "confirmed"
        sure = CONFIRMED.probability if confirmed else best.probability if best else 0.0
        heard = () if confirmed else heard
        return answer(place.point, place.match_class, place.radius_m or 0, sure, warnings=heard)
    told = None if best and best.match_class not in WITHOUT_POSITION else _said_outside(spoken)
    if told is not None:
        return answer(told, "outside", OUTSIDE_RADIUS_M, OUTSIDE_PROBABILITY, warnings=heard)
    if best is None:
        return answer(None, "unknown", 0, warnings=heard)
    point = None if best.match_class in WITHOUT_POSITION else best.point
    at = (point.lat, point.lon) if point else None
    return answer(at, best.match_class, best.radius_m, best.probability, warnings=heard)


def _around(gazetteer: Gazetteer, spoken: str) -> tuple[float, float, int] | None:
    area = next(iter(gazetteer.area(spoken)), None)
    return (area.point.lat, area.point.lon, area.radius_m) if area and area.point else None


def _apart(first: Candidate, other: Candidate) -> str:
    if other.point is None:
        return str(_("position not known"))
    if first.point is None or first is other:
        return accuracy(other.match_class, other.radius_m)
    away = distance_m(first.point, other.point)
    return str(_("%(away)s m from the first, %(side)s", away=round(away, -1), side=_side(first.point, other.point)))


def _side(first: Point, other: Point) -> str:
    north = abs(other.lat - first.lat) >= abs(other.lon - first.lon)
    if north:
        return str(_("to the north")) if other.lat > first.lat else str(_("to the south"))
    return str(_("to the east")) if other.lon > first.lon else str(_("to the west"))


def ask_outside(ward: Ward, spoken: str) -> None:
    """Let the geocoder on the internet have a look, where one is configured and nobody here knows the place.

    Ends the transaction before it asks; `understand` then knows the answer.
    """
    server = outside()
    if server is None or not spoken:
        return
    with reading():
        area = Area.of(ward).boundary
        unknown = understand(ward, spoken).needs_pin
    if area is not None and unknown:
        server.look_up(spoken, area.grown().box)


def _said_outside(spoken: str) -> Point | None:
    server = outside()
    return server.said.get(fold(spoken)) if server else None


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
    gazetteer = learned_gazetteer(ward)
    doors = [_door(asdict(gazetteer.understand(text))) for text in (one, other)]
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
    gazetteer = learned_gazetteer(ward)
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
        "street": _("Somewhere on this street, within %(radius)s m: please set the pin.", radius=radius),
        "outside": _("From a map server on the internet, within %(radius)s m: please look at the pin.", radius=radius),
        "name_only": _("Street known, position not: please set the pin."),
        "area": _("Only the area is known, within %(radius)s m: please set the pin.", radius=radius),
    }
    return str(words.get(match_class) or _("This address is not known yet: please set the pin."))


def shown_parts(found: Understood) -> list[tuple[str, str, str]]:
    """The parts that were understood, in the order in which one says them: name, name on screen, words.

    Door, street and what stands inside it are always there to be filled in; the others where they were said.
    """
    street = _("Street, not on the map") if found.match_class == "unknown" else _("Street")
    named = {
        "number": _("House number"),
        "alley": _("Alley"),
        "street": street,
        "flat": _("Flat"),
        "block": _("Block"),
        "group": _("Neighbourhood group"),
        "ward": _("Ward named"),
        "organisation": _("Building or organisation"),
        "landmark": _("Landmark"),
        "city": _("District or city named"),
        "rest": _("Not understood"),
    }
    values = asdict(found.parts) | {"alley": "/".join(found.parts.alley)}
    return [(name, term, values[name]) for name, term in named.items() if values[name] or name in ALWAYS_SHOWN]


def corrected(form: Mapping[str, str]) -> str:
    """The address put together again from the parts that the clerk has corrected (fields `part_...`)."""
    names = [field.name for field in fields(Address) if field.type is str]
    values: dict[str, Any] = {name: nfc(form.get(f"part_{name}", ""))[:100] for name in names}
    alley = tuple(part for part in nfc(form.get("part_alley", ""))[:100].split("/") if part.strip())
    return Address(alley=alley, **values).written
