"""Real RSA key pairs that nobody has to wait for."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from functools import cache

from adapters.key_pairs import RsaKeyPairs
from domain.credentials import KeyPair


class CannedKeyPairs:
    """Hands out the session's two pairs in turn, so that two keys in a row differ."""

    def __init__(self) -> None:
        self._turns = itertools.cycle((0, 1))

    def begin(self) -> Future[KeyPair]:
        """A pair that is ready."""
        ready: Future[KeyPair] = Future()
        ready.set_result(_pairs()[next(self._turns)])
        return ready


@cache
def _pairs() -> tuple[KeyPair, KeyPair]:
    first, second = RsaKeyPairs().begin(), RsaKeyPairs().begin()
    return first.result(), second.result()
