"""A server that speaks as much of S3 as we use, on loopback. It checks every signature by itself (AWS Signature
Version 4, docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), sharing no code with the client."""

import hashlib
import hmac
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY_ID, SECRET, REGION, BUCKET = "phuong", "bi-mat", "us-east-1", "ho-so"
ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>as told</Message></Error>'


@dataclass
class Bucket:
    """What the server holds, what it was asked, and whether it is to say that it is overloaded."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False


def signature(method: str, path: str, headers: Mapping[str, str], authorization: str) -> str:
    """The signature that these headers should carry, by our own secret."""
    parts = dict(part.strip().split("=", 1) for part in authorization.partition(" ")[2].split(","))
    names = parts["SignedHeaders"].split(";")
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    path, _, query = path.partition("?")
    asked = "\n".join((method, path, query, lines, ";".join(names), headers["x-amz-content-sha256"]))
    day = headers["x-amz-date"][:8]
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(asked.encode()).hexdigest()))
    key = f"AWS4{SECRET}".encode()
    for step in scope.split("/"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def handler_of(bucket: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self._lets_in(body):
                bucket.objects[self._name()] = body
                self._answer(200)

        def do_GET(self) -> None:
            if self._lets_in(b""):
                found = bucket.objects.get(self._name())
                self._answer(200, found) if found is not None else self._refuse(404, "NoSuchKey")

        def do_DELETE(self) -> None:
            if self._lets_in(b""):
                bucket.objects.pop(self._name(), None)
                self._answer(204)

        def _name(self) -> str:
            return self.path.partition("?")[0].removeprefix(f"/{BUCKET}/")

        def _lets_in(self, body: bytes) -> bool:
            bucket.asked.append(self.command)
            headers = {name.lower(): value for name, value in self.headers.items()}
            given = headers.get("authorization", "")
            if bucket.is_down:
                return self._refuse(503, "SlowDown")
            if f"Credential={KEY_ID}/" not in given:
                return self._refuse(403, "InvalidAccessKeyId")
            if headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
                return self._refuse(400, "XAmzContentSHA256Mismatch")
            if not given.endswith(f"Signature={signature(self.command, self.path, headers, given)}"):
                return self._refuse(403, "SignatureDoesNotMatch")
            if not self.path.startswith(f"/{BUCKET}/"):
                return self._refuse(404, "NoSuchBucket")
            return True

        def _refuse(self, status: int, code: str) -> bool:
            self._answer(status, ERROR.format(code).encode())
            return False

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def serving() -> Iterator[Bucket]:
    """The server on a free port."""
    bucket = Bucket()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(bucket)) as server:
        server.daemon_threads = True
        bucket.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield bucket
        server.shutdown()
        thread.join()
