"""An AWS in which one operation can be made slow, to let a caller's deadline pass while the service is at work."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit


class HeldAws:
    """A proxy before another AWS; ``operations`` are the names of all calls so far, as they were begun."""

    def __init__(self, endpoint: str) -> None:
        self.operations: list[str] = []
        self._upstream = urlsplit(endpoint).netloc
        self._held: tuple[str, float] = ("", 0.0)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        """Its URL, as for ``AWS_ENDPOINT_URL``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def holding(self, operation: str, seconds: float) -> Iterator[None]:
        """Within the context each call of the operation takes this much longer."""
        self._held = (operation, seconds)
        try:
            yield
        finally:
            self._held = ("", 0.0)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        held_aws = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
                held_aws.operations.append(operation)
                if operation == held_aws._held[0]:
                    time.sleep(held_aws._held[1])
                upstream = http.client.HTTPConnection(held_aws._upstream)
                try:
                    upstream.request("POST", self.path, body, dict(self.headers))
                    answer = upstream.getresponse()
                    content = answer.read()
                finally:
                    upstream.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler
