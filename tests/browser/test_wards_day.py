"""A ward's day from the first call to the chairman's figures, clicked through in Chromium on the demo ward.

Every page is also kept as a picture (var/pictures), for people to look at: desk pages at 1280, phone pages at 360.
"""

import re
from datetime import date
from pathlib import Path

import openpyxl
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import all_sent, drawn_by_the_server, enter_as, picture


def test_a_wards_day(demo_site: str, desk: BrowserContext, phone: BrowserContext, tmp_path: Path) -> None:
    page = desk.new_page()
    page.goto(f"{demo_site}/demo/")
    picture(page, "01-roles")
    code = take_a_call(page, demo_site)
    day = plan_and_publish(page, demo_site)
    watch_the_board(page, demo_site)
    urgent = take_an_urgent_call(page, demo_site, day)
    carried, failed = ride(phone.new_page(), demo_site)
    decide(page, demo_site, failed)
    receive_and_answer(page, demo_site, carried)
    look_up(phone.new_page(), demo_site, code)
    read_the_figures(page, demo_site, tmp_path)
    print_the_sheets(page, demo_site, day)
    find_again(page, demo_site, code, urgent)
    answer_the_fanpage(page, demo_site)


def take_a_call(page: Page, address: str) -> str:
    """By keyboard alone: Tab, arrows, typing, Enter."""
    enter_as(page, address, "hotline")
    expect(page.locator("#phone")).to_be_focused()
    page.keyboard.type("0905 777 888")
    page.keyboard.press("Tab")
    page.keyboard.type("Trần Thị Thu Hà")
    page.keyboard.press("Tab")  # who it is for: the caller
    page.keyboard.press("Tab")
    expect(page.locator("#procedure")).to_be_focused()
    choose_by_typing(page, "bản sao")
    expect(page.locator("main")).to_contain_text("Bản chính giấy tờ cần chứng thực")
    page.keyboard.press("Tab")  # collect and return
    page.keyboard.press("Tab")
    expect(page.locator("#address")).to_be_focused()
    page.keyboard.type("88 le duc tho", delay=40)
    page.locator("#address-suggestions [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator('[data-map][data-ready="yes"]').first.wait_for()
    picture(page, "02-hotline-form")
    page.locator("#consent").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tiep-nhan/xong/*")
    picture(page, "03-hotline-saved")
    return page.url.rsplit("/", 1)[1]


def choose_by_typing(page: Page, text: str) -> None:
    """Move down a focused select until the chosen option holds the text."""
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if text in page.evaluate("document.activeElement.selectedOptions[0].textContent"):
            return
    raise AssertionError(f"no option with {text}")


def plan_and_publish(page: Page, address: str) -> str:
    enter_as(page, address, "dispatcher")
    page.goto(f"{address}/ke-hoach/")
    picture(page, "04-days")
    page.locator('a[href*="/ke-hoach/ngay/"]').first.click()
    page.wait_for_url("**/ke-hoach/ngay/*")
    day = page.url.rsplit("/", 1)[1]
    picture(page, "05-day")
    page.locator(f'form[action$="/ke-hoach/ngay/{day}"] button').click()
    page.locator("[role=progressbar], progress").first.wait_for()
    picture(page, "06-planning")
    page.wait_for_url(re.compile(r"/ke-hoach/[a-z0-9]{12}$"), timeout=60_000)
    page.locator('[data-map][data-ready="yes"]').first.wait_for()
    picture(page, "07-plan")
    # Work is shared: one of the two half-days may stay in reserve where that spares more than it crowds the others.
    assert page.locator(".lane").count() >= 9
    page.locator('form[action$="/ban-hanh"] button').click()
    page.locator(".notice--success, .notice").first.wait_for()
    assert date.fromisoformat(day)
    return day


def watch_the_board(page: Page, address: str) -> None:
    page.goto(f"{address}/dieu-phoi/")
    page.locator('[data-map][data-ready="yes"]').first.wait_for()
    expect(page.locator("main")).to_contain_text(re.compile(r"\b0/\d+"))
    picture(page, "08-board")


def take_an_urgent_call(page: Page, address: str, day: str) -> str:
    """With a plan in force the caller is offered windows that hold; then the job goes onto a route."""
    enter_as(page, address, "hotline")
    page.locator("#phone").fill("0905 666 555")
    page.locator("#caller_name").fill("Lê Quang Vinh")
    option = page.locator("#procedure option", has_text="bản sao").first.get_attribute("value")
    page.select_option("#procedure", option)
    page.locator("#address").fill("K310/4 Ngô Quyền")
    page.locator("#address").press("Tab")
    expect(page.locator("#windows")).to_contain_text("mới là phỏng đoán")
    page.locator("#pin_confirmed").check()
    offered = page.locator('input[name="window"][value*="/"]')
    offered.first.wait_for()
    offered.first.check()
    page.locator("#consent").check()
    picture(page, "09-windows-offered")
    page.locator("#consent").press("Enter")
    page.wait_for_url("**/tiep-nhan/xong/*")
    code = page.url.rsplit("/", 1)[1]
    enter_as(page, address, "dispatcher")
    page.goto(f"{address}/ke-hoach/ngay/{day}")
    page.locator("article.job", has_text="K310/4").locator('a[href*="/chen/"]').click()
    picture(page, "10-put-in")
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/ke-hoach/[a-z0-9]{12}$"))
    return code


def ride(page: Page, address: str) -> tuple[str, str]:
    """The phone: set out, arrive, done at one door; not done at the next; undo and do it again."""
    page.goto(f"{address}/demo/")
    page.locator('form[action*="/demo/tuyen/"] button').first.click()
    page.wait_for_url("**/tuyen")
    picture(page, "11-phone-next-stop")
    carried = collect_first(page)
    picture(page, "13-phone-after-done")
    failed = the_code(page)
    page.locator("details[id^=not-done] > summary").first.click()
    page.locator('input[name="reason"][value="nobody_home"]').first.check()
    page.locator("details[id^=not-done] form button").first.click()
    page.locator("#undo button, .field-undo button").first.wait_for()
    all_sent(page)
    picture(page, "14-phone-not-done")
    page.locator(".field-undo button").first.click()
    expect(page.locator("article.stop").first).to_contain_text(spoken(failed))
    all_sent(page)
    page.locator("details[id^=not-done] > summary").first.click()
    page.locator('input[name="reason"][value="nobody_home"]').first.check()
    page.locator("details[id^=not-done] form button").first.click()
    expect(page.locator("article.stop").first).not_to_contain_text(spoken(failed))
    all_sent(page)
    return carried, failed


def collect_first(page: Page) -> str:
    """Ride on until a dossier has been collected; its code."""
    for _ in range(6):
        collects = "Nhận hồ sơ" in page.locator("h1").inner_text()
        code = the_code(page)
        thumb = page.locator(".thumb-bar [data-bar]:visible")
        thumb.locator('button[form^="arrived-"]').click()
        drawn_by_the_server(page, "Đã đến")
        picture(page, "12-phone-at-the-door")
        thumb.locator('button[form^="done-"]').click()
        expect(page.locator("article.stop").first).not_to_contain_text(spoken(code))
        all_sent(page)
        if collects:
            return code
    raise AssertionError("no dossier to collect among the first six stops")


def the_code(page: Page) -> str:
    return re.sub(r"\D", "", page.locator("article.stop .code").first.inner_text())


def spoken(code: str) -> str:
    return f"{code[:3]} {code[3:]}"


def decide(page: Page, address: str, failed: str) -> None:
    page.goto(f"{address}/dieu-phoi/")
    card = page.locator("article.job, .job", has_text=spoken(failed)).first
    expect(card).to_contain_text("không có ai ở nhà")
    card.locator('a[href*="/quyet-dinh"]').click()
    picture(page, "15-decide")
    page.locator('input[name="decision"][value="retry"]').check()
    page.locator('main form button[type="submit"]').last.click()
    page.wait_for_url("**/ho-so/*")
    picture(page, "16-dossier")


def receive_and_answer(page: Page, address: str, carried: str) -> None:
    enter_as(page, address, "officer")
    picture(page, "17-one-stop")
    page.locator(f'a[href$="/{carried}"]').first.click()
    page.wait_for_url(f"**/{carried}")
    dossier = page.url
    page.locator("#official_code").fill("H17.20.263-261125-0042")
    page.locator("#received form button").last.click()
    expect(page.locator(".notice, [role=status]").first).to_contain_text(spoken(carried))
    page.goto(dossier)
    expect(page.locator("main")).to_contain_text("H17.20.263-261125-0042")
    if not page.locator("#result_ready form button").last.is_visible():
        page.locator("#result_ready summary").click()
    page.locator("#result_ready form button").last.click()
    page.goto(dossier)
    expect(page.locator("#result_ready")).to_have_count(0)
    picture(page, "18-result-ready")


def look_up(page: Page, address: str, code: str) -> None:
    """The citizen sees where it stands with the right four digits, and nothing with wrong ones."""
    page.goto(f"{address}/tra-cuu/")
    page.locator("#code").fill(spoken(code))
    page.locator("#digits").fill("0000")
    page.locator("main form button").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    picture(page, "19-look-up-wrong")
    page.locator("#code").fill(spoken(code))
    page.locator("#digits").fill("7888")
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(spoken(code))
    assert re.findall(r"Trần Thị Thu Hà|Lê Đức Thọ|777.?888", page.content()) == []
    picture(page, "20-look-up")


def read_the_figures(page: Page, address: str, folder: Path) -> None:
    enter_as(page, address, "chairman")
    page.locator(".chart canvas, .chart svg").first.wait_for()
    picture(page, "21-figures")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp Excel").click()
    file = folder / "figures.xlsx"
    download.value.save_as(file)
    assert openpyxl.load_workbook(file).sheetnames[0] == "Tổng quan"


def print_the_sheets(page: Page, address: str, day: str) -> None:
    enter_as(page, address, "dispatcher")
    page.goto(f"{address}/truc/{day}/phieu")
    assert page.locator(".sheet").count() >= 1
    picture(page, "22-duty-sheet")
    page.goto(f"{address}/ke-hoach/ngay/{day}")
    page.locator("a", has_text="Kế hoạch đang áp dụng").first.click()
    page.wait_for_url(re.compile(r"/ke-hoach/[a-z0-9]{12}$"))
    routes = page.locator(".lane").count()
    page.locator('a[href$="/phieu"]').first.click()
    page.wait_for_url("**/phieu")
    assert page.locator(".sheet").count() == routes >= 9
    picture(page, "23-route-sheets")


def find_again(page: Page, address: str, *codes: str) -> None:
    enter_as(page, address, "hotline")
    for code in codes:
        page.goto(f"{address}/ho-so/")
        page.locator('main input[type="search"], main input[name="q"]').first.fill(spoken(code))
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text(spoken(code))
    picture(page, "24-find")


def answer_the_fanpage(page: Page, address: str) -> None:
    """A message becomes a request with one click; what can be read from it stands in the form."""
    page.goto(f"{address}/hop-thu/")
    picture(page, "25-fanpage")
    page.locator("main a", has_text="Chú Bảy Cá").first.click()
    expect(page.locator("main")).to_contain_text("0935")
    picture(page, "26-fanpage-thread")
    page.locator('main a[href*="inbox="]').first.click()
    expect(page.locator("#phone")).to_have_value(re.compile(r"935.?008.?765"))
    expect(page.locator("#address")).to_have_value(re.compile("K120/8", re.IGNORECASE))
    picture(page, "27-fanpage-form")
