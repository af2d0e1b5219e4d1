"""Every sentence on screen stands in a Vietnamese catalogue, once and with the same blanks to fill in."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "dispatch").rglob("translations/vi/LC_MESSAGES/*.po"))
BLANKS = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2)}


def wanted() -> dict[str, str]:
    """Every msgid in code and templates, with a place where it stands."""
    found: dict[str, str] = {}
    for folder in ("dispatch", "templates"):
        methods = [("**.py", "python"), ("**.html", "jinja2")]
        for name, line, message, *_ in extract_from_dir(ROOT / folder, methods, keywords=KEYWORDS):
            for text in [message] if isinstance(message, str) else message:
                found.setdefault(text, f"{folder}/{name}:{line}")
    return found


def translated() -> dict[str, set[str]]:
    """msgid -> its Vietnamese wordings over all catalogues."""
    texts: dict[str, set[str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="vi", abort_invalid=True):
                if not message.id or message.fuzzy:
                    continue
                key = message.id if isinstance(message.id, str) else message.id[0]
                wording = message.string if isinstance(message.string, str) else message.string[0]
                texts.setdefault(key, set()).add(wording)
    return texts


def test_everything_on_screen_is_translated() -> None:
    known = translated()
    missing = {text: place for text, place in wanted().items() if not any(known.get(text, ()))}
    assert missing == {}


def test_one_sentence_has_one_translation() -> None:
    assert {text: words for text, words in translated().items() if len(words) > 1} == {}


def test_translations_keep_the_blanks() -> None:
    wrong = [
        (text, wording)
        for text, wordings in translated().items()
        for wording in wordings
        if set(BLANKS.findall(wording)) != set(BLANKS.findall(text))
    ]
    assert wrong == []
