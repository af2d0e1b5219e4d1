"""What the tags of a way mean for a scooter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roads.conditional import unread
from routing.roads.profile import LINK, ROAD_CLASSES, SPEED_KMH, ride, stops


@pytest.mark.parametrize(
    ("tags", "road_class"),
    [
        ("highway=residential", "residential"),
        ("highway=primary_link", "primary"),
        ("highway=service", "service"),
        ("highway=service service=alley", "alley"),
        ("highway=footway motorcycle=yes motor_vehicle=no", "alley"),
        ("highway=footway name=Kiệt_45_Ngô_Quyền", "alley"),
        ("highway=footway name=K45/12_Ngô_Quyền", "alley"),
        ("highway=path bicycle=yes", "alley"),
        ("highway=residential access=destination", "residential"),
        ("highway=residential motor_vehicle=no moped=yes", "residential"),
        ("highway=footway", None),
        ("highway=footway footway=sidewalk bicycle=yes", None),
        ("highway=footway footway=crossing", None),
        ("highway=pedestrian", None),
        ("highway=steps name=Kiệt_3", None),
        ("highway=motorway", None),
        ("highway=proposed", None),
        ("highway=alley", None),
        ("highway=link", None),
        ("highway=residential access=no", None),
        ("highway=service access=private", None),
        ("highway=residential motorcycle=no", None),
        ("highway=service area=yes", None),
        ("building=yes", None),
    ],
)
def test_class(tags: str, road_class: str | None) -> None:
    found = ride(_tags(tags))
    assert (found.road_class if found else None) == road_class


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ("", True, True),
        ("oneway=yes", True, False),
        ("oneway=1", True, False),
        ("oneway=-1", False, True),
        ("oneway=no", True, True),
        ("junction=roundabout", True, False),
        ("junction=roundabout oneway=no", True, True),
        ("oneway=yes oneway:motorcycle=no", True, True),
        ("oneway=yes oneway:moped=no", True, True),
        ("oneway=no oneway:motorcycle=yes", True, False),
    ],
)
def test_direction(tags: str, forward: bool, backward: bool) -> None:
    found = ride(_tags(f"highway=residential {tags}"))
    assert found is not None
    assert (found.forward, found.backward) == (forward, backward)


NO, GONE = "motorcycle:conditional=no_@_", None


@pytest.mark.parametrize(
    ("tags", "road_class", "unread_tags"),
    [
        (f"{NO}(06:30-08:30)", GONE, 0),
        (f"{NO}06:30-08:30", GONE, 0),
        (f"{NO}(Mo-Fr_06:30-08:30,16:00-18:00)", GONE, 0),
        (f"{NO}(Mo-Fr_06:30-08:30;_Sa_07:00-11:00)", GONE, 0),
        (f"{NO}(Mo-Fr)", GONE, 0),
        (f"{NO}(22:00-07:00)", GONE, 0),
        (f"{NO}(22:00-05:00)", "residential", 0),
        ("motor_vehicle:conditional=no_@_(18:00-22:00);_yes_@_(05:00-18:00)", GONE, 0),
        ("vehicle:conditional=no_@_(06:00-22:00) motorcycle=yes", "residential", 0),
        ("access=no access:conditional=yes_@_(05:00-22:00)", "residential", 0),
        ("access=no access:conditional=yes_@_(Mo-Fr_05:00-22:00)", GONE, 0),
        ("access=no access:conditional=yes_@_(07:00-22:00)", GONE, 0),
        (f"{NO}wet", "residential", 1),
        (f"{NO}(sunrise-sunset)", "residential", 1),
        (f"{NO}(PH_06:30-08:30)", "residential", 1),
        ("motorcycle:conditional=no", "residential", 1),
        ("motor_vehicle:conditional=no_@_(weight>3.5)", "residential", 1),
        ("hgv:conditional=no_@_(06:00-22:00)", "residential", 0),
    ],
)
def test_a_sign_for_some_hours_counts_all_day_if_it_holds_while_we_ride(
    tags: str, road_class: str | None, unread_tags: int
) -> None:
    found = ride(_tags(f"highway=residential {tags}"))
    assert (found.road_class if found else None) == road_class
    assert unread(_tags(tags)) == unread_tags


@pytest.mark.parametrize(
    ("tags", "forward", "backward", "unread_tags"),
    [
        ("oneway:conditional=yes_@_(06:00-09:00)", True, False, 0),
        ("oneway:conditional=-1_@_(06:00-09:00)", False, True, 0),
        ("oneway:conditional=yes_@_(21:00-05:00)", True, True, 0),
        ("oneway=yes oneway:conditional=no_@_(21:00-05:00)", True, False, 0),
        ("oneway=yes oneway:conditional=no_@_(05:00-23:00)", True, True, 0),
        ("oneway=yes oneway:conditional=-1_@_(16:00-18:00)", True, False, 1),
        ("oneway:conditional=yes_@_(06:00-09:00) oneway:motorcycle=no", True, True, 0),
    ],
)
def test_one_ways_for_some_hours(tags: str, forward: bool, backward: bool, unread_tags: int) -> None:
    found = ride(_tags(f"highway=residential {tags}"))
    assert found is not None
    assert (found.forward, found.backward) == (forward, backward)
    assert unread(_tags(tags)) == unread_tags


def test_a_gate_that_is_shut_while_we_ride_stops() -> None:
    assert stops(_tags("barrier=gate access:conditional=no_@_(18:00-06:00)"))
    assert not stops(_tags("barrier=gate access:conditional=no_@_(22:00-05:00)"))


@given(st.text(alphabet="MoTuPH no@()<;:,-0123456789", max_size=60))
def test_no_text_of_a_sign_is_too_strange(text: str) -> None:
    tags = {"highway": "residential", "motorcycle:conditional": text}
    assert unread(tags) in (0, 1)
    assert ride(tags) is None or unread(tags) or "@" in text


def test_every_class_has_a_speed_a_scooter_can_ride() -> None:
    assert all(5 <= speed <= 50 for speed in SPEED_KMH.values())
    assert ROAD_CLASSES[LINK] == "link"


def _tags(text: str) -> dict[str, str]:
    pairs = (one.split("=") for one in text.split())
    return {key: value.replace("_", " ") if key == "name" or "@" in value else value for key, value in pairs}
