"""Who the caller is and what the caller may do: system users, their memberships and the claims of their tokens.

The rules are ZITADEL's for its System API (spec 7). How a token is transported, decoded and signed is the adapter's
matter (``adapters.system_tokens``); here are the decisions that need neither bytes nor keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from domain.errors import PERMISSION_MISSING, TOKEN_INVALID, Refused
from domain.instant import Instant

MAX_AGE = 3600
"""Seconds after ``iat`` during which a token is of use, whatever ``exp`` says (spec 7.2, rule 4)."""

LEEWAY = 1
"""Seconds by which the clocks of the two sides may differ (spec 7.2, rules 3 and 4)."""

_MAX_NUMBER = 2**53 - 1  # beyond it JSON's numbers are no longer exact everywhere (RFC 8259, section 6)
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class MemberType(Enum):
    """What a membership is a membership of; the values are ZITADEL's names (spec 7.1)."""

    SYSTEM = "System"
    IAM = "IAM"
    ORGANIZATION = "Organization"


@dataclass(frozen=True, slots=True)
class Membership:
    """Roles that a system user holds in the system, in one instance (IAM) or in one organization."""

    member_type: MemberType
    aggregate_id: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A caller of the System API as the deployment configures it, without its keys."""

    id: str
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated system user and everything it may do on this service."""

    user_id: str
    permissions: frozenset[str]


def check_claims(claims: Mapping[str, object], audiences: frozenset[str], now: Instant) -> str:
    """Apply rules 2 to 5 of spec 7.2, in that order, and return the subject.

    The audience must be among ``audiences``, compared exactly; ``exp`` must be more than a second away; ``iat`` must be
    given, not in the future and at most an hour ago; issuer and subject must be the same user. ``exp`` and ``iat`` are
    JSON numbers, whose fractions are cut off, or RFC 3339 texts. Every other claim is ignored.

    Raises ``Refused`` with TOKEN_INVALID, whichever rule is broken: a caller must not learn how far a forgery got.
    """
    _demand(not audiences.isdisjoint(_audience(claims.get("aud"))))
    _demand(now.plus(LEEWAY) < Instant(_unix_seconds(claims.get("exp"))))
    issued = _unix_seconds(claims.get("iat"))
    _demand(issued != 0)  # ZITADEL's decoder cannot tell 0 from "missing", so 0 is missing
    _demand(_nearest_second(now.plus(-MAX_AGE)) <= issued <= _nearest_second(now.plus(LEEWAY)))
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(subject, str) or not subject or issuer != subject:
        raise Refused(TOKEN_INVALID)
    return subject


def permissions_of(user: SystemUser, role_permissions: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Everything that the user's memberships allow where a request names no instance and no organization.

    System memberships always count. An IAM or Organization membership counts only if its aggregate id equals the one
    of the request, and this service's requests have none, so only an empty id does (spec 7.2, membership filter).
    """
    return frozenset(
        permission
        for membership in user.memberships
        if membership.member_type is MemberType.SYSTEM or not membership.aggregate_id
        for role in membership.roles
        for permission in role_permissions.get(role, ())
    )


def require(caller: Caller, permission: str) -> None:
    """Raise ``Refused`` with PERMISSION_MISSING unless the caller has the permission."""
    if permission not in caller.permissions:
        raise Refused(PERMISSION_MISSING)


def _demand(condition: bool) -> None:  # noqa: FBT001 - the rule itself is the argument
    if not condition:
        raise Refused(TOKEN_INVALID)


def _audience(value: object) -> frozenset[str]:
    """The audience claim: one text or an array of texts (RFC 7519, 4.1.3); an array with anything else is refused."""
    audience = [value] if isinstance(value, str) else value
    if not isinstance(audience, list) or not all(isinstance(item, str) for item in audience):
        raise Refused(TOKEN_INVALID)
    return frozenset(audience)


def _unix_seconds(value: object) -> int:
    """The whole seconds of a NumericDate (RFC 7519, 2), cut towards zero, or of an RFC 3339 text, cut downwards."""
    if isinstance(value, str):
        return _rfc3339_seconds(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(TOKEN_INVALID)
    _demand(abs(value) <= _MAX_NUMBER)  # NaN is not, either
    return int(value)


def _rfc3339_seconds(text: str) -> int:
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise Refused(TOKEN_INVALID)
    try:
        moment = datetime.fromisoformat(match[1] + match[2])
    except ValueError:
        raise Refused(TOKEN_INVALID) from None
    return (moment - _EPOCH) // _SECOND


def _nearest_second(instant: Instant) -> int:
    """Rounded to the second, halves upwards, as Go's ``Time.Round`` does."""
    return instant.seconds + (instant.nanos >= 500_000_000)
