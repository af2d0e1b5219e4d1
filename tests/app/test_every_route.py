"""The whole address table: who may open what, another ward's ids, hostile addresses, and what every page must be."""

import inspect
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from urllib.parse import quote, unquote_plus

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from dispatch.accounts.models import Look, Role
from dispatch.database import db
from dispatch.security import CONTENT_POLICY
from dispatch.wards.models import Ward
from dispatch.wards.operations import found_ward
from tests.app.conftest import as_in_a_ward
from tests.app.every import (
    PHONE,
    PHONES,
    Queries,
    Who,
    access,
    address,
    allowed,
    client_of,
    every_page,
    is_page,
    listed,
    methods,
    page_faults,
    queries,
    rules,
)
from tests.app.full_ward import Worlds, make_empty_world
from tests.app.html import Page
from tests.app.world import World

TABLE = Path(__file__).with_name("routes.txt")
SIGNED = {"webhooks"}  # open to everybody who can sign; the others get 403
DEMO = {"demo"}  # 404 outside the demo
POLLED = {"board"}  # fetched every few seconds: one look an hour is recorded
# Arguments that name nothing of a ward's:
OF_NOBODY = {"day", "monday", "month", "token", "role", "part", "kind", "version", "z", "x", "y"}
MOST_QUERIES = 60
MOST_TIMES = 8


def line(rule: Rule) -> str:
    """One route as people read it."""
    may = access(rule)
    who = "everybody" if may.public else " ".join([*sorted(may.roles), *(["phone"] if may.volunteer else [])])
    return f"{rule.rule:<50} {','.join(methods(rule)):<10} {rule.endpoint:<28} {who}"


def test_the_table_of_routes_and_their_access_is_the_reviewed_one(app: Flask) -> None:
    """A change of access shows in review: UPDATE_ROUTES=1 writes the table anew."""
    lines = [line(rule) for rule in rules()]
    if os.environ.get("UPDATE_ROUTES"):
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == TABLE.read_text("utf-8").splitlines()


def asked(world: World, who: Who, *, of: World | None = None) -> Iterator[tuple[Rule, str, str, TestResponse]]:
    """Every address once with each method, with ids of `of` (else of the same ward), by a fresh browser of `who`."""
    for rule in rules():
        path = address(rule, (of or world).cases(rule)[0])
        for method in methods(rule):
            client = client_of(world, who)
            yield rule, method, path, client.open(path, method=method, follow_redirects=False)


def test_strangers_get_no_further_than_the_log_in(worlds: Worlds) -> None:
    wrong = []
    for rule, method, path, response in asked(worlds.ours, None):
        feature, may = rule.endpoint.partition(".")[0], access(rule)
        if may.public:
            right = feature in SIGNED | DEMO or response.status_code not in (401, 403, 404)
        elif may.roles and not may.volunteer and method == "GET":
            right = response.status_code == 302 and response.location.startswith("/dang-nhap?next=")
        else:
            right = response.status_code == 401
        if not right or response.status_code >= 500:
            wrong.append((method, path, response.status_code))
    assert not wrong, listed(wrong)


@pytest.mark.parametrize("who", [*Role, PHONE])
def test_each_role_opens_its_own_pages_and_no_others(worlds: Worlds, who: Who) -> None:
    wrong = []
    for rule, method, path, response in asked(worlds.ours, who):
        may, status = access(rule), response.status_code
        if may.public:
            right = status < 500
        elif who in allowed(rule):
            right = status not in (401, 403) and status < 500 and not (method == "GET" and status == 405)
        elif who == PHONE:
            right = status in (302, 401)
        else:
            right = status == (403 if may.roles else 401)
        if not right:
            wrong.append((method, path, status))
    assert not wrong, listed(wrong)


@pytest.mark.parametrize("who", [*Role, PHONE])
def test_another_wards_ids_are_not_found(worlds: Worlds, who: Who) -> None:
    found = []
    for rule, method, path, response in asked(worlds.ours, who, of=worlds.theirs):
        names_something = rule.arguments - OF_NOBODY
        if names_something and who in allowed(rule) and response.status_code != 404:
            found.append((method, path, response.status_code))
    assert not found, listed(found)


def test_own_ids_are_found_by_somebody(worlds: Worlds) -> None:
    """Else the test above would prove nothing."""
    lost = []
    for rule in rules():
        if "GET" not in methods(rule) or rule.endpoint.startswith("demo."):
            continue
        path = address(rule, worlds.ours.cases(rule)[0])
        statuses = {client_of(worlds.ours, who).get(path).status_code for who in allowed(rule)}
        if not statuses & {200, 302, 303, 304}:
            lost.append((path, statuses))
    assert not lost, listed(lost)


