"""Handing one message to a push service, encrypted for one browser and signed with the ward's key."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dispatch.config import Settings

log = logging.getLogger(__name__)
Outcome = Literal["sent", "retry", "gone", "refused"]
KEPT_FOR_S = 3600  # by the service, while the phone has no network
TIMEOUT_S = 10
GONE = (404, 410)
LATER = (408, 425, 429)


@dataclass(frozen=True)
class Letter:
    """One try for one browser; `news_at` and `attempts` name it."""

    id: int
    news_at: datetime
    attempts: int
    endpoint: str
    p256dh: str
    auth: str


def send(letter: Letter, text: str, settings: Settings) -> Outcome:
    """Post it once. Never raises for what a network or a service does; a message told twice replaces itself on the
    phone, so an answer that was lost is tried again too."""
    # Here, as few installations send any: it brings an HTTP client of its own along.
    from pywebpush import WebPushException, webpush
    from requests import RequestException, Session

    keys = {"p256dh": letter.p256dh, "auth": letter.auth}
    with Session() as session:
        session.max_redirects = 0
        try:
            webpush(
                {"endpoint": letter.endpoint, "keys": keys},
                text,
                vapid_private_key=settings.vapid_private_key,
                vapid_claims={"sub": _who_we_are(settings)},
                ttl=KEPT_FOR_S,
                timeout=TIMEOUT_S,
                requests_session=session,
            )
        except WebPushException as error:
            return _judge(error.status_code or 0)
        except RequestException as error:
            log.warning("push service out of reach: %s", type(error).__name__)
            return "retry"
    return "sent"


def _judge(status: int) -> Outcome:
    if status in GONE:
        return "gone"
    log.warning("push service answered %s", status)
    return "retry" if status >= 500 or status in LATER else "refused"


def _who_we_are(settings: Settings) -> str:
    """Whom the service may turn to: phones that can be told have reached us by https."""
    return settings.public_url if settings.public_url.startswith("https://") else "mailto:ship-ho-so@localhost"
