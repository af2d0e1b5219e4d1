"""Real Chromium against the product's own server process, started as a ward would start it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

from tests.browser.live import Site, live
from tests.conftest import skip_or_fail

ROOT = Path(__file__).parents[2]
PICTURES = Path(os.environ.get("PICTURES", ROOT / "var" / "pictures"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
MONDAY = datetime(2026, 11, 23, 1, 12, tzinfo=UTC)  # 08:12 in Đà Nẵng


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(folder: Path, *command: str, **settings: str) -> Iterator[str]:
    """Run `python app.py COMMAND` in a process of its own until it answers; gives its address."""
    port = free_port()
    environment = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1", **settings}
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process, folder / "server.log")
            yield address
        finally:
            process.terminate()
            process.wait(200)  # it ends what it has begun, however busy the machine is


def wait_until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(f"the server ended: {log.read_text('utf-8')[-3000:]}")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not answer: {log.read_text('utf-8')[-3000:]}")


def find_chromium() -> str | None:
    """The machine's own Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        skip_or_fail("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo ward, started by the README's own command, with short plans."""
    with served(tmp_path_factory.mktemp("demo"), "demo", PLAN_SECONDS="3") as address:
        yield address


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty database served by this process, on a Monday morning; tasks run when a test says so."""
    with live(tmp_path, tasks="manual") as site:
        site.set_clock(MONDAY)
        yield site


@pytest.fixture
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    """A desk PC's browser. A script error on any page fails the test."""
    yield from _context(chromium, viewport=DESKTOP)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A small phone's browser."""
    yield from _context(chromium, viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2)


def _context(chromium: Browser, **options: object) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options)  # type: ignore[arg-type]
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.set_default_timeout(20_000)
    yield context
    context.close()
    assert errors == []


def picture(page: Page, name: str) -> None:
    """A screenshot for people to look at (in var/pictures, or where PICTURES says).

    Chromium never answers for a page that reads itself again while its picture is being taken (as the phone's page does
    after a tap, and the board each minute); the next try does. So a try is short, and there are three.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    for patience_ms in (8_000, 16_000, 60_000):
        try:
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True, timeout=patience_ms)
            return
        except TooLong:
            page.wait_for_load_state()
    raise AssertionError(f"no picture of {page.url}")


def enter_as(page: Page, address: str, role: str) -> None:
    """Take a role on the demo's page."""
    page.goto(f"{address}/demo/")
    page.locator(f'form[action$="/vai/{role}"] button').click()
    page.wait_for_load_state()


def drawn_by_the_server(page: Page, tapped: str) -> None:
    """Wait until the phone's page has been read again after a tap: it says when it was, and that it is sent."""
    sent = re.compile(rf"{tapped}\s+\d\d:\d\d .*đã gửi")
    expect(page.locator(".field-undo", has_text=sent)).to_be_visible(timeout=20_000)
    page.wait_for_load_state("load")


def all_sent(page: Page) -> None:
    """Wait for a page that the server drew with every tap in it, and that has looked into its outbox."""
    expect(page.locator('html[data-waiting="0"]')).to_be_attached(timeout=20_000)


def settled(page: Page) -> None:
    """Wait until the page has loaded and has fetched nothing new for half a second.

    Playwright's own `networkidle` counts requests until it hears of their end, and of some that pass through a service
    worker it sometimes never hears.
    """
    page.wait_for_load_state("load")
    fetched = -1
    while fetched != (now := page.evaluate("performance.getEntriesByType('resource').length")):
        fetched = now
        page.wait_for_timeout(500)


def becomes(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Wait until the server holds this. A page that has just been opened hides its outbox before it has looked."""
    for _ in range(200):
        if read() == wanted:
            return
        page.wait_for_timeout(100)
    assert read() == wanted
