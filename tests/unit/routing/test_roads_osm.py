"""Import of a small map written by hand, as .osm and as Overpass JSON."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from routing.geo import Point
from routing.places.gazetteer import Gazetteer
from routing.roads.basemap import Basemap
from routing.roads.boundary import Boundary
from routing.roads.network import RoadNetwork
from routing.roads.osm import MapImport, import_map, import_overpass
from routing.roads.raw_map import ImportStopped, MapEmpty, MapFileError

# Đường Ngô Quyền runs east along 16.0, its kiệt 45 leaves it northwards at node 2; house 45 stands at the mouth,
# K45/12 inside; houses 1 and 89 on the odd side. A pond, a park, a far-away road beyond the margin.
MAP = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="16.0000" lon="108.0000"/>
  <node id="2" lat="16.0000" lon="108.0020"/>
  <node id="3" lat="16.0000" lon="108.0040"/>
  <node id="4" lat="16.0010" lon="108.0020"/>
  <node id="5" lat="16.0010" lon="108.0030"/>
  <node id="10" lat="16.0001" lon="108.0020">
    <tag k="addr:housenumber" v="45"/>
    <tag k="addr:street" v="Đường Ngô Quyền"/></node>
  <node id="11" lat="16.0006" lon="108.0021">
    <tag k="addr:housenumber" v="12"/>
    <tag k="addr:street" v="Kiệt 45 Ngô Quyền"/></node>
  <node id="12" lat="16.0001" lon="108.0001">
    <tag k="addr:housenumber" v="01"/>
    <tag k="addr:street" v="Ngô Quyền"/></node>
  <node id="13" lat="16.0001" lon="108.0040">
    <tag k="addr:housenumber" v="89"/>
    <tag k="addr:street" v="Ngô Quyền"/></node>
  <node id="14" lat="15.9999" lon="108.0030">
    <tag k="name" v="Chợ Mai"/>
    <tag k="amenity" v="marketplace"/></node>
  <node id="20" lat="16.0020" lon="108.0000"/>
  <node id="21" lat="16.0020" lon="108.0010"/>
  <node id="22" lat="16.0030" lon="108.0010"/>
  <node id="30" lat="16.1000" lon="108.0000"/>
  <node id="31" lat="16.1000" lon="108.0010"/>
  <way id="100"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
    <tag k="highway" v="residential"/>
    <tag k="name" v="Đường Ngô Quyền"/></way>
  <way id="101"><nd ref="2"/><nd ref="4"/><nd ref="5"/>
    <tag k="highway" v="footway"/>
    <tag k="motorcycle" v="yes"/>
    <tag k="name" v="K45 Ngô Quyền"/></way>
  <way id="102"><nd ref="20"/><nd ref="21"/><nd ref="22"/><nd ref="20"/><tag k="natural" v="water"/></way>
  <way id="103"><nd ref="30"/><nd ref="31"/><tag k="highway" v="primary"/><tag k="name" v="Đường Xa"/></way>
  <way id="104"><nd ref="3"/><nd ref="31"/><tag k="highway" v="steps"/></way>
</osm>
"""
BOX = Boundary.from_box(15.999, 107.999, 16.003, 108.005)


def as_overpass(osm: str) -> bytes:
    """The same elements in Overpass' JSON, tagged nodes coming again as bare ones."""
    elements: list[dict[str, Any]] = []
    for element in ET.fromstring(osm):
        one: dict[str, Any] = {"type": element.tag, "id": int(element.attrib["id"])}
        if element.tag == "node":
            one |= {"lat": float(element.attrib["lat"]), "lon": float(element.attrib["lon"])}
            elements.append(dict(one))
        elif element.tag == "relation":
            one["members"] = [{**member.attrib, "ref": int(member.attrib["ref"])} for member in element.iter("member")]
        else:
            one["nodes"] = [int(nd.attrib["ref"]) for nd in element.iter("nd")]
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
        elements.insert(0, one | {"tags": tags})
    return json.dumps({"version": 0.6, "elements": elements}).encode()


@pytest.fixture(scope="module", params=["osm", "overpass"])
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MapImport:
    if request.param == "overpass":
        return import_overpass(as_overpass(MAP), BOX)
    file = tmp_path_factory.mktemp("map") / "small.osm"
    file.write_text(MAP, encoding="utf-8")
    return import_map(file, BOX)


def test_report(imported: MapImport) -> None:
    report = imported.report
    assert (report.ways, report.nodes, report.edges, report.junctions) == (2, 5, 3, 4)
    assert (report.streets, report.alleys, report.house_numbers, report.landmarks) == (1, 1, 4, 1)
    assert (report.islands, report.islands_m, report.warnings) == (0, 0, [])


