"""Password hashes for human users."""

from __future__ import annotations

import secrets
from concurrent.futures import Future

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from adapters import background
from domain.secret import Secret

MEMORY_KIB = 65_536
ITERATIONS = 3
LANES = 4
"""RFC 9106, section 4, the second recommended option: for where 2 GiB per hash are too many."""

SALT_BYTES = 16
HASH_BYTES = 32


class Argon2idHashes:
    """argon2id as PHC strings; the whole password counts, however long (docs/compatibility.md)."""

    def begin(self, password: Secret) -> Future[str]:
        """Start hashing in a thread."""
        return background.begin(lambda: _hash(password))


def _hash(password: Secret) -> str:
    derivation = Argon2id(
        salt=secrets.token_bytes(SALT_BYTES),
        length=HASH_BYTES,
        iterations=ITERATIONS,
        lanes=LANES,
        memory_cost=MEMORY_KIB,
    )
    return derivation.derive_phc_encoded(password.reveal().encode())
