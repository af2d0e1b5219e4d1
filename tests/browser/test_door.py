"""The door in real Chromium at 360 x 740: counted taps, missing papers said aloud, the code checked on the phone."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dispatch.custody.codes import handover_code
from dispatch.database import db
from dispatch.dossiers.models import Event
from dispatch.dossiers.operations import hand_to_volunteer
from dispatch.duty.links import link_for, revoke, token_of
from dispatch.duty.models import Duty
from tests.app.field_makers import make_jobs, make_return, make_route
from tests.app.makers import STAFF, make_duty, make_volunteer, make_ward, procedure_of
from tests.browser.conftest import becomes, drawn_by_the_server, picture, settled
from tests.browser.live import Site

pytestmark = pytest.mark.browser
SOON = 20_000


class Thumb:
    """Counts what a thumb does: each tap on something that may be pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def press(self, name: str, then: str = "") -> None:
        """Press and wait for the page that the server draws when it has the tap: what was pressed is sent."""
        self.page.locator("button:visible").get_by_text(name, exact=True).first.click()
        self.taps += 1
        if then:
            expect(self.page.get_by_text(then)).to_be_visible(timeout=SOON)
        else:
            drawn_by_the_server(self.page, name)

    def type_into(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).locator("visible=true").first.fill(text)
        self.taps += 1


@pytest.fixture
def code(site: Site, phone: BrowserContext) -> str:
    """A route with one door to collect and one to return at; opens it and gives the code of the second."""
    with site.app.app_context():
        ward = make_ward()
        procedure_of(ward).fee_note = "2.000 đ mỗi trang"
        duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
        back = make_return(ward)
        hand_to_volunteer(back.dossier, STAFF, duty.id)
        make_route(ward, duty, [*make_jobs(ward, 1), back])
        token, code = token_of(link_for(duty)), handover_code(back.dossier)
        db.session.commit()
        db.session.remove()
    page = phone.new_page()
    page.goto(f"{site.address}/r/{token}")
    settled(page)
    return code


def test_collect_and_return_in_three_taps(site: Site, phone: BrowserContext, code: str) -> None:
    thumb, page, lacks = _one_paper_lacks(phone)
    expect(lacks.locator("[data-say]")).to_contain_text("Nói với người dân: “Hồ sơ còn thiếu")
    assert page.locator("input[name='originals']:visible").input_value() == "0", "counted off with the missing paper"
    lacks.get_by_role("checkbox").first.uncheck()
    _sign(page)
    picture(page, "door-collect")
    thumb.press("Xong")
    assert thumb.taps <= 3
    thumb = Thumb(page)
    thumb.press("Đã đến")
    thumb.type_into("Mã 6 số người dân đọc cho bạn", f"{(int(code) + 1) % 1_000_000:06d}")
    expect(page.get_by_text("Chưa đúng mã.")).to_be_visible(timeout=SOON)
    page.locator(".door-code:visible").fill(code)
    expect(page.get_by_text("Đúng mã.", exact=True)).to_be_visible(timeout=SOON)
    picture(page, "door-return")
    thumb.press("Xong", then="Xong hết rồi")
    assert thumb.taps <= 3
    with site.app.app_context():
        query = db.select(Event.data).where(Event.kind == "done").order_by(Event.id)
        collected, returned = db.session.scalars(query).all()
        db.session.remove()
    assert collected["proof"] == "signature"
    assert (returned["proof"], returned["code"]) == ("code", "right")


def test_what_was_typed_and_signed_is_still_there_after_a_look_into_the_bag(
    site: Site, phone: BrowserContext, code: str
) -> None:
    thumb, page, lacks = _one_paper_lacks(phone)
    page.get_by_role("button", name="thêm một: Bản sao").locator("visible=true").click()
    page.locator("input[name='envelope']:visible").fill("B-0000123")
    page.locator("input[name='note']:visible").first.fill("cổng xanh")
    _sign(page)
    page.get_by_role("link", name="Túi của tôi").click()
    page.wait_for_url("**/tuyen/giay-to")
    page.go_back()
    for again in ("back", "reload"):
        expect(page.locator("input[name='envelope']:visible"), again).to_have_value("B-0000123", timeout=SOON)
        expect(page.locator("input[name='note']:visible").first).to_have_value("cổng xanh")
        expect(page.locator("input[name='originals']:visible")).to_have_value("0")
        expect(page.locator("input[name='copies']:visible")).to_have_value("2")
        expect(lacks.locator("[data-say]")).to_contain_text("Hồ sơ còn thiếu")
        expect(page.locator("form[id^=done-]:visible input[name='signed']")).to_have_value("1", timeout=SOON)
        page.reload()
    thumb.press("Xong")
    left = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('door:'))")
    assert left == [], "what was sent is not kept beside it"
    with site.app.app_context():
        done = db.session.scalars(db.select(Event).where(Event.kind == "done")).one()
        assert (done.data["proof"], done.data["copies"]) == ("signature", 2)
        assert done.data["envelope"] == "B0000123"
        db.session.remove()


def test_what_was_typed_and_signed_leaves_the_phone_when_its_link_ends(
    site: Site, phone: BrowserContext, code: str
) -> None:
    _, page, _ = _one_paper_lacks(phone)
    page.locator("input[name='note']:visible").first.fill("cổng xanh")
    _sign(page)
    kept = "Object.keys(sessionStorage).filter((key) => key.startsWith('door:'))"
    becomes(page, lambda: len(page.evaluate(kept)), 2)
    with site.app.app_context():
        revoke(db.session.scalars(db.select(Duty)).one())
        db.session.commit()
        db.session.remove()

    def opened() -> str:
        """What the page says when it is opened again: as it was kept, where the server takes its time."""
        page.goto(f"{site.address}/tuyen")
        return page.get_by_role("heading", level=1).inner_text()

    becomes(page, opened, "Đường liên kết này không còn dùng được")
    becomes(page, lambda: len(page.evaluate(kept)), 0)


def _one_paper_lacks(phone: BrowserContext) -> tuple[Thumb, Page, Locator]:
    """At the first door, the first paper of the list is ticked as missing; with the list of missing papers."""
    page = phone.pages[0]
    page.set_default_timeout(SOON)
    thumb = Thumb(page)
    thumb.press("Đã đến")
    lacks = page.locator("[data-lacks]:visible").first
    lacks.get_by_role("checkbox").first.check()
    return thumb, page, lacks


def _sign(page: Page) -> None:
    canvas = page.locator(".door-sign canvas:visible")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 70, steps=5)
    page.mouse.up()
