"""From OpenStreetMap's names and house numbers to a gazetteer of streets, kiệt and doors."""

import re
from collections import defaultdict
from collections.abc import Sequence

from routing.geo import Point
from routing.places.address import Address, parse
from routing.places.apart import kept_apart
from routing.places.areas import DA_NANG_WARDS
from routing.places.gazetteer import Gazetteer
from routing.places.neighbourhoods import AreaSpot
from routing.places.street import Street
from routing.places.streets import StreetNames, plain_street
from routing.places.text import fold, nfc
from routing.roads.network import RoadNetwork
from routing.roads.raw_map import NEIGHBOURHOODS, RawMap, Tags, worth_keeping

_AREA_TAGS = ("addr:neighbourhood", "addr:quarter", "addr:subdistrict", "addr:suburb")
_AREA_WORD = re.compile(r"^(?:phường|xã|p\.)\s*", re.IGNORECASE)
_ALLEY_WORD = re.compile(r"(?:kiet|hem)\b|[kh]\s?\.?\d")


def make_gazetteer(raw: RawMap, network: RoadNetwork, wards: Sequence[str] = DA_NANG_WARDS) -> Gazetteer:
    """Streets with their lines, alleys under their street, houses under both; landmarks by name."""
    lines = _lines_by_name(network)
    names = StreetNames(name for name in lines if not _ALLEY_WORD.match(fold(name)))
    streets = {name: Street(name, lines[name]) for name in lines if name in names}
    for name in [name for name in lines if name not in names]:
        alley = parse(name, names)
        if alley.street and alley.alley:
            street = streets.setdefault(alley.street, Street(alley.street))
            street.alleys.setdefault(_inside(alley), []).extend(lines[name])
    landmarks: dict[str, Point] = {}
    spots: list[AreaSpot] = []
    for point, tags in _tagged(raw):
        if "addr:housenumber" in tags:
            _add_house(streets, names, tags, point)
        spots += _area_spots(tags, point)
        if "name" in tags and "highway" not in tags and "place" not in tags:
            landmarks.setdefault(nfc(tags["name"]), point)
    known = kept_apart(streets.values(), spots)
    return Gazetteer(known, landmarks.items(), _with_places(wards, spots), spots)


def _area_spots(tags: Tags, point: Point) -> list[AreaSpot]:
    """What a house's address or a node's name says about the tổ and the ward in which it lies."""
    words = [tags[key] for key in _AREA_TAGS if key in tags]
    if tags.get("place") in NEIGHBOURHOODS:
        words.append(tags["name"])
    named = [_AREA_WORD.sub("", nfc(word)) for word in words]
    groups = [parse(name).group for name in named]
    group = next(filter(None, groups), "")
    ward = next((name for name, its_group in zip(named, groups, strict=True) if name and not its_group), "")
    return [AreaSpot(group, ward, point)] if group or ward else []


def _with_places(wards: Sequence[str], spots: Sequence[AreaSpot]) -> list[str]:
    """With the names of neighbourhoods that the map knows, so that they are understood in an address."""
    known = {fold(ward) for ward in wards}
    return [*wards, *dict.fromkeys(spot.ward for spot in spots if spot.ward and fold(spot.ward) not in known)]


def _lines_by_name(network: RoadNetwork) -> dict[str, list[Sequence[Point]]]:
    lines: dict[str, list[Sequence[Point]]] = defaultdict(list)
    for edge in range(len(network.edges)):
        name = int(network.edges.name[edge])
        if name >= 0:
            lines[network.names[name]].append(network.edge_points(edge))
    return lines


def _tagged(raw: RawMap) -> list[tuple[Point, Tags]]:
    """Tagged nodes, and buildings at the middle of their outline."""
    middles = []
    for way in raw.ways:
        if worth_keeping(way.tags):
            points = [raw.points[i] for i in way.runs[0]]
            points = points[1:] if way.closed else points
            lat, lon = sum(p.lat for p in points) / len(points), sum(p.lon for p in points) / len(points)
            middles.append((Point(lat, lon), way.tags))
    return raw.nodes + middles


def _add_house(streets: dict[str, Street], names: StreetNames, tags: Tags, point: Point) -> None:
    """`245/06` in `Kiệt 247 Nguyễn Tri Phương` is house 6 of kiệt 245: the number knows best.

    A street that no road has is taken from the address, without a line.
    """
    number, street_tag = nfc(tags["addr:housenumber"]), nfc(tags.get("addr:street", ""))
    street = parse(street_tag, names)
    if not street.street:
        return
    door = parse(f"{number} {street.street}", names)
    if not door.number or door.street != street.street:
        return
    alley = door.alley or _inside(street)
    if not door.alley and alley == (door.number,):
        alley = ()  # the house at the mouth of its own kiệt
    known = streets.get(street.street) or next(
        (s for name, s in streets.items() if fold(name) == fold(street.street)), None
    )
    if known is None:
        known = streets.setdefault(street.street, Street(plain_street(street.street)))
    known.add_house(alley, door.number, point)


def _inside(alley: Address) -> tuple[str, ...]:
    """The whole way in: `Kiệt 149/43` reads as number 43 in alley 149, and both are alleys."""
    return (*alley.alley, alley.number) if alley.number else alley.alley
