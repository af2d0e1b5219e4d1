"""Where an address is, and how surely; suggestions while typing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.geo import Point, distance_m
from routing.places.gazetteer import Gazetteer, Pin
from routing.places.street import Street
from routing.roads.osm import import_map
from tests.conftest import skip_or_fail


def _street() -> Street:
    """1 km due north along 108.0; odd numbers west, even ones east; kiệt 45 to the west, kiệt 46 unknown."""
    street = Street("Ngô Quyền", [[Point(16.0, 108.0), Point(16.009, 108.0)]])
    for number, north in (("1", 0.0), ("41", 0.002), ("81", 0.004), ("81A", 0.0041)):
        street.add_house((), number, Point(16.0 + north, 107.9999))
    for number, north in (("2", 0.0), ("80", 0.002), ("100-102", 0.003)):
        street.add_house((), number, Point(16.0 + north, 108.0001))
    street.alleys["45",] = [[Point(16.0022, 108.0), Point(16.0022, 107.998)]]
    street.add_house(("45",), "20", Point(16.0023, 107.999))
    return street


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    names = [
        "Mân Quang 1",
        "Mân Quang 2",
        "Mân Quang 3",
        "Mân Quang 10",
        "2 Tháng 9",
        "Nguyễn Thành Hân",
        "Nguyễn Thành Hãn",
    ]
    line = [Point(16.02, 108.0), Point(16.02, 108.002)]
    known = Street("Mân Quang 5", [line])
    landmarks = [("Chợ Mai", Point(16.001, 108.002)), ("BIDV", Point(16.001, 108.003))]
    return Gazetteer([_street(), known, *map(Street, names)], landmarks)


@pytest.mark.parametrize(
    ("text", "match_class", "point"),
    [
        ("41 Ngô Quyền", "exact", (16.002, 107.9999)),
        ("041 ngo quyen", "exact", (16.002, 107.9999)),
        ("81a Ngô Quyền", "exact", (16.0041, 107.9999)),
        ("102 Ngô Quyền", "exact", (16.003, 108.0001)),
        ("100-102 Ngô Quyền", "exact", (16.003, 108.0001)),
        ("K45/20 Ngô Quyền", "exact", (16.0023, 107.999)),
        ("21 Ngô Quyền", "interpolated", (16.001, 107.9999)),  # half way from 1 to 41 on the odd side
        ("41 Ngo Quyeen", "exact", (16.002, 107.9999)),
        ("45 Ngô Quyền", "interpolated", (16.0022, 107.9999)),  # at the mouth of kiệt 45, on the side of the houses
        ("K45/10 Ngô Quyền", "interpolated", (16.0022, 107.9995)),  # half way in from the mouth to 20
        ("45/10/3 Ngô Quyền", "interpolated", (16.0022, 107.9995)),  # its inner alley is not drawn
        ("K41/7 Ngô Quyền", "interpolated", (16.002, 107.9998)),  # not drawn: into the block from number 41
        ("Ngô Quyền", "street", (16.0045, 108.0)),
        ("7 Mân Quang 5", "street", (16.02, 108.0018)),  # no number known: they begin in the east
        ("chợ Mai", "interpolated", (16.001, 108.002)),
    ],
)
def test_where(gazetteer: Gazetteer, text: str, match_class: str, point: tuple[float, float]) -> None:
    found = gazetteer.locate(text)[0]
    assert found.match_class == match_class
    assert found.point is not None
    assert distance_m(found.point, Point(*point)) < (2 if match_class == "exact" else 20)
    assert found.radius_m >= 20
    assert 0 < found.probability < 1


def test_past_the_last_number_it_is_365_cm_a_number(gazetteer: Gazetteer) -> None:
    """121 is 40 numbers past 81: 146 m farther north, a little more as this street's numbers are wide."""
    found = gazetteer.locate("121 Ngô Quyền")[0]
    assert found.match_class == "interpolated"
    assert found.point is not None
    assert found.point.lat == pytest.approx(16.004 + 146 / 111_195, abs=2e-4)
    assert found.radius_m > 80
    assert found.probability < gazetteer.locate("83 Ngô Quyền")[0].probability


def test_a_number_that_cannot_be_is_answered_with_the_street(gazetteer: Gazetteer) -> None:
    found = gazetteer.locate("9000 Ngô Quyền")[0]
    assert (found.match_class, found.radius_m) == (
        "street",
        20 + round(distance_m(Point(16, 108), Point(16.0045, 108))),
    )


def test_known_by_name_only(gazetteer: Gazetteer) -> None:
    found = gazetteer.locate("K7/19 man quang 3, tho quang")
    assert [(c.label, c.match_class, c.point, c.street) for c in found] == [
        ("K7/19 Mân Quang 3", "name_only", None, "Mân Quang 3")
    ]
    assert found[0].parts.ward == "Thọ Quang"


