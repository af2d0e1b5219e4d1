"""Text goes out compressed where somebody waits for a phone's network: static files and the volunteer's pages.

Pages of the desk stay as they are: they hold what somebody typed beside a secret, which a compressed length can betray.
"""

import gzip
from functools import lru_cache

from flask import Flask, request
from werkzeug.wrappers import Response

PHONE = ("field", "installed", "bag")
TEXT = ("text/", "application/json", "application/manifest+json", "application/javascript", "image/svg+xml")
LEAST_BYTES = 1000
LEVEL = 5


def configure_compression(app: Flask) -> None:
    """Compress answers to browsers that say that they can read it."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    is_file = request.endpoint == "static"
    if not (is_file or request.blueprint in PHONE) or not (response.mimetype or "").startswith(TEXT):
        return response
    response.vary.add("Accept-Encoding")
    plain = request.method == "GET" and response.status_code == 200 and "Content-Encoding" not in response.headers
    if not plain or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    file, response.direct_passthrough = response.response, False
    body = response.get_data()
    if is_file and hasattr(file, "close"):
        file.close()
    if len(body) >= LEAST_BYTES:
        response.set_data(_packed(body) if is_file else gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=64)
def _packed(body: bytes) -> bytes:
    """A static file is compressed once a process."""
    return gzip.compress(body, 9, mtime=0)
