"""Reading the JSON that an Overpass server answers."""

import json
from typing import Any

from routing.geo import Point
from routing.roads import profile
from routing.roads.boundary import Boundary
from routing.roads.conditional import unread
from routing.roads.raw_map import (
    WANTED_KEYS,
    MapFileError,
    NodeTable,
    RawArea,
    RawMap,
    RawTurn,
    RawWay,
    Tags,
    Watch,
    is_turn_rule,
    worth_keeping,
)


def read_overpass(data: bytes, area: Boundary | None, watch: Watch) -> RawMap:
    """Everything of an Overpass answer that lies in the area; raises MapFileError."""
    watch.tell(0.0, "read_nodes")
    try:
        by_type: dict[str, list[dict[str, Any]]] = {"node": [], "way": [], "relation": []}
        for element in json.loads(data)["elements"]:
            by_type.setdefault(element["type"], []).append(element)
        raw = _nodes(by_type["node"], area)
        watch.tell(0.5, "read_ways")
        _add_ways(raw, by_type["way"], by_type["relation"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MapFileError("This is not an answer of an Overpass server that can be read.") from error
    return raw


def _nodes(nodes: list[dict[str, Any]], area: Boundary | None) -> RawMap:
    """A node may come twice, once with its tags and once as a skeleton."""
    table = NodeTable(
        [int(node["id"]) for node in nodes],
        [float(node["lat"]) for node in nodes],
        [float(node["lon"]) for node in nodes],
        area,
    )
    tagged = {int(node["id"]): node for node in nodes if worth_keeping(node.get("tags", {}))}
    kept = [(Point(float(node["lat"]), float(node["lon"])), dict(node["tags"])) for node in tagged.values()]
    places: list[tuple[Point, Tags]] = [one for one in kept if area is None or area.contains(one[0])]
    gates = {int(node["id"]): node["tags"] for node in nodes if "barrier" in node.get("tags", {})}
    barriers = [id for id, tags in gates.items() if profile.stops(tags)]
    return RawMap(table, places, barriers=barriers, unread=sum(map(unread, gates.values())))


def _add_ways(raw: RawMap, ways: list[dict[str, Any]], relations: list[dict[str, Any]]) -> None:
    found: dict[int, RawWay] = {}
    for way in ways:
        kept = raw.points.way(int(way["id"]), dict(way.get("tags", {})), map(int, way.get("nodes", ())))
        if kept and (kept.id not in found or kept.tags):
            found[kept.id] = kept
    for relation in relations:
        if is_turn_rule(relation.get("tags", {})):
            members = [(m["type"], m.get("role", ""), int(m["ref"])) for m in relation.get("members", ())]
            raw.turns.append(RawTurn.of(dict(relation["tags"]), members))
            continue
        outer = [m["ref"] for m in relation.get("members", ()) if m["type"] == "way" and m.get("role") != "inner"]
        if outer and relation.get("tags"):
            raw.areas.append(RawArea(dict(relation["tags"]), tuple(map(int, outer))))
    sides = {way for area in raw.areas for way in area.outer}
    raw.ways = [way for way in found.values() if any(key in way.tags for key in WANTED_KEYS)]
    raw.outlines = [way for way in found.values() if way.id in sides]
