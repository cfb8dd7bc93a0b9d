"""The names under which an instance and its organization are reached (spec 5.2, 5.3, 4.2)."""

from __future__ import annotations

import re

from domain import errors
from domain.external_address import ExternalAddress
from domain.text import is_letter_or_mark, lower, trim

_ALLOWED = re.compile(r"[A-Za-z0-9.-]+")
_LABEL_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
LABEL_LENGTH = 6


def random_label(entropy: bytes) -> str:
    """Six characters of ``[a-z0-9]`` from at least 8 random bytes; they keep generated domains apart (spec 5.2)."""
    number = int.from_bytes(entropy, "big")
    chars = []
    for _ in range(LABEL_LENGTH):
        number, digit = divmod(number, len(_LABEL_ALPHABET))
        chars.append(_LABEL_ALPHABET[digit])
    return "".join(chars)


def generated_domain(instance_name: str, label: str, external: ExternalAddress) -> str:
    """The domain every instance gets, e.g. ``my-inst-1-k3x09a.example.com`` (spec 5.2).

    Raises Refused DOMAIN_CHARACTERS (INST-S3v3w) where the name holds anything but ASCII letters, digits, ``.``,
    ``-`` and spaces.
    """
    domain = lower(f"{trim(instance_name).replace(' ', '-')}-{label}.{external.domain}")
    if not _ALLOWED.fullmatch(domain):
        raise errors.Refused(errors.DOMAIN_CHARACTERS)
    return domain


def custom_domain(text: str) -> str | None:
    """The trimmed custom domain, None where none was given; its case is kept (spec 4.4).

    Raises Refused DOMAIN_BLANK (INST-28nlD) or DOMAIN_CHARACTERS (INST-S3v3w). Nothing else is checked: ownership and
    DNS syntax are the caller's (spec 4.4).
    """
    if not text:
        return None
    domain = trim(text)
    if not domain:
        raise errors.Refused(errors.DOMAIN_BLANK)
    if not _ALLOWED.fullmatch(domain):
        raise errors.Refused(errors.DOMAIN_CHARACTERS)
    return domain


def organization_domain(name: str, external: ExternalAddress) -> str:
    """The organization's domain, e.g. ``acme.example.com`` (spec 5.3).

    A label over 63 bytes is cut between characters and once it is lower-case, which makes some characters longer;
    ZITADEL may cut through one, and cuts first (docs/compatibility.md).
    Raises Refused ORG_DOMAIN_EMPTY (ORG-RrfXY) where nothing of the name is left.
    """
    label = "".join(
        char
        for char in lower(name.replace(" ", "-"))
        if char == "-" or (char.isascii() and char.isdigit()) or is_letter_or_mark(char)
    )
    parent = lower(external.domain)
    room = min(63, 253 - len(f".{parent}".encode()))
    label = label.encode()[:room].decode(errors="ignore")
    label = label.removeprefix("-").removesuffix("-")
    if not label:
        raise errors.Refused(errors.ORG_DOMAIN_EMPTY)
    return f"{label}.{parent}"


def uniqueness_key(domain: str) -> str:
    """What two spellings of one domain have in common (spec 6.5)."""
    return lower(domain)
