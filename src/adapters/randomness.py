"""The operating system's randomness, and ids made of it."""

from __future__ import annotations

import secrets

from domain.ports import Clock

_EPOCH_MICROS = 1_556_496_000_000_000  # 2019-04-29T00:00:00Z, as ZITADEL's ids (spec 5.1)


class SystemEntropy:
    """Cryptographic randomness of the kernel, which never repeats across snapshots or forks."""

    def draw(self, size: int) -> bytes:
        """``size`` random bytes."""
        return secrets.token_bytes(size)


class TimeOrderedIds:
    """Ids of 27 digits: microseconds since 2019-04-29 (15 digits until 2050), then 12 random digits.

    Drawn in different microseconds they are ordered; drawn in the same one, by any number of processes, two are equal
    with a probability of 10**-12. ZITADEL's own 63 bits leave room for 256 ids per node and 10 ms and need a node
    number, which Lambda does not have.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def draw(self) -> str:
        """A new id."""
        micros = self._clock.now().total_nanos // 1_000 - _EPOCH_MICROS
        return f"{micros}{secrets.randbelow(10**12):012d}"
