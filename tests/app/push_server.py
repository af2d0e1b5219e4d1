"""A push service on loopback: takes what is posted as RFC 8030 says, and opens it as the browser would.

It refuses what is not signed with a key (RFC 8292) or cannot be decrypted (RFC 8291). `answers` are the next statuses.
"""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import urandom
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


def text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class PushServer:
    """`heard`: what browsers would have shown, with headers and claims of the signature."""

    url: str = ""
    answers: deque[int] = field(default_factory=deque)
    heard: list[dict[str, Any]] = field(default_factory=list)
    posts: int = 0
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: urandom(16))

    def subscription(self, name: str = "one") -> dict[str, Any]:
        """As a browser gives it to the page."""
        public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": text_of(public), "auth": text_of(self.auth)}
        return {"endpoint": f"{self.url}/push/{name}", "expirationTime": None, "keys": keys}

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.posts += 1
        status = self.answers.popleft() if self.answers else 201
        if status != 201:
            return status
        if headers["content-encoding"] != "aes128gcm" or not Vapid02.verify(headers["authorization"]):
            return 403
        token = headers["authorization"].partition("t=")[2].partition(",")[0]
        claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm").decode()
        key = headers["authorization"].partition("k=")[2]
        self.heard.append({"path": path, "text": text, "claims": claims, "key": key, "ttl": headers["ttl"]})
        return 201


@contextmanager
def push_server() -> Iterator[PushServer]:
    service = PushServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = service.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", f"{service.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield service
    server.shutdown()
    thread.join()
    server.server_close()
