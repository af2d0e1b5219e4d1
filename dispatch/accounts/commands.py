"""What the command `user add` does."""

import os
import re
import sys

import click

from dispatch.accounts.forms import LONGEST_PASSWORD, SHORTEST_PASSWORD, easily_guessed
from dispatch.accounts.models import Role
from dispatch.accounts.operations import account_named, add_account
from dispatch.database import db
from dispatch.wards.operations import only_ward


def add_user(username: str, roles: set[Role], name: str) -> None:
    """An account of the ward; its password comes from PASSWORD, from standard input, or from who sits there."""
    ward = only_ward()
    if ward is None:
        raise click.ClickException("Chưa có phường nào: hãy chạy python app.py init trước.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,39}", username.lower()):
        raise click.ClickException("Tên đăng nhập gồm 2 đến 40 chữ không dấu, số, hoặc . _ -")
    if account_named(ward.id, username):
        raise click.ClickException(f"Đã có tài khoản {username}.")
    ward_id, ward_name = ward.id, ward.name
    db.session.rollback()  # somebody may take their time to type
    password = _password()
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise click.ClickException(f"Mật khẩu cần từ {SHORTEST_PASSWORD} đến {LONGEST_PASSWORD} ký tự.")
    if easily_guessed(password, username, ward_name):
        raise click.ClickException("Mật khẩu này đoán ra ngay. Hãy dùng một câu ngắn mà chỉ mình bạn biết.")
    add_account(ward_id, username, name or username, password, roles)
    db.session.commit()
    click.echo(f"Đã tạo tài khoản {username} ({', '.join(sorted(roles))}).")


def _password() -> str:
    if given := os.environ.get("PASSWORD"):
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại mật khẩu"))
