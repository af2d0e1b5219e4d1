"""How a message leaves the house: a small port, and the console that stands in where nothing may go out."""

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from dispatch.config import Settings

OutcomeKind = Literal["sent", "retry", "unknown", "to_call", "missing"]


@dataclass(frozen=True)
class Letter:
    """What a sender needs of a message; plain values, so that no transaction stays open while it is sent.

    `attempts` counts the tries, this one included: together with the id it names the claim.
    """

    id: int
    attempts: int
    kind: str
    channel: str
    recipient: str
    body: str
    tried_at: datetime


@dataclass(frozen=True)
class Outcome:
    """`sent`; `retry`: surely not accepted, may work later; `to_call`: this number will never get it; `unknown`: the
    provider may or may not have it; `missing` (of a look-up only): it has not."""

    kind: OutcomeKind
    provider_id: str | None = None
    error_code: str | None = None


class Sender(Protocol):
    """A provider of messages."""

    def send(self, letter: Letter) -> Outcome:
        """Hand it over once. Never raises for what a network or provider does."""

    def look_up(self, letter: Letter, known: frozenset[str]) -> Outcome:
        """Ask whether a letter of unknown outcome was accepted. `known` are provider ids of our other messages."""

    def close(self) -> None:
        """Let go of connections."""


class ConsoleSender:
    """Shows messages on the server's console, the number masked: without keys, and always in the demo."""

    def send(self, letter: Letter) -> Outcome:
        line = f"[{letter.channel} {masked(letter.recipient)}] {letter.body}"
        encoding = sys.stdout.encoding or "utf-8"
        # A Windows console may lack Vietnamese letters; a message must not fail for that.
        print(line.encode(encoding, "replace").decode(encoding), flush=True)
        return Outcome("sent", provider_id=f"console-{letter.id}")

    def look_up(self, letter: Letter, known: frozenset[str]) -> Outcome:
        return Outcome("missing")

    def close(self) -> None:
        return


def masked(recipient: str) -> str:
    """`+84905123456` -> `***456`: enough to tell two lines apart, not enough to call."""
    return f"***{recipient[-3:]}" if len(recipient) > 6 else "***"


def sender_for(settings: Settings, *, is_demo: bool) -> Sender:
    """The provider where keys are set, the console otherwise. Nothing of a demo ward ever goes out."""
    if is_demo or not settings.sends_sms:
        return ConsoleSender()
    from dispatch.citizens.twilio_sender import TwilioSender

    return TwilioSender(settings)
