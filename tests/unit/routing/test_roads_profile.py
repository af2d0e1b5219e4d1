"""What the tags of a way mean for a scooter."""

import pytest

from routing.roads.profile import LINK, ROAD_CLASSES, SPEED_KMH, ride


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


def test_every_class_has_a_speed_a_scooter_can_ride() -> None:
    assert all(5 <= speed <= 50 for speed in SPEED_KMH.values())
    assert ROAD_CLASSES[LINK] == "link"


def _tags(text: str) -> dict[str, str]:
    return {
        key: value.replace("_", " ") if key == "name" else value for key, value in (t.split("=") for t in text.split())
    }
