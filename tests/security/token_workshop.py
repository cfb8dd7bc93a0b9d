"""Makes tokens of every kind from bytes, with ``cryptography`` alone.

The code under test reads tokens with joserfc and rules of its own; what is made here cannot hide its mistakes by making
them twice.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

NOW = 1_800_000_000
AUDIENCE = "https://system.example.com"
ALIAS = "https://api.example.com"
ABSENT = object()

Signer = Callable[[bytes], bytes]
Make = Callable[["Workshop"], str]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def as_bytes(part: object) -> bytes:
    """Bytes and texts as they are, anything else as JSON."""
    if isinstance(part, bytes):
        return part
    return part.encode() if isinstance(part, str) else json.dumps(part, separators=(",", ":")).encode()


def changed(base: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in (base | changes).items() if value is not ABSENT}


def header(**changes: object) -> dict[str, object]:
    return changed({"alg": "RS256"}, changes)


def claims(**changes: object) -> dict[str, object]:
    return changed({"iss": "alice", "sub": "alice", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 600}, changes)


def pkcs1(key: rsa.RSAPrivateKey, digest: hashes.HashAlgorithm | None = None) -> Signer:
    return lambda message: key.sign(message, padding.PKCS1v15(), digest or hashes.SHA256())


def pss(
    key: rsa.RSAPrivateKey,
    salt: int = 32,
    digest: hashes.HashAlgorithm | None = None,
    mask: hashes.HashAlgorithm | None = None,
) -> Signer:
    scheme = padding.PSS(padding.MGF1(mask or digest or hashes.SHA256()), salt)
    return lambda message: key.sign(message, scheme, digest or hashes.SHA256())


def mac(secret: bytes, digest: str = "sha256") -> Signer:
    return lambda message: hmac.new(secret, message, digest).digest()


def ecdsa(key: ec.EllipticCurvePrivateKey, digest: hashes.HashAlgorithm) -> Signer:
    return lambda message: key.sign(message, ec.ECDSA(digest))


def raw_rsa(key: rsa.RSAPrivateKey, encoded: Callable[[bytes], bytes]) -> Signer:
    """Sign an encoded message of the forger's own making, without the padding that a library would insist on."""
    numbers = key.private_numbers()
    size = key.key_size // 8
    return lambda message: pow(int.from_bytes(encoded(message)), numbers.d, numbers.public_numbers.n).to_bytes(size)


def pem(key: rsa.RSAPrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, form)


def jwk(key: rsa.RSAPrivateKey) -> dict[str, object]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "n": b64(numbers.n.to_bytes(key.key_size // 8)), "e": "AQAB", "alg": "RS256", "use": "sig"}


def certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alice")])
    start = datetime.fromtimestamp(NOW, UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=9))
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


@dataclass(frozen=True)
class Workshop:
    """The keys of the honest users and of one who is not."""

    alice: rsa.RSAPrivateKey
    alice_next: rsa.RSAPrivateKey
    alice_before: rsa.RSAPrivateKey
    bob: rsa.RSAPrivateKey
    large: rsa.RSAPrivateKey
    mallory: rsa.RSAPrivateKey

    def token(self, head: object = None, body: object = None, signer: Signer | None = None) -> str:
        """A good token of alice's, or one with another header, other claims or another signature."""
        first = b64(as_bytes(header() if head is None else head))
        second = b64(as_bytes(claims() if body is None else body))
        return self.seal(f"{first}.{second}", signer)

    def seal(self, signing_input: str, signer: Signer | None = None) -> str:
        return f"{signing_input}.{b64((signer or pkcs1(self.alice))(signing_input.encode()))}"


def padded(w: Workshop, length: int) -> str:
    """A good token of exactly that length."""
    for kid in ("", "k", "kk"):  # no base64url text has a length of 4n + 1, so the header must give way
        head = header(kid=kid)
        room = length - len(b64(as_bytes(head))) - len("..") - 342
        if room % 4 != 1:
            filler = "x" * (room * 3 // 4 - len(as_bytes(claims(jti=""))))
            return w.token(head, claims(jti=filler))
    raise AssertionError("no token has that length")


def encrypted(w: Workshop) -> str:
    """RFC 7516, 7.1: the claims, encrypted to alice's public key, which anyone can do."""
    head = b64(as_bytes({"alg": "RSA-OAEP-256", "enc": "A256GCM"}))
    key, nonce = AESGCM.generate_key(256), bytes(12)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    sealed = AESGCM(key).encrypt(nonce, as_bytes(claims()), head.encode())
    parts = (w.alice.public_key().encrypt(key, oaep), nonce, sealed[:-16], sealed[-16:])
    return ".".join([head, *map(b64, parts)])
