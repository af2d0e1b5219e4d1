"""Telephone numbers as people write them, as the world writes them (E.164), and as they are shown."""

import re

import phonenumbers


def read_phone(text: str) -> str | None:
    """`0905 123 456`, `84905123456`, `+84 905.123.456` -> `+84905123456`; None where it is no Vietnamese number."""
    digits = re.sub(r"[^\d+]", "", text)
    if digits.startswith("84") and len(digits) >= 11:
        digits = "+" + digits
    try:
        number = phonenumbers.parse(digits, "VN")
    except phonenumbers.NumberParseException:
        return None
    return (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number)
        else None
    )


def read_hotline(text: str) -> str | None:
    """A ward's own number: as `read_phone`, or a short one that only works inside the country (`1022`)."""
    digits = re.sub(r"[\s.-]", "", text)
    return read_phone(text) or (digits if re.fullmatch(r"1\d{2,4}", digits) else None)


def show_phone(e164: str | None) -> str:
    """`+84905123456` -> `0905 123 456`; a short number as it is."""
    if not e164 or not e164.startswith("+"):
        return e164 or ""
    try:
        number = phonenumbers.parse(e164, "VN")
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def is_landline(e164: str) -> bool:
    """A landline never receives a message, nor does a short number."""
    if not e164.startswith("+"):
        return True
    kind = phonenumbers.number_type(phonenumbers.parse(e164, "VN"))
    return kind == phonenumbers.PhoneNumberType.FIXED_LINE
