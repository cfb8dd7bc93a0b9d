"""SSM Parameter Store: configuration that changes while the function is warm, and passwords that a caller names."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from adapters.aws_failures import FORBIDDEN_CODES, AwsError, code_of, refused
from domain.instant import Instant
from domain.ports import Clock
from domain.secret import Secret

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

logger = logging.getLogger(__name__)

MAX_AGE_SECONDS = 60
"""How long a rotated-out key may still be accepted, and how often Parameter Store is asked at most."""


_ABSENT = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})


def read_password(client: SSMClient, name: str) -> Secret | None:
    """The text of a SecureString that a caller named; None where there is none or it may not be read.

    A parameter of another type is none: what is stored in the clear is no secret any more.
    Raises Refused THROTTLED, UNAVAILABLE or INTERNAL.
    """
    try:
        parameter = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    except AwsError as error:
        if code_of(error) in _ABSENT | FORBIDDEN_CODES:
            logger.warning("password not readable", extra={"place": name, "error": code_of(error)})
            return None
        raise refused(error) from error
    return Secret(parameter["Value"]) if parameter["Type"] == "SecureString" else None


class Parameter:
    """One parameter's value, read again when it is older than ``MAX_AGE_SECONDS``; ``absent`` where there is none."""

    def __init__(self, client: SSMClient, name: str, clock: Clock, *, absent: str) -> None:
        self._client = client
        self._name = name
        self._absent = absent
        self._clock = clock
        self._value: str | None = None
        self._read_at = Instant(0)

    def value(self) -> str:
        """The value; the last known one where reading it again fails.

        Raises Refused THROTTLED, UNAVAILABLE or INTERNAL where it was never read.
        """
        now = self._clock.now()
        if self._value is not None and now < self._read_at.plus(MAX_AGE_SECONDS):
            return self._value
        try:
            self._value = self._client.get_parameter(Name=self._name, WithDecryption=True)["Parameter"]["Value"]
        except AwsError as error:
            if code_of(error) == "ParameterNotFound":
                self._value = self._absent
            elif self._value is None:
                raise refused(error) from error
            else:
                logger.warning("parameter kept", extra={"parameter": self._name, "error": type(error).__name__})
        self._read_at = now
        return self._value
