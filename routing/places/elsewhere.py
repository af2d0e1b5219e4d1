"""Whether an address names another ward, district or city than the one that is served."""

import re
from collections.abc import Collection

from rapidfuzz.distance import OSA

from routing.places.address import Address
from routing.places.areas import DA_NANG_DISTRICTS
from routing.places.text import fold

_KIND = re.compile(r"^(?:thanh pho|t\.?\s?p|tinh|quan|q|huyen|h|phuong|xa)\b[.\s]*")
_SAYS_NOTHING = {"viet nam", "vietnam", "vn", "quang nam"}  # Quảng Nam is a part of Đà Nẵng since 2025
_MISTYPED = 2


def elsewhere(parts: Address, home: Collection[str], city: str = "Đà Nẵng") -> str:
    """The ward, district or city named in an address that is not the served one; empty when it names none.

    `home` holds the ward's name and its old ones. Where no old name is given, a ward of the same district may be one.
    """
    ours = {_bare(name) for name in home} - {""}
    districts = {fold(name): {*map(fold, wards)} for name, wards in DA_NANG_DISTRICTS.items()}
    mine = {district for district, wards in districts.items() if ours & wards}
    near = ours | mine | {_bare(city)} | _SAYS_NOTHING
    neighbours = set().union(*(districts[district] for district in mine)) if len(ours) < 2 else set()
    for words in filter(None, (parts.ward, *parts.city.split(", "))):
        name = _bare(words)
        of_da_nang = name in districts or any(name in wards for wards in districts.values())
        unsure = of_da_nang and not mine  # nobody said to which district the ward belongs
        if name and not unsure and name not in neighbours and not _among(name, near, exactly=of_da_nang):
            return words
    return ""


def _bare(name: str) -> str:
    """Folded, without the word for ward, district or city."""
    return _KIND.sub("", fold(name)).replace("danang", "da nang")


def _among(name: str, names: Collection[str], *, exactly: bool) -> bool:
    """Whether it is one of them; a typing error or two in a long name are forgiven where it is no name by itself."""
    return name in names or any(
        not exactly and len(other) > 7 and OSA.distance(name, other) <= _MISTYPED for other in names
    )
