"""Fetching from a map server, against a small server on loopback that answers as Overpass does."""

import json
import re
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from routing.roads.boundary import Boundary
from routing.roads.osm import import_overpass
from routing.roads.overpass import (
    MapServerBusy,
    MapServerRefused,
    MapServerUnreachable,
    Patience,
    fetch,
    overpass_query,
)
from routing.roads.raw_map import ImportStopped

WARD = Boundary.from_box(16.0, 108.0, 16.01, 108.01)
QUICK = Patience(timeout_s=5, tries=3, pause_s=7, longest_pause_s=60)
ANSWER = {
    "version": 0.6,
    "elements": [
        {"type": "way", "id": 1, "nodes": [1, 2], "tags": {"highway": "residential", "name": "Đường Ngô Quyền"}},
        {"type": "node", "id": 1, "lat": 16.0, "lon": 108.0},
        {"type": "node", "id": 2, "lat": 16.005, "lon": 108.005},
    ],
}


@dataclass
class MapServer:
    """What the server will answer, one after the other, and what it was asked."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def will(self, status: int, body: object = "", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.answers.append((status, headers, data))


@pytest.fixture
def server() -> Iterator[MapServer]:
    state = MapServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.asked.append((urllib.parse.parse_qs(body)["data"][0], self.headers["User-Agent"]))
            status, headers, data = state.answers.pop(0)
            self.send_response(status)
            for key, value in {"Content_Length": str(len(data)), **headers}.items():
                self.send_header(key.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{httpd.server_port}/api/interpreter"
        yield state
        httpd.shutdown()
        thread.join()


def test_the_answer_becomes_a_map(server: MapServer) -> None:
    server.will(200, ANSWER)
    told: list[str] = []
    data = fetch(WARD, server.url, "ship ho so (ward@example.org)", on_progress=lambda _, code: told.append(code))
    assert set(import_overpass(data, WARD).gazetteer.streets) == {"Ngô Quyền"}
    question, user_agent = server.asked[0]
    assert user_agent == "ship ho so (ward@example.org)"
    assert question == overpass_query(WARD)
    assert set(told) == {"ask_map_server", "download"}


def test_the_question_covers_the_ward_and_one_kilometre() -> None:
    query = overpass_query(WARD, timeout_s=90)
    assert query.startswith("[out:json][timeout:90];")
    corners = list(map(float, re.findall(r'poly:"([^"]*)"', query)[0].split()))
    outline = Boundary.from_box(min(corners[::2]), min(corners[1::2]), max(corners[::2]), max(corners[1::2]))
    assert outline.box == pytest.approx((15.991, 107.9907, 16.019, 108.0193), abs=1e-3)
    assert query.count("(") == query.count(")")


def test_a_busy_server_is_asked_again_later(server: MapServer) -> None:
    server.will(429)
    server.will(504, Retry_After="31")
    server.will(200, ANSWER)
    slept: list[float] = []
    assert json.loads(fetch(WARD, server.url, "us", patience=QUICK, sleep=slept.append)) == ANSWER
    assert slept == [7, 31]


def test_a_server_that_stays_busy_is_left_alone(server: MapServer) -> None:
    for _ in range(3):
        server.will(504)
    slept: list[float] = []
    with pytest.raises(MapServerBusy):
        fetch(WARD, server.url, "us", patience=QUICK, sleep=slept.append)
    assert slept == [7, 14]
    assert len(server.asked) == 3


def test_a_time_out_inside_an_answer_counts_as_busy(server: MapServer) -> None:
    server.will(200, {"elements": [], "remark": 'runtime error: Query timed out in "query" at line 3'})
    with pytest.raises(MapServerBusy):
        fetch(WARD, server.url, "us", patience=Patience(timeout_s=5, tries=1))


@pytest.mark.parametrize(("status", "body"), [(400, "parse error: line 1"), (403, "no"), (200, "<html>hello</html>")])
def test_a_refusal_is_not_repeated(server: MapServer, status: int, body: str) -> None:
    server.will(status, body)
    with pytest.raises(MapServerRefused):
        fetch(WARD, server.url, "us", patience=QUICK)
    assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api", "ftp://example.org", "file:///etc/passwd", "nonsense", ""])
def test_no_server_there(url: str) -> None:
    with pytest.raises(MapServerUnreachable):
        fetch(WARD, url, "us", patience=QUICK)


def test_an_answer_cut_short_is_no_answer(server: MapServer) -> None:
    server.will(200, ANSWER, Content_Length="100000")
    with pytest.raises(MapServerUnreachable):
        fetch(WARD, server.url, "us", patience=QUICK)


def test_stop(server: MapServer) -> None:
    with pytest.raises(ImportStopped):
        fetch(WARD, server.url, "us", stop=lambda: True)
    assert server.asked == []
