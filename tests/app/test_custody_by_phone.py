"""A volunteer whose phone has no web: the route as text, outcomes recorded by the hotline."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.clock import local
from dispatch.custody.codes import handover_code
from dispatch.database import db
from dispatch.dossiers.models import Event
from dispatch.wards.models import Ward
from tests.app.field_makers import events_of, make_jobs, make_return, make_route
from tests.app.makers import login_as, make_duty, make_volunteer


def test_the_hotline_records_a_whole_route_on_one_page(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward, "Lê Nhật Anh"))
    first, second, third = make_jobs(ward, 3)
    back = make_return(ward)
    make_route(ward, duty, [first, second, third, back])
    clerk = login_as(client, ward, Role.HOTLINE)
    path = f"/ban-giao/ghi-ho/{duty.public_id}"
    page = client.get(path).text
    assert re.search(rf"1\. 08:10, NHẬN, {first.dossier.code[:3]} {first.dossier.code[3:]}, 120 Ngô Quyền", page)
    form = {
        f"key-{first.public_id}": "one",
        f"what-{first.public_id}": "done",
        f"at-{first.public_id}": "00:05",
        f"originals-{first.public_id}": "2",
        f"envelope-{first.public_id}": "b0000426",
        f"what-{second.public_id}": "not_done",
        f"reason-{second.public_id}": "nobody_home",
        f"what-{third.public_id}": "",
        f"what-{back.public_id}": "done",
        f"code-{back.public_id}": handover_code(back.dossier),
    }
    for _twice in range(2):
        assert client.post(path, data=form).status_code == 303
    assert [job.state for job in (first, second, third, back)] == ["done", "undecided", "planned", "done"]
    assert (first.dossier.holder_id, first.dossier.envelope) == (duty.volunteer_id, "B0000426")
    event = events_of(first, "done")[0]
    assert (event.actor_kind, event.actor_id, event.duty_id) == ("staff", clerk.id, duty.id)
    assert local(event.occurred_at, ward.timezone).strftime("%H:%M") == "00:05"
    assert events_of(back, "done")[0].data["proof"] == "code"
    done = select(Event).where(Event.kind.in_(("done", "not_done")))
    assert len(db.session.scalars(done).all()) == 3, "the same form twice counts once"
