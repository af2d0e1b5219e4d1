"""A list of volunteers as pasted from a spreadsheet or typed: what can be read is read, the rest is given back."""

import re
from dataclasses import dataclass, field

from flask_babel import gettext as _

from dispatch.duty.operations import skill_names
from dispatch.phones import read_phone
from dispatch.words import fold, nfc

MOST_ROWS = 500
LONGEST_NAME = 80
HEADINGS = ("ho ten", "ho va ten", "stt", "dien thoai", "sdt", "full name", "phone")


@dataclass(frozen=True)
class Person:
    """A volunteer as one line says."""

    name: str
    phone: str
    skills: list[str]


@dataclass
class Pasted:
    """People that could be read, and the lines that could not, each with a sentence."""

    people: list[Person] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    @property
    def unread_lines(self) -> str:
        return "\n".join(line for line, _why in self.unread)


def read_people(text: str) -> Pasted:
    """One volunteer a line: name, phone, then skills; cells parted by tab, semicolon, bar or comma, in any order of
    name and phone. A first column of running numbers and a heading are understood."""
    pasted = Pasted()
    lines = [line for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if number == 0 and _is_heading(line):
            continue
        if number >= MOST_ROWS:
            pasted.unread.append((line, _("Please paste at most %(most)d lines at once.", most=MOST_ROWS)))
        else:
            _read_line(line, pasted)
    return pasted


def _is_heading(line: str) -> bool:
    """Whether a first line names columns instead of a person."""
    words = f" {fold(line)} "
    return not re.search(r"\d", line) and any(f" {heading} " in words for heading in HEADINGS)


def _read_line(line: str, pasted: Pasted) -> None:
    cells = [nfc(cell).strip('"') for cell in _cells(line)]
    at = next((i for i, cell in enumerate(cells) if read_phone(_with_zero(cell))), None)
    if at is None:
        pasted.unread.append((line, _("There is no telephone number in this line.")))
        return
    before = [cell for cell in cells[:at] if cell and not cell.rstrip(".").isdigit()]
    after = [cell for cell in cells[at + 1 :] if cell]
    name = before[0] if before else (after.pop(0) if after else "")
    if not any(c.isalpha() for c in name) or len(name) > LONGEST_NAME:
        pasted.unread.append((line, _("There is no name in this line.")))
        return
    phone = read_phone(_with_zero(cells[at])) or ""
    pasted.people.append(Person(name, phone, skill_names(",".join(after))))


def _cells(line: str) -> list[str]:
    for mark in ("\t", ";", "|", ","):
        if mark in line:
            return line.split(mark)
    found = re.search(r"[+\d][\d .]{7,}\d", line)
    return [line] if found is None else [line[: found.start()].rstrip(" -–:"), found[0], line[found.end() :]]


def _with_zero(cell: str) -> str:
    """Spreadsheets drop the leading zero of `0905123456`."""
    digits = re.sub(r"[\s.\-]", "", cell)
    return f"0{digits}" if re.fullmatch(r"[35789]\d{8}|2\d{9}", digits, re.ASCII) else cell
