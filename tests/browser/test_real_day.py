"""A whole day on real streets: Hải Châu as OpenStreetMap has it, 120 calls, ten volunteers, failures, a re-plan.

The clock runs through the day. One volunteer rides in Chromium, nine over the same HTTP interface; in the end the
chairman's spreadsheet equals a plain recount of the events.
"""

import io
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.accounts.operations import add_account
from dispatch.clock import at
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.duty.links import link_for, token_of
from dispatch.duty.models import Duty
from dispatch.planning.models import Plan, PlanRoute
from dispatch.tasks.models import Task
from dispatch.wards.map_store import current_map
from dispatch.wards.models import Ward
from routing.places.address import Address
from tests.app.makers import make_duty, make_volunteer, make_ward, procedure_of
from tests.app.planning_days import assert_checked
from tests.browser.conftest import ROOT, drawn_by_the_server, picture
from tests.browser.live import Site, Visitor, live

CALLS = 120
DAY = date(2026, 12, 2)
ZONE = "Asia/Ho_Chi_Minh"
OFFICE = (16.0561, 108.2150)
PASSWORD = "mot mat khau dai"
REASONS = ("nobody_home", "papers_not_ready", "wrong_address", "refused")


@pytest.fixture
def site(tmp_path: Path, shared_data: Path) -> Iterator[Site]:
    """A ward in Hải Châu: map imported by the command line while the server runs, ten volunteers on duty."""
    with live(tmp_path, plan_seconds=6) as site:
        site.set_clock(at(DAY - timedelta(days=1), 9 * 3600, ZONE))
        with site.app.app_context():
            ward = make_ward("Hải Châu", office_lat=OFFICE[0], office_lon=OFFICE[1])
            for role in Role:
                add_account(ward.id, role.value, f"Chị {role.value}", PASSWORD, {role})
            for number in range(10):
                volunteer = make_volunteer(ward, f"Nguyễn Văn {chr(65 + number)}")
                make_duty(ward, volunteer, DAY, ("morning",) if number == 9 else ())
            db.session.commit()
        extract = shared_data / "hai_chau.osm.pbf"
        command = [sys.executable, "app.py", "map", "import", str(extract)]
        environment = {**os.environ, "DATA_DIR": str(tmp_path), "SECRET_KEY": "live"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)
        yield site


def test_a_real_day(site: Site, phone: BrowserContext) -> None:
    addresses = real_addresses(site)
    log_calls(site, addresses)
    desk = log_in(site, "dispatcher")
    site.set_clock(at(DAY, 6 * 3600 + 1800, ZONE))
    plan_and_publish(site, desk)
    with site.app.app_context():
        assert sum(len(r.stops) for r in in_force().routes) == CALLS  # all of a day that can be served
    day = Day(site, desk, phone.new_page())
    day.ride_until(10 * 3600)
    day.fall_out()
    day.ride_until(24 * 3600)
    receive_everything(site)
    the_chairman_counts_right(site)


def real_addresses(site: Site) -> list[str]:
    """House numbers of the real map, some in alleys, within the town."""
    with site.app.app_context():
        streets = current_map(the_ward()).gazetteer.streets.values()
        doors = [f"{Address(number=n, alley=alley).door} {s.name}" for s in streets for alley, n in s.houses]
    return random.Random(7).sample(sorted(doors), CALLS)


def the_ward() -> Ward:
    return db.session.scalars(select(Ward)).one()


def log_in(site: Site, role: str) -> Visitor:
    visitor = Visitor(site.address)
    visitor.get("/dang-nhap")
    answer = visitor.post("/dang-nhap", {"username": role, "password": PASSWORD})
    assert answer.status == 200
    assert "/dang-nhap" not in answer.url
    return visitor


