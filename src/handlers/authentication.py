"""From the headers of a request to its caller, the same for every transport that has headers (spec 7.3, 7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from domain.access import Caller
from domain.errors import AUTH_HEADER_INVALID, AUTH_HEADER_MISSING, ORGANIZATION_UNKNOWN, Refused


class Tokens(Protocol):
    """What turns a bearer token into a caller (``adapters.system_tokens.SystemTokens``)."""

    def verify(self, token: str) -> Caller:
        """Return the token's caller or raise ``Refused`` with TOKEN_INVALID."""
        ...


def authenticate(headers: Mapping[str, str], tokens: Tokens) -> Caller:
    """Return the caller of a request whose header names are in lower case, or raise ``Refused``.

    In ZITADEL's order: AUTH_HEADER_MISSING; AUTH_HEADER_INVALID unless ``Bearer `` occurs exactly once, whatever stands
    before it; TOKEN_INVALID; and only for a known caller ORGANIZATION_UNKNOWN, because an instance that is yet to be
    created has no organization that ``x-zitadel-orgid`` could name. The caller's permissions are the next check.
    """
    authorization = headers.get("authorization", "")
    if not authorization:
        raise Refused(AUTH_HEADER_MISSING)
    parts = authorization.split("Bearer ")
    if len(parts) != 2:
        raise Refused(AUTH_HEADER_INVALID)
    caller = tokens.verify(parts[1])
    if headers.get("x-zitadel-orgid"):
        raise Refused(ORGANIZATION_UNKNOWN)
    return caller
