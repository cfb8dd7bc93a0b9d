"""Faults at the calls that go to AWS: between botocore and the wire, where real ones happen.

A fault says two things: what becomes of the call, and what the caller gets to see. Everything above it, retries and
error parsing included, is botocore's own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from botocore.endpoint import convert_to_response_dict
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError


class Died(BaseException):
    """The process ended: nobody handles this."""


class Effect(Enum):
    """What becomes of the call itself."""

    NONE = auto()
    DONE = auto()
    BEFORE_THE_NEXT = auto()
    """It takes effect later: just before the next call of anyone."""
    AT_THE_END = auto()
    """It takes effect when everybody has given up."""


@dataclass(frozen=True)
class Fault:
    """A way in which a call can go wrong; ``only`` names the one operation that it can happen to."""

    name: str
    effect: Effect
    symptom: Exception | type[Died] | tuple[int, str]
    only: str | None = None


_LOST = ReadTimeoutError(endpoint_url="https://aws.example")
_RESET = ConnectionClosedError(endpoint_url="https://aws.example")
_NOT_SENT = ConnectTimeoutError(endpoint_url="https://aws.example")
_COMMIT = "TransactWriteItems"

FAULTS = (
    Fault("dies before", Effect.NONE, Died),
    Fault("dies after", Effect.DONE, Died),
    Fault("not sent", Effect.NONE, _NOT_SENT),
    Fault("lost before", Effect.NONE, _LOST),
    Fault("lost after", Effect.DONE, _LOST),
    Fault("lost, late", Effect.BEFORE_THE_NEXT, _LOST),
    Fault("lost, very late", Effect.AT_THE_END, _LOST),
    Fault("reset before", Effect.NONE, _RESET),
    Fault("reset after", Effect.DONE, _RESET),
    Fault("500 before", Effect.NONE, (500, "InternalServerError")),
    Fault("500 after", Effect.DONE, (500, "InternalServerError")),
    Fault("throttled", Effect.NONE, (400, "ThrottlingException")),
    Fault("conflict", Effect.NONE, (400, "TransactionConflict"), only=_COMMIT),
    Fault("domain taken", Effect.NONE, (400, "ConditionalCheckFailed"), only=_COMMIT),
    Fault("in progress", Effect.BEFORE_THE_NEXT, (400, "TransactionInProgressException"), only=_COMMIT),
)

Schedule = Mapping[tuple[int, int], Fault]
"""Which fault meets which call: by caller and by the number of that caller's call, both from 0."""


class Injector:
    """Counts every caller's calls and lets the scheduled ones go wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._caller = threading.local()
        self._schedule: Schedule = {}
        self._calls: dict[int, int] = {}
        self._next: list[Callable[[], Any]] = []
        self._last: list[Callable[[], Any]] = []
        self.met: set[tuple[str, str]] = set()
        self.operations: set[str] = set()

    def arm(self, schedule: Schedule) -> None:
        """Start a history."""
        self._schedule, self._calls, self._next, self._last = schedule, {}, [], []

    def disarm(self) -> None:
        """Let everything that is still under way arrive, and let nothing go wrong any more."""
        self._schedule = {}
        for late in (*self._take_next(), *self._last):
            late()
        self._last = []

    def become(self, caller: int) -> None:
        """Say which caller this thread is."""
        self._caller.number = caller

    def call(self, operation: str, carry_out: Callable[[], Any], answer: Callable[[int, str], Any]) -> Any:
        """One call: ``carry_out`` does it, ``answer`` makes an error response."""
        for late in self._take_next():
            late()
        caller = getattr(self._caller, "number", 0)
        with self._lock:
            number = self._calls.get(caller, 0)
            self._calls[caller] = number + 1
            self.operations.add(operation)
            fault = self._schedule.get((caller, number))
        if fault is None or fault.only not in {None, operation}:
            return carry_out()
        self.met.add((operation, fault.name))
        match fault.effect:
            case Effect.DONE:
                carry_out()
            case Effect.BEFORE_THE_NEXT:
                self._next.append(carry_out)
            case Effect.AT_THE_END:
                self._last.append(carry_out)
            case Effect.NONE:
                pass
        if isinstance(fault.symptom, tuple):
            return answer(*fault.symptom)
        if isinstance(fault.symptom, Exception):
            return None, fault.symptom
        raise fault.symptom

    def _take_next(self) -> list[Callable[[], Any]]:
        with self._lock:
            late, self._next = self._next, []
        return late


@contextmanager
def injected(injector: Injector) -> Iterator[None]:
    """Put the injector between botocore and the wire."""
    original = botocore.endpoint.Endpoint._do_get_response

    def do_get_response(endpoint: Any, request: Any, operation: Any, context: Any) -> Any:
        return injector.call(
            operation.name,
            lambda: original(endpoint, request, operation, context),
            lambda status, code: (_error(endpoint, operation, request, status, code), None),
        )

    botocore.endpoint.Endpoint._do_get_response = do_get_response
    try:
        yield
    finally:
        botocore.endpoint.Endpoint._do_get_response = original


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def _error(endpoint: Any, operation: Any, request: Any, status: int, code: str) -> Any:
    """An error as AWS sends it, read by botocore's own parser."""
    body: dict[str, Any] = {"__type": f"com.amazonaws#{code}", "message": "injected"}
    if code in {"TransactionConflict", "ConditionalCheckFailed"}:
        puts = json.loads(request.body)["TransactItems"]
        hit = [put["Put"]["Item"]["type"]["S"] == "domain" for put in puts]
        body["__type"] = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
        body["CancellationReasons"] = [{"Code": code if one else "None"} for one in hit]
    headers = {"x-amzn-requestid": "injected", "content-type": "application/x-amz-json-1.0"}
    response = AWSResponse(request.url, status, headers, _Body(json.dumps(body).encode()))
    parser = endpoint._response_parser_factory.create_parser(operation.service_model.resolved_protocol)
    response_dict = convert_to_response_dict(response, operation)
    parsed = parser.parse(response_dict, operation.output_shape)
    endpoint._add_modeled_error_fields(response_dict, parsed, operation, parser)
    return response, parsed