def log_calls(site: Site, addresses: list[str]) -> None:
    """Two of three to collect, one to return; four of ten ask for two hours, the others for the day."""
    rng = random.Random(11)
    clerk = log_in(site, "hotline")
    with site.app.app_context():
        procedures = [procedure_of(the_ward(), c).public_id for c in ("chung-thuc-ban-sao", "tinh-trang-hon-nhan")]
    for number, address in enumerate(addresses):
        hours = rng.choice([(8, 10), (9, 11), (14, 16)]) if rng.random() < 0.4 else None
        fields = {
            "phone": f"09050{number:05d}",
            "caller_name": f"Trần Thị {number}",
            "for_whom": "self",
            "procedure": procedures[number % 2],
            "legs": "return" if number % 3 == 2 else "both",
            "result_ready": "y" if number % 3 == 2 else "",
            "address": address,
            "window": "ask",
            "asked_day": DAY.isoformat(),
            "asked_from": f"{hours[0]:02d}:00" if hours else "",
            "asked_to": f"{hours[1]:02d}:00" if hours else "",
            "consent": "y",
            "form_key": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        }
        clerk.get("/tiep-nhan/")
        answer = clerk.post("/tiep-nhan/", {name: value for name, value in fields.items() if value})
        assert "/tiep-nhan/xong/" in answer.url, (address, answer.text)


def plan_and_publish(site: Site, desk: Visitor) -> None:
    path = f"/ke-hoach/ngay/{DAY.isoformat()}"
    seconds = desk.get(path).values("seconds") or ["6.0"]
    answer = desk.post(path, {"seconds": seconds[0]})
    assert answer.status == 200, answer.text
    publish_the_draft(site, desk)


def publish_the_draft(site: Site, desk: Visitor) -> None:
    """Wait for the task as the page does, then publish; what is in force passes the independent checker."""
    draft = wait_for_draft(site)
    desk.get(f"/ke-hoach/{draft}")
    answer = desk.post(f"/ke-hoach/{draft}/ban-hanh")
    assert answer.url.endswith(draft), answer.text
    with site.app.app_context():
        assert_checked(in_force())


def wait_for_draft(site: Site) -> str:
    for _ in range(600):
        with site.app.app_context():
            found = db.session.scalars(select(Plan).where(Plan.state == "draft")).first()
            if found is not None:
                return found.public_id
            tasks = {task.state: task.error for task in db.session.scalars(select(Task))}
            assert "failed" not in tasks, tasks
        time.sleep(0.1)
    raise AssertionError(f"no draft came: {tasks}")


def in_force() -> Plan:
    return db.session.scalars(select(Plan).where(Plan.state == "published")).one()


