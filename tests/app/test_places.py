"""Addresses: the ward's own pins before the map's answer, suggestions, and places that are never moved unasked."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.places.forms import read_point
from dispatch.places.lookup import accuracy, corrected, same_door, suggest, understand
from dispatch.places.models import Place
from dispatch.places.operations import Spot, keep_place, seen_at_door
from dispatch.wards.map_store import store_map
from dispatch.wards.models import Ward
from routing.geo import Point, distance_m
from routing.roads.boundary import Boundary
from routing.roads.starter import starter_map
from tests.app.conftest import move_clock
from tests.app.makers import login_as, make_place, make_ward

PIN = (16.0951, 108.2441)


def test_the_wards_pin_comes_before_the_map(ward: Ward) -> None:
    place = make_place(ward, "120 Ngô Quyền", *PIN)
    found = understand(ward, "120 ngo quyen")
    assert (found.place, found.point, found.match_class) == (place, PIN, "confirmed")


def test_another_spelling_of_the_door_finds_the_same_place(ward: Ward) -> None:
    place = keep_place(ward, Spot("K45/12 Ngô Quyền", PIN, confirmed=True), None)
    assert understand(ward, "kiệt 45 nhà 12 đường Ngo Quyen, P. Thọ Quang").place is place
    assert understand(ward, "K45/13 Ngô Quyền").place is None


def test_numbers_belong_to_the_street(ward: Ward) -> None:
    keep_place(ward, Spot("19 Mân Quang 3", PIN, confirmed=True), None)
    assert understand(ward, "19 Mân Quang 5").place is None
    assert same_door(ward, "19 Mân Quang 3", "19 man quang 3, tổ 45")
    assert not same_door(ward, "19 Mân Quang 3", "19 Mân Quang 5")


def test_another_wards_places_are_unknown(ward: Ward) -> None:
    make_place(make_ward("Mân Thái"), "120 Ngô Quyền", *PIN)
    assert understand(ward, "120 Ngô Quyền").place is None
    assert all("note" not in item or "ghim" not in item["note"] for item in suggest(ward, "120 ngo quyen"))


def test_what_nobody_knows_needs_a_pin(ward: Ward) -> None:
    place = keep_place(ward, Spot("nhà bà Tư sau chùa làng"), None)
    assert (place.point, place.match_class, place.pins) == (None, "unknown", [])
    assert understand(ward, place.spoken).needs_pin


def test_a_pin_away_from_the_maps_answer_counts_as_confirmed(ward: Ward) -> None:
    located = understand(ward, "Ngô Quyền").point
    assert located is not None
    as_found = keep_place(ward, Spot("Ngô Quyền", located), None)
    assert as_found.match_class == "street"
    moved = keep_place(ward, Spot("Ngô Quyền", (located[0] + 0.002, located[1])), None)
    assert moved.id != as_found.id
    assert (moved.match_class, [pin.source for pin in moved.pins]) == ("confirmed", ["desk"])


def test_confirming_a_place_keeps_its_history(ward: Ward) -> None:
    located = understand(ward, "Ngô Quyền").point
    place = keep_place(ward, Spot("Ngô Quyền"), None)
    again = keep_place(ward, Spot("Ngô Quyền", located, confirmed=True, access_note="cổng xanh"), None)
    assert again is place
    assert (place.match_class, place.access_note) == ("confirmed", "cổng xanh")
    assert [pin.source for pin in place.pins] == ["map", "desk"]


def test_a_place_that_others_use_is_never_moved(ward: Ward) -> None:
    first = make_place(ward, "120 Ngô Quyền", *PIN)
    second = keep_place(ward, Spot("120 Ngô Quyền", (PIN[0] + 0.01, PIN[1]), confirmed=True), None)
    assert first.point == PIN
    assert second.id != first.id


def test_suggestions_name_known_places_first(ward: Ward) -> None:
    make_place(ward, "120 Ngô Quyền, hẻm sau", *PIN)
    items = suggest(ward, "120 ngo q")
    assert items[0] == {"label": "120 Ngô Quyền, hẻm sau", "note": items[0]["note"], "lat": PIN[0], "lon": PIN[1]}
    assert any(item["label"] == "120 Ngô Quyền" for item in items[1:])


def test_suggestions_by_post_and_get(client: FlaskClient, ward: Ward) -> None:
    make_place(ward, "120 Ngô Quyền, hẻm sau", *PIN)
    login_as(client, ward, Role.HOTLINE)
    posted = client.post("/dia-diem/goi-y", data={"q": "120 ngo"}).get_json()
    assert posted[0]["label"] == "120 Ngô Quyền, hẻm sau"
    for text in ("", "x", "%", "_", "\x00", "٣" * 400, "a " * 5000):
        assert client.post("/dia-diem/goi-y", data={"q": text}).status_code == 200


def test_citizens_addresses_are_not_for_the_administrator(client: FlaskClient, ward: Ward) -> None:
    make_place(ward, "120 Ngô Quyền, hẻm sau", *PIN)
    login_as(client, ward, Role.ADMIN)
    labels = [item["label"] for item in client.get("/dia-diem/goi-y?q=120 ngo quyen").get_json()]
    assert "120 Ngô Quyền, hẻm sau" not in labels
    login_as(client, ward, Role.CHAIRMAN)
    assert client.get("/dia-diem/goi-y?q=ngo").status_code == 403


@pytest.mark.parametrize(
    ("match_class", "words"),
    [
        ("exact", "Đúng số nhà"),
        ("street", "trên đường này"),
        ("name_only", "chưa biết vị trí"),
        ("unknown", "đặt ghim"),
    ],
)
def test_accuracy_is_said_in_words(ward: Ward, match_class: str, words: str) -> None:
    assert words in accuracy(match_class, 170)


@pytest.mark.parametrize("text", ["", "nan", "inf", "91", "-91", "x", "1e400", "٣x"])
def test_what_is_no_position_is_none(text: str) -> None:
    assert read_point(text, "108.2") is None


def test_a_confirmed_pin_improves_its_street_and_outlives_a_new_map(ward: Ward) -> None:
    before = understand(ward, "122 Ngô Quyền")
    keep_place(ward, Spot("120 Ngô Quyền", PIN, confirmed=True), None)
    after = understand(ward, "122 Ngô Quyền")
    assert before.doubtful
    assert (after.match_class, after.doubtful) == ("interpolated", False)
    assert after.point
    assert distance_m(Point(*after.point), Point(*PIN)) < 40
    store_map(ward, starter_map(), "another map")
    assert understand(ward, "122 Ngô Quyền").point == pytest.approx(after.point, abs=1e-5)
    assert understand(ward, "120 ngo quyen").point == PIN


def test_a_pin_that_is_forgotten_teaches_nothing_any_more(ward: Ward) -> None:
    place = keep_place(ward, Spot("120 Ngô Quyền", PIN, confirmed=True), None)
    assert understand(ward, "122 Ngô Quyền").match_class == "interpolated"
    db.session.delete(place)
    db.session.flush()
    assert understand(ward, "122 Ngô Quyền").match_class == "street"


def test_two_visits_that_agree_confirm_a_pin(app: Flask, ward: Ward) -> None:
    place = keep_place(ward, Spot("120 Ngô Quyền"), None)
    guessed = place.match_class
    seen_at_door(place, PIN, now())
    seen_at_door(place, PIN, now())  # a tap taken back and given again
    assert place.match_class == guessed != "confirmed"
    move_clock(app, days=1)
    seen_at_door(place, (PIN[0] + 0.01, PIN[1]), now())  # another door by mistake
    assert place.match_class == guessed
    move_clock(app, days=1)
    seen_at_door(place, (PIN[0] + 0.0001, PIN[1]), now())
    assert (place.match_class, place.point) == ("confirmed", pytest.approx((PIN[0] + 0.00005, PIN[1])))
    assert [pin.source for pin in place.pins] == ["map", "arrived", "arrived", "arrived", "arrived", "visits"]
    db.session.flush()
    assert understand(ward, "122 Ngô Quyền").match_class == "interpolated"


def test_what_is_written_down_at_the_office_is_no_door(app: Flask, ward: Ward) -> None:
    place = keep_place(ward, Spot("120 Ngô Quyền"), None)
    assert ward.office
    for _day in range(3):
        move_clock(app, days=1)
        seen_at_door(place, (ward.office[0] + 0.0002, ward.office[1]), now())
    assert [pin.source for pin in place.pins] == ["map"]


def test_visits_never_move_what_the_desk_confirmed(app: Flask, ward: Ward) -> None:
    place = keep_place(ward, Spot("120 Ngô Quyền", PIN, confirmed=True), None)
    for _day in range(3):
        move_clock(app, days=1)
        seen_at_door(place, (PIN[0] + 0.001, PIN[1]), now())
    assert place.point == PIN


def test_a_family_without_its_number_shows_what_could_be_meant(ward: Ward) -> None:
    found = understand(ward, "19 Mân Quang")
    assert len(found.others) > 2
    assert all(other.label.startswith("19 Mân Quang ") for other in found.others)
    assert found.doubtful


def test_parts_that_were_corrected_are_put_together(ward: Ward) -> None:
    form = {"part_number": " 12 ", "part_alley": "45/3", "part_street": "Ngô Quyền", "part_group": "tổ 4", "other": "x"}
    assert corrected(form) == "K45/3/12 Ngô Quyền, tổ 4"
    assert corrected({}) == ""


def test_a_corrected_part_becomes_the_address(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.HOTLINE)
    data = {"changed": "part_number", "address": "12 Ngô Quyền", "part_number": "14", "part_street": "Ngô Quyền"}
    assert client.post("/tiep-nhan/dang-go", data=data).get_json()["values"]["address"] == "14 Ngô Quyền"


def test_every_place_belongs_to_its_ward(ward: Ward) -> None:
    keep_place(ward, Spot("7 Lê Tấn Trung", PIN), None)
    assert db.session.scalars(select(Place.ward_id)).all() == [ward.id]


def test_a_street_is_never_silently_taken_for_another(ward: Ward) -> None:
    found = understand(ward, "H12/K34/5 Trần Nhân Tông")
    assert (found.point, found.match_class, found.parts.street) == (None, "unknown", "Trần Nhân Tông")
    assert [other.label for other in found.others] == ["K34/12/5 Trần Thánh Tông"]
    assert "không có đường Trần Nhân Tông" in found.said
    assert understand(ward, "12 Lê Lai").said.startswith("Trên bản đồ không có đường Lê Lai")


def test_a_mended_name_is_told(ward: Ward) -> None:
    found = understand(ward, "12 Ngô Quyềnn")
    assert "đang hiểu là Ngô Quyền" in found.said
    assert found.point
    assert found.doubtful
    assert understand(ward, "12 ngo quyen").warnings == ()


@pytest.mark.parametrize(
    "text", ["Tổ 25, An Hải", "12 Ngô Quyền, An Hải Bắc", "12 Trần Phú, Hải Châu", "12 Lê Lợi, Huế"]
)
def test_another_ward_or_city_is_told(ward: Ward, text: str) -> None:
    ward.old_names = ["Mân Thái"]
    found = understand(ward, text)
    assert "ngoài địa bàn Thọ Quang" in found.said
    assert found.doubtful
    assert found.probability < 0.2
    assert "khu vực" not in found.said


def test_a_door_beyond_the_boundary_is_told(ward: Ward) -> None:
    point = understand(ward, "120 Ngô Quyền").point
    assert point
    lat, lon = point
    ward.boundary = Boundary.from_box(lat - 0.01, lon - 0.01, lat + 0.01, lon + 0.01).to_geojson()
    assert "địa bàn" not in understand(ward, "120 Ngô Quyền").said
    ward.boundary = Boundary.from_box(lat + 0.02, lon - 0.01, lat + 0.03, lon + 0.01).to_geojson()
    assert "ngoài địa bàn Thọ Quang, cách ranh giới khoảng 2" in understand(ward, "120 Ngô Quyền").said
    keep_place(ward, Spot("120 Ngô Quyền", PIN, confirmed=True), None)
    assert understand(ward, "120 Ngô Quyền").warnings == ()  # somebody has been there


def test_pins_teach_where_a_group_is(ward: Ward) -> None:
    before = understand(ward, "tổ 25, Thọ Quang")
    keep_place(ward, Spot("120 Ngô Quyền, tổ 25, Thọ Quang", PIN, confirmed=True), None)
    after = understand(ward, "tổ 25, Thọ Quang")
    assert (after.match_class, after.radius_m, after.point) == ("area", 200, None)
    assert before.radius_m > 1000
    assert "200 m" in after.said
    assert before.around
    assert after.around
    assert after.around[:2] == pytest.approx(PIN, abs=0.0001)  # the map looks there, for the clerk to set the pin


def test_where_a_street_is_looked_for_no_door_is_offered(client: FlaskClient, ward: Ward) -> None:
    keep_place(ward, Spot("120 Ngô Quyền, quán Ba", PIN, confirmed=True), None)
    db.session.commit()
    login_as(client, ward, Role.DISPATCHER)
    doors, streets = (
        [item["label"] for item in client.post(f"/dia-diem/goi-y{only}", data={"q": "ngo quyen"}).get_json()]
        for only in ("", "?only=map")
    )
    assert "120 Ngô Quyền, quán Ba" in doors
    assert "120 Ngô Quyền, quán Ba" not in streets
    assert "Ngô Quyền" in streets
