"""A Lambda function in AWS's own runtime client, under AWS's runtime interface emulator: processes, no Docker.

The emulator is the program that `sam local` puts into its containers. What it runs is a Python that has nothing of ours
but what the runtime has (.tools/runtime), in the folder of the artefact.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.artefact import ARCHITECTURE, ROOT
from local.lambda_pool import Function

PATH = "/2015-03-31/functions/function/invocations"
START_SECONDS = 60.0


def emulator() -> Path:
    """The program for this machine, from the wheel of the SAM CLI."""
    wheel = f"python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"
    (found,) = (ROOT / ".tools" / "sam" / "lib").glob(wheel)
    return found


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


class LambdaEmulator:
    """One execution environment; a context manager. What function and emulator say goes to ``log``."""

    def __init__(self, function: Function, code: Path, log: Path) -> None:
        self.log = log
        self._function, self._code = function, code
        # The emulator dies of two invocations at once, which Lambda never gives to one environment.
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        """Start the emulator; the function itself is imported by the first invocation."""
        self._port, runtime_port = free_ports(2)
        # SAM's wheel does not say that it is a program.
        program = self.log.with_name("emulator")
        program.write_bytes(emulator().read_bytes())
        program.chmod(0o700)
        addresses = {"interface-emulator": self._port, "api": runtime_port}
        command = [program, *(f"--runtime-{name}-address=127.0.0.1:{port}" for name, port in addresses.items())]
        command += [ROOT / ".tools/runtime/bin/python", "-m", "awslambdaric", self._function.handler]
        environment = self._function.process_environment()
        environment["AWS_LAMBDA_FUNCTION_TIMEOUT"] = f"{self._function.timeout:.0f}"
        environment["LAMBDA_TASK_ROOT"] = str(self._code)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self._code,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """The function's answer to the event, or what the emulator says instead, decoded where it is JSON."""
        with self._one_at_a_time, contextlib.closing(self._connection()) as connection:
            connection.request("POST", PATH, json.dumps(event), {"content-type": "application/json"})
            body = connection.getresponse().read().decode()
        try:
            return json.loads(body)
        except ValueError:
            return body

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the emulator did not start: {self.log.read_text()}") from None
                time.sleep(0.01)
            else:
                return
