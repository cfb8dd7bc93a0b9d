"""Creations as the use case makes them, for tests of what stores them; no two share an id."""

from __future__ import annotations

from typing import Any

from domain.creation import Creation
from domain.instant import Instant
from fakes.foundry import creation_of
from fakes.randomness import SeededEntropy, SequentialIds
from fakes.requests import MACHINE

FAR_AWAY = Instant(4_000_000_000)

_IDS, _ENTROPY = SequentialIds(), SeededEntropy()


def a_creation(key: str | None = None, request: dict[str, Any] | None = None) -> Creation:
    """A creation for ``request``, by default a machine admin with both credentials."""
    return creation_of(request or MACHINE, key=key, ids=_IDS, entropy=_ENTROPY)
