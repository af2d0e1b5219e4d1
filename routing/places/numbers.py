"""House and alley numbers: `K45/12`, `H12/K34/5`, `kiệt 45 nhà 12`, `45/3/7`, `131-133`."""

import re
from dataclasses import dataclass

_ITEM = re.compile(
    r"(?<![a-z0-9])"
    r"(?:(?P<alley>kiet|k|ngo)|(?P<lane>hem|h|ngach)|(?P<house>so\s*nha|nha\s*so|nha|so|sn))?"
    r"\s*[.:]?\s*(?:so\s+(?=\d))?"
    r"(?P<value>\d{1,4}[a-z]{0,2}(?:-\d{1,4}[a-z]?)*)(?![a-z0-9])"
)
_JOIN_ANY = re.compile(r"\s*/\s*")
_JOIN_WORD = re.compile(r"[\s,.\-]*")


@dataclass(frozen=True)
class Item:
    """One number in a text; kind is alley (kiệt), lane (hẻm), house, or nothing said."""

    kind: str
    value: str
    begin: int
    end: int


@dataclass(frozen=True)
class Numbers:
    """A chain of numbers understood: the alley from the street inwards and the house; where it stood."""

    alley: tuple[str, ...] = ()
    number: str = ""
    begin: int = 0
    end: int = 0


def tidy_number(value: str) -> str:
    """Without leading zeros, letters large: `09` is 9, `45b` is 45B."""
    return "-".join(part.strip().lstrip("0") or "0" for part in value.upper().split("-"))


def number_value(number: str) -> int | None:
    """The leading figure of a house number, for order along a street; None when there is none."""
    match = re.match(r"\d{1,9}", number)
    return int(match.group()) if match else None


def chains(folded: str) -> list[Numbers]:
    """All number expressions of a folded text, in order."""
    groups: list[list[Item]] = []
    for item in _items(folded):
        if groups and _joined(groups[-1][-1], item, folded):
            groups[-1].append(item)
        else:
            groups.append([item])
    return [_understood(group) for group in groups]


def _items(folded: str) -> list[Item]:
    items = []
    for match in _ITEM.finditer(folded):
        kind = next((kind for kind in ("alley", "lane", "house") if match[kind]), "")
        first, *others = match["value"].split("-") if kind in ("alley", "lane") else [match["value"]]
        items.append(Item(kind, tidy_number(first), match.start(), match.end()))
        items += [Item("", tidy_number(other), match.start(), match.end()) for other in others]
    return items


def _joined(before: Item, item: Item, folded: str) -> bool:
    """Whether two numbers belong to one expression: `45/12`, or a word for one of them says so."""
    gap = folded[before.end : item.begin]
    if _JOIN_ANY.fullmatch(gap):
        return True
    return bool(before.kind or item.kind) and _JOIN_WORD.fullmatch(gap) is not None


def _understood(items: list[Item]) -> Numbers:
    begin, end = items[0].begin, items[-1].end
    named = [i for i, item in enumerate(items) if item.kind in ("alley", "lane")]
    houses = [item.value for item in items if item.kind == "house"]
    if not named:
        values = [item.value for item in items]
        return Numbers(tuple(values[:-1]), values[-1], begin, end)
    before = [item.value for item in items[: named[0]] if not item.kind]
    after = [item.value for item in items[named[0] :] if not item.kind]
    alley = _from_the_street(items)
    if before:  # 12 kiệt 45: from the house outwards
        alley += before[:0:-1]
        houses = houses or before[:1]
        alley += after
    elif houses:
        alley += after
    else:
        alley += after[:-1]
        houses = after[-1:]
    return Numbers(tuple(alley), houses[0] if houses else "", begin, end)


def _from_the_street(items: list[Item]) -> list[str]:
    """Kiệt numbers, then hẻm numbers; lanes written before their alley are told from the inside out."""
    kinds = [item.kind for item in items]
    alleys = [item.value for item in items if item.kind == "alley"]
    first = kinds.index("alley") if alleys else -1
    inner = [item.value for item in items[: max(first, 0)] if item.kind == "lane"]
    outer = [item.value for item in items[max(first, 0) :] if item.kind == "lane"]
    return alleys + inner[::-1] + outer
