"""The first visit: a ward without an administrator is founded by whoever holds the code that the console showed."""

import hashlib
import hmac

from flask import current_app
from sqlalchemy import select

from dispatch.accounts.models import AccountRole, Role, StaffAccount
from dispatch.accounts.operations import add_account
from dispatch.database import db
from dispatch.identity import ALPHABET
from dispatch.wards.models import Ward
from dispatch.wards.operations import found_ward

PLACEHOLDER = "Phường mới"


def may_be_founded(ward: Ward | None) -> bool:
    """Whether nobody administers the ward yet (or there is no ward)."""
    return ward is None or not (ward.is_demo or has_administrator(ward.id))


def has_administrator(ward_id: int) -> bool:
    administrators = (
        select(StaffAccount.id)
        .join(AccountRole, AccountRole.account_id == StaffAccount.id)
        .where(StaffAccount.ward_id == ward_id, StaffAccount.active, AccountRole.role == Role.ADMIN)
    )
    return db.session.scalar(administrators.limit(1)) is not None


def setup_code(ward: Ward | None) -> str:
    """The code that founds this ward, computed from the secret key: nothing to store, and of use only once,
    as the first administrator ends it."""
    subject = ward.public_id if ward else "no ward"
    mac = hmac.new(current_app.config["SECRET_KEY"].encode(), f"set-up:{subject}".encode(), hashlib.sha256).digest()
    letters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in mac[:12])
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def is_setup_code(ward: Ward | None, typed: str) -> bool:
    """Whether the code is right, however it was grouped."""
    bare = "".join(c for c in typed.lower() if c in ALPHABET)
    return hmac.compare_digest(bare, setup_code(ward).replace("-", ""))


def found(ward: Ward | None, ward_name: str, username: str, name: str, password: str) -> StaffAccount:
    """Name the ward and make its first administrator. The caller has checked the code, and commits."""
    ward = ward or found_ward(ward_name)
    ward.name = ward_name
    return add_account(ward.id, username, name, password, {Role.ADMIN})
