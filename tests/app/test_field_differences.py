"""What the desk changes while a phone is on the road is said, with a reason, until the volunteer has seen it."""

import re
from html import unescape
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.models import Job
from dispatch.duty.models import Device
from dispatch.field.differences import _moved, differences, shown_of
from dispatch.field.route import route_of
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route, open_phone, send, states, tap
from tests.app.makers import STAFF, make_duty, make_volunteer


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("abcd", "abcd", ""),
        ("abcd", "bcda", "a"),
        ("abcd", "dabc", "d"),
        ("abcd", "acbd", "b"),
        ("abcd", "xacd", ""),
        ("abcd", "", ""),
        ("abcdef", "aecbdf", "be"),
    ],
)
def test_as_few_doors_as_possible_have_moved(before: str, after: str, moved: str) -> None:
    found = _moved(before, after)
    assert len(found) == len(moved)
    left = [one for one in after if one in before and one not in found]
    assert left == sorted(left, key=before.index)


def test_added_moved_and_taken_away_are_said_with_a_reason_and_acknowledged(ward: Ward, client: FlaskClient) -> None:
    duty, other = (make_duty(ward, make_volunteer(ward, name)) for name in ("Nguyễn Văn An", "Lê Văn Bình"))
    first, second, third, fourth, new = make_jobs(ward, 5)
    make_route(ward, other, [fourth])
    make_route(ward, duty, [first, second, third])
    open_phone(client, duty)
    assert "Tuyến của bạn vừa có thay đổi" not in client.get("/tuyen").text, "the first sight is no change"
    send(client, tap("set_out", first))
    operations.cancel(second.dossier, STAFF)
    make_route(ward, duty, [first, new, fourth, third])
    page = client.get("/tuyen").text
    said = re.sub(r"<[^>]+>|\s+", " ", page[page.index('id="changes"') : page.index("</form>", page.index("changes"))])
    said = re.sub(r"\s+", " ", said)
    assert "Thêm · điểm 2 120 Ngô Quyền vì: có yêu cầu mới" in said
    assert "Thêm · điểm 3 120 Ngô Quyền vì: nhận thay Lê Văn Bình" in said
    assert "Bỏ, không cần đến 120 Ngô Quyền vì: người dân đã hủy" in said
    assert f'form="arrived-{first.public_id}"' in page, "the stop under way keeps its buttons"
    for unread in ("of another page", "[1]", '[{"job": 1}]', "[" * 5000):
        assert states(send(client, seen(unread))) == ["known"]
    assert 'id="changes"' in client.get("/tuyen").text
    assert states(send(client, tap("arrived", first), seen(shown_in(page)))) == ["accepted", "accepted"]
    assert 'id="changes"' not in client.get("/tuyen").text


def seen(shown: str) -> dict[str, str]:
    """The tap that says that this was seen."""
    return {"key": str(uuid4()), "kind": "seen", "occurred_at": now().isoformat(), "shown": shown}


def shown_in(page: str) -> str:
    """What the page's form would say was seen."""
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def test_what_changed_after_the_page_was_drawn_is_said_again(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    first, second, third = make_jobs(ward, 3)
    make_route(ward, duty, [first])
    open_phone(client, duty)
    client.get("/tuyen")
    make_route(ward, duty, [first, second])
    page = client.get("/tuyen").text
    make_route(ward, duty, [first, second, third])
    send(client, seen(shown_in(page)))
    said = client.get("/tuyen").text
    changes = said[said.index('id="changes"') : said.index('id="seen"')]
    assert changes.count("<strong>Thêm") == 1


def test_the_next_door_waits_until_the_change_is_seen(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    first, second = make_jobs(ward, 2)
    make_route(ward, duty, [first, second])
    open_phone(client, duty)
    client.get("/tuyen")
    make_route(ward, duty, [second, first])
    page = client.get("/tuyen").text
    bar = page[page.index('class="thumb-bar"') :]
    assert 'form="seen"' in bar
    assert re.search(r'id="door-bar"[^>]* hidden>', bar), "the door's buttons wait"


def test_what_the_volunteer_did_is_no_change(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    jobs = make_jobs(ward, 3)
    make_route(ward, duty, jobs)
    open_phone(client, duty)
    client.get("/tuyen")
    send(client, tap("done", jobs[0]), tap("not_done", jobs[1], reason="refused"), tap("arrived", jobs[2]))
    device = db.session.scalars(db.select(Device)).one()
    assert differences(device.shown, route_of(duty)) == []
    assert all(set(one) == {"job", "window", "place"} for one in shown_of(route_of(duty))), "ids and times alone"
    assert db.session.get_one(Job, jobs[2].id).state == "at_door"
