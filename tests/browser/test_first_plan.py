"""An empty ward reaches its first plan in a browser: `init`, `serve`, the printed code, the wizard, a call, a plan."""

import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import ROOT, picture, served

PASSWORD = "một câu đủ dài"


def test_from_init_to_the_first_plan(desk: BrowserContext, tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PYTHONUTF8": "1"}
    command = [sys.executable, "app.py", "init"]
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, encoding="utf-8")
    code = re.findall(r"\b[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}\b", printed.stdout)[0]
    with served(tmp_path, "serve", PLAN_SECONDS="2") as address:
        page = desk.new_page()
        found_the_ward(page, address, code)
        follow_the_wizard(page, address)
        people_on_duty(page, address)
        day = take_a_call(page, address)
        plan(page, address, day)


def found_the_ward(page: Page, address: str, code: str) -> None:
    page.goto(address)
    page.wait_for_url("**/cai-dat/bat-dau")
    fields = {"code": code, "ward_name": "Phường Sơn Trà", "name": "Lê Văn Quản", "username": "quan.le"}
    for name, value in {**fields, "password": PASSWORD, "again": PASSWORD}.items():
        page.locator(f'main input[name="{name}"]').fill(value)
    picture(page, "first-1-found")
    save(page)
    page.wait_for_url("**/cai-dat/phuong")


def follow_the_wizard(page: Page, address: str) -> None:
    page.locator('[name="old_names"]').fill("Thọ Quang\nMân Thái\nNại Hiên Đông")
    save(page)
    page.wait_for_url("**/cai-dat/tru-so")
    page.locator('[name="office_address"]').fill("Lê Đức Thọ")
    page.locator('[data-map][data-ready="yes"]').wait_for()
    canvas = page.locator("[data-map] canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] / 2})  # the pin goes where one clicks
    assert page.locator('[name="office_lat"]').input_value()
    picture(page, "first-2-office")
    save(page)
    page.wait_for_url("**/ban-do/")
    page.goto(f"{address}/cai-dat/gio-lam")
    save(page)
    page.wait_for_url("**/cai-dat/lien-he")
    page.locator('[name="hotlines"]').fill("0236 3831 234\n0905 123 456")
    save(page)
    page.wait_for_url("**/cai-dat/thu-tuc/")
    picture(page, "first-3-procedures")


def people_on_duty(page: Page, address: str) -> None:
    page.goto(f"{address}/cai-dat/tai-khoan/")
    page.locator('main a[href*="/cai-dat/tai-khoan/"]', has_text="Lê Văn Quản").first.click()
    for role in ("dispatcher", "hotline", "officer", "chairman"):
        page.locator(f'input[name="roles"][value="{role}"]').check()
    save(page)
    page.goto(f"{address}/tinh-nguyen-vien/danh-sach")
    page.locator('[name="people"]').fill("Nguyễn Văn An\t0905 111 222\nTrần Thị Bình\t0905 111 333\n")
    save(page)
    page.goto(f"{address}/truc/")
    page.locator('form button[value="fair"], form:has(input[name="how"][value="fair"]) button').first.click()
    page.wait_for_load_state()
    page.goto(f"{address}/truc/")
    page.locator('a[href*="tuan="], a[href*="/truc/?"]').last.click()  # next week, so that any day of the week will do
    page.locator('form button[value="fair"], form:has(input[name="how"][value="fair"]) button').first.click()
    page.wait_for_load_state()
    picture(page, "first-4-duties")
    page.goto(f"{address}/cai-dat/thoi-gian")
    save(page)
    page.locator('form[action$="/cai-dat/xong"] button').click()
    page.locator(".notice").first.wait_for()
    picture(page, "first-5-overview")


def take_a_call(page: Page, address: str) -> str:
    """One call for the next day on which somebody is on duty."""
    page.goto(f"{address}/ke-hoach/")
    links = page.locator('a[href*="/ke-hoach/ngay/"]')
    day = (links.nth(1).get_attribute("href") or "").rsplit("/", 1)[1]
    page.goto(f"{address}/tiep-nhan/")
    page.locator("#phone").fill("0905 777 888")
    page.locator("#caller_name").fill("Trần Thị Thu Hà")
    option = page.locator("#procedure option", has_text="bản sao").first.get_attribute("value")
    page.select_option("#procedure", option)
    page.locator("#address").fill("120 Ngô Quyền")
    page.locator("#address").press("Tab")
    page.locator('input[name="window"][value="ask"]').check()
    page.locator('[name="asked_day"]').fill(day)
    page.locator("#consent").check()
    save(page)
    page.wait_for_url("**/tiep-nhan/xong/*")
    return day


def plan(page: Page, address: str, day: str) -> None:
    page.goto(f"{address}/ke-hoach/ngay/{day}")
    page.locator(f'form[action$="/ke-hoach/ngay/{day}"] button').click()
    page.wait_for_url(re.compile(r"/ke-hoach/[a-z0-9]{12}$"), timeout=60_000)
    page.locator('form[action$="/ban-hanh"] button').click()
    page.locator(".lane", has_text="120 Ngô Quyền").wait_for()
    picture(page, "first-6-plan")


def save(page: Page) -> None:
    page.locator('main form button[type="submit"], main form button.button--primary').last.click()
