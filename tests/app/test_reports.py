"""The chairman's numbers for a small history that is written out here, and whose answers were worked out by hand."""

import io
from datetime import date, timedelta
from uuid import uuid4

import openpyxl
import pytest
from flask.testing import FlaskClient

from dispatch.accounts.models import Role
from dispatch.clock import at
from dispatch.database import db
from dispatch.demo.history import Past
from dispatch.dossiers.events import Actor
from dispatch.dossiers.models import Dossier
from dispatch.dossiers.taking_back import taken_back_in
from dispatch.reports.statistics import Share, a_day, by_group, figures
from dispatch.reports.visits import Period, failures_of, requests_of, visits_of
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, login_as, make_dossier, make_place

DAY = date(2026, 11, 16)
ZONE = "Asia/Ho_Chi_Minh"
PERIOD = Period(DAY, DAY + timedelta(days=1), ZONE)
RIDER = Actor("volunteer", 1)


class Story:
    """Tells one dossier's past in local hours of 16 November."""

    def __init__(self, ward: Ward, requested: float, channel: str, neighbourhood: str) -> None:
        place = make_place(ward)
        place.neighbourhood = neighbourhood
        self.dossier: Dossier = make_dossier(ward, place=place)
        self.dossier.request.created_at = at(DAY, int(requested * 3600), ZONE)
        self.dossier.request.channel = channel
        import random

        self.past = Past(self.dossier, random.Random(self.dossier.id))

    def visit(self, leg: str, promised: tuple[float, float] | None, *tries: tuple[str, float]) -> "Story":
        """`tries` are (event, hour of arrival); each leaves six minutes after it arrived."""
        job = self.past.job(leg, self.dossier.created_at)
        self.past.write("opened", at(DAY, 0, ZONE), STAFF, job=job, data={"place_id": self.dossier.request.place_id})
        if promised:
            start, end = (at(DAY, int(hour * 3600), ZONE).isoformat() for hour in promised)
            self.past.write("promised", at(DAY, 60, ZONE), STAFF, job=job, data={"start": start, "end": end})
        for kind, hour in tries:
            arrived = at(DAY, int(hour * 3600), ZONE)
            self.past.write("arrived", arrived, RIDER, job=job)
            reason = {"reason": "nobody_home"} if kind == "not_done" else {}
            self.past.write(kind, arrived + timedelta(minutes=6), RIDER, job=job, data=reason)
            if kind == "not_done":
                self.past.write("retry", arrived + timedelta(minutes=30), STAFF, job=job)
        return self

    def ready(self, hour: float) -> "Story":
        self.past.write("received", at(DAY, int(hour * 3600) - 60, ZONE), STAFF)
        self.past.write("result_ready", at(DAY, int(hour * 3600), ZONE), STAFF)
        return self

    def end(self) -> None:
        self.past.close()


@pytest.fixture
def history(ward: Ward) -> Ward:
    # A: hotline, asked at 08:00, promised 09:00-10:00, arrived 09:30, done 09:36: first try, on time, 1.6 h.
    Story(ward, 8, "hotline", "Mân Thái").visit("collect", (9, 10), ("done", 9.5)).end()
    # B: fanpage, asked at 08:00, promised 09:00-10:00, arrived 10:30: first try, late, 2.6 h.
    Story(ward, 8, "fanpage", "Mân Thái").visit("collect", (9, 10), ("done", 10.5)).end()
    # C: hotline, asked at 07:00, nobody home at 9, done at 15:00 (a retry takes the promise back): 8.1 h.
    story = Story(ward, 7, "hotline", "Thọ Quang").visit("collect", (8, 10), ("not_done", 9), ("done", 15))
    # ... and its result, ready at 15:30, was returned at the first try, 16:30-16:36, promised 16:00-17:00: 1.1 h.
    story.ready(15.5).visit("return", (16, 17), ("done", 16.5)).end()
    # D: hotline, refused at the door at 14:00, still to be decided.
    Story(ward, 9, "hotline", "Thọ Quang").visit("collect", None, ("not_done", 14)).end()
    db.session.commit()
    return ward


def test_totals(history: Ward) -> None:
    total = figures(visits_of(history, PERIOD, taken_back_in(history.id)), PERIOD)
    assert (total.tried, total.completed) == (5, 4)
    assert total.first_try == Share(3, 5)  # A, B, C's return; not C's collection, not D
    assert total.on_time == Share(2, 3)  # A and C's return of those with a promise in force (A, B, C's return)
    assert total.to_collection_h == pytest.approx(2.6)  # of 1.6, 2.6 and 8.1
    assert total.to_return_h == pytest.approx(1.1)