class Day:
    """Plays the plan in force in order of time: everybody's next stop, until an hour of the day."""

    def __init__(self, site: Site, desk: Visitor, page: Page) -> None:
        self.site, self.desk, self.page = site, desk, page
        self.riders: dict[int, Visitor] = {}
        self.finished: set[str] = set()
        self.visits = 0
        self.in_chromium = 0

    def ride_until(self, second: int) -> None:
        while (coming := self._next(second)) is not None:
            moment, duty_id, job = coming
            self.site.set_clock(moment)
            self.visits += 1
            fails = self.visits % 11 == 0
            if duty_id == self._first_duty():
                self._in_chromium(duty_id, job, fails)
            else:
                self._over_http(duty_id, job, fails)
            self.finished.add(job)
            if fails:
                self._decide(job)

    def _next(self, second: int) -> tuple[datetime, int, str] | None:
        """The earliest stop of the plan in force that nobody has been to."""
        with self.site.app.app_context():
            stops = [
                (stop.arrives_at, route.duty_id, stop.job.public_id)
                for route in in_force().routes
                for stop in route.stops
                if stop.job.public_id not in self.finished and stop.job.duty_id == route.duty_id
            ]
        ahead = [stop for stop in stops if stop[0] < at(DAY, second, ZONE)]
        return min(ahead, default=None)

    def _first_duty(self) -> int:
        with self.site.app.app_context():
            return db.session.scalars(select(Duty.id).order_by(Duty.id).limit(1)).one()

    def _link(self, duty_id: int) -> str:
        with self.site.app.app_context():
            token = token_of(link_for(db.session.get_one(Duty, duty_id)))
            db.session.commit()
            return f"{self.site.address}/r/{token}"

    def _over_http(self, duty_id: int, job: str, fails: bool) -> None:
        if duty_id not in self.riders:
            self.riders[duty_id] = Visitor(self.site.address)
            assert self.riders[duty_id].get(self._link(duty_id)).status == 200
        last = {"kind": "not_done", "reason": REASONS[self.visits % 4]} if fails else {"kind": "done"}
        self._send(duty_id, [{"kind": "arrived"}], job)
        self.site.let_pass(minutes=4)
        self._send(duty_id, [{**last, "originals": 1, "copies": 2, "person": "Người nhà"}], job)

    def _send(self, duty_id: int, taps: list[dict[str, object]], job: str) -> None:
        now = datetime.now(UTC).isoformat()  # the phone's own clock, days from the ward's: measured and corrected
        events = [{**tap, "job": job, "key": str(uuid.uuid4()), "occurred_at": now} for tap in taps]
        request = urllib.request.Request(
            f"{self.site.address}/tuyen/su-kien",
            data=json.dumps({"now": now, "events": events}).encode(),
            headers={"Content-Type": "application/json"},
        )
        answer = json.loads(self.riders[duty_id]._send(request).text)
        assert [a["state"] for a in answer["answers"]] == ["accepted"] * len(taps), answer

    def _in_chromium(self, duty_id: int, job: str, fails: bool) -> None:
        self.in_chromium += 1
        self._open_route(self._link(duty_id) if "/tuyen" not in self.page.url else f"{self.site.address}/tuyen")
        seen = self.page.locator("#seen button")
        if seen.count():
            seen.click()
            expect(seen).to_have_count(0, timeout=20_000)  # read again: the server knows
        door = self.page.locator(f"#door-{job}")
        if not door.is_visible():
            self.page.locator("details", has=door).last.locator("> summary").click()
        self._tap(f'button[form="arrived-{job}"]')
        drawn_by_the_server(self.page, "Đã đến")
        self.site.let_pass(minutes=4)
        if fails:
            self.page.locator(f"#not-done-{job} > summary").click()
            self.page.locator(f'#not-done-{job} input[value="{REASONS[self.visits % 4]}"]').check()
            self._tap(f"#not-done-form-{job} button")
        else:
            self._tap(f'.thumb-bar button[form="done-{job}"]')
        if self.in_chromium in (1, 5):
            picture(self.page, f"real-day-phone-{self.in_chromium}")

    def _open_route(self, address: str) -> None:
        """The page reloads itself after a tap: a reload that is under way takes the place of ours."""
        try:
            self.page.goto(address)
        except PlaywrightError:
            self.page.wait_for_url("**/tuyen")

    def _tap(self, selector: str) -> None:
        """Tap, and wait until the server has it."""
        with self.page.expect_response(lambda r: "/tuyen/su-kien" in r.url and r.status < 400):
            self.page.locator(selector).locator("visible=true").first.click()

    def _decide(self, job: str) -> None:
        """The desk tries again on another day, or gives up, in turn."""
        with self.site.app.app_context():
            code = db.session.scalars(select(Dossier.code).join(Job).where(Job.public_id == job)).one()
        path = f"/ho-so/{code}/viec/{job}/quyet-dinh"
        self.desk.get(path)
        again = {"decision": "retry", "window": "ask", "asked_day": (DAY + timedelta(days=1)).isoformat()}
        answer = self.desk.post(path, again if self.visits % 22 else {"decision": "gave_up"})
        assert answer.url.endswith(f"/ho-so/{code}"), answer.text

    def fall_out(self) -> None:
        """At ten a volunteer goes home; what was theirs is planned again and nothing done is undone."""
        first = self._first_duty()
        with self.site.app.app_context():
            route = max(in_force().routes, key=lambda r: self._left(r) if r.duty_id != first else -1)
            duty, left = route.duty.public_id, self._left(route)
            off = route.duty_id
            before = {job.public_id: job.state for job in db.session.scalars(select(Job))}
        assert left > 0
        self.desk.get(f"/ke-hoach/ngay/{DAY.isoformat()}")
        self.desk.post(f"/ke-hoach/truc/{duty}/nghi")
        publish_the_draft(self.site, self.desk)
        with self.site.app.app_context():
            ridden = {s.job.public_id for r in in_force().routes if r.duty_id == off for s in r.stops}
            assert ridden <= self.finished
            after = {job.public_id: job.state for job in db.session.scalars(select(Job))}
        assert {job: after[job] for job in self.finished} == {job: before[job] for job in self.finished}

    def _left(self, route: PlanRoute) -> int:
        return sum(stop.job.public_id not in self.finished for stop in route.stops)


