"""A small server on loopback that answers as Twilio's messages API does, its errors included.

It remembers what it accepted. `plan` says what the next posts meet: an error, silence, or a line cut before or after
the message was accepted; `refused` are numbers that Twilio refuses with a code.
"""

import base64
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

SID, TOKEN = "AC" + "0" * 32, "secret"
TEXTS = {
    20003: "Authenticate",
    20429: "Too Many Requests",
    20503: "Service unavailable",
    21211: "Invalid 'To' Phone Number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    63016: "Failed to send freeform message because you are outside the allowed window",
}


@dataclass
class Meets:
    """What one post meets."""

    status: int = 201
    code: int | None = None
    accepts: bool = True
    cuts: bool = False
    delay_s: float = 0.0
    html: bool = False


@dataclass
class FakeTwilio:
    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    plan: deque[Meets] = field(default_factory=deque)
    refused: dict[str, int] = field(default_factory=dict)
    posts: int = 0
    lists: int = 0
    listing_works: bool = True

    def accept(self, to: str, body: str, **form: str) -> dict[str, Any]:
        message = {
            "sid": "SM" + uuid4().hex,
            "account_sid": SID,
            "to": to,
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "body": body,
            "status": "queued",
            "date_created": format_datetime(datetime.now(UTC)),
            "date_sent": None,
            "error_code": None,
            "uri": f"/2010-04-01/Accounts/{SID}/Messages/x.json",
        }
        self.messages.append(message)
        return message

    @property
    def bodies(self) -> list[str]:
        return [message["body"] for message in self.messages]


@contextmanager
def fake_twilio() -> Iterator[FakeTwilio]:
    """The server, running on a free port until the block ends."""
    state = FakeTwilio()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: FakeTwilio) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = {k: v[0] for k, v in parse_qs(self._body()).items()}
            if not self._allowed():
                return
            state.posts += 1
            meets = state.plan.popleft() if state.plan else Meets()
            code = state.refused.get(form["To"])
            if code:
                meets = Meets(status=400, code=code, accepts=False)
            message = state.accept(form.pop("To"), form.pop("Body"), **form) if meets.accepts else None
            if meets.delay_s:
                time.sleep(meets.delay_s)
            if meets.cuts:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif message is not None and meets.status < 400:
                self._answer(201, message)
            elif meets.html:
                self._send(meets.status, "text/html", b"<html>Bad gateway</html>")
            else:
                self._error(meets.status, meets.code or 20500)

        def do_GET(self) -> None:
            if not self._allowed():
                return
            state.lists += 1
            if not state.listing_works:
                self._error(503, 20503)
                return
            query = parse_qs(urlsplit(self.path).query)
            to, size = query.get("To", [None])[0], int(query.get("PageSize", ["50"])[0])
            found = [m for m in reversed(state.messages) if to in (None, m["to"])]
            self._answer(200, {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None})

        def _body(self) -> str:
            return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()

        def _allowed(self) -> bool:
            expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
            path = f"/2010-04-01/Accounts/{SID}/Messages.json"
            if self.headers.get("Authorization") != expected:
                self._error(401, 20003)
            elif urlsplit(self.path).path != path:
                self._error(404, 20404)
            else:
                return True
            return False

        def _error(self, status: int, code: int) -> None:
            info = f"https://www.twilio.com/docs/errors/{code}"
            message = TEXTS.get(code, "Internal Server Error")
            self._answer(status, {"code": code, "message": message, "more_info": info, "status": status})

        def _answer(self, status: int, payload: dict[str, Any]) -> None:
            self._send(status, "application/json", json.dumps(payload).encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client gave up waiting

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
