"""What a transport is to the conformance table: it carries a call to the handler and brings back an answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from unittest.mock import patch

from adapters.clock import SystemClock
from conformance.table import Call, Created, Refused, Replayed


@dataclass(frozen=True)
class Answer:
    """An answer in terms that every transport has.

    ``code`` is gRPC's, 0 with a ``response`` in JSON form; ``details`` are those of ``google.rpc.Status`` in JSON form;
    ``headers`` are HTTP headers or gRPC metadata by lower-case name. ``http`` and ``body`` are for the transport's own
    checks.
    """

    code: int
    message: str = ""
    details: Sequence[Mapping[str, Any]] = ()
    response: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    http: int | None = None
    body: Any = None


class Transport(Protocol):
    """A way to the handler."""

    def call(self, call: Call) -> Answer:
        """Make one call."""
        ...

    def problems(self, expected: Refused | Created | Replayed, answer: Answer) -> Iterator[str]:
        """What is wrong with the form in which an answer came, in words."""
        ...


@contextmanager
def circumstances(call: Call) -> Iterator[int]:
    """Put the service where the call wants it: at its time, with its label. Gives the seconds since the epoch."""
    with ExitStack() as stack:
        if call.label is not None:
            stack.enter_context(patch("domain.create_instance.random_label", return_value=call.label))
        if call.at is not None:
            stack.enter_context(patch.object(SystemClock, "now", return_value=call.at))
        yield int(time.time()) if call.at is None else call.at.seconds
