"""Other wards and cities, streets that only sound alike, and what is known of a tổ."""

from pathlib import Path

import pytest

from routing.geo import Point, distance_m
from routing.places.address import parse
from routing.places.elsewhere import elsewhere
from routing.places.gazetteer import Gazetteer, Pin
from routing.places.neighbourhoods import AreaSpot, Neighbourhoods
from routing.places.street import Street
from routing.places.streets import StreetNames, names_in_use
from routing.places.text import fold, nfc
from routing.roads.osm import import_map

HOME = ("Phường Sơn Trà", "Thọ Quang", "Mân Thái", "Nại Hiên Đông")
NAMES = StreetNames(["Ngô Quyền", "Trần Thánh Tông", "Lê Lợi", "Phan Thanh", "Phan Thành Tài"])
HERE = Point(16.1, 108.24)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("12 Ngô Quyền", ""),
        ("12 Ngô Quyền, P. Thọ Quang, Q.Sơn Trà, TP.Đà Nẵng, Việt Nam", ""),
        ("12 ngo quyen tho quang son tra da nang", ""),
        ("12 Ngô Quyền, phường Tho Quan", ""),  # mistyped
        ("12 Ngô Quyền, Quảng Nam", ""),  # a part of the city since 2025
        ("nhà bà Huế, 12 Ngô Quyền", ""),
        ("12 Ngô Quyền, An Hải Bắc, Sơn Trà", "An Hải Bắc"),
        ("Tổ 25, An Hải", "An Hải"),
        ("12 Trần Phú, Hải Châu, Đà Nẵng", "Hải Châu"),
        ("12 Lê Lợi, quận Thanh Khê", "Thanh Khê"),
        ("12 ngo quyen ha noi", "ha noi"),
        ("12 Ngô Quyền, phường Bến Nghé, Quận 1, TP.HCM", "Bến Nghé"),
        ("12 Ngô Quyền, TP. Huế", "TP. Huế"),
    ],
)
def test_another_ward_or_city_is_heard(text: str, name: str) -> None:
    assert elsewhere(parse(text, NAMES), HOME) == name


def test_a_ward_that_told_no_old_names_may_be_meant_by_any_of_its_district() -> None:
    assert elsewhere(parse("12 Ngô Quyền, Thọ Quang"), ["Phường Sơn Trà"]) == ""
    assert elsewhere(parse("12 Ngô Quyền, Thạch Thang"), ["Phường Sơn Trà"]) == "Thạch Thang"
    assert elsewhere(parse("12 Ngô Quyền, Thạch Thang"), ["Phường Mới"]) == ""


def test_a_name_in_use_is_never_another_street_mistyped() -> None:
    assert parse("H12/K34/5 Trần Nhân Tông", NAMES).street == "Trần Nhân Tông"
    assert parse("12 le lai", NAMES).street == "Lê Lai"
    assert parse("12 Tran Nhan Togn", NAMES).street == "Trần Nhân Tông"
    assert (parse("12 Lê Lơii", NAMES).street, parse("12 Lê Lơii", NAMES).errors) == ("Lê Lợi", 1)
    assert parse("12 le loi", NAMES).errors == 0


def test_names_in_use_are_names_of_streets_only() -> None:
    names = names_in_use()
    assert list(names) == sorted({nfc(name) for name in names})
    assert [name for name in names if parse(f"tổ 3, {name}").ward] == []


def test_a_street_that_is_only_written_alike_is_offered_with_little_trust() -> None:
    gazetteer = Gazetteer([Street("Trần Thánh Tông", [[HERE, Point(16.101, 108.24)]])])
    found = gazetteer.locate("H12/K34/5 Trần Nhân Tông")
    assert [(c.street, c.instead_of, c.sole) for c in found] == [("Trần Thánh Tông", "Trần Nhân Tông", False)]
    assert found[0].probability < 0.2
    mended = gazetteer.locate("5 Trần Thánhh Tôngg")[0]
    assert (mended.instead_of, mended.parts.errors) == ("", 2)
    assert mended.probability < gazetteer.locate("5 Trần Thánh Tông")[0].probability


def test_a_group_lies_where_its_known_doors_lie() -> None:
    spots = [AreaSpot("tổ 25", "An Hải", Point(16.1 + 0.0001 * step, 108.24)) for step in range(5)]
    known = Neighbourhoods([*spots, AreaSpot("tổ 25", "Mân Thái", Point(16.12, 108.24))])
    (one,) = known.find("tổ 25", "an hai")
    assert (one.label, one.radius_m) == ("tổ 25, An Hải", 200)
    assert distance_m(one.middle, Point(16.1002, 108.24)) < 1
    assert [area.label for area in known.find("tổ 25", "")] == ["tổ 25, An Hải", "tổ 25, Mân Thái"]
    assert [area.label for area in known.find("tổ 3", "An Hải")] == ["An Hải"]
    assert known.find("tổ 3", "") == []
    assert known.find("", "Phước Mỹ") == []


def test_a_wide_group_says_so() -> None:
    known = Neighbourhoods(AreaSpot("khu phố 3", "", Point(16.1 + 0.01 * step, 108.24)) for step in range(5))
    (one,) = known.find("khu phố 3", "Sơn Trà")
    assert 2_000 < one.radius_m < 3_000
    assert one.probability < 0.01


def test_a_pin_teaches_where_its_group_is() -> None:
    plain = Gazetteer([Street("Ngô Quyền", [[HERE, Point(16.11, 108.24)]])])
    at = Point(16.1052, 108.241)
    taught = plain.with_pins([Pin("Ngô Quyền", (), "12", at)], [AreaSpot("tổ 25", "An Hải", at)])
    before, after = plain.locate("Tổ 25, An Hải")[0], taught.locate("to 25 an hai")[0]
    assert (after.match_class, after.radius_m, after.point) == ("area", 200, at)
    assert before.radius_m > after.radius_m
    assert before.probability < after.probability < 0.5
    assert Gazetteer.from_bytes(taught.to_bytes()).locate("tổ 25, An Hải")[0].radius_m == 200


def test_a_map_tells_its_quarters_and_the_wards_of_its_houses(tmp_path: Path) -> None:
    osm = tmp_path / "small.osm"
    osm.write_text(
        '<osm version="0.6"><node id="1" lat="16.1" lon="108.24"/><node id="2" lat="16.101" lon="108.24"/>'
        '<node id="3" lat="16.1002" lon="108.2401"><tag k="place" v="neighbourhood"/><tag k="name" v="Tổ 25"/></node>'
        '<node id="4" lat="16.1005" lon="108.2401"><tag k="addr:housenumber" v="12"/>'
        '<tag k="addr:street" v="Ngô Quyền"/><tag k="addr:subdistrict" v="Phường Xóm Mới"/></node>'
        '<way id="5"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="Ngô Quyền"/></way>'
        "</osm>",
        encoding="utf-8",
    )
    gazetteer = import_map(osm).gazetteer
    assert [(spot.group, spot.ward) for spot in gazetteer.spots] == [("tổ 25", ""), ("", "Xóm Mới")]
    assert gazetteer.landmarks == []
    assert gazetteer.locate("Tổ 25")[0].label == "tổ 25"
    ward = gazetteer.locate("phường Xóm Mới")[0]
    assert (ward.label, ward.match_class, ward.radius_m) == ("Xóm Mới", "area", 800)
    assert fold("Xóm Mới") in map(fold, gazetteer.wards)
