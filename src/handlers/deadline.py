"""Until when an invocation can still answer."""

from __future__ import annotations

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap.application import CLOCK
from domain.instant import Instant

RESERVE_MILLISECONDS = 500
"""What stays for encoding the answer and writing the log."""


def deadline_of(context: LambdaContext) -> Instant:
    """The instant at which Lambda would end the invocation, less the reserve."""
    remaining = context.get_remaining_time_in_millis() - RESERVE_MILLISECONDS
    nanos = CLOCK.now().total_nanos + remaining * 1_000_000
    return Instant(nanos // 1_000_000_000, nanos % 1_000_000_000)
