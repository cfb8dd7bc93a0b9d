"""Keyed hashes of requests, with a key that is no secret."""

from __future__ import annotations

import hashlib


class FakeFingerprints:
    """BLAKE2 under ``key``."""

    def __init__(self, key: bytes = b"fake") -> None:
        self._key = key

    def of(self, request: bytes) -> str:
        """The hash in hex."""
        return hashlib.blake2b(request, key=self._key, digest_size=32).hexdigest()
