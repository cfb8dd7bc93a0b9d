"""Lambda on this machine: AWS's own runtime client (awslambdaric) around the real handlers, in processes of their own.

What state machines match on comes out as on AWS: the class of an exception as ``errorType``, ``Runtime.ExitError`` for
a process that ends, ``Sandbox.Timedout`` for one that is too slow. Python and the operating system are this machine's.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:{name}:live"
INIT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What Invoke returns: the payload, and whether it describes an error."""

    payload: Any
    failed: bool = False

    @classmethod
    def error(cls, error_type: str, message: str) -> Answer:
        """The answer for an invocation that Lambda itself ended."""
        return cls({"errorType": error_type, "errorMessage": message}, failed=True)


class _RuntimeApi(BaseHTTPRequestHandler):
    """The API from which the runtime client fetches invocations, and to which it answers."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Environment  # type: ignore[assignment] # ours

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Wait for the next invocation."""
        invocation = self.server.invocations.get()
        if invocation is None:
            return
        request_id, body = invocation
        deadline = int((time.time() + self.server.function.timeout) * 1000)
        self._answer(
            200,
            body,
            {
                "Content-Type": "application/json",  # the client crashes without it
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": ARN.format(name=self.server.function.name),
            },
        )

    def do_POST(self) -> None:
        """Take an answer, or the reason why there will be none."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.answers.put(Answer(json.loads(body), failed=not self.path.endswith("/response")))
        self._answer(202, b"{}")

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Environment(ThreadingHTTPServer):
    """One execution environment: a process, and the Runtime API it talks to."""

    daemon_threads = True

    def __init__(self, function: Function) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApi)
        self.function = function
        self.invocations: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self.answers: queue.Queue[Answer] = queue.Queue()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", function.handler],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("src", "", "tests")),
                **function.environment,
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": function.name,
                "AWS_LAMBDA_FUNCTION_VERSION": "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
                "LAMBDA_TASK_ROOT": str(ROOT / "src"),
                "_HANDLER": function.handler,
            },
            cwd=ROOT,
            stdout=function.log,
            stderr=function.log,
        )
        self._warm = False

    def invoke(self, payload: bytes) -> Answer:
        """The answer; afterwards the environment is dead where the process ended or had to be ended."""
        request_id = str(uuid.uuid4())
        end = time.monotonic() + self.function.patience + (0 if self._warm else INIT_SECONDS)
        self.invocations.put((request_id, payload))
        while time.monotonic() < end:
            with contextlib.suppress(queue.Empty):
                answer = self.answers.get(timeout=0.01)
                self._warm = True
                return answer
            if not self.alive:
                status = self._process.returncode
                return Answer.error(
                    "Runtime.ExitError",
                    f"RequestId: {request_id} Error: Runtime exited with error: exit status {status}",
                )
        self._process.kill()
        self._process.wait()
        return Answer.error(
            "Sandbox.Timedout",
            f"RequestId: {request_id} Error: Task timed out after {self.function.timeout:.2f} seconds",
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self.invocations.put(None)
        self.shutdown()
        self.server_close()


class Function:
    """A function whose invocations have an environment each, kept warm for the next one, as on AWS."""

    def __init__(self, name: str, handler: str, environment: Mapping[str, str], log: Path, timeout: float) -> None:
        self.name, self.handler, self.environment, self.timeout = name, handler, environment, timeout
        self.arn = ARN.format(name=name)
        self.patience = timeout
        """After how many seconds an invocation is ended; a test that waits for it may not want to wait that long."""
        self.log = log.open("ab")
        self._idle: list[_Environment] = []
        self._all: list[_Environment] = []
        self._lock = threading.Lock()

    def invoke(self, payload: bytes) -> Answer:
        """Run the function."""
        with self._lock:
            environment = self._idle.pop() if self._idle else None
        if environment is None:
            environment = _Environment(self)
            self._all.append(environment)
        answer = environment.invoke(payload)
        if environment.alive:
            with self._lock:
                self._idle.append(environment)
        return answer

    def close(self) -> None:
        """End every environment."""
        for environment in self._all:
            environment.close()
        self.log.close()


@contextmanager
def function(
    name: str, handler: str, environment: Mapping[str, str], log: Path, timeout: float = 25
) -> Iterator[Function]:
    """A function for as long as the context lasts; what it logs goes to ``log``."""
    running = Function(name, handler, environment, log, timeout)
    try:
        yield running
    finally:
        running.close()
