"""Walking over the whole address table: who may open what, as whom to ask, and what a request did on the way."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import Column, Select, Table, UniqueConstraint, event
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.functions import FunctionElement
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from dispatch.accounts.models import Role
from dispatch.database import db
from dispatch.security import Access, access_of
from tests.app.html import Page, faults
from tests.app.world import World

HOST = "ward.test"
PHONE, OTHER_PHONE = "phone", "other phone"
PHONES = (PHONE, OTHER_PHONE)
MOST_LINKS = 12  # followed from one page to itself
Who = Role | str | None
"""A role of staff, a volunteer's phone, or None for a stranger."""


def rules() -> list[Rule]:
    """The address table in its order on paper, without the static files."""
    every = (rule for rule in current_app.url_map.iter_rules() if rule.endpoint != "static")
    return sorted(every, key=lambda rule: rule.rule)


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def access(rule: Rule) -> Access:
    found = access_of(rule.endpoint)
    assert found is not None, f"{rule.rule} does not say who may open it"
    return found


def allowed(rule: Rule) -> list[Who]:
    """Who may open the address; strangers where everybody may."""
    may = access(rule)
    if may.public:
        return [None]
    return [*(role for role in Role if role in may.roles), *([PHONE] if may.volunteer else [])]


def address(rule: Rule, values: dict[str, str]) -> str:
    """The path with these values, which may be what the rule would not accept."""
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda argument: values[argument[1]], rule.rule)


def client_of(world: World, who: Who) -> Client:
    """A browser of somebody of this ward."""
    client = current_app.test_client()
    if who in PHONES:
        client.set_cookie("phone", world.phones[PHONES.index(who)], domain=HOST)
    elif who is not None:
        client.set_cookie("session", session_cookie(world.sessions[Role(who)]), domain=HOST)
    return client


def every_page(world: World) -> Iterator[tuple[Rule, Who, str]]:
    """Every address that is fetched: all cases by the first who may, the first case by all who may.

    Then the same with every query that a link on the page itself leads to: its tabs, pages and filters.
    """
    for rule in rules():
        if "GET" in methods(rule):
            people = [who for who in allowed(rule) if who != PHONE or world.phones]
            people += [OTHER_PHONE] if PHONE in people else []
            cases = [address(rule, case) for case in world.cases(rule)]
            if not cases or not people:
                continue
            first, *others = people
            yield from ((rule, first, path) for path in cases)
            yield from ((rule, who, cases[0]) for who in others)
            page = client_of(world, first).get(cases[0])
            links = [e["href"] for e in Page(page.text).all("a")] if is_page(page) else []
            queries = sorted({link for link in links if link.startswith(f"{cases[0]}?")})
            yield from ((rule, first, link) for link in queries[:MOST_LINKS])


def listed(wrong: Iterable[object]) -> str:
    """One a line, so that a failure can be read."""
    return "\n" + "\n".join(map(str, wrong))


FREE_OF_TOKENS = {
    "bag.keep",
    "field.events",
    "live.here",
    "live.tell_me",
    "live.tell_me_no_more",
    "tracking.find",
    "tracking.fresh",
    "webhooks.messenger",
    "webhooks.status",
}
"""Signed by a machine, a tap from a phone (its cookie is Lax), or tracking, which changes nothing."""


def page_faults(text: str) -> list[str]:
    """What is wrong with a whole page; forms that need no token may come without."""
    rules_of = {rule.rule for rule in rules() if rule.endpoint in FREE_OF_TOKENS}
    free = tuple(f"form to {path} without csrf_token" for path in rules_of)
    return [fault for fault in faults(text) if fault not in free]


def session_cookie(session_id: str) -> str:
    """The value of the session cookie with which a browser is logged in."""
    signer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    return str(signer.dumps({"_user_id": session_id, "_fresh": True}))


def is_page(response: TestResponse) -> bool:
    """Whether the answer is a whole page, not a fragment or data."""
    whole = response.mimetype == "text/html" and not 300 <= response.status_code < 400
    return whole and response.text.lstrip().lower().startswith("<!doctype")


@dataclass
class Queries:
    """The SQL of a request: how often each statement ran, and those that could read without end."""

    statements: Counter[str] = field(default_factory=Counter)
    endless: set[str] = field(default_factory=set)
    wardless: set[str] = field(default_factory=set)

    def total(self) -> int:
        return sum(self.statements.values())


@contextmanager
def queries() -> Iterator[Queries]:
    """Listen to the engine."""
    heard = Queries()

    def listen(_connection: Any, _cursor: Any, text: str, _parameters: Any, context: Any, _many: bool) -> None:
        query = getattr(context.compiled, "statement", None)
        if isinstance(query, Select):
            heard.statements[text] += 1
            endless, wardless = _judge(text, query)
            heard.endless |= {text} if endless else set()
            heard.wardless |= {text} if wardless else set()

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)


_judged: dict[str, tuple[bool, bool]] = {}


def _judge(text: str, query: Select[Any]) -> tuple[bool, bool]:
    """Whether a statement reads without end, and whether it reads across wards."""
    if text not in _judged:
        tables = [table for table in query.get_final_froms() for table in _tables(table) if "ward_id" in table.c]
        tables = [table for table in tables if table.name not in SMALL]
        compared = set(_compared(query))
        narrow = not tables or any(_narrow(column) for column in compared)
        wardless = not narrow and not any(column.name == "ward_id" for column in compared)
        one_row = all(isinstance(column, FunctionElement) for column in query.selected_columns)
        endless = not (narrow or one_row or query._limit_clause is not None or len(query._group_by_clauses))
        _judged[text] = endless, wardless
    return _judged[text]


def _tables(selectable: Any) -> Iterator[Table]:
    for found in visitors.iterate(selectable):
        if isinstance(found, Table):
            yield found


def _compared(query: Select[Any]) -> Iterator[Column[Any]]:
    """Columns that must equal something for a row to be read."""
    if query.whereclause is None:
        return
    for part in visitors.iterate(query.whereclause):
        if isinstance(part, BinaryExpression) and part.operator in (operators.eq, operators.in_op):
            for side in (part.left, part.right):
                found = getattr(side, "base_columns", ())
                yield from (column for column in found if isinstance(column, Column))


SMALL = {"hotline", "staff_account", "account_role"}  # what a ward sets about itself, a handful of rows


def _narrow(column: Column[Any]) -> bool:
    """Whether few rows share a value: keys, references to something smaller than a ward, parts of unique keys."""
    if column.name in ("ward_id", "subject_id"):
        return column.name == "subject_id"
    unique = (c for c in column.table.constraints if isinstance(c, UniqueConstraint))
    return bool(column.primary_key or column.foreign_keys or any(column.name in c.columns for c in unique))
