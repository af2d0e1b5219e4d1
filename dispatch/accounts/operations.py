"""Staff accounts: making them, and checking a password."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from dispatch.accounts.models import AccountRole, Role, StaffAccount
from dispatch.database import db

_hasher = PasswordHasher()


def add_account(ward_id: int, username: str, name: str, password: str, roles: set[Role]) -> StaffAccount:
    """A staff account. The caller has checked that the name is free, and commits."""
    account = StaffAccount(ward_id=ward_id, username=username.lower(), name=name, password_hash=_hasher.hash(password))
    account.set_roles(roles)
    db.session.add(account)
    db.session.flush()
    return account


def account_named(ward_id: int, username: str) -> StaffAccount | None:
    """The ward's account of this user name, active or not."""
    named = select(StaffAccount).where(StaffAccount.ward_id == ward_id, StaffAccount.username == username.lower())
    return db.session.scalars(named.limit(1)).first()


def is_last_administrator(account: StaffAccount) -> bool:
    """Whether the ward would have no administrator without this account."""
    if not account.active or Role.ADMIN not in account.roles:
        return False
    others = (
        select(StaffAccount.id)
        .join(AccountRole, AccountRole.account_id == StaffAccount.id)
        .where(StaffAccount.ward_id == account.ward_id, StaffAccount.active, AccountRole.role == Role.ADMIN)
        .where(StaffAccount.id != account.id)
    )
    return db.session.scalar(others.limit(1)) is None


def set_password(account: StaffAccount, password: str) -> None:
    """A new password ends every session that is open."""
    account.password_hash = _hasher.hash(password)
    account.session_version += 1


def password_is(account: StaffAccount | None, password: str) -> bool:
    """Whether the password is right. Takes as long for an unknown account, so that names cannot be found out."""
    try:
        return _hasher.verify(account.password_hash if account else _NOBODY, password) and account is not None
    except (VerificationError, InvalidHashError):
        return False


_NOBODY = _hasher.hash("nobody has this password")
