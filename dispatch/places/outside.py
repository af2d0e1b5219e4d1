"""A geocoder on the internet, as the last resort: off unless a setting names one, bounded to the ward, and left alone
for a while after it has failed. Only the words of the address leave the house, never a name or a telephone number.

It is asked before a page is made, while no transaction is open; what it said is remembered by the words.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from geopy.exc import GeopyError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import Nominatim, Photon

from dispatch.clock import now
from dispatch.config import Settings
from dispatch.words import fold
from routing.geo import Point

USER_AGENT = "ship-ho-so"
BETWEEN_S = 1.1
TIMEOUT_S = 3.0
FAILURES = 3
REST = timedelta(minutes=5)
REMEMBERED = 2_000
Box = tuple[float, float, float, float]  # south, west, north, east in degrees


@dataclass
class Outside:
    """One server with its rate limit, its circuit breaker and what it has said."""

    ask: Any
    kind: str
    said: OrderedDict[str, Point | None] = field(default_factory=OrderedDict)
    failures: int = 0
    rests_until: datetime | None = None
    lock: Lock = field(default_factory=Lock)

    def look_up(self, text: str, box: Box) -> Point | None:
        """Where the server thinks it is, within the box; None where it does not know, fails, or rests."""
        key = fold(text)
        if key in self.said:
            return self.said[key]
        if not self.lock.acquire(timeout=TIMEOUT_S):  # one question at a time; a queue would keep the desk waiting
            return None
        try:
            return self._look_up(text, key, box)
        finally:
            self.lock.release()

    def _look_up(self, text: str, key: str, box: Box) -> Point | None:
        if self.rests_until is not None and now() < self.rests_until:
            return None
        try:
            found = self.ask(text, **_bounds(self.kind, box))
        except GeopyError:
            self.failures += 1
            if self.failures >= FAILURES:
                self.rests_until, self.failures = now() + REST, 0
            return None
        self.failures, self.rests_until = 0, None
        point = Point(found.latitude, found.longitude) if found else None
        self.said[key] = point if point and _inside(point, box) else None
        while len(self.said) > REMEMBERED:
            self.said.popitem(last=False)
        return self.said[key]


def configure_outside(app: Flask, settings: Settings) -> None:
    """The server of the settings, or none."""
    app.extensions["outside"] = _outside(settings) if settings.geocoder else None


def outside() -> Outside | None:
    """The server, where one is configured."""
    found: Outside | None = current_app.extensions["outside"]
    return found


def _outside(settings: Settings) -> Outside:
    kind = {"nominatim": Nominatim, "photon": Photon}[settings.geocoder]
    options: dict[str, Any] = {"user_agent": USER_AGENT, "timeout": TIMEOUT_S}
    if settings.geocoder_url:
        server = urlsplit(settings.geocoder_url)
        options |= {"scheme": server.scheme, "domain": server.netloc + server.path.rstrip("/")}
    limited = RateLimiter(kind(**options).geocode, min_delay_seconds=BETWEEN_S, max_retries=0, swallow_exceptions=False)
    return Outside(limited, settings.geocoder)


def _bounds(kind: str, box: Box) -> dict[str, Any]:
    south, west, north, east = box
    corners = [(south, west), (north, east)]
    return {"bbox": corners} if kind == "photon" else {"viewbox": corners, "bounded": True, "country_codes": "vn"}


def _inside(point: Point, box: Box) -> bool:
    south, west, north, east = box
    return south <= point.lat <= north and west <= point.lon <= east
