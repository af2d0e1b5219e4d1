"""The parts of our pages in a real browser; every script error or refused resource fails the test."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.parts_app import make_app, serve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    yield from serve(make_app())


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(PHONE, color_scheme="dark")`: a page in a context of its own."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(message.text)

    def open_one(viewport: dict[str, int] = DESKTOP, **options: str) -> Page:
        context = chromium.new_context(viewport=viewport, locale="vi-VN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_one
    heard = list(faults)  # by now: closing a page cuts off what it was still fetching
    for context in contexts:
        context.close()
    assert heard == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def axe_faults(page: Page) -> list[tuple[str, list[str]]]:
    """What axe objects to: (rule, elements)."""
    found = Axe().run(page).response["violations"]
    return [(fault["id"], [str(node["target"]) for node in fault["nodes"]]) for fault in found]


def overflow_px(page: Page) -> int:
    """How far the page reaches beyond the window's width."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/phone", "/routes"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_page: Callable[..., Page], site: str, path: str, viewport: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport, color_scheme=scheme)
    page.goto(site + path)
    assert axe_faults(page) == []
    assert overflow_px(page) <= 0


def test_what_was_typed_stays_until_it_is_saved(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Số điện thoại").fill("0905 123 456")
    page.get_by_label("Trả").check()
    expect(page.get_by_text("Kỹ năng")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Số điện thoại")).to_have_value("")
    page.get_by_label("Số điện thoại").fill("0905 999 999")
    page.get_by_role("button", name="Lấy lại nội dung đã gõ").click()
    expect(page.get_by_label("Số điện thoại")).to_have_value("0905 123 456")
    expect(page.get_by_text("Kỹ năng")).to_be_visible()
    expect(page.get_by_label("Số điện thoại")).to_be_focused()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    page.goto(site)
    expect(page.get_by_label("Số điện thoại")).to_have_value("")
    expect(page.get_by_text("Kỹ năng")).to_be_hidden()


def test_what_could_not_be_sent_is_offered_again(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Số điện thoại").fill("0905 123 456")
    page.locator('[data-map][data-ready="yes"]').wait_for()  # the last of its modules is there before the network goes
    page.context.set_offline(True)
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(site)
    page.get_by_role("button", name="Lấy lại nội dung đã gõ").click()
    expect(page.get_by_label("Số điện thoại")).to_have_value("0905 123 456")


def test_errors_take_the_focus_and_lead_to_their_fields(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert axe_faults(page) == []
    page.get_by_role("link", name="Số điện thoại: Vui lòng điền mục này.").click()
    field = page.get_by_label("Số điện thoại")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Gõ số trước. Chưa đúng: Vui lòng điền mục này.")


def test_a_suggestion_is_chosen_by_keyboard_and_takes_the_pin_along(page: Page, site: str) -> None:
    page.goto(site)
    page.locator('[data-map][data-ready="yes"]').wait_for()
    field = page.get_by_role("combobox", name="Đường")
    field.press_sequentially("ngo")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Ngô Quyền")
    expect(page.locator("#lat")).to_have_value("16.065000")
    page.locator(".map-pin").press("ArrowUp")
    assert float(page.locator("#lat").input_value()) > 16.065
    assert page.locator("#lon").input_value() == "108.225000"


def test_a_part_keeps_itself_fresh_and_leaves_the_focus(page: Page, site: str) -> None:
    page.goto(site)
    page.locator("#inside").focus()
    before = page.locator("#count").inner_text()
    expect(page.locator("#count")).not_to_have_text(before)
    expect(page.locator("#inside")).to_be_focused()
    page.locator('[data-map][data-ready="yes"]').wait_for()  # the last of its modules
    page.context.set_offline(True)
    expect(page.get_by_text("Mất kết nối")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Mất kết nối")).to_be_hidden()


def test_a_chart_is_drawn_and_has_its_numbers(page: Page, site: str) -> None:
    page.goto(site)
    expect(page.locator(".chart svg")).to_contain_text('"A" & <b>')
    page.get_by_text("Xem số liệu").click()
    expect(page.get_by_role("row", name='"A" & <b> 1 2')).to_be_visible()


def test_routes_can_be_told_apart_and_progress_be_stopped(page: Page, site: str) -> None:
    page.goto(site + "/routes")
    page.locator('[data-map][data-ready="yes"]').wait_for()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.25")
    page.get_by_role("button", name="Chỉ tuyến 2").click()
    expect(page.get_by_role("button", name="Chỉ tuyến 2")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".map-stop.route-1")).to_have_css("opacity", "0.2")
    page.locator(".map-stop.route-2").press("Enter")
    expect(page.locator(".maplibregl-popup")).to_contain_text("19 Mân Quang <3>")
    page.get_by_role("button", name="Dừng tại đây").click()
    page.wait_for_url("**/phone")


def test_the_map_is_drawn_in_the_light_that_was_chosen(page: Page, site: str) -> None:
    """A volunteer chooses bright sun or dark by hand, whatever the system says."""
    page.add_init_script("addEventListener('map:ready', ({ detail }) => { window.drawn = detail.map; }, true)")
    page.goto(site)
    page.locator('[data-map][data-ready="yes"]').wait_for()
    for light, colour in (("", "#edeae3"), ("night", "#15191d"), ("sun", "#ffffff"), ("", "#edeae3")):
        page.evaluate("light => { document.documentElement.className = light; }", light)
        assert page.evaluate("window.drawn.getPaintProperty('ground', 'background-color')") == colour


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(26, 35, 43)")])
def test_the_buttons_and_popups_of_a_map_are_dark_at_night(
    open_page: Callable[..., Page], site: str, scheme: str, ground: str
) -> None:
    page = open_page(PHONE, color_scheme=scheme)
    page.route("**/progress", lambda route: route.fulfill(json={"state": "running", "fraction": 0.25}))
    page.goto(site + "/routes")
    page.locator('[data-map][data-ready="yes"]').wait_for()
    expect(page.locator(".maplibregl-ctrl-group")).to_have_css("background-color", ground)
    page.locator(".map-stop.route-2").press("Enter")
    expect(page.locator(".maplibregl-popup-content")).to_have_css("background-color", ground)
    expect(page.locator(".maplibregl-ctrl-icon").first).to_have_css(
        "filter", "invert(1)" if scheme == "dark" else "none"
    )
    assert axe_faults(page) == []


def test_a_thumb_counts_up_and_not_below_nothing(open_page: Callable[..., Page], site: str) -> None:
    page = open_page(PHONE, color_scheme="dark")
    page.goto(site + "/phone")
    page.get_by_role("button", name="Thêm một").click()
    expect(page.get_by_label("Số bản chính")).to_have_value("2")
    for _ in range(3):
        page.get_by_role("button", name="Bớt một").click()
    expect(page.get_by_label("Số bản chính")).to_have_value("0")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")  # light in the sun
