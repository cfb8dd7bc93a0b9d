"""Keys and tokens of system users, for whoever calls the service: ``python -m local.token``.

``new-user`` makes a key pair, keeps the private half in a file that only its owner can read and prints the entry for
the deployment's SYSTEM_USERS. ``sign`` prints a token. They are also functions, for ``make serve`` and the tests.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

MAX_LIFETIME = 3600
"""Seconds; the service accepts no token that is older, whatever its ``exp`` says (spec 7.2)."""


def make_key_pair() -> tuple[str, str]:
    """A new RSA-2048 key as PEM: the private half as PKCS#8, which every client reads, the public half as SPKI."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private_pem.decode(), public_pem.decode()


def configuration_entry(user_id: str, public_pem: str) -> str:
    """The user as a complete value of SYSTEM_USERS (``adapters.system_tokens.load_users``), with role SYSTEM_OWNER."""
    memberships = [{"MemberType": "System", "Roles": ["SYSTEM_OWNER"]}]
    key_data = base64.b64encode(public_pem.encode()).decode()
    return json.dumps([{user_id: {"KeyData": key_data, "Memberships": memberships}}])


def sign(user_id: str, private_pem: str, audience: str, *, lifetime: int = MAX_LIFETIME) -> str:
    """A token with which the user may call the service at ``audience``, its own URL, for ``lifetime`` seconds.

    The claims are those of ZITADEL's own clients: ``iss`` and ``sub`` are the user, RS256, no ``kid``.
    Raises ``ValueError`` if the PEM is not a private RSA key.
    """
    try:
        key = RSAKey.import_key(private_pem)
    except (JoseError, TypeError, ValueError):  # TypeError: the key is encrypted
        raise ValueError("not a private RSA key in PEM") from None
    if not key.is_private:
        raise ValueError("a public key cannot sign")
    now = int(time.time())
    claims = {"iss": user_id, "sub": user_id, "aud": audience, "iat": now, "exp": now + lifetime}
    return jws.serialize_compact({"alg": "RS256"}, json.dumps(claims), key, algorithms=["RS256"])


def _new_user(arguments: argparse.Namespace) -> str:
    private_pem, public_pem = make_key_pair()
    # Exclusive, so that no key in use is lost, and with its mode from the first byte on.
    descriptor = os.open(arguments.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(private_pem)
    return configuration_entry(arguments.user, public_pem)


def _sign(arguments: argparse.Namespace) -> str:
    return sign(arguments.user, arguments.key.read_text(), arguments.audience, lifetime=arguments.lifetime)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; print the entry or the token alone on stdout, an error on stderr. 0, or 1 on an error."""
    parser = argparse.ArgumentParser(prog="python -m local.token", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    new_user = commands.add_parser("new-user", help="make a key pair and print the user's configuration")
    new_user.add_argument("user", metavar="USER_ID")
    new_user.add_argument("--out", type=Path, required=True, metavar="FILE.pem", help="new file for the private key")
    new_user.set_defaults(run=_new_user)
    signing = commands.add_parser("sign", help="print a token")
    signing.add_argument("user", metavar="USER_ID")
    signing.add_argument("--key", type=Path, required=True, metavar="FILE.pem", help="the user's private key")
    signing.add_argument("--audience", required=True, metavar="URL", help="the service's own URL")
    signing.add_argument("--lifetime", type=int, default=MAX_LIFETIME, metavar="SECONDS")
    signing.set_defaults(run=_sign)
    arguments = parser.parse_args(argv)
    try:
        print(arguments.run(arguments))
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
