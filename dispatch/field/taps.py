"""What a phone reports, read leniently: what happened is a fact, so nothing here raises and little is turned away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from dispatch.custody.codes import read_envelope
from dispatch.duty.models import Device
from dispatch.words import nfc

KINDS = ("set_out", "arrived", "done", "not_done", "undone", "passed_on", "gave_back", "incident")
REASONS = (
    "nobody_home",
    "wrong_address",
    "papers_not_ready",
    "refused",
    "unsafe",
    "closed_road",
    "vehicle",
    "other",
)
SHIFT_KINDS = ("break_started", "break_ended", "running_late", "shift_ended", "incident")
"""About the shift itself: reports without a job."""
CONSENT_KINDS = ("position_on", "position_off")
"""The volunteer lets the desk know where the phone is, on this duty, or does not any more."""
SEEN = "seen"
"""The volunteer has seen what the desk changed: nothing that happened to a dossier, so no event."""
INCIDENTS = ("accident", "dog", "threat", "rain", "other")
PROPOSALS = ("later_today", "another_day", "call_first", "give_up")
NO_CODE = ("no_message", "forgotten", "no_phone", "other")
MOST_PAPERS = 999
MOST_PARTS = 50
MOST_LATE_MIN = 600
LARGEST_FEE_DONG = 100_000_000
LONGEST_TEXT = 500
LONGEST_ROUTE = 100_000
OLDEST = timedelta(days=14)  # as long as a phone keeps its key
FARTHEST_CLOCK_S = 2_000_000_000  # a phone that fell back to 1970 is still measured; beyond it is no clock
LARGEST_SEQ = 2**31 - 1
_KEYS = UUID("5f0c5a06-6f0d-4a57-8e0e-5a8f6c1f6f3b")


@dataclass(frozen=True)
class Tap:
    """One report: `key` as the phone wrote it, `job` a public id, `occurred_at` by the phone's own clock."""

    key: str
    kind: str
    job: str
    occurred_at: datetime | None = None
    seq: int | None = None
    corrects: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def point(self) -> tuple[float, float] | None:
        """Where the phone was, if it said so: latitude and longitude in degrees."""
        lat, _, lon = self.notes.get("position", "").partition(",")
        return (float(lat), float(lon)) if lon else None


@dataclass(frozen=True)
class PhoneClock:
    """How far a phone's clock is behind the server's, measured when it sent, and when that was."""

    received_at: datetime
    offset_s: int = 0

    @classmethod
    def measured(cls, phone_now: datetime | None, received_at: datetime) -> "PhoneClock":
        """Server time minus phone time in whole seconds; 0 where the phone does not say, or says nonsense."""
        if phone_now is None:
            return cls(received_at)
        offset_s = round((received_at - phone_now).total_seconds())
        return cls(received_at, offset_s if abs(offset_s) <= FARTHEST_CLOCK_S else 0)

    def corrected(self, occurred_at: datetime | None) -> datetime:
        """The moment by the server's clock. One that cannot be (to come, or older than a phone's key) is now."""
        if occurred_at is None:
            return self.received_at
        try:
            moment = occurred_at + timedelta(seconds=self.offset_s)
        except OverflowError:
            return self.received_at
        return moment if self.received_at - OLDEST <= moment <= self.received_at else self.received_at


def read_tap(raw: Mapping[str, Any]) -> Tap:
    """A report from JSON or a form. What cannot be read is left empty."""
    kind, job = _text(raw.get("kind")), _text(raw.get("job"))[:40]
    return Tap(
        key=str(raw.get("key") or ""),
        kind=kind if kind in KINDS or (kind in (*SHIFT_KINDS, *CONSENT_KINDS, SEEN) and not job) else "",
        job=job,
        occurred_at=read_moment(raw.get("occurred_at")),
        seq=_whole(raw.get("seq"), LARGEST_SEQ),
        corrects=str(raw.get("corrects") or ""),
        data=_data(kind, raw),
        notes=_notes(raw),
    )