def test_an_alley_whose_street_is_not_drawn() -> None:
    """At the map's edge only the kiệt of a street may be known."""
    street = Street("Lý Thái Tổ")
    street.alleys["47",] = [[Point(16.0, 108.0), Point(16.0, 108.001)]]
    gazetteer = Gazetteer([street])
    found = gazetteer.locate("K47/3 Lý Thái Tổ")[0]
    assert found.match_class == "interpolated"
    assert found.point
    assert distance_m(found.point, Point(16.0, 108.0005)) < 60
    assert [c.match_class for c in gazetteer.locate("45 Lý Thái Tổ")] == ["name_only"]
    assert [c.match_class for c in gazetteer.locate("K49/3 Lý Thái Tổ")] == ["name_only"]


@pytest.mark.parametrize("text", ["19 Mân Quang 4", "19 Mân Quang 13", "19 Mân Quang 55", "19 man quanh 4"])
def test_a_family_member_that_does_not_exist_is_never_its_neighbour(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.locate(text) == []


def test_a_family_without_its_number_offers_the_members(gazetteer: Gazetteer) -> None:
    assert [c.label for c in gazetteer.locate("19 mân quang")] == [
        "19 Mân Quang 5",  # the only one whose place is known
        "19 Mân Quang 1",
        "19 Mân Quang 2",
        "19 Mân Quang 3",
        "19 Mân Quang 10",
    ]


def test_names_that_differ_in_their_marks_only(gazetteer: Gazetteer) -> None:
    assert [c.street for c in gazetteer.locate("5 Nguyễn Thành Hãn")] == ["Nguyễn Thành Hãn", "Nguyễn Thành Hân"]
    assert {c.street for c in gazetteer.locate("5 nguyen thanh han")} == {"Nguyễn Thành Hãn", "Nguyễn Thành Hân"}


def test_only_the_ward_is_an_area(gazetteer: Gazetteer) -> None:
    found = gazetteer.locate("tổ 5, phường Thọ Quang")[0]
    assert (found.match_class, found.label) == ("area", "tổ 5, Thọ Quang")
    assert found.radius_m > 400


@pytest.mark.parametrize("text", ["", "zzz", "12", "nhà bà Năm", "12 Trần Hưng Đạo"])
def test_nothing_known_is_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.locate(text) == []


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("n", []),
        ("", []),
        ("19", []),
        ("ng", ["Ngô Quyền", "Nguyễn Thành Hân", "Nguyễn Thành Hãn"]),
        ("Ngô Q", ["Ngô Quyền"]),
        ("quyen", ["Ngô Quyền"]),
        ("k45/12 ngo q", ["k45/12 Ngô Quyền"]),
        ("kiệt 45 nhà 12 ngô q", ["kiệt 45 nhà 12 Ngô Quyền"]),
        ("45/12 đường ngô", ["45/12 Ngô Quyền"]),
        ("19 mân q", ["19 Mân Quang 1", "19 Mân Quang 2", "19 Mân Quang 3", "19 Mân Quang 5", "19 Mân Quang 10"]),
        ("mân quang 1", ["Mân Quang 1", "Mân Quang 10"]),
        ("2 thang", ["2 Tháng 9", "2 2 Tháng 9"]),
        ("12 2 th", ["12 2 Tháng 9"]),
        ("2/9", ["2 Tháng 9"]),
        ("19 ngo quyne", ["19 Ngô Quyền"]),
        ("nguyễn thành hãn", ["Nguyễn Thành Hãn", "Nguyễn Thành Hân"]),
    ],
)
def test_suggestions(gazetteer: Gazetteer, typed: str, labels: list[str]) -> None:
    assert [suggestion.label for suggestion in gazetteer.suggest(typed)] == labels


def test_a_suggestion_has_its_kind_and_its_place(gazetteer: Gazetteer) -> None:
    kinds = {text: gazetteer.suggest(text)[0] for text in ("41 ngo q", "k45 ngo q", "ngo q", "19 man quang 3")}
    assert [s.kind for s in kinds.values()] == ["house", "alley", "street", "house"]
    assert kinds["41 ngo q"].point == Point(16.002, 107.9999)
    assert kinds["19 man quang 3"].point is None


def test_no_more_than_asked_for(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.suggest("mân", limit=2)) == 2


