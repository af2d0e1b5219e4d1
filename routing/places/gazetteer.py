"""Streets, house numbers and alleys of a ward: suggestions while typing, and where an address is."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from routing.geo import Point, distance_m
from routing.places.address import Address, parse
from routing.places.areas import DA_NANG_WARDS
from routing.places.certainty import MatchClass
from routing.places.neighbourhoods import AreaSpot, Neighbourhoods
from routing.places.numbers import chains
from routing.places.street import Alley, Guess, Street
from routing.places.streets import StreetNames
from routing.places.suggest import Suggester, Suggestion, SuggestionKind
from routing.places.text import fold, nfc

LANDMARK_RADIUS_M = 80
LANDMARK_PROBABILITY = 0.6  # a place of that name, if it is the one that was meant
BESIDE_SHARE = 0.9  # of the probability, for a door across from the number that was named
AREA_PROBABILITY = 0.02
# Of the probability, by letters in which the street's name was mended (419 of 419 rightly by one).
MENDED_SHARE = (1.0, 0.99, 0.7)
OFFERED_SHARE = 0.15  # for a street that is only written like the one that was named
_BEST_FIRST: tuple[MatchClass, ...] = ("confirmed", "exact", "interpolated", "street", "name_only", "area")
_TO_INT = 1e6

__all__ = ["Candidate", "Gazetteer", "MatchClass", "Suggestion", "SuggestionKind"]


@dataclass(frozen=True)
class Candidate:
    """One answer to "where is it". `point` is None for `name_only`: the street is known, its position is not.

    `radius_m` holds four doors in five (0 where there is no point), `probability` says how likely it is that the door
    lies within 100 m of the point; `sole` whether no other street could be meant. `instead_of` is the street that was
    named, where it is not known and this one is only written like it.
    """

    label: str
    point: Point | None
    match_class: MatchClass
    radius_m: int
    street: str
    parts: Address
    probability: float = 0.0
    sole: bool = True
    instead_of: str = ""


@dataclass(frozen=True)
class Pin:
    """A door whose place somebody has confirmed."""

    street: str
    alley: Alley
    number: str
    point: Point


class Gazetteer:
    """Made by `routing.roads.osm.import_map` or `routing.roads.starter.starter_map`.

    `landmarks` are named places (markets, schools, offices); `wards` new and old names of wards around; `spots` places
    of which the tổ or the ward is known.
    """

    def __init__(
        self,
        streets: Iterable[Street],
        landmarks: Iterable[tuple[str, Point]] = (),
        wards: Sequence[str] = DA_NANG_WARDS,
        spots: Iterable[AreaSpot] = (),
    ) -> None:
        self.streets = {street.name: street for street in streets}
        self.landmarks = list(landmarks)
        self.wards = tuple(wards)
        self.spots = list(spots)
        self.names = StreetNames([*self.streets, *self._namesakes])

    # -- questions --

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Completions of what was typed so far, best first; nothing before the second letter."""
        return self._suggester.suggest(text, limit)

    def understand(self, text: str) -> Address:
        """The parts of the address, with this map's streets and wards."""
        return parse(text, self.names, self.wards)

    def locate(self, text: str) -> list[Candidate]:
        """Where the address is, best first; empty when nothing of it is known.

        A street that does not exist gives its family (`Mân Quang` gives Mân Quang 1, 2, ...), never a
        neighbour in it: Mân Quang 3 is not Mân Quang 5.
        """
        parts = self.understand(text)
        found = self._on_streets(parts, text)
        found += self._landmark_candidates(parts) if not found else []
        found += self.area(text) if not found and (parts.group or parts.ward) else []
        return sorted(found, key=lambda candidate: (_BEST_FIRST.index(candidate.match_class), -candidate.probability))

    def _on_streets(self, parts: Address, text: str) -> list[Candidate]:
        """On the street that was named or those that could be meant; where none is known, on those written alike."""
        meant = self._streets_meant(parts)
        share = 1.0 if self._is_written(meant, text) else 1.0 / max(1, len(meant))
        share *= MENDED_SHARE[min(parts.errors, 2)]
        sole = len(meant) == 1 or self._is_written(meant, text)
        if meant or not parts.street:
            return [replace(self._candidate(street, parts, share), sole=sole) for street in meant]
        offered = [self.streets[name] for name in self.names.alike(parts.street)]
        candidates = [self._candidate(street, parts, OFFERED_SHARE) for street in offered]
        return [replace(candidate, sole=False, instead_of=parts.street) for candidate in candidates]

    @staticmethod
    def _is_written(meant: list[Street], text: str) -> bool:
        """Whether the first street stands in the text letter by letter, so that others written alike are not meant."""
        return bool(meant) and meant[0].name.lower() in nfc(text).lower()

    def where(self, street: str, alley: Alley, number: str) -> Guess | None:
        """The best that is known about a door given in parts; None for an unknown street."""
        known = self.streets.get(street)
        return known.where(alley, number) if known else None

    def doors(self) -> Iterator[tuple[str, Point]]:
        """All known house numbers, as painted on the door, with their place."""
        for street in self.streets.values():
            for (alley, number), point in street.houses.items():
                yield Address(number=number, alley=alley).door, point

    def with_pins(self, pins: Iterable[Pin], spots: Iterable[AreaSpot] = ()) -> "Gazetteer":
        """The same map with doors where people of the ward have been, and places of which they know the tổ or the ward;
        streets that the map lacks are added."""
        wanted: dict[str, list[Pin]] = defaultdict(list)
        more = list(spots)
        for pin in pins:
            wanted[self._which(pin)].append(pin)
        streets = dict(self.streets)
        for name, on_street in wanted.items():
            street = streets.get(name) or Street(name)
            doors = {(pin.alley, pin.number): pin.point for pin in on_street}
            streets[name] = replace(street, pins=doors)
        if not wanted and not more:
            return self
        return Gazetteer(streets.values(), self.landmarks, self.wards, [*self.spots, *more])

    # -- how --

    def _which(self, pin: Pin) -> str:
        """The full name of a pin's street, where several have the name that was said."""
        nearby = {name: self.streets[name].track.middle for name in self._namesakes.get(pin.street, ())}
        away = {name: distance_m(middle[0], pin.point) for name, middle in nearby.items() if middle}
        return min(away, key=lambda name: away[name], default=pin.street)

    @cached_property
    def _suggester(self) -> Suggester:
        return Suggester(self)

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        folded = defaultdict(list)
        for name in self.streets:
            folded[fold(name)].append(name)
        return folded

    @cached_property
    def _namesakes(self) -> dict[str, list[str]]:
        """Names that several streets have, with the full names of these."""
        namesakes = defaultdict(list)
        for name, street in self.streets.items():
            if street.base:
                namesakes[street.base].append(name)
        return namesakes

    def _streets_meant(self, parts: Address) -> list[Street]:
        """The street found first, then others that are written alike or have its name, or the members of a family."""
        if not parts.street:
            return []
        if parts.street in self._namesakes:
            around = {fold(words) for words in (parts.ward, *parts.city.split(", "))}
            streets = [self.streets[name] for name in self._namesakes[parts.street]]
            told = [street for street in streets if fold(street.name).rpartition(" - ")[2] in around]
            return told or streets
        wanted = fold(parts.street)
        alike = self._folded.get(wanted, [])
        if alike:
            return [self.streets[name] for name in sorted(alike, key=lambda name: name != parts.street)]
        if wanted not in self.names.families:
            return []
        family = [name for name in self.streets if fold(name).rpartition(" ")[0] == wanted]
        return [self.streets[name] for name in sorted(family, key=lambda name: (len(name), name))]

    def _candidate(self, street: Street, parts: Address, share: float) -> Candidate:
        beside = parts.landmark and not parts.number and not parts.alley
        across = next(iter(chains(fold(parts.landmark))), None) if beside else None
        guess = street.where(across.alley, across.number) if across else street.where(parts.alley, parts.number)
        share = share * BESIDE_SHARE if across else share
        parts = replace(parts, street=street.name)
        label = f"{parts.label}, {parts.landmark}" if beside else parts.label
        return Candidate(
            label, guess.point, guess.match_class, guess.radius_m, street.name, parts, share * guess.probability
        )

    def _landmark_candidates(self, parts: Address) -> list[Candidate]:
        wanted = [fold(words) for words in (parts.organisation, parts.landmark, parts.street, parts.rest) if words]
        return [
            Candidate(name, point, "interpolated", LANDMARK_RADIUS_M, "", parts, LANDMARK_PROBABILITY)
            for name, point in self.landmarks
            if len(folded := fold(name)) > 4 and any(folded in words for words in wanted)
        ][:5]

    def area(self, text: str) -> list[Candidate]:
        """The tổ or the ward, else the whole map, for an address of which nothing nearer is known."""
        parts = self.understand(text)
        found = self._neighbourhoods.find(parts.group, parts.ward)
        if found:
            share = 1.0 / len(found)
            return [
                Candidate(one.label, one.middle, "area", one.radius_m, "", parts, share * one.probability, share == 1.0)
                for one in found
            ]
        if self._whole is None:
            return []
        middle, radius_m = self._whole
        label = ", ".join(filter(None, (parts.group, parts.ward))) or parts.label
        return [Candidate(label, middle, "area", radius_m, "", parts, AREA_PROBABILITY)]

    @cached_property
    def _neighbourhoods(self) -> Neighbourhoods:
        return Neighbourhoods(self.spots)

    @cached_property
    def _whole(self) -> tuple[Point, int] | None:
        points = [point for street in self.streets.values() for line in street.lines for point in line]
        if not points:
            return None
        middle = Point(float(np.median([p.lat for p in points])), float(np.median([p.lon for p in points])))
        return middle, round(float(np.quantile([distance_m(middle, point) for point in points], 0.8)))

    # -- keeping --

    def to_bytes(self) -> bytes:
        """The gazetteer as compressed JSON."""
        streets = [
            {
                "name": street.name,
                "base": street.base,
                "lines": [_flat(line) for line in street.lines],
                "houses": [
                    ["/".join(alley), number, *_flat([point])] for (alley, number), point in street.houses.items()
                ],
                "alleys": [
                    ["/".join(alley), [_flat(line) for line in lines]] for alley, lines in street.alleys.items()
                ],
            }
            for street in self.streets.values()
        ]
        landmarks = [[name, *_flat([point])] for name, point in self.landmarks]
        spots = [[spot.group, spot.ward, *_flat([spot.point])] for spot in self.spots]
        data = {"streets": streets, "landmarks": landmarks, "wards": self.wards, "spots": spots}
        return zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Gazetteer":
        """Inverse of `to_bytes`; raises ValueError when `data` is not such a file."""
        try:
            stored = json.loads(zlib.decompress(data))
            streets = [_street(row) for row in stored["streets"]]
            landmarks = [(row[0], _points(row[1:])[0]) for row in stored["landmarks"]]
            spots = [AreaSpot(group, ward, _points(at)[0]) for group, ward, *at in stored.get("spots", ())]
            return cls(streets, landmarks, stored["wards"], spots)
        except (zlib.error, ValueError, LookupError, TypeError) as error:
            raise ValueError("These bytes are not a saved gazetteer.") from error


def _street(row: dict[str, Any]) -> Street:
    return Street(
        row["name"],
        [_points(line) for line in row["lines"]],
        {(_alley(alley), number): _points(spot)[0] for alley, number, *spot in row["houses"]},
        {_alley(alley): [_points(line) for line in lines] for alley, lines in row["alleys"]},
        base=row.get("base", ""),
    )


def _alley(text: str) -> Alley:
    return tuple(text.split("/")) if text else ()


def _flat(points: Sequence[Point]) -> list[int]:
    return [round(value * _TO_INT) for point in points for value in point]


def _points(flat: Sequence[int]) -> list[Point]:
    return [Point(lat / _TO_INT, lon / _TO_INT) for lat, lon in zip(flat[::2], flat[1::2], strict=True)]