def test_travel(imported: MapImport) -> None:
    """0.002 degrees of longitude at 16 N are 213.78 m at 21 km/h; up the kiệt 111.195 m at 12 km/h."""
    matrix = imported.network.matrix([Point(16.0, 108.0), Point(16.0, 108.002), Point(16.001, 108.002)])
    assert matrix.distance_m.tolist() == [[0, 214, 325], [214, 0, 112], [325, 112, 0]]
    assert matrix.duration_s.tolist() == [[0, 37, 71], [37, 0, 34], [71, 34, 0]]
    assert imported.network.leg(Point(16.0, 108.0), Point(16.001, 108.002)).streets == [
        "Ngô Quyền",
        "Kiệt 45 Ngô Quyền",
    ]


@pytest.mark.parametrize(
    ("text", "match_class", "lat", "lon"),
    [
        ("45 Ngô Quyền", "exact", 16.0001, 108.0020),
        ("K45/12 ngo quyen", "exact", 16.0006, 108.0021),
        ("1 Ngô Quyền", "exact", 16.0001, 108.0001),
        ("23 Ngô Quyền", "interpolated", 16.0001, 108.00105),  # half way from 1 to 45
        ("67 Ngô Quyền", "interpolated", 16.0001, 108.0030),
        ("K45/6 Ngô Quyền", "interpolated", 16.0003, 108.00205),  # half way from the mouth to 12
        ("Ngô Quyền", "street", 16.0, 108.002),
        ("chợ Mai", "interpolated", 15.9999, 108.0030),
    ],
)
def test_doors(imported: MapImport, text: str, match_class: str, lat: float, lon: float) -> None:
    found = imported.gazetteer.locate(text)[0]
    assert found.match_class == match_class
    assert found.point == pytest.approx(Point(lat, lon), abs=1.2e-5 if match_class == "exact" else 1.5e-4)


def test_base_map(imported: MapImport) -> None:
    layers: dict[str, list[dict[str, Any]]] = {}
    for feature in imported.basemap.to_geojson()["features"]:
        layers.setdefault(feature["properties"]["layer"], []).append(feature)
    assert "OpenStreetMap" in imported.basemap.to_geojson()["attribution"]
    assert [f["geometry"]["type"] for f in layers["water"]] == ["Polygon"]
    assert {f["properties"].get("name") for f in layers["road"]} == {"Ngô Quyền", "Kiệt 45 Ngô Quyền", None}
    assert {f["properties"]["number"] for f in layers["house"]} == {"45", "K45/12", "1", "89"}
    assert len(layers["boundary"]) == 1


def test_each_part_survives_being_saved(imported: MapImport) -> None:
    parts = (imported.network, RoadNetwork), (imported.gazetteer, Gazetteer), (imported.basemap, Basemap)
    for part, kind in parts:
        assert kind.from_bytes(part.to_bytes()).to_bytes() == part.to_bytes()
        with pytest.raises(ValueError, match="not a saved"):
            kind.from_bytes(b"something else")


def test_without_a_boundary_everything_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "small.osm"
    file.write_text(MAP, encoding="utf-8")
    assert import_map(file).report.ways == 3


def test_progress_goes_from_nothing_to_done() -> None:
    told: list[tuple[float, str]] = []
    import_overpass(as_overpass(MAP), BOX, on_progress=lambda fraction, code: told.append((fraction, code)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], told[-1]) == (0.0, (1.0, "done"))


def test_stop() -> None:
    with pytest.raises(ImportStopped):
        import_overpass(as_overpass(MAP), BOX, stop=lambda: True)


def test_an_area_without_roads_says_so() -> None:
    with pytest.raises(MapEmpty):
        import_overpass(as_overpass(MAP), Boundary.from_box(10.0, 100.0, 10.1, 100.1))


@pytest.mark.parametrize("name", ["broken.osm", "broken.osm.pbf", "broken.json", "broken.txt"])
def test_a_file_of_another_kind_says_so(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b'{"elements": 3}')
    with pytest.raises(MapFileError):
        import_map(file)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(MapFileError):
        import_map(tmp_path / "nothing.osm.pbf")


def test_boundary_from_geojson() -> None:
    ring = [[108.0, 16.0], [108.01, 16.0], [108.01, 16.01], [108.0, 16.01], [108.0, 16.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": geometry}],
    }
    for data in (geometry, collection["features"][0], collection):
        assert Boundary.from_geojson(data).box == (16.0, 108.0, 16.01, 108.01)
    grown = Boundary.from_geojson(geometry).grown(1000)
    assert grown.contains(Point(16.0, 108.0185))
    assert not grown.contains(Point(16.0, 108.0205))


@pytest.mark.parametrize(
    "data", [{}, {"type": "Point", "coordinates": [1, 2]}, {"type": "FeatureCollection", "features": []}]
)
def test_what_is_no_boundary_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="GeoJSON"):
        Boundary.from_geojson(data)
