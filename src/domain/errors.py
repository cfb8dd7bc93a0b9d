"""Every reason for which the service refuses work: one catalogue, written once, used by every transport.

A :class:`Reason` is what a caller may see: its kind, ZITADEL's id for it (spec 4.2, 7.4) and an i18n key or a plain
text. How a kind becomes an HTTP status or a gRPC code is the handlers' table (``handlers.errors``), not ours.
Ids that ZITADEL does not know name conditions that only this service has; docs/compatibility.md lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a caller can do about a refusal; a transport maps each kind once."""

    INVALID_ARGUMENT = "InvalidArgument"
    FAILED_PRECONDITION = "FailedPrecondition"
    ALREADY_EXISTS = "AlreadyExists"
    NOT_FOUND = "NotFound"
    METHOD_NOT_ALLOWED = "MethodNotAllowed"
    TOO_LARGE = "TooLarge"
    UNAUTHENTICATED = "Unauthenticated"
    PERMISSION_DENIED = "PermissionDenied"
    RESOURCE_EXHAUSTED = "ResourceExhausted"
    UNAVAILABLE = "Unavailable"
    INTERNAL = "Internal"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    UNIMPLEMENTED = "Unimplemented"
    MALFORMED = "Malformed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of the catalogue.

    ``key`` is an i18n key where ``localizable``, otherwise the text itself. An empty ``id`` marks what ZITADEL answers
    as a plain status, without an ``ErrorDetail`` (field rules, missing header: spec 1.2, 2.5).
    """

    kind: Kind
    id: str
    key: str
    localizable: bool = True


class Refused(Exception):
    """The service will not do what was asked; nothing was changed.

    ``retry_after`` is the number of seconds after which the same call may succeed, or None where repeating is useless.
    """

    def __init__(self, reason: Reason, *, retry_after: int | None = None) -> None:
        super().__init__(f"{reason.key} ({reason.id})" if reason.id else reason.key)
        self.reason = reason
        self.retry_after = retry_after


def invalid(text: str) -> Reason:
    """The message cannot be decoded (spec 2.1) or breaks a field rule, in the validator's words (spec 1.2)."""
    return Reason(Kind.INVALID_ARGUMENT, "", text, localizable=False)


# Routing (spec 2.3, 2.5)
ROUTE_UNKNOWN = Reason(Kind.NOT_FOUND, "", "Not Found", localizable=False)
METHOD_NOT_ALLOWED = Reason(Kind.METHOD_NOT_ALLOWED, "", "Method Not Allowed", localizable=False)
BODY_TOO_LARGE = Reason(Kind.TOO_LARGE, "", "request body is larger than 1048576 bytes", localizable=False)

# The caller (spec 7.4): never localized
AUTH_HEADER_MISSING = Reason(Kind.UNAUTHENTICATED, "", "auth header missing", localizable=False)
AUTH_HEADER_INVALID = Reason(Kind.UNAUTHENTICATED, "AUTH-toLo1", "invalid auth header", localizable=False)
TOKEN_INVALID = Reason(Kind.UNAUTHENTICATED, "AUTH-7fs1e", "Errors.Token.Invalid", localizable=False)
PERMISSION_MISSING = Reason(Kind.PERMISSION_DENIED, "AUTH-5mWD2", "No matching permissions found", localizable=False)
ORGANIZATION_UNKNOWN = Reason(Kind.PERMISSION_DENIED, "AUTH-Bs7Ds", "Organisation doesn't exist", localizable=False)

