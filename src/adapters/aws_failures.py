"""What a failed AWS call means, decided once for all adapters."""

from __future__ import annotations

from enum import Enum, auto

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from adapters.time_limit import NoTimeLeft
from domain import errors
from domain.errors import Refused

THROTTLING_CODES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

FORBIDDEN_CODES = frozenset(
    {
        "AccessDeniedException",
        "DecryptionFailure",
        "InvalidKeyId",
        "InvalidParameterException",
        "ValidationException",
    }
)
"""How AWS says of a name that came from outside that we may not use it, or that it is none."""

RETRY_SECONDS = 1


class Failure(Enum):
    """What is known about a call that raised."""

    THROTTLED = auto()
    """AWS took the call and refused it for its rate; it had no effect."""
    OUT_OF_TIME = auto()
    """The call was not made, because the invocation could have ended before it."""
    NOT_SENT = auto()
    """AWS never got the call."""
    LOST = auto()
    """AWS got the call, or part of it, and its answer did not arrive: it may have had its effect, or have it yet."""
    REJECTED = auto()
    """AWS answered that the call itself is wrong or forbidden; it had no effect and never will."""


AwsError = (ClientError, BotoCoreError)
"""Everything a boto3 client raises."""


def code_of(error: Exception) -> str:
    """AWS's error code, empty where the failure is not an answer."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def failure_of(error: Exception) -> Failure:
    """What ``error`` tells about the call's effect."""
    if isinstance(error, NoTimeLeft):
        return Failure.OUT_OF_TIME
    # botocore counts whatever TLS stumbles over as no connection, an answer that cannot be decrypted too.
    if isinstance(error, HTTPClientError | exceptions.SSLError):
        return Failure.LOST
    if isinstance(error, exceptions.ConnectionError):
        return Failure.NOT_SENT
    if code_of(error) in THROTTLING_CODES:
        return Failure.THROTTLED
    if isinstance(error, ClientError) and error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return Failure.LOST
    return Failure.REJECTED


def refused(error: Exception) -> Refused:
    """The refusal for a call that needs no closer look; raise it ``from`` the error."""
    match failure_of(error):
        case Failure.THROTTLED:
            return Refused(errors.THROTTLED, retry_after=RETRY_SECONDS)
        case Failure.OUT_OF_TIME:
            return Refused(errors.OUT_OF_TIME, retry_after=RETRY_SECONDS)
        case Failure.NOT_SENT | Failure.LOST:
            return Refused(errors.UNAVAILABLE, retry_after=RETRY_SECONDS)
        case Failure.REJECTED:
            return Refused(errors.INTERNAL)
