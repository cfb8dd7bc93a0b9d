"""What the use cases need from outside. Clock, ids and randomness are ports so that every run can be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from domain.creation import Creation, Receipt
from domain.credentials import Credentials, KeyPair
from domain.errors import Reason
from domain.instant import Instant
from domain.secret import Secret


class Clock(Protocol):
    """The time of day."""

    def now(self) -> Instant:
        """The present instant."""
        ...


class Ids(Protocol):
    """Identifiers: decimal, 18 digits or more, ordered by time, unique without coordination (design decision 7)."""

    def draw(self) -> str:
        """An id that nobody else has or will get."""
        ...


class Entropy(Protocol):
    """Cryptographically strong randomness."""

    def draw(self, size: int) -> bytes:
        """``size`` random bytes."""
        ...


class KeyPairs(Protocol):
    """Makes RSA key pairs."""

    def begin(self) -> Future[KeyPair]:
        """Start making a pair, so that waiting for something else costs nothing (design decision 9)."""
        ...


class PasswordHashes(Protocol):
    """Hashes passwords with argon2id."""

    def begin(self, password: Secret) -> Future[str]:
        """Start hashing; the result is a PHC string."""
        ...


class Passwords(Protocol):
    """Passwords that a caller keeps somewhere safe and names instead of sending."""

    def read(self, place: str) -> Secret | None:
        """The password at ``place``; None where there is none, or none that may be read.

        Raises Refused THROTTLED, UNAVAILABLE or INTERNAL where it could not be found out.
        """
        ...


class Fingerprints(Protocol):
    """Keyed hashes of requests."""

    def of(self, request: bytes) -> str:
        """The hash, as text; without the deployment's key nobody can test guesses against it."""
        ...


class CredentialVault(Protocol):
    """Keeps credentials, encrypted, and apart from all records."""

    def store(self, instance_id: str, credentials: Credentials) -> str:
        """Keep the credentials of a new instance and return where, as an ARN.

        Repeating the call with the same arguments gives the same ARN. Raises Refused THROTTLED or UNAVAILABLE where it
        did not succeed; what it may have left behind is referred to by nothing.
        """
        ...

    def read(self, arn: str) -> Credentials | None:
        """The credentials, or None where their owner removed them. Raises Refused THROTTLED or UNAVAILABLE."""
        ...

    def discard(self, arn: str) -> None:
        """Remove credentials that no record refers to. Never raises: the sweeper removes what this could not."""
        ...


class Verdict(Enum):
    """How an attempt to store a creation ended."""

    COMMITTED = auto()
    """All of it is stored."""
    REPEATED = auto()
    """Nothing was stored: the identity has a receipt already."""
    DOMAIN_TAKEN = auto()
    """Nothing was stored: another instance has one of the domains."""
    REFUSED = auto()
    """Nothing was stored: the store would not or could not."""
    UNKNOWN = auto()
    """The answer was lost: all of it is stored, or will be, or never will."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with what belongs to it.

    ``receipt`` comes with REPEATED; ``reason``, ``retry_after`` (seconds) and ``cause``, for the log, with REFUSED.
    ``final`` is False where an attempt of this very creation may still take effect; what it refers to must then stay.
    """

    verdict: Verdict
    receipt: Receipt | None = None
    reason: Reason | None = None
    retry_after: int | None = None
    final: bool = True
    cause: Exception | None = None


class Instances(Protocol):
    """The records of all instances."""

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        """Store all records of a creation in one transaction, or none; start no attempt that ``deadline`` cuts off.

        Failures are part of the outcome; only a fault of the service itself raises.
        """
        ...

    def rehearse(self, creation: Creation) -> Mapping[str, int]:
        """How many records of each type ``commit`` would store; nothing is stored or read."""
        ...

    def has_domain(self, name: str) -> bool:
        """Whether an instance has the domain, in whatever spelling; strongly consistent.

        Raises Refused THROTTLED, UNAVAILABLE or INTERNAL.
        """
        ...

    def receipt(self, identity: str) -> Receipt | None:
        """The receipt of ``identity``, strongly consistent, or None. Raises Refused THROTTLED or UNAVAILABLE."""
        ...
