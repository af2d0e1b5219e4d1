"""Messages through Twilio. Its answers become our own outcomes; anything not surely refused counts as unknown.

Error codes: https://www.twilio.com/docs/api/errors
"""

import logging
from datetime import timedelta
from typing import Any

from requests import ConnectionError, ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from dispatch.citizens.senders import Letter, Outcome
from dispatch.config import Settings

TIMEOUT_S = 10.0
# This person cannot be reached this way, now or later: invalid, unreachable or landline numbers, a region that is not
# served, somebody who unsubscribed, too many words; on Messenger an unknown person, or one silent for 24 hours.
NEVER = {21211, 21214, 21217, 21408, 21610, 21612, 21614, 21617, 63003, 63016, 63024}
# The provider's clock and ours may differ, and an earlier try of the same message may have arrived after all.
CLOCK_SLACK = timedelta(hours=1)
Answered = (TwilioRestException, TwilioServiceException)

log = logging.getLogger(__name__)
# Twilio's client writes numbers into its log at level INFO.
_quiet = logging.getLogger("dispatch.citizens.twilio_http")
_quiet.setLevel(logging.WARNING)


class TwilioSender:
    """The real provider: SMS, and the fanpage through Twilio's Messenger channel."""

    def __init__(self, settings: Settings) -> None:
        # Without a time-out the client would wait for ever.
        self._http = TwilioHttpClient(timeout=TIMEOUT_S, logger=_quiet)
        self._client = Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=self._http)
        if settings.twilio_api_url:
            self._client.api.base_url = settings.twilio_api_url
        self._from = {"sms": settings.twilio_from, "messenger": settings.twilio_messenger_from}

    def send(self, letter: Letter) -> Outcome:
        sender = self._from.get(letter.channel, "")
        if not sender:
            return Outcome("to_call", error_code="no-sender")
        try:
            accepted = self._client.messages.create(
                to=_address(letter.channel, letter.recipient), body=letter.body, **_origin(letter.channel, sender)
            )
        except (TwilioException, RequestException, ValueError) as error:
            outcome = _outcome_of(error)
            log.warning("message %s (%s): %s %s", letter.id, letter.kind, outcome.kind, outcome.error_code)
            return outcome
        return Outcome("sent", provider_id=accepted.sid)

    def look_up(self, letter: Letter, known: frozenset[str]) -> Outcome:
        """Look among the newest messages to this person for the same words.

        Not by the date of sending: a message that still waits at the provider has none.
        """
        try:
            listed = self._client.messages.list(to=_address(letter.channel, letter.recipient), limit=50)
        except (TwilioException, RequestException, ValueError) as error:
            return Outcome("unknown", error_code=_code_of(error))
        earliest = letter.tried_at - CLOCK_SLACK
        for one in listed:
            if one.sid in known or one.body != letter.body or (one.date_created and one.date_created < earliest):
                continue
            if one.status in ("failed", "undelivered", "canceled"):
                return Outcome("to_call", provider_id=one.sid, error_code=str(one.error_code or one.status))
            return Outcome("sent", provider_id=one.sid)
        return Outcome("missing")

    def close(self) -> None:
        if self._http.session is not None:
            self._http.session.close()


def _address(channel: str, recipient: str) -> str:
    return f"messenger:{recipient.removeprefix('messenger:')}" if channel == "messenger" else recipient


def _origin(channel: str, sender: str) -> dict[str, Any]:
    """A number, a registered name, a fanpage, or a messaging service (its id begins with MG)."""
    if channel == "sms" and sender.startswith("MG"):
        return {"messaging_service_sid": sender}
    return {"from_": _address(channel, sender)}


def _outcome_of(error: Exception) -> Outcome:
    code = _code_of(error)
    if isinstance(error, Answered):
        if error.code in NEVER:
            return Outcome("to_call", error_code=code)
        # Below 500 it was refused; 503 says that the request was not taken. Any other 5xx may have come after that.
        refused = error.status < 500 or error.status == 503
        return Outcome("retry" if refused else "unknown", error_code=code)
    return Outcome("retry" if _never_connected(error) else "unknown", error_code=code)


def _never_connected(error: Exception) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, ConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _code_of(error: Exception) -> str:
    return str(error.code or error.status) if isinstance(error, Answered) else type(error).__name__