HOSTILE = ("x" * 3000, "%00", "1" + "0" * 30, "-1", "0", quote("🛵" * 20), "9999-12-31", "0001-01-01", "2026-02-30")
HOSTILE += (
    "..%2f..%2fetc%2fpasswd",
    "%F0%28%8C%BC",
    "%ED%A0%80",
    quote("' OR 1=1 --"),
    quote("<script>"),
    "null",
    "%20",
)
QUERY = re.compile(r"request\.(?:args|values)\.get\(\s*\"(\w+)\"")


def test_hostile_addresses_are_answered(worlds: Worlds) -> None:
    broken = []
    for rule in rules():
        for argument in rule.arguments:
            usual = worlds.ours.cases(rule)[0]
            for value in HOSTILE:
                path = address(rule, {**usual, argument: value})
                for method in methods(rule):
                    who = allowed(rule)[0]
                    status = client_of(worlds.ours, who).open(path, method=method).status_code
                    if status >= 500:
                        broken.append((method, path[:100], status))
    assert not broken, listed(broken)


def test_hostile_queries_are_answered(worlds: Worlds) -> None:
    """Every name that a view asks the query for, and every field of a search form on the page."""
    broken, tried = [], set()
    for rule in rules():
        if "GET" not in methods(rule):
            continue
        path = address(rule, worlds.ours.cases(rule)[0])
        client = client_of(worlds.ours, allowed(rule)[0])
        names = set(QUERY.findall(inspect.getsource(inspect.unwrap(current_app.view_functions[rule.endpoint]))))
        for form in Page(client.get(path).get_data().decode("utf-8", "replace")).forms:
            names |= set(form.fields) if form.method == "get" and form.action.partition("?")[0] == path else set()
        tried |= names
        for value in HOSTILE if names else ():
            query = "&".join(f"{name}={value}" for name in names)
            status = client.get(f"{path}?{query}").status_code
            if status >= 500:
                broken.append((path, value[:40], status))
    assert tried >= {"q", "page", "inbox", "next", "tu", "den", "theo", "v"}
    assert not broken, listed(broken)


@dataclass
class Visit:
    """A page that was fetched: what came, what it asked the database, and whom it recorded as seen by this person."""

    rule: Rule
    who: Who
    path: str
    response: TestResponse
    queries: Queries
    recorded: set[int]

    @property
    def text(self) -> str:
        readable = self.response.mimetype.startswith(("text/", "application/json"))
        return self.response.text if readable else ""

    def __str__(self) -> str:
        return f"{self.who or 'anybody'} {self.path} {self.rule.endpoint} {self.response.status_code}"


@dataclass
class Round:
    """Every page of the world, fetched once, and what was logged meanwhile."""

    visits: list[Visit]
    people: dict[int, tuple[str, ...]]
    log: str


def visit(world: World, rule: Rule, who: Who, path: str) -> Visit:
    feature = rule.endpoint.partition(".")[0]
    before = 0 if feature in POLLED else db.session.scalar(select(func.max(Look.id))) or 0
    with queries() as heard:
        response = client_of(world, who).get(path)
    looks = select(Look.subject_id).where(Look.subject_kind == "citizen", Look.id > before)
    looks = looks.where(Look.actor_kind == actor_kind(who), Look.page.startswith(feature))
    return Visit(rule, who, path, response, heard, set(db.session.scalars(looks)))


def actor_kind(who: Who) -> str:
    return "citizen" if who is None else "volunteer" if who in PHONES else "staff"


@pytest.fixture(scope="module")
def round_of_pages(engine_app: Flask, made_worlds: Worlds) -> Round:
    log = StringIO()
    handler = logging.StreamHandler(log)
    with engine_app.app_context(), as_in_a_ward(engine_app, made_worlds, WTF_CSRF_ENABLED=True):
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.INFO)
        visits = [visit(made_worlds.ours, *page) for page in every_page(made_worlds.ours)]
        people = made_worlds.ours.personal_words()
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    return Round(visits, people, log.getvalue())


