"""Words around an address: ward, city, neighbourhood group, block and flat, landmark, organisation."""

import re
from collections.abc import Iterable
from functools import lru_cache

from routing.places.text import fold

# Đà Nẵng's wards, new and old names, by the district that they belonged to until 2025: the default where `parse` is
# not told the ward's own.
# fmt: off
DA_NANG_DISTRICTS = {
    "Sơn Trà": (
        "Thọ Quang", "Mân Thái", "Nại Hiên Đông", "An Hải Bắc", "An Hải Đông", "An Hải Tây", "An Hải", "Phước Mỹ",
        "Sơn Trà",
    ),
    "Hải Châu": (
        "Hải Châu 1", "Hải Châu 2", "Hải Châu I", "Hải Châu II", "Hải Châu", "Thạch Thang", "Thanh Bình",
        "Thuận Phước", "Bình Thuận", "Bình Hiên", "Nam Dương", "Phước Ninh", "Hòa Thuận Đông", "Hòa Thuận Tây",
        "Hòa Cường Bắc", "Hòa Cường Nam", "Hòa Cường",
    ),
    "Thanh Khê": (
        "Thanh Khê Đông", "Thanh Khê Tây", "Thanh Khê", "Vĩnh Trung", "Chính Gián", "Tân Chính", "Tam Thuận", "Xuân Hà",
        "Thạc Gián", "An Khê",
    ),
    "Ngũ Hành Sơn": ("Mỹ An", "Khuê Mỹ", "Hòa Quý", "Hòa Hải", "Ngũ Hành Sơn"),
    "Cẩm Lệ": ("Khuê Trung", "Cẩm Lệ", "Hòa Xuân", "Hòa Thọ Đông", "Hòa Thọ Tây", "Hòa Phát", "Hòa An"),
    "Liên Chiểu": (
        "Hòa Minh", "Hòa Khánh Bắc", "Hòa Khánh Nam", "Hòa Khánh", "Hòa Hiệp Bắc", "Hòa Hiệp Nam", "Liên Chiểu",
    ),
}
# fmt: on
DA_NANG_WARDS = tuple(ward for wards in DA_NANG_DISTRICTS.values() for ward in wards)

_SHOPS = r"an|com|ca phe|cafe|nhau|pho|bun|mi|net|nuoc"
_CITY_WORDS = r"da\s?nang|viet\s?nam|vn(?=\W*$)|quang nam|son tra|hai chau|thanh khe|ngu hanh son|cam le|lien chieu"
_STOP = (
    r"(?=\s*(?:$|[,;()|\n]|-\s|\b(?:phuong\b|p\.|quan\s+[a-z0-9]|q\.|huyen\b|tp\b|thanh pho\b|tinh\b|"
    rf"(?:{_CITY_WORDS})\b)))"
)
CITY = re.compile(
    rf"(?<![a-z0-9])(?:(?:q\.|tp\.|t\.p\.?|(?:quan(?!\s+(?:{_SHOPS})\b)|huyen|thanh pho|tp|tinh)\b)"
    rf"\s*(?!\d)[a-z][^,;()|]*?{_STOP}"
    rf"|(?:{_CITY_WORDS})(?![a-z0-9]))"
)
# Other cities, where nothing says that it is one: read after a comma only, as people are called Huế too.
FAR_CITY = re.compile(
    r"(?<![a-z0-9])(?:ha noi|ho chi minh|tp\s?hcm|hcm|sai gon|hue|thua thien hue|hoi an|tam ky|dien ban|quang ngai|"
    r"quang tri|quang binh|quy nhon|nha trang|hai phong|can tho|da lat|bien hoa|vung tau)(?![a-z0-9])"
)
WARD = re.compile(rf"(?<![a-z0-9])(?:phuong\s|xa\s|p\.|p\s)\s*([a-z0-9][^,;()|]*?){_STOP}")
GROUP = re.compile(
    r"(?<![a-z0-9])(to(?:\s*dan\s*pho)?|tdp|khu\s*pho|kp|khoi\s*pho|khoi|thon)\s*\.?\s*(?:so\s*)?(\d{1,3}[a-z]?)(?![a-z0-9])"
)
GROUP_WORDS = {"k": "khu phố", "t": "tổ"}
FLAT = re.compile(
    r"(?<![a-z0-9])(?:can\s*ho|can|ch|phong|p)\s*\.?\s*(?:so\s*)?([a-z]?\d{3,4}[a-z]?|[a-z]\d{0,2}[.\-]\d{1,4}|\d{1,2}\.\d{2})"
    r"(?![a-z0-9])"
)
BLOCK = re.compile(
    r"(?<![a-z0-9])(?:(?:block|toa\s*nha|toa|khu\s*nha|lo)[\s.]+|nha\s+(?=[a-gi-jl-z]\d))"
    r"([a-z]\d{0,2}|\d{1,2}[a-z])(?:-[a-z]?\d{1,3})*(?![a-z0-9])"
)
LANDMARK = re.compile(
    r"(?<![^\W\d_])(?:đối diện|doi dien|gần|gan|cạnh|bên cạnh|ben canh|phía sau|phia sau|sau lưng|sau lung|"
    r"trước mặt|truoc mat|sau|trước|góc|ngã ba|nga ba|ngã tư|nga tu)(?![^\W\d_])[^,;()|\n]*",
    re.IGNORECASE,
)
ORGANISATION = re.compile(
    r"(?<![a-z0-9])(?:truong|cong ty|cty|ubnd|uy ban|cho|chua|nha tho|nha hang|khach san|"
    rf"quan (?:{_SHOPS})|"
    r"tiem|benh vien|ngan hang|co quan|chung cu|cc|van phong|tram y te|hop tac xa|htx|sieu thi|cong an|"
    r"dai hoc|mam non|nha van hoa|phong kham|cua hang)\s+[a-z][^,;()|]*"
)


@lru_cache(maxsize=64)
def _pattern(wards: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(map(fold, wards), key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![a-z0-9])")


def ward_in(folded: str, wards: Iterable[str]) -> tuple[str, int, int] | None:
    """The first ward named without the word for it; a name with a number before or after it is a street."""
    wards = tuple(wards)
    for match in _pattern(wards).finditer(folded) if wards else ():
        before, after = folded[: match.start()].rstrip(), folded[match.end() :].lstrip(" ")
        if not (after[:1].isdigit() or before[-1:].isdigit() or before.endswith(("duong", "/"))):
            name = next(ward for ward in wards if fold(ward) == match.group())
            return name, match.start(), match.end()
    return None


def known_ward(phrase: str, wards: Iterable[str]) -> str:
    """The known ward at the start of a phrase, else the phrase."""
    folded = fold(phrase)
    for ward in sorted(wards, key=len, reverse=True):
        if re.match(rf"{re.escape(fold(ward))}(?![a-z0-9])", folded):
            return ward
    return phrase.strip()


def begins_with_area(folded: str, wards: Iterable[str]) -> bool:
    """Whether a ward, a city or a word for one stands at the beginning."""
    pattern = _pattern(tuple(wards))
    words = re.match(
        r"(?:phuong|xa|quan|huyen|tp|thanh pho|tinh|to|khu pho|kp|tdp|khoi|kiet|hem|so|nha|gan|p|q)(?![a-z])", folded
    )
    return bool(words or CITY.match(folded) or pattern.match(folded))
