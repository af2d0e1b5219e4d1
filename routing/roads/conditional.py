"""Signs that hold at some hours only, as OpenStreetMap writes them: `motorcycle:conditional = no @ (06:30-08:30)`.

One map serves a whole day, so they are read with caution: what a sign takes away counts as taken away whenever it holds
at any time of `RIDING_DAY`; what it gives counts only where it holds all through that day, on every day of the week.
Hours may wrap midnight, several may stand in a row, days of the week may stand before them. Anything else (weather,
weights, holidays, sunset, a one-way that turns round) changes nothing and is counted by `unread`.
"""

import re
from collections.abc import Iterator, Mapping

RIDING_DAY = 6 * 60, 20 * 60  # minutes after midnight between which anybody rides for a ward
SUFFIX = ":conditional"
ACCESS_KEYS = ("moped", "motorcycle", "motor_vehicle", "vehicle", "access")  # the most specific one first
ONEWAY_KEYS = ("oneway:moped", "oneway:motorcycle", "oneway")
TURN_KEYS = ("restriction:motorcycle", "restriction:moped", "restriction")
CLOSED = {"no", "private"}
REVERSE = {"-1", "reverse"}
ONE_WAY = {"yes", "true", "1"} | REVERSE

_CLAUSE = re.compile(r"\s*([^@;()]+?)\s*@\s*(?:\(([^()]*)\)|([^;()]+))\s*(?:;|$)")
_HOURS = re.compile(r"\b(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\b")
_DAYS = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\b(?:\s*-\s*(?:Mo|Tu|We|Th|Fr|Sa|Su)\b)?")

Span = tuple[int, int]  # minutes after midnight


def for_the_day(tags: Mapping[str, str]) -> Mapping[str, str]:
    """These tags as they bind on a day of riding: what the conditional ones come to stands in the plain ones."""
    found = dict(tags)
    for key in _conditional(tags):
        for value, condition in _clauses(tags[key + SUFFIX]):
            spans, every_day = _when(condition) or ([], False)
            if _turns_round(tags.get(key, ""), value):
                continue
            if _takes_away(key, value):
                holds = any(_overlap(span) for span in spans)
            else:
                holds = every_day and any(_covers(span) for span in spans)
            if holds:
                found[key] = value
    return found


def unread(tags: Mapping[str, str]) -> int:
    """How many of the conditional tags that concern a scooter have a part that cannot be read."""
    return sum(not _readable(tags.get(key, ""), tags[key + SUFFIX]) for key in _conditional(tags))


def _conditional(tags: Mapping[str, str]) -> Iterator[str]:
    keys = (*ACCESS_KEYS, *ONEWAY_KEYS, *TURN_KEYS)
    return (key for key in keys if key + SUFFIX in tags)


def _readable(usual: str, text: str) -> bool:
    clauses = _clauses(text)
    return bool(clauses) and not any(_turns_round(usual, value) or _when(when) is None for value, when in clauses)


def _clauses(text: str) -> list[tuple[str, str]]:
    """(value, condition) of each clause; none where the text is not made of clauses."""
    found = list(_CLAUSE.finditer(text))
    whole = "".join(one.group() for one in found) == text
    return [(one[1], one[2] if one[2] is not None else one[3]) for one in found] if whole else []


def _when(condition: str) -> tuple[list[Span], bool] | None:
    """The hours, and whether they hold on every day of the week; None for anything but days and hours."""
    days, hours = _DAYS.findall(condition), _HOURS.findall(condition)
    if _DAYS.sub("", _HOURS.sub("", condition)).strip(" ,;") or not (days or hours):
        return None
    spans = []
    for row in hours or [("0", "00", "24", "00")]:
        begin, end = int(row[0]) * 60 + int(row[1]), int(row[2]) * 60 + int(row[3])
        spans += [(begin, end)] if begin < end else [(begin, 24 * 60), (0, end)]
    return spans, not days


def _takes_away(key: str, value: str) -> bool:
    if key in TURN_KEYS:
        return value.startswith(("no_", "only_"))
    return value in (ONE_WAY if key in ONEWAY_KEYS else CLOSED)


def _turns_round(usual: str, value: str) -> bool:
    """Whether a one-way street is one the other way for a while."""
    return usual in ONE_WAY and value in ONE_WAY and (usual in REVERSE) != (value in REVERSE)


def _overlap(span: Span) -> bool:
    return span[0] < RIDING_DAY[1] and span[1] > RIDING_DAY[0]


def _covers(span: Span) -> bool:
    return span[0] <= RIDING_DAY[0] and span[1] >= RIDING_DAY[1]
