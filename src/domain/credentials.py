"""The credentials of an instance's first admin: what they look like, how long they live, what is kept of them."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from dataclasses import dataclass

from domain import errors
from domain.instant import EARLIEST, NEVER, Instant
from domain.rules import Rule, Violation
from domain.secret import Secret
from domain.settings import PasswordPolicy

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX = "ifpat_"
_BODY, _CHECKSUM = 33, 6

TOKEN_ENTROPY_BYTES = 24
"""192 bits, more than the 160 that no online or offline search gets through."""

TOKEN_PATTERN = re.compile(rf"{_PREFIX}[0-9A-Za-z]{{{_BODY + _CHECKSUM}}}")
"""For secret scanners; confirm a match with :func:`is_access_token`."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A PAT as recorded: found by the SHA-256 of its text, which is not recorded."""

    id: str
    user_id: str
    sha256: str
    expires_at: Instant
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MachineKey:
    """A machine user's key as recorded: the public half only, as a PEM of SubjectPublicKeyInfo."""

    id: str
    user_id: str
    public_key: str
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh RSA key pair: the private half as PKCS#1 PEM (spec 5.7), the public half as SubjectPublicKeyInfo PEM."""

    private_key: Secret
    public_key: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the caller gets once and can fetch again; ``machine_key`` is the key file's JSON text."""

    pat: Secret | None = None
    machine_key: Secret | None = None

    def __bool__(self) -> bool:
        return self.pat is not None or self.machine_key is not None


def expiration(requested: Instant | None, now: Instant) -> Instant:
    """When a credential ends: not given, or the year 1, means never (spec 3.1).

    Raises Refused EXPIRATION_PAST (DOMAIN-dv3t5) for any instant before ``now``.
    """
    if requested is None or requested == EARLIEST:
        return NEVER
    if requested < now:
        raise errors.Refused(errors.EXPIRATION_PAST)
    return requested


def mint_token(entropy: bytes) -> Secret:
    """A PAT from ``TOKEN_ENTROPY_BYTES`` random bytes: ``ifpat_``, 33 characters of base 62, a checksum of 6.

    Prefix and checksum let a scanner recognise a leaked token without asking anybody; 62**33 > 2**192, so no bit is
    lost.
    """
    body = f"{_PREFIX}{_base62(int.from_bytes(entropy, 'big'), _BODY)}"
    return Secret(body + _checksum(body))


def is_access_token(text: str) -> bool:
    """Whether ``text`` has the form and the checksum of a PAT; says nothing about whether it is valid."""
    return TOKEN_PATTERN.fullmatch(text) is not None and text[-_CHECKSUM:] == _checksum(text[:-_CHECKSUM])


def token_digest(token: Secret) -> str:
    """What is recorded of a PAT: lower-case hex SHA-256. A slow hash would buy nothing against 192 random bits."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()


def key_file(key: MachineKey, private_key: Secret) -> Secret:
    """The key file that ZITADEL's SDKs read: compact JSON, its fields in ZITADEL's order (spec 5.7)."""
    document = {
        "type": "serviceaccount",
        "keyId": key.id,
        "key": private_key.reveal(),
        "expirationDate": key.expires_at.rfc3339(),
        "userId": key.user_id,
    }
    return Secret(json.dumps(document, separators=(",", ":")))


def check_password(password: Secret, policy: PasswordPolicy) -> Rule[None]:
    """Hold a new password against the policy (spec 4.2 rows 15-19).

    Everything outside ``[A-Za-z0-9]`` counts as a symbol.
    """
    text = password.reveal()
    rules = (
        (len(text.encode()) >= policy.min_length, errors.PASSWORD_SHORT),
        (not policy.lower or re.search("[a-z]", text), errors.PASSWORD_LOWER),
        (not policy.upper or re.search("[A-Z]", text), errors.PASSWORD_UPPER),
        (not policy.number or re.search("[0-9]", text), errors.PASSWORD_NUMBER),
        (not policy.symbol or re.search("[^A-Za-z0-9]", text), errors.PASSWORD_SYMBOL),
    )
    for holds, reason in rules:
        if not holds:
            yield Violation(reason, "human.password.password")


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM)
