"""A Vietnamese address as its parts."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """What was understood of an address; empty text where nothing was.

    `alley` holds the kiệt and hẻm numbers from the street inwards: `H12/K34/5 Trần Nhân Tông` is alley ("34", "12"),
    number "5". `rest` holds the words that fitted nowhere.
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


def parse(text: str, streets: Collection[str] | None = None) -> Address:
    """The parts of any text; `streets` are the known street names. Never raises."""
    raise NotImplementedError
