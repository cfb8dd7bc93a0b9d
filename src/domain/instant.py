"""A point in time with the precision of a protobuf Timestamp.

``datetime`` stops at microseconds and cannot carry what a caller sent (spec 2.1: nine fraction digits), so the domain
has its own two integers, as ``google.protobuf.Timestamp`` has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOS = 1_000_000_000


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """``seconds`` since the Unix epoch, may be negative; ``nanos`` 0 to 999,999,999, counting forward."""

    seconds: int
    nanos: int = 0

    def rfc3339(self) -> str:
        """The instant in UTC, with 0, 3, 6 or 9 fraction digits, as ProtoJSON prints it (spec 2.2)."""
        base = (_EPOCH + timedelta(seconds=self.seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
        if not self.nanos:
            return f"{base}Z"
        digits = f"{self.nanos:09d}"
        while digits.endswith("000"):
            digits = digits[:-3]
        return f"{base}.{digits}Z"

    def plus(self, seconds: int) -> Instant:
        """The instant ``seconds`` later, or earlier if negative."""
        return Instant(self.seconds + seconds, self.nanos)

    @property
    def total_nanos(self) -> int:
        """Nanoseconds since the Unix epoch."""
        return self.seconds * _NANOS + self.nanos


EARLIEST = Instant(-62_135_596_800)
"""0001-01-01T00:00:00Z: the zero time, which means "not given" (spec 3.1)."""

LATEST = Instant(253_402_300_799, _NANOS - 1)
"""The last instant a protobuf Timestamp can hold."""

NEVER = Instant(253_402_300_799)
"""9999-12-31T23:59:59Z: how "does not expire" is written (spec 3.1)."""
