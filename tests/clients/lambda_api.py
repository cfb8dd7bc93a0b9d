"""Lambda's Invoke API before the orchestration function, which runs in this process on an emulated AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness.emulated_aws import moto_aws
from harness.orchestration import Failed, invoke


class _Invoke(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        outcome = invoke(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        if isinstance(outcome, Failed):
            self.send_header("x-amz-function-error", "Unhandled")
            outcome = {"errorType": outcome.error, "errorMessage": json.dumps(outcome.cause)}
        self.end_headers()
        self.wfile.write(json.dumps(outcome).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def lambda_api() -> Iterator[str]:
    """Its URL, as for ``AWS_ENDPOINT_URL_LAMBDA``."""
    with moto_aws(), ThreadingHTTPServer(("127.0.0.1", 0), _Invoke) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
