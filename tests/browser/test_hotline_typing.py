"""A clerk who types faster than the server answers: a known caller's name fills in, and never over what was typed."""

from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from dispatch.accounts.models import Role
from dispatch.database import db
from tests.app.makers import login_as, make_citizen, make_ward
from tests.browser.conftest import becomes
from tests.browser.live import Site

pytestmark = pytest.mark.browser
SOON = 30_000


@pytest.fixture
def form(site: Site, desk: BrowserContext) -> Page:
    """The hotline's form of a ward that knows one caller."""
    with site.app.app_context():
        ward = make_ward()
        make_citizen(ward, "Trần Thị Hoa", "+84905123456")
        clerk = site.app.test_client()
        login_as(clerk, ward, Role.HOTLINE)
        cookie = clerk.get_cookie("session")
        db.session.commit()
        db.session.remove()
    assert cookie is not None
    page = desk.new_page()
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": site.address}])
    page.goto(f"{site.address}/tiep-nhan/")
    return page


class Gate:
    """Keeps what the page asks until it is opened."""

    def __init__(self, form: Page) -> None:
        self.opened = False
        self.kept: list[Route] = []
        form.route("**/tiep-nhan/dang-go", self.hear)

    def hear(self, route: Route) -> None:
        if self.opened:
            route.continue_()
        else:
            self.kept.append(route)

    def open(self) -> None:
        self.opened = True
        for route in self.kept:
            with suppress(Error):  # the page no longer waits for what it asked before
                route.continue_()


def type_number_and_go_on(form: Page) -> Gate:
    """Tab before anything was answered."""
    gate = Gate(form)
    form.locator("#phone").focus()
    form.keyboard.type("0905 123 456")
    form.keyboard.press("Tab")
    expect(form.locator("#caller_name")).to_be_focused()
    becomes(form, lambda: bool(gate.kept), True)
    return gate


def test_the_name_fills_in_though_the_clerk_went_on_before_the_answer(form: Page) -> None:
    type_number_and_go_on(form).open()
    expect(form.locator("#caller_name")).to_have_value("Trần Thị Hoa", timeout=SOON)


def test_what_was_typed_meanwhile_is_never_overwritten(form: Page) -> None:
    gate = type_number_and_go_on(form)
    form.keyboard.type("Lê Văn")
    gate.open()
    expect(form.locator("#callers")).to_contain_text("Trần Thị Hoa", timeout=SOON)
    expect(form.locator("#caller_name")).to_have_value("Lê Văn")
