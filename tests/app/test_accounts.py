"""Log-in and log-out, one's own password, the language of the pages, and where `/` leads."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import MemoryStorage

from dispatch.accounts.models import Role, StaffAccount
from dispatch.accounts.operations import add_account, set_password
from dispatch.accounts.views import own_path
from dispatch.database import db
from dispatch.security import Sweep, limiter
from dispatch.wards.models import Ward
from tests.app.makers import login_as, make_account, make_ward

PASSWORD = "hoa phượng đỏ tháng năm"


@pytest.fixture
def account(ward: Ward) -> StaffAccount:
    return add_account(ward.id, "hoa", "Trần Thị Hoa", PASSWORD, {Role.CHAIRMAN})


def log_in(client: FlaskClient, username: str, password: str, **fields: str):
    return client.post("/dang-nhap", data={"username": username, "password": password, **fields})


def test_the_right_password_leads_to_the_home_of_the_role(client: FlaskClient, account: StaffAccount) -> None:
    answer = log_in(client, "HOA", PASSWORD)
    assert answer.status_code == 302
    assert client.get("/mat-khau").status_code == 200
    assert db.session.get_one(StaffAccount, account.id).last_login_at is not None


@pytest.mark.parametrize(
    ("username", "password"),
    [("hoa", "sai"), ("nobody", PASSWORD), ("", ""), ("\x00", "\x00"), ("x" * 9000, "y" * 9000)],
)
def test_anything_else_gets_a_sentence(
    client: FlaskClient, account: StaffAccount, username: str, password: str
) -> None:
    answer = log_in(client, username, password)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert client.get("/mat-khau").status_code == 302


def test_who_is_switched_off_does_not_come_in(client: FlaskClient, account: StaffAccount) -> None:
    account.active = False
    assert log_in(client, "hoa", PASSWORD).status_code == 422


def test_with_several_wards_one_says_which(client: FlaskClient, ward: Ward, account: StaffAccount) -> None:
    other = make_ward("Mân Thái")
    assert "Mân Thái" in client.get("/dang-nhap").text
    assert log_in(client, "hoa", PASSWORD, ward=other.public_id).status_code == 422
    assert log_in(client, "hoa", PASSWORD, ward=ward.public_id).status_code == 302


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/truc/", "/truc/"),
        ("/ho-so?q=1", "/ho-so?q=1"),
        ("//evil.test/", ""),
        ("/\\evil.test", ""),
        ("https://evil.test/", ""),
        ("javascript:alert(1)", ""),
        ("/a\r\nSet-Cookie: x", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_next_leads_to_own_paths_only(app: Flask, address: str, kept: str) -> None:
    assert own_path(address) == kept


def test_a_new_password_ends_open_sessions_but_ones_own(app: Flask, client: FlaskClient, account: StaffAccount) -> None:
    elsewhere = app.test_client()
    log_in(elsewhere, "hoa", PASSWORD)
    log_in(client, "hoa", PASSWORD)
    new = "một câu khác dễ nhớ"
    wrong = client.post("/mat-khau", data={"current": "không phải", "new": new, "again": new})
    assert wrong.status_code == 422
    assert client.post("/mat-khau", data={"current": PASSWORD, "new": "ngắn", "again": "ngắn"}).status_code == 422
    assert client.post("/mat-khau", data={"current": PASSWORD, "new": new, "again": new + "!"}).status_code == 422
    assert client.post("/mat-khau", data={"current": PASSWORD, "new": new, "again": new}).status_code == 302
    assert client.get("/mat-khau").status_code == 200
    assert elsewhere.get("/mat-khau").status_code == 302
    assert log_in(elsewhere, "hoa", PASSWORD).status_code == 422
    assert log_in(elsewhere, "hoa", new).status_code == 302


def test_log_out(client: FlaskClient, account: StaffAccount) -> None:
    log_in(client, "hoa", PASSWORD)
    assert client.post("/dang-xuat").status_code == 302
    assert client.get("/mat-khau").status_code == 302


def test_a_password_set_by_the_administrator_ends_the_session(client: FlaskClient, account: StaffAccount) -> None:
    log_in(client, "hoa", PASSWORD)
    set_password(account, "do quản trị đặt lại")
    assert client.get("/mat-khau").status_code == 302


def test_guessing_is_slowed_down(app: Flask, client: FlaskClient, account: StaffAccount) -> None:
    limiter.enabled = True
    limiter.reset()
    try:
        answers = [log_in(client, "hoa", "sai").status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
    finally:
        limiter.enabled = False
        limiter.reset()


def test_health(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok"}


def test_language_is_kept_in_the_browser(client: FlaskClient, account: StaffAccount) -> None:
    assert "Đăng nhập" in client.get("/dang-nhap").text
    answer = client.post("/ngon-ngu", data={"language": "en", "next": "/dang-nhap"})
    assert answer.location == "/dang-nhap"
    assert "Log in" in client.get("/dang-nhap").text
    client.post("/ngon-ngu", data={"language": "xx"})
    assert "Log in" in client.get("/dang-nhap").text


def test_the_first_address(client: FlaskClient, ward: Ward) -> None:
    assert client.get("/").location.endswith("/cai-dat/bat-dau")
    make_account(ward, Role.ADMIN)
    assert client.get("/").location.endswith("/dang-nhap")
    login_as(client, ward, Role.ADMIN)
    assert client.get("/").location.endswith("/cai-dat/")


def test_the_first_address_of_a_demo_is_the_page_of_roles(client: FlaskClient, app: Flask) -> None:
    make_ward(is_demo=True)
    assert client.get("/").location.endswith("/demo/")


def test_a_limit_starts_no_thread_and_forgets_what_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.security.SWEEP_S", 0)
    storage = MemoryStorage()
    storage.timer.join()
    storage.timer = Sweep(storage)
    before = threading.enumerate()
    storage.incr("gone", -1)
    assert [storage.incr("here", 60) for _ in range(3)] == [1, 2, 3]
    assert list(storage.expirations) == ["here"]
    assert set(threading.enumerate()) <= set(before)


def test_the_limits_of_one_process_are_swept(app: Flask) -> None:
    assert isinstance(limiter.storage, MemoryStorage)
    assert isinstance(limiter.storage.timer, Sweep)
