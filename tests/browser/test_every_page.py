"""Every page of the address table in Chromium: axe, 1280 and 360 pixels wide, text twice as large, and no complaints.

The ward is full, empty, or answers with an error. Of pages that differ in words only, one is looked at.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from dispatch.accounts.models import Role
from dispatch.clock import Clock, real_now
from dispatch.config import load_settings
from dispatch.database import db
from dispatch.duty.models import RouteLink
from dispatch.security import limiter
from dispatch.wards.operations import found_ward
from tests.app.conftest import MONDAY
from tests.app.conftest import Browser as Client
from tests.app.every import PHONE, PHONES, Who, client_of, every_page, is_page, session_cookie
from tests.app.full_ward import make_empty_world, make_world
from tests.app.html import Page as Read
from tests.app.makers import make_ward
from tests.app.snapshots import restore, snapshot
from tests.app.test_every_form import Sent, every_form, post
from tests.app.world import World
from tests.browser.conftest import DESKTOP, FLAGS, find_chromium
from tests.browser.live import Site, live

pytestmark = pytest.mark.browser
NARROW = {"width": 360, "height": 740}
RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
LARGE_TEXT_PX = 32  # twice what browsers come with
SUBMIT = """([action, values]) => {
  const form = Object.assign(document.createElement('form'), {method: 'post', action})
  for (const [name, value] of Object.entries(values)) {
    form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}))
  }
  const token = document.querySelector('[name=csrf_token]')
  if (token && form.elements.length) form.append(token.cloneNode())
  document.body.append(form)
  form.submit()
}"""


Seen = dict[str, set[tuple[str, ...]]]
"""What the pages of each view have shown."""


@dataclass
class Ground:
    """A served ward: pages worth a look, and forms that come back when they are sent empty."""

    site: Site
    world: World
    seen: Seen
    pages: list[tuple[Who, str]]
    forms: list[Sent]
    searches: list[tuple[Who, str, dict[str, str]]]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One of everything."""
    yield from _ground(tmp_path_factory.mktemp("full"), {}, empty=False)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, full: Ground) -> Iterator[Ground]:
    """The first day: accounts, and nothing else."""
    yield from _ground(tmp_path_factory.mktemp("empty"), full.seen, empty=True)


def _ground(folder: Path, seen: Seen, *, empty: bool) -> Iterator[Ground]:
    app = create_app(load_settings(data_dir=folder, secret_key="live", tasks="manual"))
    app.test_client_class = Client
    app.config.update(SERVER_NAME="ward.test", WTF_CSRF_ENABLED=False)
    app.extensions["clock"] = Clock(MONDAY - real_now())
    limiter.enabled = False
    with app.app_context():
        upgrade()
        world = make_empty_world(found_ward("Phường Trống")) if empty else make_world(make_ward())
        made, pages = snapshot(), pages_of(world, seen)
        forms, searches = ([], []) if empty else (forms_of(world), searches_of(world, seen))
        restore(made)
        db.engine.dispose()
    with live(folder, tasks="manual") as site:
        site.set_clock(MONDAY + timedelta(minutes=5))
        yield Ground(site, world, seen, pages, forms, searches)
    limiter.enabled = True


def pages_of(world: World, seen: Seen) -> list[tuple[Who, str]]:
    """Pages with an element that no page of the same address has shown: the others look the same."""
    found = []
    for rule, who, path in every_page(world):
        if is_new(client_of(world, who).get(path), rule.endpoint, seen):
            found.append((who, path))
    return found


def searches_of(world: World, seen: Seen) -> list[tuple[Who, str, dict[str, str]]]:
    return [one for one in world.searches() if is_new(client_of(world, one[0]).post(one[1], data=one[2]), one[1], seen)]


def is_new(response: TestResponse, name: str, seen: Seen) -> bool:
    """Whether the answer is a page with something that was not there before; remembers it."""
    if not is_page(response):
        return False
    shape = {(e.tag, e["class"], e["type"], e["role"]) for e in Read(response.text).elements}
    known = seen.setdefault(name, set())
    fresh = not shape <= known
    known |= shape
    return fresh


