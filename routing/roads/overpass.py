"""Fetching OpenStreetMap data of an area from an Overpass server.

The server is somebody's gift: we say who we are, ask once, wait when it is busy, and give up after a few tries.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException

import shapely
from shapely.geometry import Polygon

from routing.roads.boundary import Boundary
from routing.roads.raw_map import MapError, OnProgress, Stop, Watch

MAX_ANSWER_BYTES = 300_000_000
_CHUNK_BYTES = 262_144
_BUSY = {429, 502, 503, 504}


class MapServerError(MapError):
    """The map server did not give the data."""


class MapServerUnreachable(MapServerError):
    """No connection: no network, a wrong address, or no answer in time."""


class MapServerBusy(MapServerError):
    """The server asked us to come back later, several times; `retry_after_s` when it said how much later."""

    def __init__(self, text: str, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class MapServerRefused(MapServerError):
    """The server did not accept the question; its own words are in the text."""


@dataclass(frozen=True)
class Patience:
    """How long to wait: seconds for one answer, tries in all, seconds before the second try (then doubled)."""

    timeout_s: float = 180.0
    tries: int = 4
    pause_s: float = 15.0
    longest_pause_s: float = 120.0


def overpass_query(boundary: Boundary, timeout_s: int = 180) -> str:
    """Roads, house numbers, named places, water and green of the area and 1 km around it, as Overpass QL."""
    shape = boundary.grown().shape.simplify(0.0003)
    outline = shape if isinstance(shape, Polygon) else shape.convex_hull
    corners = " ".join(f"{lat:.5f} {lon:.5f}" for lon, lat in shapely.get_coordinates(outline)[:-1])
    wanted = [
        'way["highway"]',
        'way["route"="ferry"]',
        'node["barrier"]',
        'rel["type"="restriction"]',
        'nw["addr:housenumber"]',
        'nw["name"][~"^(amenity|office|shop|tourism|healthcare|historic)$"~"."]',
        'nw["name"]["place"~"^(suburb|quarter|neighbourhood|village|hamlet)$"]',
        'way["leisure"]',
        'way["landuse"~"^(grass|forest|meadow|recreation_ground|cemetery)$"]',
        'way["waterway"]',
        'wr["natural"~"^(water|wood|grassland|scrub|bay|coastline)$"]',
    ]
    lines = "\n".join(f'  {one}(poly:"{corners}");' for one in wanted)
    return f"[out:json][timeout:{timeout_s}];\n(\n{lines}\n);\nout body;\n>;\nout skel qt;\n"


def fetch(
    boundary: Boundary,
    server_url: str,
    user_agent: str,
    *,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
    on_progress: OnProgress = lambda fraction, code: None,
    stop: Stop = lambda: False,
) -> bytes:
    """The server's JSON for `import_overpass`; raises MapServerError, or ImportStopped when `stop()` says so.

    `server_url` is the interpreter's full address, e.g. `https://overpass.example.org/api/interpreter`;
    `user_agent` names the ward and how to reach it. A busy server (429, 502, 503, 504) is asked again.
    """
    patience, watch = patience or Patience(), Watch(on_progress, stop)
    if urllib.parse.urlsplit(server_url).scheme not in ("http", "https"):
        raise MapServerUnreachable(f"{server_url!r} is not a web address.")
    query = overpass_query(boundary, int(patience.timeout_s))
    request = urllib.request.Request(
        server_url,
        data=urllib.parse.urlencode({"data": query}).encode(),
        headers={"User-Agent": user_agent, "Accept": "application/json"},
    )
    pause_s = patience.pause_s
    for attempt in range(patience.tries):
        watch.tell(0.0, "ask_map_server")
        try:
            return _checked(_ask(request, patience.timeout_s, watch))
        except MapServerBusy as busy:
            if attempt + 1 == patience.tries:
                raise
            sleep(min(busy.retry_after_s or pause_s, patience.longest_pause_s))
            pause_s *= 2
    raise MapServerBusy("The map server was never asked: tries must be at least 1.")


def _ask(request: urllib.request.Request, timeout_s: float, watch: Watch) -> bytes:
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            expected = int(answer.headers.get("Content-Length") or 0)
            parts, size = [], 0
            while part := answer.read(_CHUNK_BYTES):
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER_BYTES:
                    raise MapServerRefused("The answer is too large; the area is probably too wide.")
                watch.tell(size / expected if expected else 0.5, "download")
            if size < expected:
                raise MapServerUnreachable("The connection broke off before the end of the answer.")
            return b"".join(parts)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from error
    except (OSError, HTTPException, ValueError) as error:
        raise MapServerUnreachable(f"The map server could not be reached: {error}") from error


def _refusal(error: urllib.error.HTTPError) -> MapServerError:
    if error.code in _BUSY:
        wait = error.headers.get("Retry-After", "")
        return MapServerBusy(f"The map server is busy (answer {error.code}).", float(wait) if wait.isdigit() else None)
    words = error.read(500).decode("utf-8", "replace")
    return MapServerRefused(f"The map server refused (answer {error.code}): {words}")


def _checked(data: bytes) -> bytes:
    """Overpass reports its own time-outs inside a successful answer."""
    try:
        remark = json.loads(data).get("remark", "")
    except (ValueError, AttributeError) as error:
        raise MapServerRefused("The map server answered something else than map data.") from error
    if "timed out" in remark or "out of memory" in remark:
        raise MapServerBusy(f"The map server gave up: {remark}")
    return data
