"""The volunteer's phone in real Chromium: two taps a door, and nothing lost while the network is gone."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.operations import Window, cancel, reschedule
from dispatch.duty.links import link_for, token_of
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route
from tests.app.makers import STAFF, TODAY, make_duty, make_volunteer, make_ward
from tests.browser.conftest import all_sent, becomes, drawn_by_the_server, settled
from tests.browser.live import Site

pytestmark = pytest.mark.browser
SOON = 20_000  # ms; a lost answer is asked for again after four seconds


@pytest.fixture
def route(site: Site, phone: BrowserContext) -> Page:
    """A route of three doors, opened by its link, on its way to the first."""
    with site.app.app_context():
        ward = make_ward()
        duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
        make_route(ward, duty, make_jobs(ward, 3))
        token = token_of(link_for(duty))
        db.session.commit()
        db.session.remove()
    page = phone.new_page()
    page.goto(f"{site.address}/r/{token}")
    press(page, "Bắt đầu đi")
    expect(button(page, "Bắt đầu đi")).to_be_hidden(timeout=SOON)
    all_sent(page)
    settled(page)
    return page


def button(page: Page, name: str) -> Locator:
    return page.locator(".thumb-bar").get_by_role("button", name=name, exact=True)


def press(page: Page, name: str) -> None:
    button(page, name).click()


def states(site: Site) -> list[str]:
    with site.app.app_context():
        found = list(db.session.scalars(db.select(Job.state).order_by(Job.id)))
        db.session.remove()
    return found


def kinds(site: Site) -> list[str]:
    with site.app.app_context():
        query = db.select(Event.kind).where(Event.device_id.is_not(None)).order_by(Event.device_seq)
        found = list(db.session.scalars(query))
        db.session.remove()
    return found


def test_a_door_takes_two_taps(site: Site, route: Page) -> None:
    press(route, "Đã đến")
    expect(route.get_by_text("Bạn đến đây lúc 08:1")).to_be_visible(timeout=SOON)
    route.get_by_role("button", name="thêm một: Bản chính").first.click()
    press(route, "Xong")
    expect(route.get_by_role("heading", level=1)).to_have_text("Điểm 2: Nhận hồ sơ", timeout=SOON)
    expect(route.locator("#outbox")).to_be_hidden(timeout=SOON)
    becomes(route, lambda: states(site), ["done", "under_way", "planned"])
    with site.app.app_context():
        assert db.session.scalar(db.select(Job.originals).order_by(Job.id).limit(1)) == 2
        db.session.remove()


def test_taps_without_a_network_are_kept_and_sent_later_in_order(
    site: Site, route: Page, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    press(route, "Đã đến")
    expect(route.locator("#outbox")).to_have_text("Đã lưu trên máy: 1 việc. Có mạng là máy tự gửi.", timeout=SOON)
    press(route, "Xong")
    expect(route.get_by_role("heading", level=1)).to_have_text("Điểm 2: Nhận hồ sơ", timeout=SOON)
    press(route, "Đã đến")
    expect(route.locator("#outbox")).to_contain_text("3 việc", timeout=SOON)
    assert states(site) == ["under_way", "planned", "planned"]
    phone.set_offline(False)
    expect(route.locator("#outbox")).to_be_hidden(timeout=SOON)
    expect(route.get_by_role("heading", level=1)).to_have_text("Điểm 2: Nhận hồ sơ", timeout=SOON)
    becomes(route, lambda: states(site), ["done", "at_door", "planned"])
    becomes(route, lambda: kinds(site), ["set_out", "arrived", "done", "arrived"])


def test_a_change_is_seen_without_a_network(site: Site, route: Page, phone: BrowserContext) -> None:
    press(route, "Đã đến")
    drawn_by_the_server(route, "Đã đến")
    press(route, "Xong")
    drawn_by_the_server(route, "Xong")
    with site.app.app_context():
        jobs = db.session.scalars(db.select(Job).order_by(Job.id)).all()
        reschedule(jobs[1], Window(TODAY), STAFF)
        make_route(db.session.scalars(db.select(Ward)).one(), db.session.scalars(db.select(Duty)).one(), jobs[:0:-1])
        db.session.remove()
    route.reload()
    expect(button(route, "Mình đã xem")).to_be_visible(timeout=SOON)
    expect(button(route, "Đã đến")).to_be_hidden()
    phone.set_offline(True)
    press(route, "Mình đã xem")
    expect(route.locator("#changes")).to_be_hidden(timeout=SOON)
    expect(route.locator("#outbox")).to_contain_text("1 việc", timeout=SOON)
    expect(route.locator("#door-bar")).to_be_visible()
    phone.set_offline(False)
    expect(route.locator("#seen")).to_have_count(0, timeout=SOON)
    all_sent(route)


def test_what_was_saved_survives_a_closed_tab(site: Site, route: Page, phone: BrowserContext) -> None:
    phone.set_offline(True)
    press(route, "Đã đến")
    expect(route.locator("#outbox")).to_contain_text("1 việc", timeout=SOON)
    route.close()
    phone.set_offline(False)
    again = phone.new_page()
    again.goto(f"{site.address}/tuyen")
    expect(again.get_by_text("Bạn đến đây lúc")).to_be_visible(timeout=SOON)
    becomes(again, lambda: states(site)[0], "at_door")


def test_an_answer_that_was_lost_counts_once(site: Site, route: Page, phone: BrowserContext) -> None:
    lost = []

    def lose_the_first(request: Route) -> None:
        answer = request.fetch()
        if lost:
            request.fulfill(response=answer)
        else:
            lost.append(answer.status)
            request.abort()

    phone.route("**/tuyen/su-kien", lose_the_first)
    press(route, "Đã đến")
    expect(route.get_by_text("Bạn đến đây lúc")).to_be_visible(timeout=SOON)
    assert lost == [200]
    becomes(route, lambda: kinds(site), ["set_out", "arrived"])


def test_taken_back_before_it_was_sent(site: Site, route: Page, phone: BrowserContext) -> None:
    phone.set_offline(True)
    press(route, "Đã đến")
    press(route, "Xong")
    route.get_by_role("button", name="Hoàn tác").click()
    expect(button(route, "Xong")).to_be_visible(timeout=SOON)
    phone.set_offline(False)
    expect(route.locator("#outbox")).to_be_hidden(timeout=SOON)
    becomes(route, lambda: states(site)[0], "at_door")


def test_news_come_as_a_notice_and_never_under_the_thumb(site: Site, route: Page) -> None:
    press(route, "Đã đến")
    expect(route.get_by_text("Bạn đến đây lúc")).to_be_visible(timeout=SOON)
    route.get_by_label("Người giao hồ sơ").first.fill("Bà Sáu")
    with site.app.app_context():
        job = db.session.scalars(db.select(Job).order_by(Job.id.desc()).limit(1)).one()
        cancel(job.dossier, STAFF)
        db.session.commit()
        db.session.remove()
    route.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when the phone is taken out again
    expect(route.get_by_text("Tuyến của bạn vừa có thay đổi.")).to_be_visible(timeout=SOON)
    expect(route.get_by_label("Người giao hồ sơ").first).to_have_value("Bà Sáu")
    route.get_by_role("link", name="Xem tuyến mới nhất").click()
    route.locator("details#over summary").click()
    expect(route.get_by_text("đã bỏ, không cần đến")).to_be_visible(timeout=SOON)