def forms_of(world: World) -> list[Sent]:
    """One form of each address that comes back when it is sent empty."""
    found: dict[str, Sent] = {}
    for sent in every_form(world):
        response = post(world, sent, dict.fromkeys(sent.names, "")) if sent.names else None
        if response is not None and response.status_code == 422 and is_page(response):
            found.setdefault(sent.path if sent.rule.endpoint == "office.act" else sent.rule.endpoint, sent)
    return list(found.values())


@dataclass
class Visitor:
    """A browser window of each person, and what was wrong with what they saw."""

    browser: Browser
    ground: Ground
    windows: dict[Who, Page] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def window(self, who: Who) -> Page:
        if who not in self.windows:
            context = self.browser.new_context(viewport=DESKTOP, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
            context.set_default_timeout(20_000)
            context.add_cookies(cookies_of(self.ground, who))
            self.windows[who] = context.new_page()
            listen(self.windows[who], self.heard)
        return self.windows[who]

    def look(self, who: Who, path: str) -> None:
        """Open a page and judge it."""
        page = self.window(who)
        page.set_viewport_size(DESKTOP)
        page.goto(self.ground.site.address + path)
        self.judge(page, f"{who or 'anybody'} {path}")

    def send(self, who: Who, path: str, values: dict[str, str]) -> Page:
        """Post a form to this address and stay on what it answers."""
        page = self.window(who)
        page.set_viewport_size(DESKTOP)
        page.goto(self.ground.site.address + ("/dang-nhap" if who is None else "/mat-khau"))
        with page.expect_navigation():
            page.evaluate(SUBMIT, [path, values])
        return page

    def judge(self, page: Page, name: str) -> None:
        """What stands in the window, at both widths."""
        drawn(page)
        for size in (DESKTOP, NARROW):
            page.set_viewport_size(size)
            self.heard += [f"at {size['width']}: {fault}" for fault in [*axe_faults(page), *too_wide(page)]]
        if self.heard:
            self.wrong[name] = list(self.heard)
            self.heard.clear()

    def close(self) -> None:
        for page in self.windows.values():
            page.context.close()
        assert not self.wrong, "\n" + "\n".join(f"{name}: {faults}" for name, faults in self.wrong.items())


def cookies_of(ground: Ground, who: Who) -> list[dict[str, str]]:
    if who is None:
        return []
    if who in PHONES:
        name, value = "phone", ground.world.phones[PHONES.index(who)]
    else:
        with ground.site.app.app_context():
            name, value = "session", session_cookie(ground.world.sessions[Role(who)])
    return [{"name": name, "value": value, "url": ground.site.address}]


def listen(page: Page, heard: list[str]) -> None:
    """Errors of scripts, breaches of the content policy, and parts of a page that do not come."""

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            heard.append(message.text)

    def response(answer: Response) -> None:
        if answer.status >= 400 and answer.request.resource_type != "document":
            heard.append(f"{answer.status} {answer.url}")

    page.on("console", console)
    page.on("response", response)
    page.on("pageerror", lambda error: heard.append(str(error)))


def drawn(page: Page) -> None:
    """Wait until the maps of the page are there."""
    for found in page.locator("[data-map]").all():
        if found.is_visible():
            page.locator('[data-map][data-ready="yes"]').first.wait_for()


def axe_faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    faults = [(fault["id"], node) for fault in found for node in fault["nodes"]]
    # WCAG 2.5.8 lets marks on a map be where the place is, however near to the next.
    return [f"{rule} {node['target']}" for rule, node in faults if rule != "target-size" or "map-" not in node["html"]]


def too_wide(page: Page) -> list[str]:
    """How far the page reaches beyond the window, and what sticks out first."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide <= 0:
        return []
    out = page.evaluate("""[...document.querySelectorAll('main *, header *, footer *')].filter(
      e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    ).slice(-1).map(e => e.tagName + '.' + e.className)""")
    return [f"{wide} px too wide: {out}"]


@pytest.fixture
def visitor(chromium: Browser, full: Ground) -> Iterator[Visitor]:
    one = Visitor(chromium, full)
    yield one
    one.close()


def test_every_page_of_a_full_ward(visitor: Visitor) -> None:
    for who, path in visitor.ground.pages:
        visitor.look(who, path)


def test_every_page_of_an_empty_ward(chromium: Browser, empty: Ground) -> None:
    visitor = Visitor(chromium, empty)
    for who, path in empty.pages:
        visitor.look(who, path)
    visitor.close()


def test_every_form_that_came_back(visitor: Visitor) -> None:
    assert len(visitor.ground.forms) > 10
    for sent in visitor.ground.forms:
        page = visitor.send(sent.who, sent.path, dict.fromkeys(sent.names, ""))
        visitor.judge(page, f"{sent.path} came back")


def test_pages_that_answer_a_search(visitor: Visitor) -> None:
    for who, path, typed in visitor.ground.searches:
        visitor.judge(visitor.send(who, path, typed), f"{path} {typed}")


def test_every_page_that_says_no(visitor: Visitor) -> None:
    site = visitor.ground.site
    for who, path in ((Role.CHAIRMAN, "/cai-dat/"), (Role.ADMIN, "/khong-co"), (None, "/r/x-y"), (None, "/tuyen")):
        visitor.look(who, path)
    page = visitor.send(Role.ADMIN, "/cai-dat/xong", {})
    visitor.judge(page, "no token")
    with broken(site.app, "accounts.password"):
        visitor.look(Role.ADMIN, "/mat-khau")
    limiter.enabled = True
    page = visitor.window(None)
    for _ in range(25):
        page.request.post(site.address + "/tra-cuu/", form={"code": "1234567"})
    page = visitor.send(None, "/tra-cuu/", {"code": "1234567"})
    limiter.enabled = False
    expect(page.get_by_role("heading", level=1)).to_have_text("Thử quá nhiều lần trong thời gian ngắn")
    visitor.judge(page, "too often")
    with site.app.app_context():
        for link in db.session.scalars(select(RouteLink)):
            link.revoked_at = real_now()
        db.session.commit()
    visitor.look(PHONE, "/tuyen")


def test_no_page_is_too_wide_with_text_twice_as_large(chromium: Browser, full: Ground, tmp_path: Path) -> None:
    """At both widths. The size is set where people set it: in the browser."""
    profile = tmp_path / "Default"
    profile.mkdir()
    sizes = {"default_font_size": LARGE_TEXT_PX, "default_fixed_font_size": LARGE_TEXT_PX}
    (profile / "Preferences").write_text(json.dumps({"webkit": {"webprefs": sizes}}))
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=find_chromium(), args=FLAGS, viewport=DESKTOP, locale="vi-VN"
    )
    page, wrong = context.new_page(), {}
    for who, path in full.pages:
        context.clear_cookies()
        context.add_cookies(cookies_of(full, who))
        page.goto(full.site.address + path)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{LARGE_TEXT_PX}px"
        for size in (DESKTOP, NARROW):
            page.set_viewport_size(size)
            if found := too_wide(page):
                wrong[f"{path} at {size['width']}"] = found
    context.close()
    assert not wrong, "\n" + "\n".join(f"{path}: {found}" for path, found in wrong.items())


class broken:
    """While it lasts, a view fails as only a mistake of ours could make it fail."""

    def __init__(self, app: Flask, endpoint: str) -> None:
        self.views, self.endpoint = app.view_functions, endpoint

    def __enter__(self) -> None:
        self.view = self.views[self.endpoint]

        def fail() -> str:
            raise RuntimeError("on purpose")

        fail.access = self.view.access  # type: ignore[attr-defined]
        self.views[self.endpoint] = fail

    def __exit__(self, *_error: object) -> None:
        self.views[self.endpoint] = self.view