def test_saved_and_loaded(gazetteer: Gazetteer) -> None:
    loaded = Gazetteer.from_bytes(gazetteer.to_bytes())
    for text in ("41 Ngô Quyền", "K45/10 Ngô Quyền", "19 Mân Quang 3", "chợ Mai"):
        assert loaded.locate(text) == gazetteer.locate(text)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="not a saved gazetteer"):
        Gazetteer.from_bytes(b"nonsense")


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=40))
def test_any_text_is_answered_without_a_crash(text: str) -> None:
    small = Gazetteer([_street(), Street("Mân Quang 3")], [("Chợ Mai", Point(16.001, 108.002))])
    for candidate in small.locate(text):
        assert (candidate.point is None) == (candidate.match_class == "name_only")
    assert len(small.suggest(text, limit=3)) <= 3


# -- the real extract --


@pytest.fixture(scope="module")
def hai_chau(shared_data: Path) -> Gazetteer:
    file = shared_data / "hai_chau.osm.pbf"
    if not file.is_file():
        skip_or_fail(f"no {file}")
    return import_map(file).gazetteer


@pytest.mark.parametrize(
    "write",
    [
        lambda door, street: f"{door} {street}",
        lambda door, street: f"số {door} đường {street.lower()}, Đà Nẵng",
        lambda door, street: f"{door} {street.upper()}, P. Bình Hiên, Hải Châu",
    ],
)
def test_every_known_door_is_found_again(hai_chau: Gazetteer, write) -> None:  # type: ignore[no-untyped-def]
    for street in hai_chau.streets.values():
        for (alley, number), point in street.houses.items():
            door = f"K{'/'.join(alley)}/{number}" if alley else number
            found = hai_chau.locate(write(door, street.name))
            assert found, (door, street.name)
            assert (found[0].match_class, found[0].point) == ("exact", point), (door, street.name)


def test_doors_left_out_are_found_near_their_place(hai_chau: Gazetteer) -> None:
    """Each known door is looked for without itself: the errors keep to what is claimed for them."""
    errors, within = [], []
    for street in hai_chau.streets.values():
        for (alley, number), point in street.houses.items():
            others = {key: place for key, place in street.houses.items() if place != point}
            guess = Street(street.name, street.lines, others, street.alleys).where(alley, number)
            if guess.point:
                errors.append(distance_m(guess.point, point))
                within.append(errors[-1] <= guess.radius_m)
    errors.sort()
    p50, p75, p90 = (errors[len(errors) * share // 100] for share in (50, 75, 90))
    assert (p50 <= 20, p75 <= 60, p90 <= 120) == (True, True, True), (p50, p75, p90)
    assert sum(within) / len(within) >= 0.8


def test_the_extracts_gazetteer_survives_being_saved(hai_chau: Gazetteer) -> None:
    loaded = Gazetteer.from_bytes(hai_chau.to_bytes())
    assert loaded.to_bytes() == hai_chau.to_bytes()
    before, after = hai_chau.locate("K356/60 Hoàng Diệu")[0], loaded.locate("K356/60 Hoàng Diệu")[0]
    assert after.point == pytest.approx(before.point, abs=2e-6)
    assert (after.match_class, after.parts) == (before.match_class, before.parts)


def test_a_pin_stands_before_the_map_and_improves_the_whole_street(gazetteer: Gazetteer) -> None:
    """Somebody stood at number 121, 60 m farther than 3.65 m a number would have it."""
    here = Point(16.0059, 107.9999)
    better = gazetteer.with_pins([Pin("Ngô Quyền", (), "121", here)])
    found = better.locate("121 ngo quyen")[0]
    assert (found.match_class, found.point) == ("confirmed", here)
    before, after = gazetteer.locate("119 Ngô Quyền")[0], better.locate("119 Ngô Quyền")[0]
    assert before.point
    assert after.point
    assert distance_m(after.point, here) < 20 < distance_m(before.point, here)
    assert after.probability > before.probability
    assert gazetteer.locate("121 ngo quyen")[0].match_class == "interpolated"


def test_a_pin_gives_a_street_without_a_line_a_place(gazetteer: Gazetteer) -> None:
    here, there = Point(16.05, 108.05), Point(16.0507, 108.05)
    better = gazetteer.with_pins([Pin("Mân Quang 3", (), "19", here), Pin("Mân Quang 3", (), "39", there)])
    found = better.locate("29 Mân Quang 3")[0]
    assert found.point
    assert distance_m(found.point, Point(16.05035, 108.05)) < 30
    assert better.locate("5 Mân Quang 3")[0].point


def test_no_pins_change_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.with_pins([]) is gazetteer


def _doors_north(numbers: range) -> Street:
    street = Street("Ngô Quyền", [[Point(16.0, 108.0), Point(16.009, 108.0)]])
    for number in numbers:
        street.add_house((), str(number), Point(16.0 + number * 0.00004, 108.0001 if number % 2 == 0 else 107.9999))
    return street


def test_more_known_numbers_around_make_surer() -> None:
    few, many = (_doors_north(range(11, 71, step)).where((), "40").probability for step in (26, 5))
    assert few < many
