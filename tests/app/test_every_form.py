"""Every form against nothing, too much, hostile words and wrong types. The forms are read from the pages."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from dispatch.database import db
from dispatch.wards.models import Ward
from tests.app.conftest import as_in_a_ward
from tests.app.every import (
    FREE_OF_TOKENS,
    HOST,
    Who,
    address,
    allowed,
    client_of,
    every_page,
    is_page,
    listed,
    methods,
    page_faults,
    rules,
)
from tests.app.full_ward import Worlds
from tests.app.html import Form, Page
from tests.app.snapshots import restore
from tests.app.world import World

# Sent by scripts, by other machines, or on a ward's very first day: no page of a full ward carries a form for these.
WITHOUT_FORM = {
    "bag.keep",
    "dossiers.live",
    "intake.live",
    "live.here",
    "live.tell_me",
    "live.tell_me_no_more",
    "places.suggest",
    "setup.finish",
    "setup.first",
    "tracking.fresh",
    "visits.live",
    "webhooks.messenger",
    "webhooks.status",
}
CHANGES_WHO_MAY = {"staff.edit", "accounts.password"}  # afterwards somebody may be logged out
VIETNAMESE = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
TOLD = {"notice", "field__error"}
HUGE = "Ngô Quyền " * 10_000
HOSTILE: tuple[str | bytes, ...] = (
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "a\x00b",
    b"\xed\xa0\x80\xff\xfe",
    "🛵👵🏽" * 50,
    "\u202etxt.exe\u200f",
    "1" + "0" * 30,
    "-1",
    "9999-12-31",
    "2026-02-30",
    "Ngo\u0302 Quye\u0302\u0300n",
    "%(x)s %s {0}",
    "{{ 7 * 7 }}{% raw %}",
    "NaN",
    "٣" * 7,
    "\r\n\r\nSet-Cookie: x=1",
)
JSON_BODIES = ("[]", "null", "5", '"x"', "{", '{"events": 5}', "[" * 5000)
WRONG_TYPES = ([], {}, None, True, 1e300, 10**30, "x", [["x"]], {"x": {}})
# What a person would type into an empty field of this name.
USUAL = {
    "phone": "0905 123 456",
    "beneficiary_phone": "0905 123 457",
    "username": "nguoi.moi",
    "password": "mật khẩu đủ dài",
    "new": "mật khẩu đủ dài",
    "again": "mật khẩu đủ dài",
    "address": "19 Ngô Quyền",
    "lat": "16.0935",
    "lon": "108.2438",
    "asked_day": "2026-11-24",
    "promised_on": "2026-11-27",
    "official_code": "H17.20.263-261123-9999",
    "code": "1234567",
    "digits": "1234",
    "people": "Nguyễn Văn Mới, 0905 123 458",
    "service_on": "01/12/2026",
}


@dataclass(frozen=True)
class Sent:
    """A form as somebody would fill it in: where it goes, who found it on which page, and good values."""

    rule: Rule
    path: str
    who: Who
    values: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> list[str]:
        return [name for name, _values in self.values]

    def good(self, **other: object) -> dict[str, object]:
        return {name: list(values) for name, values in self.values} | other


def plain(names: Iterable[str]) -> dict[str, str]:
    """One name of each kind: `papers-0-name` stands for those of all rows."""
    return {re.sub(r"\d+", "0", name): name for name in names}


def filled_in(form: Form) -> dict[str, tuple[str, ...]]:
    """What is there stays; what is empty gets its first choice, or what people usually type."""
    values = {}
    for name, kept in form.fields.items():
        choices = [choice for choice in form.choices[name] if choice]
        values[name] = tuple(kept) if any(kept) else (USUAL.get(name) or next(iter(choices), "Một câu"),)
    values.pop("csrf_token", None)
    return values


def every_form(world: World) -> Iterator[Sent]:
    """One form of each kind (address and fields) that the pages of this ward carry."""
    seen = set()
    adapter = current_app.url_map.bind(HOST)
    for _rule, who, path in every_page(world):
        response = client_of(world, who).get(path)
        for form in Page(response.text).forms if is_page(response) else []:
            if form.method != "post":
                continue
            rule, _values = adapter.match(form.action.partition("?")[0], "POST", return_rule=True)
            kind = (
                rule.rule,
                form.action.rpartition("/")[2] if rule.endpoint == "office.act" else "",
                *plain(form.fields),
            )
            if kind not in seen:
                seen.add(kind)
                yield Sent(rule, form.action, who, tuple(filled_in(form).items()))


@pytest.fixture(scope="module")
def forms(engine_app: Flask, made_worlds: Worlds) -> list[Sent]:
    with engine_app.app_context(), as_in_a_ward(engine_app, made_worlds):
        return list(every_form(made_worlds.ours))


def post(world: World, sent: Sent, values: dict[str, object]) -> TestResponse:
    return client_of(world, sent.who).post(
        sent.path, data=urlencode(values, doseq=True), content_type="application/x-www-form-urlencoded"
    )


def wrong_with(response: TestResponse) -> list[str]:
    """What may not be in an answer to a form, whatever was sent."""
    found = [response.status] if response.status_code in (401, 403) or response.status_code >= 500 else []
    if is_page(response):
        page = Page(response.text)
        found += page_faults(response.text)
        if response.status_code >= 400 and not VIETNAMESE.search(page.words):
            found.append(f"{response.status} without a Vietnamese sentence")
        told = any(element["role"] == "alert" or TOLD & set(element["class"].split()) for element in page.elements)
        if response.status_code == 422 and not told:
            found.append("422 without saying what is wrong")
    return found


def complain(wrong: list[tuple[str, object, list[str]]]) -> None:
    assert not wrong, listed((path, str(values)[:300], found[:3]) for path, values, found in wrong)


def try_all(
    worlds: Worlds, sent: Sent, attempts: Iterable[dict[str, object]]
) -> Iterator[tuple[str, object, list[str]]]:
    for values in attempts:
        found = wrong_with(post(worlds.ours, sent, values))
        if found:
            yield sent.path, values, found
    if sent.rule.endpoint in CHANGES_WHO_MAY:
        restore(worlds.rows)


@pytest.mark.usefixtures("app")
def test_every_address_that_takes_something_is_reached_by_a_form(forms: list[Sent]) -> None:
    """Else the tests below would pass over it."""
    reached = {sent.rule.endpoint for sent in forms}
    taking = {rule.endpoint for rule in rules() if "POST" in methods(rule) and not rule.endpoint.startswith("demo.")}
    assert taking - reached <= WITHOUT_FORM
    assert len(forms) > 30


def test_forms_survive_nothing_and_what_a_person_types(worlds: Worlds, forms: list[Sent]) -> None:
    wrong = []
    for sent in forms:
        blank = dict.fromkeys(sent.names, "")
        wrong += try_all(worlds, sent, ({}, blank, sent.good()))
    complain(wrong)


def test_forms_survive_hostile_words_in_every_field(worlds: Worlds, forms: list[Sent]) -> None:
    """Every value meets every field; the fields of one request get different ones."""
    wrong = []
    for sent in forms:
        for turn in range(len(HOSTILE) if sent.names else 0):
            hostile = {name: HOSTILE[(turn + place) % len(HOSTILE)] for place, name in enumerate(sent.names)}
            wrong += try_all(worlds, sent, [hostile])
    complain(wrong)


def test_forms_survive_one_hostile_field_among_good_ones(worlds: Worlds, forms: list[Sent]) -> None:
    """What stops at the first wrong field would hide what happens further in."""
    wrong, turn = [], 0
    for sent in forms:
        for name in plain(sent.names).values():
            values: list[object] = [HUGE, ["x", "", "y"], HOSTILE[turn % len(HOSTILE)]]
            turn += 1
            wrong += try_all(worlds, sent, (sent.good(**{name: value}) for value in values))
    complain(wrong)


def test_json_where_a_form_is_expected_and_json_of_wrong_types(worlds: Worlds, forms: list[Sent]) -> None:
    wrong = []
    for sent in forms:
        bodies = list(JSON_BODIES)
        for turn in range(len(WRONG_TYPES)):
            body = {name: WRONG_TYPES[(turn + place) % len(WRONG_TYPES)] for place, name in enumerate(sent.names)}
            bodies += [json.dumps(body)] if sent.rule.endpoint == "field.events" or turn < 2 else []
        for body in bodies:
            response = client_of(worlds.ours, sent.who).post(sent.path, data=body, content_type="application/json")
            if found := wrong_with(response):
                wrong.append((sent.path, body, found))
    complain(wrong)


def test_scripts_and_machines_survive_the_same(worlds: Worlds, forms: list[Sent]) -> None:
    """What no form leads to, with the fields of every form at once."""
    names = sorted({name for sent in forms for name in sent.names} | {"changed", "q", "Body", "From", "MessageSid"})
    wrong = []
    for rule in rules():
        if "POST" in methods(rule) and rule.endpoint in WITHOUT_FORM:
            sent = Sent(rule, rule.rule, allowed(rule)[0], tuple((name, ("x",)) for name in names))
            for turn, value in enumerate(HOSTILE):
                values = {name: HOSTILE[(turn + place) % len(HOSTILE)] for place, name in enumerate(names)}
                for body in (values, values | {"changed": ",".join(names), "q": value}, {}):
                    response = post(worlds.ours, sent, body)
                    if response.status_code >= 500:
                        wrong.append((sent.path, value, [response.status]))
    complain(wrong)


def test_what_was_stored_is_shown_as_words(worlds: Worlds, forms: list[Sent]) -> None:
    """Hostile words in every free text at once, and then every page again."""
    words = "<script>alert(1)</script> \u202e{{ 7 * 7 }} %(x)s \"'><b>"
    for sent in forms:
        if sent.rule.endpoint not in {"accounts.logout", "staff.edit"}:
            free = {name: words for name, values in sent.values if values in (("Một câu",), ("",)) or "note" in name}
            post(worlds.ours, sent, sent.good(**free))
    wrong = []
    for _rule, who, path in every_page(worlds.ours):
        response = client_of(worlds.ours, who).get(path)
        found = page_faults(response.text) if is_page(response) else []
        if found or response.status_code >= 500:
            wrong.append((path, response.status, found))
    complain(wrong)


def test_every_post_needs_the_token(worlds: Worlds, forms: list[Sent]) -> None:
    current_app.config["WTF_CSRF_ENABLED"] = True
    wrong = []
    for rule in rules():
        if "POST" not in methods(rule) or rule.endpoint in FREE_OF_TOKENS:
            continue
        response = client_of(worlds.ours, allowed(rule)[0]).post(address(rule, worlds.ours.cases(rule)[0]))
        found = page_faults(response.text) if is_page(response) else ["no page"]
        if response.status_code != 400 or found or not VIETNAMESE.search(Page(response.text).words):
            wrong.append((rule.rule, response.status, found))
    complain(wrong)


def test_ids_of_another_ward_in_a_form_lead_nowhere(worlds: Worlds, forms: list[Sent]) -> None:
    """Our forms as filled in, sent by their people: nothing of ours changes, nothing of theirs points here."""
    before = rows_of(worlds.ours)
    for sent in forms:
        if sent.who is not None:
            path = address(sent.rule, worlds.theirs.cases(sent.rule)[0])
            post(worlds.theirs, Sent(sent.rule, path, sent.who, sent.values), sent.good())
    assert rows_of(worlds.ours) == before
    assert list(crossing()) == []


def rows_of(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Everything of one ward."""
    tables = [table for table in db.metadata.sorted_tables if "ward_id" in table.c]
    found = {t.name: select(t).where(t.c.ward_id == world.ward_id).order_by(t.c.id) for t in tables}
    found["ward"] = select(Ward.__table__).where(Ward.id == world.ward_id)
    with db.engine.connect() as connection:
        return {name: [tuple(row) for row in connection.execute(query)] for name, query in found.items()}


def crossing() -> Iterator[tuple[str, str, int]]:
    """Rows of one ward that refer to a row of another."""
    for table in db.metadata.sorted_tables:
        for key in table.foreign_keys if "ward_id" in table.c else ():
            other = key.column.table
            if "ward_id" in other.c:
                there = other.alias()
                query = select(db.func.count()).select_from(table.join(there, key.parent == there.c.id))
                count = db.session.scalar(query.where(table.c.ward_id != there.c.ward_id))
                if count:
                    yield table.name, key.parent.name, count