def test_groups(history: Ward) -> None:
    visits = visits_of(history, PERIOD, taken_back_in(history.id))
    legs = by_group(visits, PERIOD, "leg")
    assert {leg: (f.tried, f.completed) for leg, f in legs.items()} == {"collect": (4, 3), "return": (1, 1)}
    channels = by_group(visits, PERIOD, "channel")
    assert channels["fanpage"].on_time == Share(0, 1)
    assert channels["hotline"].first_try == Share(2, 4)
    places = by_group(visits, PERIOD, "neighbourhood")
    assert {name: f.completed for name, f in places.items()} == {"Thọ Quang": 2, "Mân Thái": 2}


def test_failures_and_requests(history: Ward) -> None:
    assert failures_of(history, PERIOD, taken_back_in(history.id)) == {"nobody_home": 2}
    requests = requests_of(history, PERIOD)
    assert a_day((r[0] for r in requests), PERIOD) == {DAY: 4, DAY + timedelta(days=1): 0}


def test_a_try_that_was_taken_back_does_not_count(history: Ward) -> None:
    story = Story(history, 8, "hotline", "")
    story.visit("collect", None, ("not_done", 9)).end()
    wrong = next(e for e in _events(story.dossier) if e.kind == "not_done")
    job = story.dossier.jobs[0]
    from dispatch.dossiers.events import Origin, record

    record("undone", job, RIDER, corrects=wrong.key)
    db.session.commit()
    assert failures_of(history, PERIOD, taken_back_in(history.id)) == {"nobody_home": 3}, "too late"
    in_time = Origin(key=str(uuid4()), occurred_at=wrong.occurred_at + timedelta(minutes=2))
    record("undone", job, RIDER, corrects=wrong.key, origin=in_time)
    db.session.commit()
    assert failures_of(history, PERIOD, taken_back_in(history.id)) == {"nobody_home": 2}
    assert figures(visits_of(history, PERIOD, taken_back_in(history.id)), PERIOD).tried == 5


def _events(dossier: Dossier) -> list:  # type: ignore[type-arg]
    from sqlalchemy import select

    from dispatch.dossiers.models import Event

    return list(db.session.scalars(select(Event).where(Event.dossier_id == dossier.id)))


def test_a_promise_that_was_moved_is_not_kept_by_keeping_the_new_one(history: Ward) -> None:
    # Promised 09:00-10:00, planned again and promised 11:00-12:00, arrived at 11:30: late for who was told first.
    story = Story(history, 8, "hotline", "")
    story.visit("collect", (9, 10), ("done", 11.5))
    later = {key: at(DAY, hour * 3600, ZONE).isoformat() for key, hour in (("start", 11), ("end", 12))}
    story.past.write("promised", at(DAY, 10 * 3600, ZONE), STAFF, job=story.dossier.jobs[0], data=later)
    story.end()
    db.session.commit()
    assert figures(visits_of(history, PERIOD, taken_back_in(history.id)), PERIOD).on_time == Share(2, 4)


def test_another_wards_history_is_not_counted(history: Ward) -> None:
    from tests.app.makers import make_ward

    other = make_ward("Mân Thái")
    db.session.commit()
    assert visits_of(other, PERIOD, taken_back_in(other.id)) == []
    assert requests_of(other, PERIOD) == []


def test_the_page_and_the_spreadsheet_say_the_same(client: FlaskClient, history: Ward) -> None:
    login_as(client, history, Role.CHAIRMAN)
    query = {"tu": DAY.isoformat(), "den": (DAY + timedelta(days=1)).isoformat()}
    for grouping in ("leg", "channel", "procedure", "neighbourhood"):
        page = client.get("/bao-cao/", query_string={**query, "theo": grouping})
        assert page.status_code == 200
        assert "60 %" in page.text
    answer = client.get("/bao-cao/bang-tinh.xlsx", query_string=query)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    overview = {row[0]: row[1] for row in book["Tổng quan"].iter_rows(min_row=2, values_only=True)}
    assert overview["Lượt đi lần đầu"] == 5
    assert overview["Thành công ngay lần đầu (%)"] == 60
    assert book["Lượt đi"].max_row == 6


@pytest.mark.parametrize("dates", [("x", "y"), ("2026-11-20", "2026-11-01"), ("0001-01-01", "9999-12-31"), ("", "2")])
def test_dates_that_cannot_be_used_get_a_sentence(client: FlaskClient, ward: Ward, dates: tuple[str, str]) -> None:
    login_as(client, ward, Role.CHAIRMAN)
    page = client.get("/bao-cao/", query_string={"tu": dates[0], "den": dates[1], "theo": "?"})
    assert page.status_code == 422
    assert "Xin " in page.text or "Ngày cuối" in page.text
