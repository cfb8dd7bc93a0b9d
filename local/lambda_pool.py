"""The Lambda service on this machine: execution environments that run one invocation each at a time.

Like Lambda, the pool keeps environments warm, prefers a warm one, kills one whose function exceeds its timeout,
replaces one that died, and imports the function again in the replacement. Unlike Lambda it has a fixed number of them
(more invocations wait), and enforces neither the memory size nor the 6 MB limit of an invocation.

Environments are started with ``exec``, never by forking alone: the caller is free to have threads.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Pipe
from types import TracebackType
from typing import Any, Self

from local import lifeline

INIT_SECONDS = 60.0
"""How long an import may take. Lambda allows 10 s, but does not share its cores with a developer's browser."""

EXIT_SECONDS = 10.0
"""How long a process that has let go of its channel may take to end, before it is ended."""


class FunctionError(Exception):
    """The function raised, could not be imported, or ended its process; API Gateway answers 500."""


class FunctionTimeout(Exception):
    """The function did not answer in its time and was killed; API Gateway answers 503."""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function: the properties of the template that matter here.

    ``environment`` is the whole environment of the process, ``PYTHONPATH`` included; nothing of ours leaks into it.
    """

    handler: str
    environment: Mapping[str, str]
    name: str = "instance-foundry"
    timeout: float = 25.0
    memory_mb: int = 1024

    def process_environment(self) -> dict[str, str]:
        """The environment with the variables that Lambda reserves for itself."""
        stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{secrets.token_hex(16)}"
        return {
            **self.environment,
            "_HANDLER": self.handler,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "TZ": ":UTC",
        }


class _Gone(Exception):
    """The environment died while nothing ran in it."""


class _Environment:
    """One process with the function imported, or being imported."""

    def __init__(self, function: Function) -> None:
        self._channel, theirs = Pipe(duplex=True)
        with theirs:
            self._process = lifeline.start(
                "local.lambda_runtime",
                str(theirs.fileno()),
                function.handler,
                environment=function.process_environment(),
                output=2,
                pass_fds=(theirs.fileno(),),
            )
        self._timeout = function.timeout
        self._imported = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def warm(self) -> bool:
        """Whether an invocation would start at once."""
        return self._imported or self._channel.poll(0)

    def init(self) -> None:
        """Wait until the function is imported. Raises FunctionError when it cannot be."""
        if self._imported:
            return
        message = self._receive(INIT_SECONDS)
        if message is None:
            raise FunctionError(f"the function was not imported within {INIT_SECONDS:.0f} s")
        if "error" in message:
            raise FunctionError(message["error"])
        self._imported = True

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Run one invocation.

        Raises FunctionError when it fails, and the environment lives on if the function only raised; FunctionTimeout
        when it takes too long, and the environment is ended; _Gone when the environment had died before it took the
        event.
        """
        self.init()
        request_id = str(uuid.uuid4())
        invocation = {
            "requestId": request_id,
            "deadline": int((time.time() + self._timeout) * 1000),
            "trace": trace(event),
            "event": event,
        }
        try:
            self._channel.send_bytes(json.dumps(invocation).encode())
        except OSError as error:
            self.end()
            raise _Gone from error
        message = self._receive(self._timeout)
        if message is None:
            self.end()
            text = f"{request_id} Task timed out after {self._timeout:.2f} seconds"
            print(text, file=sys.stderr, flush=True)
            raise FunctionTimeout(text)
        if "error" in message:
            raise FunctionError(message["error"])
        return message["answer"]

    def _receive(self, timeout: float) -> dict[str, Any] | None:
        try:
            if not self._channel.poll(timeout):
                return None
            message: dict[str, Any] = json.loads(self._channel.recv_bytes())
        except ConnectionResetError as error:  # it left what we sent unread: nothing ran
            self.end()
            raise _Gone from error
        except (EOFError, OSError) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(EXIT_SECONDS)  # for the status it chose itself
            self.end()
            raise FunctionError(f"Runtime exited with status {self._process.returncode}") from error
        return message

    @property
    def usable(self) -> bool:
        return self._imported and self._process.poll() is None

    def end(self) -> None:
        """Kill the process; whoever waits for its answer gets a FunctionError."""
        lifeline.end(self._process)

    def close(self) -> None:
        """Kill the process and let go of the channel, which nobody may be waiting at."""
        self.end()
        self._channel.close()


def trace(event: Mapping[str, Any]) -> str:
    """The X-Ray trace header of an invocation: the one that API Gateway put into the event, else a new one."""
    headers = event.get("headers")
    given = headers.get("x-amzn-trace-id") if isinstance(headers, Mapping) else None
    return given if isinstance(given, str) else f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"


class LambdaPool:
    """``size`` execution environments of one function, started on entering the context and gone after leaving it."""

    def __init__(self, function: Function, size: int) -> None:
        self._function = function
        self._size = size
        self._all: set[_Environment] = set()
        self._idle: list[_Environment] = []
        self._changed = threading.Condition()
        self._closed = False

    def __enter__(self) -> Self:
        """Return once the function is imported in one environment; the others follow meanwhile.

        Raises FunctionError when it cannot be imported.
        """
        first = _Environment(self._function)
        self._add(first)
        try:
            first.init()
        except BaseException:
            self.close()
            raise
        with self._changed:
            for _ in range(self._size - 1):
                self._add(_Environment(self._function))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """The process ids of all environments."""
        with self._changed:
            return [environment.pid for environment in self._all]

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Run the function with the event and return its answer; waits while all environments are busy.

        Raises FunctionError when the function fails or the pool is closed, FunctionTimeout when it takes too long.
        """
        while True:
            environment = self._take()
            try:
                return environment.invoke(event)
            except _Gone:
                continue  # nothing ran: another environment takes the event, as a caller of Lambda would never notice
            finally:
                self._give_back(environment)

    def _add(self, environment: _Environment) -> None:
        self._all.add(environment)
        self._idle.append(environment)

    def _take(self) -> _Environment:
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._closed)
            if self._closed:
                raise FunctionError("the pool is closed")
            # The last one back goes first, as in Lambda: its caches and connections are the freshest.
            last_first = range(len(self._idle) - 1, -1, -1)
            return self._idle.pop(next((i for i in last_first if self._idle[i].warm), -1))

    def _give_back(self, environment: _Environment) -> None:
        with self._changed:
            if self._closed:
                environment.close()
            elif environment.usable:
                self._idle.append(environment)
            else:
                environment.close()
                self._all.discard(environment)
                self._add(_Environment(self._function))
            self._changed.notify()

    def close(self) -> None:
        """End every environment, also those at work: their callers get a FunctionError."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            for environment in self._idle:
                environment.close()
            for environment in self._all.difference(self._idle):
                environment.end()
