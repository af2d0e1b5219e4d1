"""OpenStreetMap data in, everything the ward's map needs out: roads, addresses, base map, and a report.

Data © OpenStreetMap contributors, ODbL 1.0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from routing.places.areas import DA_NANG_WARDS
from routing.places.gazetteer import Gazetteer
from routing.places.streets import plain_street
from routing.roads.basemap import Basemap, draw
from routing.roads.boundary import Boundary
from routing.roads.build import Way, build_network
from routing.roads.conditional import unread
from routing.roads.network import RoadNetwork
from routing.roads.osm_places import make_gazetteer
from routing.roads.profile import ride
from routing.roads.raw_map import MapEmpty, OnProgress, RawMap, Stop, Watch
from routing.roads.read_file import read_osm
from routing.roads.read_overpass import read_overpass
from routing.roads.report import MapReport, Source, make_report
from routing.roads.rules import cut_at_barriers, forbidden_turns


@dataclass(frozen=True)
class MapImport:
    """A ward's map: each part has `to_bytes()`, and its class `from_bytes()`."""

    network: RoadNetwork
    gazetteer: Gazetteer
    basemap: Basemap
    report: MapReport


def import_map(
    path: Path,
    boundary: Boundary | None = None,
    *,
    wards: Sequence[str] = DA_NANG_WARDS,
    on_progress: OnProgress = lambda fraction, code: None,
    stop: Stop = lambda: False,
) -> MapImport:
    """Take over a .osm.pbf, .osm or Overpass JSON file, cut to the boundary and 1 km around it.

    `on_progress(fraction, code)` is called from 0 to 1 with read_nodes, read_ways, read_areas, build_roads,
    build_places, draw, done; `stop()` is asked at the same moments. Raises MapFileError for a file that cannot be
    read, MapEmpty when no road lies in the area, ImportStopped after a stop.
    """
    watch = Watch(on_progress, stop)
    area = boundary.grown() if boundary else None
    if path.suffix.lower() == ".json":
        raw = read_overpass(path.read_bytes(), area, watch)
    else:
        raw = read_osm(path, area, watch)
    return _build(raw, boundary, wards, watch)


def import_overpass(
    data: bytes,
    boundary: Boundary | None = None,
    *,
    wards: Sequence[str] = DA_NANG_WARDS,
    on_progress: OnProgress = lambda fraction, code: None,
    stop: Stop = lambda: False,
) -> MapImport:
    """`import_map` for the answer of an Overpass server (see `routing.roads.overpass.fetch`)."""
    watch = Watch(on_progress, stop)
    raw = read_overpass(data, boundary.grown() if boundary else None, watch)
    return _build(raw, boundary, wards, watch)


def _build(raw: RawMap, boundary: Boundary | None, wards: Sequence[str], watch: Watch) -> MapImport:
    watch.tell(0.75, "build_roads")
    ways = _rideable(raw)
    if not ways:
        raise MapEmpty("There is no road in this data within the area.")
    pieces = [way for parts in ways.values() for way in parts]
    nodes = {node for way in pieces for node in way.nodes}
    points = cut_at_barriers(raw, ways)
    rules = forbidden_turns(raw, ways)
    signs_unread = raw.unread + sum(unread(way.tags) for way in raw.ways if "highway" in way.tags)
    source = Source(len(pieces), len(nodes), rules.skipped, signs_unread)
    network = build_network(points, [way for parts in ways.values() for way in parts], rules.turns)
    watch.tell(0.85, "build_places")
    gazetteer = make_gazetteer(raw, network, wards)
    watch.tell(0.95, "draw")
    basemap = draw(raw, network, gazetteer.doors(), boundary)
    report = make_report(network, gazetteer, source)
    watch.tell(1.0, "done")
    return MapImport(network, gazetteer, basemap, report)


def _rideable(raw: RawMap) -> dict[int, list[Way]]:
    """What a scooter may ride of every way, by the way's id."""
    ways = {}
    for way in raw.ways:
        rule = ride(way.tags)
        if rule:
            name = tidy_name(way.tags.get("name", "")) if rule.road_class != "ferry" else ""
            ways[way.id] = [Way(name, rule, run) for run in way.runs]
    return ways


def tidy_name(name: str) -> str:
    """A road's name as the gazetteer has it: `Đường 2-9` is 2 Tháng 9, `K391 X` is Kiệt 391 X."""
    return re.sub(r"^K\s?\.?\s?(?=\d)", "Kiệt ", plain_street(name))
