"""Faults at the calls that go to AWS: between botocore and the wire, where real ones happen.

A fault says two things: what becomes of the call, and what the caller gets to see. Everything above it, retries and
error parsing included, is botocore's own.
"""

from __future__ import annotations

import json
import random
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


_Symptom = Callable[[], BaseException] | tuple[int, str]


@dataclass(frozen=True)
class Fault:
    """A way in which a call can go wrong; ``only`` names the operations that it can happen to, where not to all."""

    name: str
    effect: Effect
    symptom: _Symptom
    only: frozenset[str] | None = None

    def can_meet(self, operation: str) -> bool:
        """Whether a call of this operation can go wrong in this way."""
        return self.only is None or operation in self.only


# A new exception each time: one that is raised again and again keeps the frames of all its journeys.
def _lost() -> Exception:
    return ReadTimeoutError(endpoint_url="https://aws.example")


def _reset() -> Exception:
    return ConnectionClosedError(endpoint_url="https://aws.example")


def _not_sent() -> Exception:
    return ConnectTimeoutError(endpoint_url="https://aws.example")


_COMMIT = frozenset({"TransactWriteItems"})
_WRITES = _COMMIT | {"CreateSecret", "DeleteSecret"}
"""What has an effect that can come late."""

FAULTS = (
    Fault("dies before", Effect.NONE, Died),
    Fault("dies after", Effect.DONE, Died),
    Fault("not sent", Effect.NONE, _not_sent),
    Fault("lost before", Effect.NONE, _lost),
    Fault("lost after", Effect.DONE, _lost),
    Fault("lost, late", Effect.BEFORE_THE_NEXT, _lost, only=_WRITES),
    Fault("lost, very late", Effect.AT_THE_END, _lost, only=_WRITES),
    Fault("reset before", Effect.NONE, _reset),
    Fault("reset after", Effect.DONE, _reset),
    Fault("500 before", Effect.NONE, (500, "InternalServerError")),
    Fault("500 after", Effect.DONE, (500, "InternalServerError")),
    Fault("throttled", Effect.NONE, (400, "ThrottlingException")),
    Fault("item throttled", Effect.NONE, (400, "ThrottlingError"), only=_COMMIT),
    Fault("conflict", Effect.NONE, (400, "TransactionConflict"), only=_COMMIT),
    Fault("domain taken", Effect.NONE, (400, "ConditionalCheckFailed"), only=_COMMIT),
    Fault("in progress", Effect.BEFORE_THE_NEXT, (400, "TransactionInProgressException"), only=_COMMIT),
)

Schedule = Mapping[tuple[int, int], Fault]
"""Which fault meets which call: by caller and by the number of that caller's call, both from 0."""

SWEEPER = -1
"""The sweep's number among the callers."""

NOBODY = -2
"""The number of those whose calls never go wrong."""

NAMES = {SWEEPER: "sweeper", NOBODY: "afterwards"}
"""What those who are no callers are called in journals."""


class Turns:
    """Lets callers go on one at a time, each from one call to its next, in an order that follows from ``seed``."""

    def __init__(self, callers: int, seed: str) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._going = callers
        self._waiting: dict[int, threading.Event] = {}

    def take(self, caller: int) -> None:
        """Wait until it is the caller's turn."""
        turn = threading.Event()
        with self._lock:
            self._waiting[caller] = turn
            self._stop_going()
        turn.wait()

    def leave(self) -> None:
        """A caller makes no more calls."""
        with self._lock:
            self._stop_going()

    def _stop_going(self) -> None:
        self._going -= 1
        if self._waiting and not self._going:
            self._going = 1
            self._waiting.pop(self._chance.choice(sorted(self._waiting))).set()


class Injector:
    """Counts every caller's calls and lets the scheduled ones go wrong."""

    def __init__(self) -> None:
        self._caller = threading.local()
        self._schedule: Schedule = {}
        self._turns: Turns | None = None
        self._calls: dict[int, int] = {}
        self._next: list[Callable[[], Any]] = []
        self._last: list[Callable[[], Any]] = []
        self.journal: list[str] = []
        self.met: set[tuple[str, str]] = set()
        self.operations: set[str] = set()

    def arm(self, schedule: Schedule) -> None:
        """Start a history, and a journal of its calls."""
        self._schedule, self._calls, self._next, self._last, self.journal = schedule, {}, [], [], []

    @contextmanager
    def turns(self, callers: int, seed: str) -> Iterator[Turns]:
        """Let so many callers, each in a thread of its own, take turns; each must say when it is done."""
        self._turns = Turns(callers, seed)
        try:
            yield self._turns
        finally:
            self._turns = None

    def settle(self) -> None:
        """Let everything that is still under way arrive."""
        self._let_arrive(self._next)
        self._let_arrive(self._last)

    def become(self, caller: int) -> None:
        """Say which caller this thread is."""
        self._caller.number = caller

    def call(self, operation: str, carry_out: Callable[[], Any], answer: Callable[[int, str], Any]) -> Any:
        """One call: ``carry_out`` does it, ``answer`` makes an error response."""
        caller = getattr(self._caller, "number", NOBODY)
        if self._turns:
            self._turns.take(caller)
        self._let_arrive(self._next)
        number = self._calls.get(caller, 0)
        self._calls[caller] = number + 1
        self.operations.add(operation)
        fault = self._schedule.get((caller, number))
        if fault is None or not fault.can_meet(operation):
            self.journal.append(f"{NAMES.get(caller, caller)}: {operation}")
            return carry_out()
        self.journal.append(f"{NAMES.get(caller, caller)}: {operation}, {fault.name}")
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
        symptom = fault.symptom()
        if isinstance(symptom, Exception):
            return None, symptom
        raise symptom

    @staticmethod
    def _let_arrive(late: list[Callable[[], Any]]) -> None:
        while late:
            late.pop(0)()


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
    if code in {"TransactionConflict", "ConditionalCheckFailed", "ThrottlingError"}:
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