def receive_everything(site: Site) -> None:
    """The officer takes in all that was carried to the office."""
    site.set_clock(at(DAY, 17 * 3600 + 600, ZONE))
    officer = log_in(site, "officer")
    with site.app.app_context():
        carried = list(db.session.scalars(select(Dossier.code).where(Dossier.state == "carried")))
    assert len(carried) > 50
    for number, code in enumerate(carried):
        officer.get(f"/mot-cua/ho-so/{code}")
        fields = {"official_code": f"H17.20.194-261202-{number:04d}", "term": "normal"}
        assert officer.post(f"/mot-cua/ho-so/{code}/received", fields).status == 200
    with site.app.app_context():
        states = Counter(db.session.scalars(select(Dossier.state)))
    assert states["carried"] == 0
    assert states["in_process"] == len(carried)


def the_chairman_counts_right(site: Site) -> None:
    chairman = log_in(site, "chairman")
    query = f"tu={(DAY - timedelta(days=1)).isoformat()}&den={DAY.isoformat()}"
    assert chairman.get(f"/bao-cao/?{query}").status == 200
    request = urllib.request.Request(f"{site.address}/bao-cao/bang-tinh.xlsx?{query}")
    with chairman._opener.open(request) as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.read()))
    shown = {row[0]: row[1] for row in book["Tổng quan"].iter_rows(min_row=2, values_only=True)}
    with site.app.app_context():
        counted = recount()
    assert shown["Yêu cầu"] == CALLS
    assert shown["Lượt đi lần đầu"] == counted["tried"]
    assert shown["Lượt hoàn thành"] == counted["done"]
    assert shown["Thành công ngay lần đầu (%)"] == pytest.approx(100 * counted["first"] / counted["tried"])
    assert shown["Đúng khung giờ hẹn (%)"] == pytest.approx(100 * counted["on_time"] / counted["promised"])


def recount() -> Counter[str]:
    """From nothing but the events, in order of time, without the reports' code."""
    counts: Counter[str] = Counter()
    events = db.session.scalars(select(Event).where(Event.job_id.is_not(None))).all()
    by_job: dict[int, list[Event]] = {}
    for event in sorted(events, key=lambda e: e.replay_order):
        by_job.setdefault(event.job_id or 0, []).append(event)
    for own in by_job.values():
        tries = [e for e in own if e.kind in ("done", "not_done")]
        if not tries:
            continue
        counts["tried"] += 1
        counts["first"] += tries[0].kind == "done"
        if tries[-1].kind != "done":
            continue
        counts["done"] += 1
        asked = max(e.replay_order for e in own if e.kind in ("opened", "rescheduled", "retry"))
        promises = [e for e in own if e.kind == "promised" and e.replay_order > asked]
        arrived = [e.occurred_at for e in own if e.kind == "arrived"][-1]
        if promises:
            counts["promised"] += 1
            start, end = (datetime.fromisoformat(promises[0].data[key]) for key in ("start", "end"))
            counts["on_time"] += start <= arrived <= end
    return counts
