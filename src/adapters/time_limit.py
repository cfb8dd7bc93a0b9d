"""No call to AWS is begun that the end of the invocation could cut off.

botocore limits each attempt and knows no deadline. The calls of one creation, each with its retries, can add up to more
than a function may run; then Lambda ends it without an answer. So every attempt, the SDK's own retries included, is
held against the time that is left, and what is not begun is refused like anything else that AWS does not do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore.exceptions import BotoCoreError

from domain.instant import Instant
from domain.ports import Clock

_end: ContextVar[Instant | None] = ContextVar("end", default=None)


class NoTimeLeft(BotoCoreError):
    """The call was not made; botocore does not repeat it."""

    fmt = "not enough time is left for the call"


@contextmanager
def ending(at: Instant) -> Iterator[None]:
    """Until the block is left, begin no call that could end later than ``at``."""
    before = _end.set(at)
    try:
        yield
    finally:
        _end.reset(before)


def limit(client: Any, clock: Clock, seconds: int) -> None:
    """Let each attempt of a boto3 client raise NoTimeLeft unless ``seconds``, the most it can take, are left."""

    def check(**_event: object) -> None:
        end = _end.get()
        if end is not None and clock.now().plus(seconds) > end:
            raise NoTimeLeft

    client.meta.events.register_first("before-send", check)
