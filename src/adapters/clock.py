"""The machine's clock."""

from __future__ import annotations

import time

from domain.instant import Instant


class SystemClock:
    """The time of day of this machine; Lambda keeps it synchronized."""

    def now(self) -> Instant:
        """The present instant, to the microsecond, which is what ZITADEL's answers have (spec 2.2)."""
        seconds, micros = divmod(time.time_ns() // 1_000, 1_000_000)
        return Instant(seconds, micros * 1_000)
