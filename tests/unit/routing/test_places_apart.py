"""Two streets of one name in one town."""

import pytest

from routing.geo import Point, distance_m
from routing.places.apart import kept_apart
from routing.places.gazetteer import Gazetteer, Pin
from routing.places.neighbourhoods import AreaSpot
from routing.places.street import Street

NORTH, SOUTH = Point(16.10, 108.20), Point(16.05, 108.21)


def _line(begin: Point) -> list[Point]:
    return [begin, Point(begin.lat + 0.004, begin.lon)]


def _street() -> Street:
    """Lê Lợi in the north with kiệt 5, Lê Lợi in the south with number 12."""
    street = Street("Lê Lợi", [_line(NORTH), _line(SOUTH), _line(Point(NORTH.lat + 0.005, NORTH.lon))])
    street.alleys["5",] = [[Point(NORTH.lat + 0.001, NORTH.lon), Point(NORTH.lat + 0.001, NORTH.lon + 0.001)]]
    street.add_house((), "12", Point(SOUTH.lat + 0.001, SOUTH.lon + 0.0001))
    street.add_house(("5",), "3", Point(NORTH.lat + 0.001, NORTH.lon + 0.0005))
    return street


SPOTS = [AreaSpot("", "Thạch Thang", NORTH), AreaSpot("", "Hòa Cường", SOUTH)]


@pytest.fixture(params=["built", "loaded"])
def town(request: pytest.FixtureRequest) -> Gazetteer:
    built = Gazetteer(kept_apart([_street()], SPOTS), spots=SPOTS)
    return built if request.param == "built" else Gazetteer.from_bytes(built.to_bytes())


def test_pieces_near_each_other_stay_one_street() -> None:
    near = Street("Lê Lợi", [_line(NORTH), _line(Point(NORTH.lat + 0.005, NORTH.lon))])
    assert kept_apart([near]) == [near]


def test_both_are_offered_with_what_tells_them_apart(town: Gazetteer) -> None:
    found = town.locate("12 le loi")
    assert [c.label for c in found] == ["12 Lê Lợi - Hòa Cường", "12 Lê Lợi - Thạch Thang"]
    assert [c.match_class for c in found] == ["exact", "interpolated"]
    assert all(c.probability < 0.5 and not c.sole for c in found)


@pytest.mark.parametrize(
    "text",
    [
        "12 Lê Lợi, Thạch Thang",
        "12 Lê Lợi, P. Thạch Thang, Hải Châu",
        "12 Lê Lợi - Thạch Thang",
        "12 le loi thach thang",
    ],
)
def test_the_ward_says_which(town: Gazetteer, text: str) -> None:
    (found,) = town.locate(text)
    assert (found.street, found.sole) == ("Lê Lợi - Thạch Thang", True)
    assert found.point
    assert distance_m(found.point, NORTH) < 500


def test_an_offered_label_is_read_again(town: Gazetteer) -> None:
    for candidate in town.locate("K5/3 Lê Lợi"):
        again = town.locate(candidate.label)
        assert [(c.street, c.point) for c in again] == [(candidate.street, candidate.point)]


def test_where_no_ward_is_known_the_side_of_the_town_tells() -> None:
    pieces = kept_apart([_street()])
    assert {piece.name: len(piece.lines) for piece in pieces} == {"Lê Lợi - phía bắc": 2, "Lê Lợi - phía nam": 1}
    found = Gazetteer(pieces).locate("12 Lê Lợi phía nam")
    assert [(c.match_class, c.street) for c in found] == [("exact", "Lê Lợi - phía nam")]


def test_three_of_them_have_three_names() -> None:
    lines = [_line(NORTH), _line(Point(NORTH.lat, NORTH.lon + 0.03)), _line(Point(NORTH.lat, NORTH.lon + 0.05))]
    names = [piece.name for piece in kept_apart([Street("Lê Lợi", lines)])]
    assert len(set(names)) == 3


def test_a_pin_of_before_goes_to_the_nearer_one(town: Gazetteer) -> None:
    here = Point(NORTH.lat + 0.002, NORTH.lon)
    taught = town.with_pins([Pin("Lê Lợi", (), "40", here)])
    assert taught.locate("40 Lê Lợi, Thạch Thang")[0].match_class == "confirmed"
    assert set(taught.streets) == set(town.streets)
    assert taught.locate("5 Lê Lợi")[0].label.startswith("5 Lê Lợi - ")


def test_both_are_suggested(town: Gazetteer) -> None:
    assert [s.label for s in town.suggest("12 le l")] == ["12 Lê Lợi - Hòa Cường", "12 Lê Lợi - Thạch Thang"]
