"""The system user with which a developer calls the service on this machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from local import token

USER_ID = "local-admin"


def private_key(file: Path) -> str:
    """The user's private key in PEM, from ``file``, which is made if missing and readable by its owner alone.

    Raises ``OSError`` where it can be neither read nor made.
    """
    if not file.exists():
        _write(file, token.make_key_pair()[0])
    file.chmod(0o600)
    return file.read_text(encoding="ascii")


def _write(file: Path, text: str) -> None:
    """Whole or not at all, and never over one that another `make serve` has just made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent)  # mode 600 from the first byte on
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)
        os.link(temporary, file)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def configuration(private_pem: str) -> str:
    """The value of SYSTEM_USERS that knows this user alone.

    Raises ``ValueError`` if the PEM holds no private key.
    """
    public = load_pem_private_key(private_pem.encode(), password=None).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return token.configuration_entry(USER_ID, pem.decode())
