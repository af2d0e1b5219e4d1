"""The installed phone page: it opens, shows, draws and records with the network or the server gone."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dispatch.database import db
from dispatch.duty.links import link_for, revoke, token_of
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route
from tests.app.makers import make_duty, make_volunteer, make_ward
from tests.browser.conftest import FLAGS, MONDAY, PHONE, becomes, find_chromium, picture, settled
from tests.browser.live import Site, live
from tests.browser.test_field_outbox import button, kinds, press, states

pytestmark = pytest.mark.browser
SOON = 20_000
FIRST_LOAD_BYTES, WITH_MAP_BYTES = 150_000, 650_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with live(tmp_path / "ward", tasks="manual") as site:
        site.set_clock(MONDAY)
        with site.app.app_context():
            ward = make_ward()
            make_route(ward, make_duty(ward, make_volunteer(ward, "Nguyễn Văn An")), make_jobs(ward, 3))
            db.session.remove()
        yield site


def link_of(site: Site, name: str = "Nguyễn Văn An") -> str:
    with site.app.app_context():
        duty = next(duty for duty in db.session.scalars(db.select(Duty)) if duty.volunteer.name == name)
        token = token_of(link_for(duty))
        db.session.commit()
        db.session.remove()
    return f"{site.address}/r/{token}"


def open_and_hold(page: Page, address: str) -> None:
    """Open the link and wait until the phone holds the page and the map."""
    page.goto(address)
    page.wait_for_selector("html[data-held=yes]", timeout=60_000, state="attached")


def test_the_installed_address_opens_offline_and_survives_a_killed_browser(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    def start() -> BrowserContext:
        return chromium.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=find_chromium(), args=FLAGS, viewport=PHONE, locale="vi-VN"
        )

    context = start()
    page = context.new_page()
    open_and_hold(page, link_of(site))
    manifest = page.request.get(site.address + "/tuyen/ung-dung.webmanifest").json()
    assert (manifest["start_url"], manifest["display"]) == ("/tuyen", "standalone")
    context.set_offline(True)
    page.goto(site.address + manifest["start_url"])
    press(page, "Đã đến")
    press(page, "Xong")
    expect(page.locator("#outbox")).to_contain_text("2 việc", timeout=SOON)
    context.close()  # nothing is asked of the page: as when the browser is killed
    context = start()
    context.set_offline(True)
    page = context.new_page()
    page.goto(site.address + "/tuyen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm 2: Nhận hồ sơ", timeout=SOON)
    expect(page.locator("#outbox")).to_contain_text("2 việc", timeout=SOON)
    expect(page.get_by_text("1/3 điểm")).to_be_visible(timeout=SOON)
    page.locator("#map-box > summary").click()
    expect(page.locator("#map-box [data-ready=yes]")).to_be_visible(timeout=60_000)
    expect(page.locator("#map-box .map-stop")).to_have_count(4, timeout=SOON)
    picture(page, "phone-offline")
    page.locator("details[id^=not-done] > summary").locator("visible=true").first.click()
    page.get_by_label("Không có ai ở nhà").locator("visible=true").check()
    page.locator("form[id^=not-done-form] button").locator("visible=true").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm 3: Nhận hồ sơ", timeout=SOON)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm 3: Nhận hồ sơ", timeout=SOON)
    context.set_offline(False)
    page.reload()
    expect(page.locator("#outbox")).to_be_hidden(timeout=SOON)
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm 3: Nhận hồ sơ", timeout=SOON)
    becomes(page, lambda: kinds(site), ["arrived", "done", "not_done"])
    becomes(page, lambda: states(site), ["done", "undecided", "under_way"])
    context.close()


def test_names_leave_the_phone_when_the_link_ends_but_its_taps_are_still_sent(
    site: Site, phone: BrowserContext
) -> None:
    page = phone.new_page()
    open_and_hold(page, link_of(site))
    phone.set_offline(True)
    press(page, "Đã đến")
    expect(page.locator("#outbox")).to_contain_text("1 việc", timeout=SOON)
    with site.app.app_context():
        revoke(db.session.scalars(db.select(Duty)).one())
        db.session.commit()
        db.session.remove()
    phone.set_offline(False)  # the page sends, and reads itself again
    expect(page.get_by_role("heading", level=1)).to_have_text("Đường liên kết này không còn dùng được", timeout=SOON)
    expect(page.locator("#outbox")).to_be_hidden(timeout=SOON)
    becomes(page, lambda: states(site)[0], "at_door")
    phone.set_offline(True)
    page.goto(site.address + "/tuyen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa có mạng", timeout=SOON)
    assert page.get_by_text("Trần Thị Hoa").count() == 0


def test_two_volunteers_share_one_phone(site: Site, phone: BrowserContext) -> None:
    page = phone.new_page()
    open_and_hold(page, link_of(site))
    with site.app.app_context():
        ward = db.session.scalars(db.select(Ward)).one()
        make_duty(ward, make_volunteer(ward, "Trần Thị Bé"))
        db.session.commit()
        db.session.remove()
    lost = link_of(site, "Trần Thị Bé")
    phone.route("**/tuyen/su-kien", lambda request: request.abort())
    press(page, "Đã đến")
    expect(page.locator("#outbox")).to_contain_text("1 việc", timeout=SOON)
    page.goto(lost)
    expect(page.get_by_text("Trần Thị Bé").first).to_be_visible(timeout=SOON)
    phone.unroute("**/tuyen/su-kien")
    page.reload()
    expect(page.locator("#outbox")).to_be_hidden(timeout=SOON)
    becomes(page, lambda: states(site)[0], "at_door")


def test_the_first_load_is_small(site: Site, phone: BrowserContext) -> None:
    page = phone.new_page()
    bodies: dict[str, int] = {}

    def weigh(path: str) -> None:
        answer = page.request.get(site.address + path, headers={"Accept-Encoding": "gzip"})
        assert answer.ok, path
        bodies[path] = len(gzip.compress(answer.body(), 6))

    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url.removeprefix(site.address)))
    page.goto(link_of(site))
    settled(page)
    before_map = {path for path in seen if not path.startswith("/r/") and "vendor" not in path}
    for path in before_map - {"/ban-do/nen.json"}:
        weigh(path)
    assert 20_000 < sum(bodies.values()) <= FIRST_LOAD_BYTES, bodies
    library = page.locator("#outbox").get_attribute("data-map-files") or ""
    for path in library.split():
        weigh(path)
    assert sum(bodies.values()) <= WITH_MAP_BYTES, bodies


def test_a_double_touch_does_not_reach_the_next_door(site: Site, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(link_of(site))
    press(page, "Đã đến")
    expect(button(page, "Xong")).to_be_visible(timeout=SOON)
    settled(page)
    button(page, "Xong").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm 2: Nhận hồ sơ", timeout=SOON)
    expect(page.locator("#outbox")).to_be_hidden(timeout=SOON)
    becomes(page, lambda: kinds(site), ["arrived", "done"])
