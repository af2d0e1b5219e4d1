"""A ward served over HTTP by this process, so that a test can let its clock run through a whole working day."""

import http.cookiejar
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import close_all_sessions
from waitress.server import create_server

from app import create_app
from dispatch.clock import Clock, real_now
from dispatch.config import load_settings
from dispatch.database import db
from dispatch.tasks.queue import start_embedded_worker


@dataclass
class Site:
    """The served application, its address, and its clock in the test's hands."""

    app: Flask
    address: str

    def set_clock(self, moment: datetime) -> None:
        """Business time goes on from this moment."""
        clock: Clock = self.app.extensions["clock"]
        clock.offset = moment - real_now()

    def let_pass(self, **time: float) -> None:
        clock: Clock = self.app.extensions["clock"]
        clock.offset += timedelta(**time)


@contextmanager
def live(folder: Path, **settings: object) -> Iterator[Site]:
    """Serve an application with waitress on a free port, its worker beside it, as a ward on Windows would."""
    app = create_app(load_settings(data_dir=folder, secret_key="live", **settings))
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        upgrade()
    server = create_server(app, host="127.0.0.1", port=0, threads=8)

    def run() -> None:
        with suppress(OSError):  # closing takes the sockets from under its loop
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    consumer = start_embedded_worker(app)
    try:
        yield Site(app, f"http://127.0.0.1:{server.effective_port}")
    finally:
        consumer.stop(graceful=True)
        server.close()
        thread.join(10)
        with app.app_context():
            close_all_sessions()
            db.engine.dispose()


@dataclass
class Answer:
    """What came back: status, final address and text."""

    status: int
    url: str
    text: str

    def values(self, name: str) -> list[str]:
        """Values of the inputs of this name, in order."""
        tags = re.findall(r"<(?:input|button|option)\b[^>]*>", self.text)
        named = [tag for tag in tags if f'name="{name}"' in tag]
        return [unescape(found[1]) for tag in named if (found := re.search(r'\bvalue="([^"]*)"', tag))]


@dataclass
class Visitor:
    """Somebody with a browser that runs no script: keeps cookies, sends back the page's CSRF token."""

    address: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)
    csrf_token: str = ""

    def __post_init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Answer:
        return self._send(urllib.request.Request(self._url(path)))

    def post(self, path: str, fields: Mapping[str, object] | None = None) -> Answer:
        """Send a form (lists become repeated fields) and follow the redirect."""
        form = urllib.parse.urlencode({"csrf_token": self.csrf_token, **(fields or {})}, doseq=True).encode()
        return self._send(urllib.request.Request(self._url(path), data=form))

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.address + path

    def _send(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=60) as answer:
                found = Answer(answer.status, answer.url, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                found = Answer(error.code, error.url, error.read().decode())
        tokens = found.values("csrf_token")
        self.csrf_token = tokens[0] if tokens else self.csrf_token
        return found
