"""Keyed hashes of requests."""

from __future__ import annotations

import hashlib
import hmac

from domain.secret import Secret


class HmacFingerprints:
    """HMAC-SHA-256 under the deployment's key, so that nobody can test guesses against a stored fingerprint."""

    def __init__(self, key: Secret) -> None:
        self._key = key.reveal().encode()

    def of(self, request: bytes) -> str:
        """The hash in lower-case hex."""
        return hmac.new(self._key, request, hashlib.sha256).hexdigest()
