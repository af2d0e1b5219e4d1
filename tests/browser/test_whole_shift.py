"""A whole shift in Chromium: the network cut for half of it, the server killed and started again twice."""

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.duty.links import link_for, token_of
from tests.app.field_makers import make_jobs, make_return, make_route
from tests.app.makers import make_duty, make_volunteer, make_ward
from tests.browser.conftest import all_sent, free_port, picture
from tests.torture.__main__ import Servers
from tests.torture.ward import application

pytestmark = pytest.mark.browser
SOON = 30_000
COLLECTED, RETURNED = 4, 2
MOST_TAPS_A_DOOR = 3  # besides counting and signing


class Rider:
    """The volunteer's thumb: touches the bar and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.touched = page, 0

    def press(self, name: str) -> None:
        self.page.locator(".thumb-bar").get_by_role("button", name=name, exact=True).click(timeout=SOON)
        self.touched += 1

    def door(self, number: int) -> None:
        """One door from the ride to the next one's; as the phone shows it, whoever is out of reach."""
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(f"Điểm {number}:", timeout=SOON)
        before = self.touched
        self.press("Đã đến")
        self.press("Xong")
        expect(heading).not_to_contain_text(f"Điểm {number}:", timeout=SOON)
        assert self.touched - before <= MOST_TAPS_A_DOOR


def test_a_whole_shift(tmp_path: Path, phone: BrowserContext) -> None:
    app = application(tmp_path)
    with app.app_context():
        ward = make_ward()
        day = local(now(), ward.timezone).date()
        duty = make_duty(ward, make_volunteer(ward), day.fromordinal(day.toordinal() + 1))
        jobs = [*make_jobs(ward, COLLECTED), *(make_return(ward) for _ in range(RETURNED))]
        make_route(ward, duty, jobs)
        token = token_of(link_for(duty))
        db.session.commit()
        db.session.remove()
    servers = Servers(tmp_path, free_port())
    page = phone.new_page()
    page.goto(f"http://127.0.0.1:{servers.port}/r/{token}")
    page.wait_for_selector("html[data-held=yes]", timeout=90_000, state="attached")
    rider = Rider(page)
    rider.press("Bắt đầu đi")
    rider.door(1)
    servers.kill(after_commit=False)
    rider.door(2)
    servers.start()
    phone.set_offline(True)
    page.goto(f"http://127.0.0.1:{servers.port}/tuyen")
    rider.door(3)
    rider.door(4)
    servers.kill(after_commit=False)
    page.reload()
    rider.door(5)
    servers.start()
    expect(page.locator("#outbox")).to_be_visible(timeout=SOON)
    picture(page, "shift-offline")
    phone.set_offline(False)
    page.reload()
    rider.door(6)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cảm ơn", timeout=SOON)
    all_sent(page)
    picture(page, "shift-end")
    servers.stop()
    with app.app_context():
        assert set(db.session.scalars(db.select(Job.state))) == {"done"}
        taps = Counter(db.session.scalars(db.select(Event.kind).where(Event.device_id.is_not(None))))
        db.session.remove()
    assert taps == {"set_out": 1, "arrived": COLLECTED + RETURNED, "done": COLLECTED + RETURNED}
