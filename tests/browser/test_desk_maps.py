"""Maps of the desk that go where the clerk means: to a neighbourhood that was named, to a street that is looked for."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import enter_as

SAY_ZOOM = """addEventListener('map:ready', ({ detail: { map } }) => {
  const near = map.getZoom();
  map.on('moveend', () => { document.body.dataset.map = map.getZoom() < near - 0.3 ? 'wide' : 'near'; });
}, true)"""


def a_page(desk: BrowserContext, site: str, role: str, path: str) -> Page:
    page = desk.new_page()
    page.add_init_script(SAY_ZOOM)
    enter_as(page, site, role)
    page.goto(site + path)
    page.locator('[data-map][data-ready="yes"]').wait_for()
    return page


def test_the_hotline_sees_the_neighbourhood_before_there_is_a_pin(demo_site: str, desk: BrowserContext) -> None:
    page = a_page(desk, demo_site, "hotline", "/tiep-nhan/")
    page.locator("#address").fill("tổ 25, Thọ Quang")
    page.locator("#address").press("Tab")
    page.locator('body[data-map="wide"]').wait_for()
    expect(page.locator(".map-pin")).to_have_count(0)
    expect(page.locator("#lat")).to_have_value("")


def test_a_street_is_found_by_its_name_and_closed(demo_site: str, desk: BrowserContext) -> None:
    page = a_page(desk, demo_site, "dispatcher", "/ban-do/duong/")
    page.locator("#street").press_sequentially("yet kieu", delay=20)
    page.locator("#street-suggestions [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".map-pin")).to_be_visible()
    page.locator("#reason").fill("Ngập nước")
    page.locator("#reason").press("Enter")
    expect(page.get_by_role("rowheader", name="Yết Kiêu")).to_be_visible()
    page.locator('[data-map][data-ready="yes"]').wait_for()
    expect(page.locator(".map-stop")).to_be_visible()  # the map opens where something is closed
    page.get_by_role("button", name="Mở lại").first.click()
    page.wait_for_load_state()
