"""Live, in real Chromium: positions by consent, the board, the citizen's page, and times without a network."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dispatch.accounts.models import Role
from dispatch.accounts.operations import add_account
from dispatch.database import db
from dispatch.duty.links import link_for, token_of
from dispatch.field.expected import Said, Spot
from dispatch.field.expected import expect as expect_times
from dispatch.field.route import Door
from dispatch.field.times import door_in_ms, said_in_ms
from dispatch.live.keys import new_key
from dispatch.live.models import PhonePosition
from dispatch.planning.figures import duration, duration_patterns
from tests.app.field_makers import make_jobs, make_route
from tests.app.makers import make_duty, make_volunteer, make_ward
from tests.browser.conftest import MONDAY, becomes, picture, settled
from tests.browser.live import Site, live

pytestmark = pytest.mark.browser
SOON = 30_000
NEAR = {"latitude": 16.09712, "longitude": 108.24382, "accuracy": 8}
PASSWORD = "mật khẩu đủ dài"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with live(tmp_path, tasks="manual", vapid_private_key=new_key()) as site:
        site.set_clock(MONDAY)
        yield site


@pytest.fixture
def ward_day(site: Site) -> SimpleNamespace:
    with site.app.app_context():
        ward = make_ward()
        duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
        jobs = make_jobs(ward, 3)
        make_route(ward, duty, jobs)
        add_account(ward.id, "mai", "Lê Thị Mai", PASSWORD, {Role.DISPATCHER})
        made = SimpleNamespace(token=token_of(link_for(duty)), code=jobs[0].dossier.code)
        db.session.commit()
        db.session.remove()
    return made


def positions(site: Site) -> list[tuple[float, float]]:
    with site.app.app_context():
        rows = [(row.lat, row.lon) for row in db.session.scalars(db.select(PhonePosition))]
        db.session.remove()
    return rows


def press(page: Page, name: str) -> None:
    page.locator("button:visible").get_by_text(name, exact=True).first.click()


def test_with_consent_the_board_sees_the_phone_and_the_citizen_how_soon_until_it_is_taken_back(
    site: Site, phone: BrowserContext, desk: BrowserContext, ward_day: SimpleNamespace
) -> None:
    phone.grant_permissions(["geolocation"], origin=site.address)
    phone.set_geolocation(NEAR)  # type: ignore[arg-type]
    rider = phone.new_page()
    rider.goto(f"{site.address}/r/{ward_day.token}")
    press(rider, "Bắt đầu đi")
    expect(rider.locator(".thumb-bar").get_by_role("button", name="Bắt đầu đi")).to_be_hidden(timeout=SOON)
    expect(rider.locator("#outbox")).to_be_hidden(timeout=SOON)
    expect(rider.get_by_text("Bạn có đồng ý")).to_be_visible()
    assert positions(site) == [], "the browser would give it; nobody agreed"
    picture(rider, "position-asked")
    press(rider, "Đồng ý chia sẻ vị trí")
    expect(rider.get_by_role("button", name="Ngừng chia sẻ vị trí")).to_be_visible(timeout=SOON)
    becomes(rider, lambda: positions(site)[:1], [(16.097, 108.244)])
    expect(rider.locator('form[id^="arrived-"] input[name="lat"]').first).to_have_value("16.0971", timeout=SOON)

    board = desk.new_page()
    board.goto(f"{site.address}/dang-nhap")
    board.get_by_label("Tên đăng nhập").fill("mai")
    board.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    board.get_by_role("button", name="Đăng nhập").click()
    board.goto(f"{site.address}/dieu-phoi/")
    expect(board.get_by_text("phút trước có trên bản đồ")).to_be_visible(timeout=SOON)
    expect(board.locator(".map-stop--rider")).to_have_text("An", timeout=SOON)
    picture(board, "board-with-position")

    citizen = desk.new_page()
    citizen.goto(f"{site.address}/tra-cuu/")
    citizen.get_by_label("Mã hồ sơ").fill(ward_day.code)
    citizen.get_by_label("4 số cuối").fill("3456")
    citizen.get_by_role("button").first.click()
    expect(citizen.get_by_text(re.compile("Khoảng 5 phút nữa"))).to_be_visible(timeout=SOON)
    assert "16.09" not in citizen.content()

    press(rider, "Ngừng chia sẻ vị trí")
    expect(rider.get_by_role("button", name="Đồng ý chia sẻ vị trí")).to_be_visible(timeout=SOON)
    becomes(rider, lambda: positions(site), [])
    expect(rider.locator('form[id^="arrived-"] input[name="lat"]').first).to_have_value("")
    board.reload()
    expect(board.get_by_role("heading", level=1)).to_be_visible()
    assert board.get_by_text("phút trước có trên bản đồ").count() == 0
    site.let_pass(minutes=2)
    citizen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(citizen.locator("#steps")).to_contain_text("Khoảng 10 phút nữa", timeout=SOON)


def test_the_phone_tells_the_times_without_a_network(
    site: Site, phone: BrowserContext, ward_day: SimpleNamespace
) -> None:
    page = phone.new_page()
    page.goto(f"{site.address}/r/{ward_day.token}")
    settled(page)
    press(page, "Bắt đầu đi")
    clocks = page.locator(".field-clock [data-eta]")
    expect(clocks.last).to_have_text("08:52", timeout=SOON)
    expect(page.locator("#outbox")).to_be_hidden(timeout=SOON)
    settled(page)
    phone.set_offline(True)
    page.get_by_text("Ca của tôi").click()
    page.get_by_label("Trễ khoảng bao lâu?").select_option("30")
    press(page, "Báo phường là tôi trễ")
    expect(clocks.last).to_have_text("09:22", timeout=SOON)
    press(page, "Đã đến")
    expect(clocks.last).to_have_text(re.compile("08:4[2-4]"), timeout=SOON)
    phone.set_offline(False)
    expect(page.get_by_text("Bạn đến đây lúc")).to_be_visible(timeout=SOON)


def test_a_push_message_shows_that_the_route_has_changed_and_leads_to_it(
    site: Site, phone: BrowserContext, ward_day: SimpleNamespace
) -> None:
    phone.grant_permissions(["notifications"], origin=site.address)
    page = phone.new_page()
    page.goto(f"{site.address}/r/{ward_day.token}")
    expect(page.locator("html")).to_have_attribute("data-held", "yes", timeout=SOON)
    expect(page.get_by_role("button", name="Bật thông báo khi tuyến thay đổi")).to_be_visible(timeout=SOON)
    picture(page, "push-offered")
    registrations: list[dict[str, Any]] = []
    devtools = phone.new_cdp_session(page)
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: registrations.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    becomes(page, lambda: any(one["scopeURL"] == f"{site.address}/tuyen" for one in registrations), True)
    own = next(one for one in registrations if one["scopeURL"] == f"{site.address}/tuyen")
    words = "Tuyến của bạn có thay đổi. Mở để xem."
    message = {"origin": site.address, "registrationId": own["registrationId"], "data": words}
    devtools.send("ServiceWorker.deliverPushMessage", message)
    shown = """navigator.serviceWorker.getRegistration('/tuyen').then((one) => one.getNotifications())
      .then((all) => all.map(({ title, body }) => [title, body]))"""
    becomes(page, lambda: page.evaluate(shown), [["Tuyến của tôi", words]])


def test_phone_and_server_tell_the_same_times(site: Site, phone: BrowserContext, ward_day: SimpleNamespace) -> None:
    page = phone.new_page()
    page.goto(f"{site.address}/r/{ward_day.token}")
    settled(page)
    cases, expected = [], []
    for seed in range(300):
        doors, said, moment = some_day(random.Random(seed))
        told = expect_times([(door.job, door.stop) for door in doors], moment, said)
        cases.append([[door_in_ms(door) for door in doors], said_in_ms(said), ms(moment)])
        expected.append([[ms(one.arrives_at), ms(one.leaves_at), one.verdict, one.off_min] for one in told])
    found = page.evaluate(
        """async (cases) => {
          const { expectAll } = await import('/static/js/field-eta.js');
          const flat = ({ arrives, leaves, verdict, off_min }) => [arrives, leaves, verdict, off_min];
          return cases.map(([doors, said, now]) => expectAll(doors, said, now).map(flat));
        }""",
        cases,
    )
    assert found == expected
    patterns = site_words(site, duration_patterns)
    minutes = [0, 1, 42, 60, 102, 120, 601]
    spoken = page.evaluate(
        """async ([minutes, words]) => {
          const { duration } = await import('/static/js/field-eta.js');
          return minutes.map((one) => duration(one, words));
        }""",
        [minutes, patterns],
    )
    assert spoken == site_words(site, lambda: [duration(60 * one) for one in minutes])
    assert spoken[-3:] == ["1 giờ 42 phút", "2 giờ", "10 giờ 1 phút"]


def site_words(site: Site, say: Callable[[], Any]) -> Any:
    """What the server says in its own language."""
    with site.app.test_request_context():
        return say()


def ms(moment: datetime) -> int:
    return round(1000 * moment.timestamp())


def some_day(rng: random.Random) -> tuple[list[Any], Said, datetime]:
    """Doors in any state that a route knows, with reports and a position, at some moment of a morning."""

    def at(low: int = -60, high: int = 120) -> datetime:
        return MONDAY + timedelta(seconds=rng.randrange(60 * low, 60 * high))

    def maybe(value: Any, share: float = 0.5) -> Any:
        return value if rng.random() < share else None

    moment, doors = at(0, 60), []
    for n in range(rng.randrange(1, 5)):
        state = rng.choice(["at_door", "under_way", "planned"]) if n == 0 else "planned"
        start = maybe(at())
        job = SimpleNamespace(
            public_id=str(n),
            state=state,
            arrived_at=min(at(), moment) if state == "at_door" else None,
            set_out_at=min(at(), moment) if state != "planned" else None,
            promised_start=start,
            promised_end=start + timedelta(minutes=30) if start else None,
            window_start=maybe(at()),
            window_end=maybe(at()),
            place=SimpleNamespace(point=maybe((16.09 + rng.random() / 50, 108.24), 0.8)),
        )
        planned = at()
        stop = SimpleNamespace(
            arrives_at=planned,
            starts_at=planned,
            leaves_at=planned + timedelta(seconds=rng.randrange(60, 900)),
            trip=n // 2,
            travel_s=rng.randrange(0, 1200),
            distance_m=rng.choice([0, 700, 2100]),
        )
        doors.append(Door(job, maybe(stop, 0.85)))  # type: ignore[arg-type]
    begun = at()
    pauses = maybe(((begun, maybe(begun + timedelta(minutes=9))),)) or ()
    spot = maybe(Spot(moment - timedelta(seconds=rng.randrange(0, 500)), 16.095, 108.245))
    return doors, Said(pauses, maybe(at()), rng.choice([0, 600, 1800]), spot), moment
