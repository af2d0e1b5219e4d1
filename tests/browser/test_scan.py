"""The camera reads one of the ward's own labels, on the phone and at the desk; without a camera one is told to type.
The bag desk keeps its codes while the network is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dispatch.accounts.models import Role
from dispatch.custody.codes import envelope_label
from dispatch.database import db
from dispatch.dossiers.models import Dossier
from dispatch.duty.links import link_for, token_of
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route
from tests.app.makers import login_as, make_duty, make_volunteer, make_ward
from tests.app.test_custody_office import collected
from tests.browser.conftest import DESKTOP, FLAGS, PHONE, all_sent, drawn_by_the_server, find_chromium, picture
from tests.browser.live import Site

pytestmark = pytest.mark.browser
SOON = 30_000
LABEL = envelope_label(1)
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


def film_of(text: str, file: Path) -> Path:
    """What a camera sees that looks at the label of this text: YUV4MPEG2, grey, ten pictures a second."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=9, border=4)
    frame = Image.new("L", (640, 480), 170)
    with Image.open(drawn) as code:
        frame.paste(code.convert("L").rotate(6, expand=True, fillcolor=255), (170, 110))
    plain = bytes([128]) * (320 * 240 * 2)
    file.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + (b"FRAME\n" + frame.tobytes() + plain) * 5)
    return file


@pytest.fixture
def filming(chromium: Browser, tmp_path: Path) -> Iterator[Browser]:
    """A browser whose camera sees the label."""
    film = film_of(LABEL, tmp_path / "label.y4m")
    flags = [*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={film}"]
    browser = chromium.browser_type.launch(executable_path=find_chromium(), args=flags)
    yield browser
    browser.close()


@contextmanager
def page_in(browser: Browser, **options: object) -> Iterator[Page]:
    context = browser.new_context(locale="vi-VN", **options)  # type: ignore[arg-type]
    context.set_default_timeout(SOON)
    yield context.new_page()
    context.close()


def at_the_door(site: Site, page: Page) -> None:
    with site.app.app_context():
        ward = make_ward()
        duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
        make_route(ward, duty, make_jobs(ward, 1))
        token = token_of(link_for(duty))
        db.session.commit()
        db.session.remove()
    page.goto(f"{site.address}/r/{token}")
    page.locator("button:visible").get_by_text("Đã đến", exact=True).first.click()
    drawn_by_the_server(page, "Đã đến")


def at_the_desk(site: Site, page: Page) -> Ward:
    """An officer opens the bag of a volunteer who carries envelopes 1 and 2."""
    with site.app.app_context():
        ward = make_ward()
        duty = make_duty(ward, make_volunteer(ward, "Lê Nhật Anh"))
        for number in (1, 2):
            collected(ward, duty, number)
        officer = site.app.test_client()
        login_as(officer, ward, Role.OFFICER)
        cookie, path = officer.get_cookie("session"), f"/ban-giao/tui/{duty.public_id}"
        db.session.commit()
        db.session.remove()
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": site.address}])
    page.goto(site.address + path)
    return ward


def holders(site: Site) -> list[str]:
    with site.app.app_context():
        found = list(db.session.scalars(db.select(Dossier.holder).order_by(Dossier.id)))
        db.session.remove()
    return found


def test_the_phone_reads_a_label(site: Site, filming: Browser) -> None:
    with page_in(filming, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        at_the_door(site, page)
        page.get_by_role("button", name="Quét").click()
        expect(page.locator("input[name='envelope']:visible")).to_have_value(LABEL, timeout=SOON)
        expect(page.locator("video")).to_have_count(0, timeout=SOON)
        expect(page.get_by_role("button", name="Quét")).to_be_visible(timeout=SOON)
        page.locator("button:visible").get_by_text("Xong", exact=True).first.click()
        expect(page.get_by_text("Xong hết rồi").first).to_be_visible(timeout=SOON)
        all_sent(page)


def test_the_desk_reads_label_after_label(site: Site, filming: Browser) -> None:
    with page_in(filming, viewport=DESKTOP) as page:
        at_the_desk(site, page)
        page.get_by_role("button", name="Quét").click()
        codes = page.get_by_label("Số bì thư hoặc mã hồ sơ")
        expect(codes).to_have_value(f"{LABEL}\n", timeout=SOON)
        picture(page, "bag-scan")
        page.get_by_role("button", name="Dừng").click()
        expect(page.locator("video")).to_have_count(0, timeout=SOON)
        expect(codes).to_have_value(f"{LABEL}\n", timeout=SOON)
        expect(page.locator("tr", has_text=LABEL)).to_contain_text("có trên bàn", timeout=SOON)


@pytest.mark.parametrize("way", ["no API", "not allowed"])
def test_without_a_camera_one_is_told_to_type(site: Site, chromium: Browser, way: str) -> None:
    """`not allowed`: this browser has no camera, so asking for one fails as a refusal does."""
    with page_in(chromium, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        if way == "no API":
            page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
        at_the_door(site, page)
        if way == "not allowed":
            page.get_by_role("button", name="Quét").click()
        expect(page.get_by_text("Máy này không quét được: hãy gõ số in trên nhãn.")).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="Quét")).to_be_hidden(timeout=SOON)
        page.locator("input[name='envelope']:visible").fill(LABEL.lower())
        page.locator("button:visible").get_by_text("Xong", exact=True).first.click()
        expect(page.get_by_text("Xong hết rồi").first).to_be_visible(timeout=SOON)
        all_sent(page)
    with site.app.app_context():
        assert db.session.scalars(db.select(Dossier.envelope)).one() == LABEL
        db.session.remove()


def test_the_bag_desk_keeps_its_codes_until_they_are_received(site: Site, desk: BrowserContext) -> None:
    page = desk.new_page()
    at_the_desk(site, page)
    codes = page.get_by_label("Số bì thư hoặc mã hồ sơ")
    codes.fill(f"{LABEL}\n{envelope_label(2)}\n")
    page.get_by_role("button", name="Đối chiếu với sổ").click()
    receive = page.get_by_role("button", name="Nhận 2 hồ sơ")
    expect(receive).to_be_visible(timeout=SOON)
    desk.set_offline(True)
    receive.click()
    expect(page.get_by_text("Mất mạng.")).to_be_visible(timeout=SOON)
    assert holders(site) == ["volunteer", "volunteer"]
    picture(page, "bag-offline")
    desk.set_offline(False)
    expect(page.get_by_role("heading", name="Kết thúc ca").first).to_be_visible(timeout=SOON)
    expect(page.get_by_text("Đã nhận 2 hồ sơ")).to_be_visible(timeout=SOON)
    assert holders(site) == ["office", "office"]


def test_codes_outlive_the_page_and_the_server(site: Site, desk: BrowserContext) -> None:
    page = desk.new_page()
    at_the_desk(site, page)
    page.get_by_label("Số bì thư hoặc mã hồ sơ").fill(f"{LABEL}\n")
    page.goto("about:blank")
    page.go_back()
    expect(page.get_by_label("Số bì thư hoặc mã hồ sơ")).to_have_value(f"{LABEL}\n", timeout=SOON)
    expect(page.locator("tr", has_text=LABEL)).to_contain_text("có trên bàn", timeout=SOON)
    page.get_by_role("button", name="Đối chiếu với sổ").click()
    page.get_by_role("button", name="Nhận 1 hồ sơ").click()
    expect(page.get_by_text("Đã nhận 1 hồ sơ")).to_be_visible(timeout=SOON)
    expect(page.get_by_label("Số bì thư hoặc mã hồ sơ")).to_have_value("", timeout=SOON)
