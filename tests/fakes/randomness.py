"""Ids and randomness that come out the same in every run."""

from __future__ import annotations

import itertools
import random

_FIRST_ID = 245_000_000_000_000 * 10**12
"""Microseconds since ZITADEL's epoch and twelve more digits, as the real ids (spec 5.1)."""


class SequentialIds:
    """Decimal ids of 27 digits, each one greater than the one before it; threads may share them."""

    def __init__(self, first: int = _FIRST_ID) -> None:
        self._numbers = itertools.count(first)

    def draw(self) -> str:
        """The next id."""
        return f"{next(self._numbers):027d}"


class SeededEntropy:
    """Bytes without pattern, the same for the same seed; no randomness to keep a secret with."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def draw(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        return self._random.randbytes(size)