@pytest.mark.usefixtures("app")
def test_every_page_is_well_made(round_of_pages: Round) -> None:
    wrong = {}
    for one in round_of_pages.visits:
        found = [] if one.response.status_code < 500 else [one.response.status]
        if one.response.headers.get("Content-Security-Policy") != CONTENT_POLICY:
            found.append("other content policy")
        if is_page(one.response):
            found += page_faults(one.text)
        if found:
            wrong[str(one)] = found
    assert not wrong, listed(wrong.items())


def test_pages_that_answer_a_search_are_well_made(worlds: Worlds) -> None:
    current_app.config["WTF_CSRF_ENABLED"] = False
    wrong = {}
    for who, path, typed in worlds.ours.searches():
        response = client_of(worlds.ours, who).post(path, data=typed)
        found = page_faults(response.text)
        if response.status_code != 200 or found or worlds.theirs.family in response.text:
            wrong[f"{path} {typed} {response.status_code}"] = found
    assert not wrong, listed(wrong.items())


def test_tracking_shows_no_name_number_or_street(worlds: Worlds) -> None:
    words = [word for person in worlds.ours.personal_words().values() for word in person] + ["Ngô Quyền"]
    for who, path, typed in worlds.ours.searches():
        if who is None:
            shown = Page(client_of(worlds.ours, None).post(path, data=typed).text).words
            assert not [word for word in words if word in shown]


def test_every_page_of_an_empty_ward_is_well_made(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    empty = make_empty_world(found_ward("Phường Trống"))
    wrong = {}
    for rule, who, path in every_page(empty):
        response = client_of(empty, who).get(path)
        found = page_faults(response.text) if is_page(response) else []
        if found or response.status_code >= 500:
            wrong[f"{path} {rule.endpoint} {response.status_code}"] = found
    app.config["WTF_CSRF_ENABLED"] = False
    assert not wrong, listed(wrong.items())


def test_pages_of_the_demo_are_well_made(worlds: Worlds) -> None:
    db.session.get_one(Ward, worlds.ours.ward_id).is_demo = True
    current_app.config["WTF_CSRF_ENABLED"] = True
    wrong = {}
    for rule, who, path in every_page(worlds.ours):
        if rule.endpoint in ("demo.roles", "accounts.login", "reports.overview"):
            response = client_of(worlds.ours, who).get(path, follow_redirects=True)
            wrong[path] = [*page_faults(response.text), *([] if "demo-band" in response.text else ["no band"])]
    assert not any(wrong.values()), listed(wrong.items())


def test_pages_ask_the_database_little(round_of_pages: Round) -> None:
    wrong = {}
    for one in round_of_pages.visits:
        heard = one.queries
        found = [f"{times} times {text}" for text, times in heard.statements.items() if times > MOST_TIMES]
        found += [f"without end: {text}" for text in heard.endless]
        found += [f"without ward: {text}" for text in heard.wardless]
        if heard.total() > MOST_QUERIES:
            found.append(f"{heard.total()} queries")
        if found:
            wrong.setdefault(one.rule.endpoint, found)
    assert not wrong, listed(wrong.items())


def test_whoever_is_shown_is_recorded_as_seen(round_of_pages: Round) -> None:
    people, wrong = round_of_pages.people, {}
    for one in round_of_pages.visits:
        shown = {id for id, words in people.items() if any(word in one.text for word in words)}
        known = {word for id in one.recorded for word in people.get(id, ())}
        missing = [people[id] for id in shown - one.recorded if not known & set(people[id])]
        if missing:
            wrong[str(one)] = missing
    assert not wrong, listed(wrong.items())


def test_nobody_of_another_ward_is_shown(round_of_pages: Round, made_worlds: Worlds) -> None:
    family = made_worlds.theirs.family
    assert not (wrong := [str(one) for one in round_of_pages.visits if family in one.text]), listed(wrong)


def test_no_name_or_number_stands_in_an_address_or_a_log(round_of_pages: Round) -> None:
    words = [word for person in round_of_pages.people.values() for word in person]
    wrong = []
    for one in round_of_pages.visits:
        addresses = [one.response.headers.get("Location", "")]
        if one.response.mimetype == "text/html":
            addresses += Page(one.text).addresses
        plain = [unquote_plus(address) for address in addresses if not address.startswith("tel:")]
        wrong += [(str(one), address) for address in plain if any(word in address for word in words)]
    assert not wrong, listed(wrong)
    assert [word for word in words if word in round_of_pages.log] == []


def test_what_a_failed_query_held_stays_out_of_the_log(app: Flask) -> None:
    """SQLAlchemy puts the values of a failed statement into its error, and errors are logged."""
    assert db.engine.hide_parameters