def event_key(raw: str, device: Device, tap: Tap | None = None) -> str:
    """The event's UUID: the phone's own, or one derived from what it wrote instead, the same for a resend."""
    try:
        return str(UUID(raw))
    except ValueError:
        content = raw or json.dumps([tap.kind, tap.job, str(tap.occurred_at), tap.seq] if tap else [])
        return str(uuid5(_KEYS, f"{device.public_id}:{nfc(content)}"))


def derived_key(*parts: str) -> str:
    """A UUID that is the same whenever the same thing is recorded again."""
    return str(uuid5(_KEYS, ":".join(parts)))


def read_moment(value: Any) -> datetime | None:
    """ISO 8601 text or milliseconds since 1970 as aware UTC; None for anything else."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        moment = datetime.fromisoformat(str(value).strip()[:40])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _data(kind: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "done":
        counts = {name: _whole(raw.get(name), MOST_PAPERS) or 0 for name in ("originals", "copies")}
        return {**counts, **_lacks(raw), **_of_hand_over(raw)}
    if kind == "not_done":
        reason, proposal = _text(raw.get("reason")), _text(raw.get("proposal"))
        proposed = {"proposal": proposal} if proposal in PROPOSALS else {}
        return {"reason": reason if reason in REASONS else "other", **proposed, **_lacks(raw)}
    if kind == SEEN:
        return {"shown": str(raw.get("shown") or "")[:LONGEST_ROUTE]}
    if kind == "incident":
        what = _text(raw.get("what"))
        return {"what": what if what in INCIDENTS else "other"}
    if kind == "running_late":
        return {"minutes": _whole(raw.get("minutes"), MOST_LATE_MIN) or 0}
    if kind == "passed_on":
        return {"to": _text(raw.get("to"))[:40]}
    return {}


def _lacks(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Papers of the checklist that were missing: row numbers, from boxes named `lack_7`."""
    ticked = {name.removeprefix("lack_") for name, value in raw.items() if name.startswith("lack_") and value}
    numbers = sorted(int(name) for name in ticked if name.isascii() and name.isdigit() and len(name) < 10)
    return {"lacks": numbers[:MOST_PARTS]} if numbers else {}


def _of_hand_over(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Envelope, code, fee and how it was handed over; what was left empty stays out."""
    found: dict[str, Any] = {
        "envelope": read_envelope(_text(raw.get("envelope"))),
        "code": "".join(c for c in _text(raw.get("code")) if c.isdecimal())[:6],
        "fee_dong": _whole(raw.get("fee_dong"), LARGEST_FEE_DONG),
        "receipt": _text(raw.get("receipt"))[:40],
        **{name: bool(raw.get(name)) for name in ("distance", "authorised", "signed")},
    }
    no_code = _text(raw.get("no_code"))
    if no_code in NO_CODE:
        found["no_code"] = no_code
    return {name: value for name, value in found.items() if value}


def _notes(raw: Mapping[str, Any]) -> dict[str, str]:
    written = {name: _text(raw.get(name)) for name in ("person", "note")}
    written["position"] = _position(raw)
    return {name: text for name, text in written.items() if text}


def _position(raw: Mapping[str, Any]) -> str:
    """Where the phone was, to about ten metres, where it said so: personal data, so it stands among the words."""
    try:
        lat, lon = (float(str(raw.get(name))[:20]) for name in ("lat", "lon"))
    except ValueError:
        return ""
    return f"{lat:.4f},{lon:.4f}" if abs(lat) <= 90 and abs(lon) <= 180 else ""


def _text(value: Any) -> str:
    return nfc(str(value))[:LONGEST_TEXT] if isinstance(value, str | int | float) else ""


def _whole(value: Any, most: int) -> int | None:
    try:
        number = int(str(value).strip()[:20])
    except ValueError:
        return None
    return min(max(number, 0), most)