# The request (spec 4.2, in the order in which the rules are checked)
ORG_NAME_BLANK = Reason(Kind.INVALID_ARGUMENT, "ORG-mruNY", "Errors.Invalid.Argument")
ORG_DOMAIN_EMPTY = Reason(Kind.INVALID_ARGUMENT, "ORG-RrfXY", "Errors.Org.Domain.EmptyString")
MACHINE_NAME_EMPTY = Reason(Kind.INVALID_ARGUMENT, "COMMAND-bs9Ds", "Errors.User.Invalid")
MACHINE_USERNAME_EMPTY = Reason(Kind.INVALID_ARGUMENT, "COMMAND-bm9Ds", "Errors.User.Invalid")
EXPIRATION_PAST = Reason(Kind.INVALID_ARGUMENT, "DOMAIN-dv3t5", "Errors.AuthNKey.ExpireBeforeNow")
EMAIL_INVALID = Reason(Kind.INVALID_ARGUMENT, "EMAIL-599BI", "Errors.User.Email.Invalid")
USERNAME_BLANK = Reason(Kind.INVALID_ARGUMENT, "V2-zzad3", "Errors.Invalid.Argument")
FIRST_NAME_BLANK = Reason(Kind.INVALID_ARGUMENT, "USER-UCej2", "Errors.User.Profile.FirstNameEmpty")
LAST_NAME_BLANK = Reason(Kind.INVALID_ARGUMENT, "USER-4hB7d", "Errors.User.Profile.LastNameEmpty")
OWNER_MISSING = Reason(Kind.FAILED_PRECONDITION, "PROJE-hzxwo", "Errors.Invalid.Argument")
DOMAIN_CHARACTERS = Reason(Kind.INVALID_ARGUMENT, "INST-S3v3w", "Errors.Instance.Domain.InvalidCharacter")
DOMAIN_BLANK = Reason(Kind.INVALID_ARGUMENT, "INST-28nlD", "Errors.Invalid.Argument")
PASSWORD_SHORT = Reason(Kind.INVALID_ARGUMENT, "COMMA-HuJf6", "Errors.User.PasswordComplexityPolicy.MinLength")
PASSWORD_LOWER = Reason(Kind.INVALID_ARGUMENT, "COMMA-co3Xw", "Errors.User.PasswordComplexityPolicy.HasLower")
PASSWORD_UPPER = Reason(Kind.INVALID_ARGUMENT, "COMMA-VoaRj", "Errors.User.PasswordComplexityPolicy.HasUpper")
PASSWORD_NUMBER = Reason(Kind.INVALID_ARGUMENT, "COMMA-ZBv4H", "Errors.User.PasswordComplexityPolicy.HasNumber")
PASSWORD_SYMBOL = Reason(Kind.INVALID_ARGUMENT, "COMMA-ZDLwA", "Errors.User.PasswordComplexityPolicy.HasSymbol")
DOMAIN_OWN = Reason(Kind.ALREADY_EXISTS, "INST-i2nl", "Errors.Instance.Domain.AlreadyExists")
DOMAIN_TAKEN = Reason(Kind.ALREADY_EXISTS, "V3-DKcYh", "Errors.Instance.Domain.AlreadyExists")

# Exactly once and the delivery of credentials: ours (design decisions 5 and 6)
IDEMPOTENCY_KEY_INVALID = Reason(Kind.INVALID_ARGUMENT, "IDEMP-f0rm1", "Errors.Idempotency.KeyInvalid")
IDEMPOTENCY_KEY_REUSED = Reason(Kind.FAILED_PRECONDITION, "IDEMP-r3use", "Errors.Idempotency.KeyReused")
CREATION_IN_PROGRESS = Reason(Kind.UNAVAILABLE, "IDEMP-busy1", "Errors.Idempotency.InProgress")
OUTCOME_UNKNOWN = Reason(Kind.UNAVAILABLE, "IDEMP-unkn0", "Errors.Idempotency.OutcomeUnknown")
CREDENTIALS_REMOVED = Reason(Kind.FAILED_PRECONDITION, "IDEMP-g0ne1", "Errors.Credentials.Removed")
VALIDATE_ONLY_UNKNOWN = Reason(Kind.INVALID_ARGUMENT, "VALID-b00l1", "Errors.ValidateOnly.Unknown")
DELIVERY_UNKNOWN = Reason(Kind.INVALID_ARGUMENT, "DELIV-m0de1", "Errors.Credentials.DeliveryUnknown")

# Passwords that are kept elsewhere: ours (docs/orchestration.md)
PASSWORD_PLAIN = Reason(Kind.INVALID_ARGUMENT, "PASSW-pl41n", "Errors.Password.Plain")
PASSWORD_UNREADABLE = Reason(Kind.FAILED_PRECONDITION, "PASSW-n0ne1", "Errors.Password.Unreadable")

# The platform: ours
THROTTLED = Reason(Kind.RESOURCE_EXHAUSTED, "PLATF-slow1", "Errors.Throttled")
UNAVAILABLE = Reason(Kind.UNAVAILABLE, "PLATF-d0wn1", "Errors.Unavailable")
OUT_OF_TIME = Reason(Kind.UNAVAILABLE, "PLATF-t1me1", "Errors.OutOfTime")
DEADLINE_EXCEEDED = Reason(Kind.DEADLINE_EXCEEDED, "PLATF-l4te1", "Errors.DeadlineExceeded")
INTERNAL = Reason(Kind.INTERNAL, "PLATF-1ntrn", "Errors.Internal")
