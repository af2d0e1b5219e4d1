"""The geocoder on the internet: geopy's own clients against a server on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.accounts.models import Role
from dispatch.config import Settings
from dispatch.places.lookup import ask_outside, understand
from dispatch.places.outside import BETWEEN_S, FAILURES, configure_outside, outside
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.makers import OFFICE, login_as

SPOKEN = "5 Ngõ Không Ai Biết"
INSIDE = (OFFICE[0] + 0.001, OFFICE[1] + 0.001)


@dataclass
class FakeServer:
    url: str = ""
    answer: tuple[float, float] | None = INSIDE
    status: int = 200
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    asked_at_s: list[float] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def body(self, path: str) -> object:
        if path.endswith("/search"):
            return (
                [{"lat": str(self.answer[0]), "lon": str(self.answer[1]), "display_name": "x"}] if self.answer else []
            )
        spot = {"type": "Point", "coordinates": [self.answer[1], self.answer[0]]} if self.answer else None
        return {"features": [{"geometry": spot, "properties": {"name": "x"}}] if spot else []}


@contextmanager
def _serving() -> Iterator[FakeServer]:
    fake = FakeServer()
    fake.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            fake.asked.append((url.path, parse_qs(url.query)))
            fake.asked_at_s.append(time.monotonic())
            fake.may_answer.wait(60)
            body = json.dumps(fake.body(url.path)).encode()
            self.send_response(fake.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked has gone
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(params=["nominatim", "photon"])
def server(request: pytest.FixtureRequest, app: Flask, ward: Ward) -> Iterator[FakeServer]:
    with _serving() as fake:
        configure_outside(app, Settings(geocoder=request.param, geocoder_url=fake.url))
        found = outside()
        assert found is not None
        found.ask.min_delay_seconds = 0.0  # one test below waits as the product does
        yield fake
        configure_outside(app, Settings(geocoder=""))


def test_it_is_off_unless_a_setting_names_one(app: Flask, ward: Ward) -> None:
    assert outside() is None
    ask_outside(ward, SPOKEN)
    assert understand(ward, SPOKEN).needs_pin


def test_it_is_asked_last_within_the_ward_and_remembered(server: FakeServer, ward: Ward) -> None:
    for _ in range(3):
        ask_outside(ward, SPOKEN)
    ((path, query),) = server.asked
    assert query["q"] == [SPOKEN]
    assert "viewbox" in query or "bbox" in query
    assert path in ("/search", "/api")
    found = understand(ward, SPOKEN)
    assert (found.point, found.doubtful, found.match_class) == (pytest.approx(INSIDE), True, "outside")
    ask_outside(ward, "120 Ngô Quyền")  # known here
    assert len(server.asked) == 1


def test_what_lies_outside_the_ward_is_no_answer(server: FakeServer, ward: Ward) -> None:
    server.answer = (21.03, 105.85)
    ask_outside(ward, SPOKEN)
    assert understand(ward, SPOKEN).needs_pin


def test_what_it_does_not_know_is_asked_once(server: FakeServer, ward: Ward) -> None:
    server.answer = None
    ask_outside(ward, SPOKEN)
    ask_outside(ward, SPOKEN)
    assert len(server.asked) == 1
    assert understand(ward, SPOKEN).needs_pin


def test_a_server_that_fails_is_left_alone_for_a_while(server: FakeServer, app: Flask, ward: Ward) -> None:
    server.status = 503
    for number in range(FAILURES + 4):
        ask_outside(ward, f"{number} Ngõ Không Ai Biết")
    assert len(server.asked) == FAILURES
    server.status = 200
    move_clock(app, minutes=6)
    ask_outside(ward, SPOKEN)
    assert understand(ward, SPOKEN).point == pytest.approx(INSIDE)


def test_questions_keep_the_distance_that_servers_ask_for(server: FakeServer, ward: Ward) -> None:
    """Nominatim's usage policy: no more than one a second."""
    found = outside()
    assert found is not None
    found.ask.min_delay_seconds = BETWEEN_S
    for number in (1, 2):
        ask_outside(ward, f"{number} Ngõ Không Ai Biết")
    first, second = server.asked_at_s
    assert second - first >= 1.0


def test_a_server_that_does_not_answer_keeps_nobody_waiting(
    server: FakeServer, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = outside()
    assert found is not None
    monkeypatch.setattr(found.ask.func.__self__, "timeout", 0.2)
    server.may_answer.clear()
    ask_outside(ward, SPOKEN)
    assert found.failures == 1
    assert understand(ward, SPOKEN).needs_pin
    server.may_answer.set()


def test_the_hotline_form_shows_what_it_said(server: FakeServer, client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.HOTLINE)
    answer = client.post("/tiep-nhan/dang-go", data={"changed": "address", "address": SPOKEN}).get_json()
    assert answer["pin"] == pytest.approx(INSIDE)
    assert "máy chủ bản đồ trên mạng" in answer["parts"]["understood"]
