"""RSA key pairs for machine users."""

from __future__ import annotations

from concurrent.futures import Future

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters import background
from domain.credentials import KeyPair
from domain.secret import Secret

KEY_BITS = 2048
"""ZITADEL's MachineKeySize (spec 5.7)."""


class RsaKeyPairs:
    """RSA key pairs of ``KEY_BITS`` bits with e = 65537."""

    def begin(self) -> Future[KeyPair]:
        """Start making a pair in a thread."""
        return background.begin(_make)


def _make() -> KeyPair:
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private_pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public_pem = private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(private_key=Secret(private_pem.decode()), public_key=public_pem.decode())
