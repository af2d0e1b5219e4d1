"""A Vietnamese address as its parts."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from routing.places import areas
from routing.places.numbers import Numbers, chains
from routing.places.streets import Found, StreetNames, plain_street
from routing.places.text import fold, nfc

MAX_LETTERS = 300
_STREET_GAP = "|"  # stands where the street stood, so that no number expression reaches across it
_DATE_WORD = re.compile(r"(?<!\d)0?(\d{1,2})\s*thang\s*0?(\d{1,2})(?!\d)")
_DATE_FIGURES = re.compile(r"(?<![\d/\-])0?(\d{1,2})\s*[-/]\s*0?(\d{1,2})(?![\d/\-])")
_STREET_WORD = re.compile(r"(?<![a-z0-9])(?:duong|d\.|pho|d?duw?o?w?ngf?|ddwowngf)\s+(?=[a-z0-9])")
_WORDS = re.compile(r"[a-z](?:(?!\s(?:so|nha|sn|kiet|k|hem|h)[\s.]*\d)[^,;()|/\n])*")
_FILLER = re.compile(r"[\s,.;()|\-]+")
_SAYS_NOTHING = {"duong", "nha", "so", "d", "cu", "moi", "trong", "o", "tai", "ddwowngf", "dduwowngf"}


@dataclass(frozen=True)
class Address:
    """What was understood of an address; empty text where nothing was.

    `alley` holds the kiệt and hẻm numbers from the street inwards: `H12/K34/5 Trần Nhân Tông` is alley
    ("34", "12"), number "5". `organisation` also holds a building's name; `rest` what fitted nowhere.

    Two spellings of one address may differ in `city` (districts, cities and further wards named around it) and in
    `errors` (letters in which the street's name was mended).
    """

    number: str = ""
    alley: tuple[str, ...] = ()
    street: str = ""
    group: str = ""
    block: str = ""
    flat: str = ""
    ward: str = ""
    landmark: str = ""
    organisation: str = ""
    rest: str = ""
    city: str = field(default="", compare=False)
    errors: int = field(default=0, compare=False)

    @property
    def door(self) -> str:
        """Alley and number as written in Đà Nẵng: `K45/12`."""
        inside = "/".join([*self.alley, self.number] if self.number else self.alley)
        return f"K{inside}" if self.alley else inside

    @property
    def label(self) -> str:
        """Door and street: `K45/12 Ngô Quyền`."""
        return f"{self.door} {self.street}".strip()

    @property
    def written(self) -> str:
        """All parts in one line that is read back as the same parts."""
        inside = [f"P.{self.flat}" if self.flat else "", f"block {self.block}" if self.block else ""]
        ward = f"P. {self.ward}" if self.ward else ""
        parts = [self.organisation, *inside, self.label, self.landmark, self.group, ward, self.city, self.rest]
        return ", ".join(part for part in parts if part)


def parse(
    text: str,
    streets: Collection[str] | StreetNames | None = None,
    wards: Collection[str] = areas.DA_NANG_WARDS,
) -> Address:
    """The parts of any text; `streets` are the known street names, `wards` new and old ward names.

    A street that is known is found wherever it stands, numbers and dates in its name included; an unknown
    one is what follows the house number. Never raises.
    """
    known = streets if isinstance(streets, StreetNames) or streets is None else StreetNames(streets)
    return _Reading(nfc(text)[:MAX_LETTERS], known, wards).address()


class _Reading:
    """One text being read; what is understood is blanked, what is left at the end is the rest."""

    def __init__(self, text: str, streets: StreetNames | None, wards: Collection[str]) -> None:
        self.text = nfc(text)
        self.left = fold(self.text)
        self.streets = streets
        self.wards = wards
        self.around: list[str] = []

    def address(self) -> Address:
        landmark = self._landmark()
        found = self._known_street(self.left)
        if found:
            self._blank(found.begin, found.end, _STREET_GAP)
        group, flat, block = self._group(), self._take(areas.FLAT), self._take(areas.BLOCK)
        found = found or self._mistyped_street()
        organisation = "" if found else self._organisation()
        ward = self._ward()
        self._cities()
        found = found or self._unknown_street()
        numbers = self._numbers(found)
        organisation = organisation or self._organisation()
        if not found and landmark:
            found = self._known_street(fold(landmark))
        return Address(
            number=numbers.number,
            alley=numbers.alley,
            street=found.name if found else "",
            group=group,
            block=block.upper(),
            flat=flat.upper(),
            ward=ward,
            landmark=landmark,
            organisation=organisation,
            rest=self._rest(),
            city=", ".join(self.around),
            errors=found.errors if found else 0,
        )

    # -- blanking --

    def _blank(self, begin: int, end: int, mark: str = ",") -> str:
        self.left = self.left[:begin] + mark * (end - begin) + self.left[end:]
        return self.text[begin:end].strip(" ,.;-")

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.search(self.left)
        if not match:
            return ""
        value = self.text[match.start(1) : match.end(1)]
        self._blank(match.start(), match.end())
        return value

    # -- parts --

    def _landmark(self) -> str:
        """`gần chợ`, `đối diện trường`: up to the next comma; words of a known street do not count."""
        streets = self.streets.find(self.text) if self.streets else []
        for match in areas.LANDMARK.finditer(self.text):
            if not any(found.begin <= match.start() < found.end for found in streets):
                return self._blank(match.start(), match.end())
        return ""

    def _group(self) -> str:
        match = areas.GROUP.search(self.left)
        if not match:
            return ""
        self._blank(match.start(), match.end())
        word = areas.GROUP_WORDS.get(match[1][0], "tổ")
        return f"{'thôn' if match[1] == 'thon' else word} {match[2].lstrip('0').upper()}"

    def _organisation(self) -> str:
        match = areas.ORGANISATION.search(self.left)
        if not match:
            return ""
        chain = next((c for c in chains(match.group()) if c.begin > 0 and _follows(match.group(), c)), None)
        end = match.start() + chain.begin if chain else match.end()
        return self._blank(match.start(), end)

    def _ward(self) -> str:
        match = areas.WARD.search(self.left)
        if match:
            ward = areas.known_ward(self.text[match.start(1) : match.end(1)], self.wards)
            self._blank(match.start(), match.start(1) + len(ward))
            return ward
        named = areas.ward_in(self.left, self.wards)
        if not named:
            return ""
        self._blank(named[1], named[2])
        return named[0]

    def _cities(self) -> None:
        for match in list(areas.CITY.finditer(self.left)):
            before = self.left[: match.start()].rstrip()
            if not before[-1:].isdigit() and not before.endswith("duong"):
                self.around.append(self._blank(match.start(), match.end()))
        for match in list(areas.FAR_CITY.finditer(self.left)):
            if self.left[: match.start()].rstrip()[-1:] in ("", *",|;-)"):
                self.around.append(self._blank(match.start(), match.end()))
        while named := areas.ward_in(self.left, self.wards):
            self.around.append(self._blank(named[1], named[2]))

    def _known_street(self, folded: str) -> Found | None:
        """The known street, one with a number or the word `đường` before it first, then the longest."""
        if self.streets is None:
            return None
        own = folded == self.left
        found = self.streets.find(self.text if own else folded)
        found = [f for f in found if not own or "," * 3 not in self.left[f.begin : f.end]]
        best = max(found, key=lambda f: _led_by_number(folded, f), default=None)
        return self._longer(best) if own and best else best

    def _longer(self, found: Found) -> Found:
        """`Phan Thanh Tia` is Phan Thành Tài mistyped rather than Phan Thanh, unless a ward or city follows."""
        after = re.match(r"\s+(?=[a-z])", self.left[found.end :])
        if (
            self.streets is None
            or not after
            or areas.begins_with_area(self.left[found.end + after.end() :], self.wards)
        ):
            return found
        longer = self.streets.closest(self.left[found.begin :], found.end - found.begin)
        if not longer or longer.errors > 1:
            return found
        return Found(longer.name, found.begin + longer.begin, found.begin + longer.end, longer.errors)

    def _mistyped_street(self) -> Found | None:
        """A known street with an error in it, just after the word for street or after a number."""
        if self.streets is None:
            return None
        for begin in self._street_begins():
            found = self.streets.closest(self.left[begin:])
            if found:
                found = Found(found.name, begin + found.begin, begin + found.end, found.errors)
                self._blank(found.begin, found.end, _STREET_GAP)
                return found
        return None

    def _unknown_street(self) -> Found | None:
        """What stands after `đường` or after the number; mended when it is a known name mistyped."""
        for begin in self._street_begins():
            patterns = (_WORDS, _DATE_WORD, _DATE_FIGURES)
            match = next(filter(None, (pattern.match(self.left, begin) for pattern in patterns)), None)
            words = match.group().strip(" .-").split() if match else []
            if match and not _SAYS_NOTHING.issuperset(words):
                return self._mended(match.start(), match.end())
        return None

    def _street_begins(self) -> list[int]:
        begins = [match.end() for match in _STREET_WORD.finditer(self.left)]
        begins += [match.start() for match in _DATE_WORD.finditer(self.left)]
        for match in _DATE_FIGURES.finditer(self.left):
            last = not re.search(r"[a-z]", self.left[match.end() :])
            if last and re.search(r"\d\s+$", self.left[: match.start()]):
                begins.append(match.start())
        for chain in reversed(chains(self.left)):
            gap = _FILLER.match(self.left, chain.end)
            begins.append(gap.end() if gap else chain.end)
        words = re.search(r"[a-z]", self.left)
        return [*begins, words.start()] if words else begins

    def _mended(self, begin: int, end: int) -> Found:
        closest = self.streets.closest(self.left[begin:end]) if self.streets else None
        if closest:
            end = begin + closest.end
            found = Found(closest.name, begin + closest.begin, end, closest.errors)
        else:
            found = Found(plain_street(self.text[begin:end].strip(" .-")), begin, end)
        self._blank(begin, end, _STREET_GAP)
        return found

    def _numbers(self, found: Found | None) -> Numbers:
        """The expression just before the street, else the first one after it."""
        all_chains = chains(self.left)
        before = [c for c in all_chains if not found or c.end <= found.begin]
        after = [c for c in all_chains if found and c.begin >= found.end]
        if not all_chains:
            return Numbers()
        numbers = before[-1] if before else after[0]
        self._blank(numbers.begin, numbers.end)
        if before and after and not numbers.alley and after[0].alley and not after[0].number:
            self._blank(after[0].begin, after[0].end)
            return Numbers(after[0].alley, numbers.number, numbers.begin, numbers.end)
        if before and after and not numbers.number and after[0].number and not after[0].alley:
            self._blank(after[0].begin, after[0].end)
            return Numbers(numbers.alley, after[0].number, numbers.begin, numbers.end)
        return numbers

    def _rest(self) -> str:
        """What nothing claimed, as it was written."""
        kept = "".join("," if left in ",|" else letter for letter, left in zip(self.text, self.left, strict=True))
        parts = [part.strip(" .-/()") for part in re.split(r"[,;]+", kept)]
        return ", ".join(part for part in parts if part and fold(part) not in _SAYS_NOTHING)


def _led_by_number(folded: str, found: Found) -> tuple[bool, int]:
    before = folded[: found.begin].rstrip(" ,.")
    led = before[-1:].isdigit() or re.search(r"\d[a-z]$|(?<![a-z])(?:duong|d|pho)$", before) is not None
    return led, found.end - found.begin


def _follows(text: str, chain: Numbers) -> bool:
    """Whether a number inside a name is a door number rather than part of the name: words come after it."""
    return re.match(r"\s*[a-z|]", text[chain.end :]) is not None
