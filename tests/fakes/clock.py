"""A clock that stands still until it is told otherwise."""

from __future__ import annotations

from domain.instant import Instant

NOW = Instant(1_800_000_000, 123_456_000)
"""2027-01-15T08:00:00.123456Z: when tests happen."""


class FixedClock:
    """Shows ``at``; ``tick`` is by how many seconds each look at it moves it on."""

    def __init__(self, at: Instant = NOW, tick: int = 0) -> None:
        self.at = at
        self.tick = tick

    def now(self) -> Instant:
        """What the clock shows; then it ticks."""
        shown = self.at
        self.at = shown.plus(self.tick)
        return shown

    def forward(self, seconds: int) -> None:
        """Let time pass."""
        self.at = self.at.plus(seconds)
