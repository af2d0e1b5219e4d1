"""Rules for all that a browser gets: no inline style or script (our content policy), and every text in Vietnamese."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "dispatch" / "static" / "js").rglob("*.js"))
SHEETS = sorted((ROOT / "dispatch" / "static" / "css").glob("*.css"))
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2), "_n": (1, 2)}
CATALOGUES = sorted((ROOT / "dispatch").rglob("translations/vi/LC_MESSAGES/messages.po"))


@pytest.mark.parametrize("path", TEMPLATES + SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text) == []
    inline = [tag for tag in re.findall(r"<script\b[^>]*>", text) if " src=" not in tag]
    assert [tag for tag in inline if 'type="application/json"' not in tag] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_form_says_where_it_goes(path: Path) -> None:
    forms = re.findall(r"<form\b[^>]*>", re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.S), flags=re.S)
    assert [form for form in forms if "action=" not in form] == []


def test_every_colour_and_measure_that_is_used_is_defined() -> None:
    sheets = "\n".join(path.read_text("utf-8") for path in SHEETS)
    defined = set(re.findall(r"(--[\w-]+):", sheets))
    assert set(re.findall(r"var\((--[\w-]+)", sheets)) - defined == set()


def messages() -> Iterator[str]:
    """Every text of templates and code that goes through gettext."""
    for path in TEMPLATES:
        yield from (singular(found[1]) for found in extract_from_file(babel_extract, path, keywords=KEYWORDS))
    for path in (ROOT / "dispatch").rglob("*.py"):
        yield from (singular(found[1]) for found in extract_from_file("python", path, keywords=KEYWORDS))


def singular(found: str | tuple[str, ...]) -> str:
    return found if isinstance(found, str) else found[0]


@pytest.fixture(scope="module")
def catalogues() -> dict[Path, Catalog]:
    return {path: read(path) for path in CATALOGUES}


def read(path: Path) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream, locale="vi")


def test_every_text_has_vietnamese_words(catalogues: dict[Path, Catalog]) -> None:
    translated = {singular(m.id) for catalogue in catalogues.values() for m in catalogue if m.id and m.string}
    assert sorted(set(messages()) - translated - {""}) == []


def test_features_agree_on_the_words_they_share(catalogues: dict[Path, Catalog]) -> None:
    seen: dict[str, set[str]] = {}
    for catalogue in catalogues.values():
        for message in catalogue:
            if message.id:
                seen.setdefault(singular(message.id), set()).add(singular(message.string))
    assert {text: words for text, words in seen.items() if len(words) > 1} == {}


def test_translations_keep_their_placeholders(catalogues: dict[Path, Catalog]) -> None:
    holes = re.compile(r"%\(\w+\)[sd]")
    wrong = [
        message.id
        for catalogue in catalogues.values()
        for message in catalogue
        if message.id and set(holes.findall(singular(message.id))) != set(holes.findall(singular(message.string)))
    ]
    assert wrong == []
