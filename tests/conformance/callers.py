"""Who calls in the conformance table, and with which tokens (spec 7.1 to 7.4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.emulated_aws import AUDIENCE
from security.token_workshop import Signer, b64, mac, pem, pkcs1, pss

OWNER = "owner"
NEIGHBOUR = "neighbour"
"""A system user with a key of their own; all others share the owner's."""

MEMBERSHIPS: Mapping[str, list[dict[str, Any]] | None] = {
    OWNER: [{"MemberType": "System", "Roles": ["SYSTEM_OWNER"]}],
    NEIGHBOUR: [{"MemberType": "System", "Roles": ["SYSTEM_OWNER"]}],
    "member-of-nothing": None,
    "viewer": [{"MemberType": "System", "Roles": ["SYSTEM_OWNER_VIEWER"]}],
    "viewer-and-owner": [
        {"MemberType": "System", "Roles": ["SYSTEM_OWNER_VIEWER"]},
        {"MemberType": "System", "Roles": ["SYSTEM_OWNER"]},
    ],
    "instance-owner": [{"MemberType": "System", "Roles": ["IAM_OWNER", "ORG_OWNER"]}],
    "without-roles": [{"MemberType": "System", "Roles": []}],
    "of-an-instance": [{"MemberType": "IAM", "AggregateID": "123456789012345678", "Roles": ["SYSTEM_OWNER"]}],
    "of-an-organization": [
        {"MemberType": "Organization", "AggregateID": "123456789012345678", "Roles": ["SYSTEM_OWNER"]}
    ],
    "of-any-instance": [{"MemberType": "IAM", "AggregateID": "", "Roles": ["SYSTEM_OWNER"]}],
    "of-any-organization": [{"MemberType": "Organization", "AggregateID": "", "Roles": ["SYSTEM_OWNER"]}],
}
"""Each system user's memberships, as ZITADEL configures them (spec 7.1); None leaves them out."""


@dataclass(frozen=True)
class FromNow:
    """A claim's value: so many seconds after the call, or before it if negative."""

    seconds: int


@dataclass(frozen=True)
class Bearer:
    """An Authorization header with a token of the user's, ``{token}`` standing for it in ``header``.

    ``claims`` and ``protected`` change what a good token says, None leaves a member out. ``signed_by`` is the user
    whose key signs it, if not the user's own.
    """

    user: str = OWNER
    claims: Mapping[str, Any] = field(default_factory=dict)
    protected: Mapping[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signed_by: str | None = None
    header: str = "Bearer {token}"


VALID = Bearer()
"""The owner's, with a token like any other."""


@dataclass(frozen=True)
class Callers:
    """The system users with their keys; ``private_key`` is the owner's as PEM."""

    private_key: str

    @cached_property
    def _keys(self) -> Mapping[str, rsa.RSAPrivateKey]:
        own = load_pem_private_key(self.private_key.encode(), None)
        assert isinstance(own, rsa.RSAPrivateKey)
        return dict.fromkeys(MEMBERSHIPS, own) | {NEIGHBOUR: rsa.generate_private_key(65537, 2048)}

    @property
    def configuration(self) -> str:
        """All of them as a value of SYSTEM_USERS."""
        return json.dumps(
            [
                {
                    user: {
                        "KeyData": base64.b64encode(pem(self._keys[user])).decode(),
                        **({"Memberships": memberships} if memberships is not None else {}),
                    }
                }
                for user, memberships in MEMBERSHIPS.items()
            ]
        )

    def authorization(self, bearer: Bearer | str | None, now: int) -> str | None:
        """The header's value at ``now``, seconds since the epoch; None where there is no such header."""
        if not isinstance(bearer, Bearer):
            return bearer
        good = {"iss": bearer.user, "sub": bearer.user, "aud": AUDIENCE, "iat": FromNow(0), "exp": FromNow(600)}
        claims = {
            name: now + value.seconds if isinstance(value, FromNow) else value
            for name, value in {**good, **bearer.claims}.items()
            if value is not None
        }
        head = b64(json.dumps({"alg": bearer.algorithm, **bearer.protected}).encode())
        signing_input = f"{head}.{b64(json.dumps(claims).encode())}"
        signature = self._signer(bearer.algorithm, bearer.signed_by or bearer.user)(signing_input.encode())
        return bearer.header.format(token=f"{signing_input}.{b64(signature)}")

    def _signer(self, algorithm: str, user: str) -> Signer:
        key = self._keys.get(user, self._keys[OWNER])
        signers: Mapping[str, Signer] = {
            "RS256": pkcs1(key),
            "RS512": pkcs1(key, hashes.SHA512()),
            "PS256": pss(key),
            "HS256": mac(pem(key)),
            "none": lambda _: b"",
        }
        return signers[algorithm]
