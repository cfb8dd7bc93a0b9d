"""The domain's ports in memory: simple, and honest about what the real adapters promise.

``tests/contract`` holds each of them against the same suite as its real adapter, so a test that passes here means
something there.
"""

from fakes.clock import FixedClock
from fakes.fingerprints import FakeFingerprints
from fakes.instances import FakeInstances
from fakes.key_pairs import CannedKeyPairs
from fakes.password_hashes import FakePasswordHashes
from fakes.passwords import FakePasswords
from fakes.randomness import SeededEntropy, SequentialIds
from fakes.vault import FakeVault

__all__ = [
    "CannedKeyPairs",
    "FakeFingerprints",
    "FakeInstances",
    "FakePasswordHashes",
    "FakePasswords",
    "FakeVault",
    "FixedClock",
    "SeededEntropy",
    "SequentialIds",
]
