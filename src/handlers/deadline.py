"""Until when an invocation can still answer, and until when its caller waits for that."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap.application import CLOCK
from domain.instant import LATEST, Instant
from wire.grpc_status import timeout_seconds

RESERVE_MILLISECONDS = 500
"""What stays for encoding the answer and writing the log."""


def deadline_of(context: LambdaContext) -> Instant:
    """The instant at which Lambda would end the invocation, less the reserve."""
    return _from_now((context.get_remaining_time_in_millis() - RESERVE_MILLISECONDS) * 1_000_000)


def awaited_until(metadata: Mapping[str, str]) -> Instant | None:
    """The instant that the header ``grpc-timeout`` sets, over JSON too as in grpc-gateway; None without it.

    Raises MalformedCall.
    """
    seconds = timeout_seconds(metadata.get("grpc-timeout"))
    return None if seconds is None else _from_now(int(seconds * 1_000_000_000))


def _from_now(nanos: int) -> Instant:
    return min(LATEST, Instant(*divmod(CLOCK.now().total_nanos + nanos, 1_000_000_000)))
