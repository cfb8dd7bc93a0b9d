"""What a failure means where a password is kept."""

from __future__ import annotations

import logging

import botocore.exceptions as aws
import pytest
from botocore.exceptions import ClientError

from adapters.stored_passwords import StoredPasswords
from domain import errors
from domain.errors import Refused

PREFIX = "instance-foundry/dev/passwords"
ACCOUNT = "eu-central-1:123456789012"
SECRET = f"arn:aws:secretsmanager:{ACCOUNT}:secret:{PREFIX}/ada-Ab12Cd"
PARAMETER = f"/{PREFIX}/ada"


def answer(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "Operation")


class Failing:
    """A client of either service whose every call fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_secret_value(self, **_request: object) -> None:
        raise self.error

    get_parameter = get_secret_value


def passwords(error: Exception) -> StoredPasswords:
    return StoredPasswords(lambda: Failing(error), lambda: Failing(error), PREFIX)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        *((SECRET, code) for code in ("ResourceNotFoundException", "InvalidRequestException", "DecryptionFailure")),
        *((PARAMETER, code) for code in ("ParameterNotFound", "ParameterVersionNotFound", "InvalidKeyId")),
        *((place, code) for place in (SECRET, PARAMETER) for code in ("AccessDeniedException", "ValidationException")),
        (SECRET, "InvalidParameterException"),
    ],
)
def test_what_the_caller_named_wrongly_is_no_fault_of_ours(
    place: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert passwords(answer(code)).read(place) is None
    assert [(record.message, record.error) for record in caplog.records] == [("password not readable", code)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("place", [SECRET, PARAMETER])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (answer("ThrottlingException"), errors.THROTTLED),
        (aws.ReadTimeoutError(endpoint_url="u"), errors.UNAVAILABLE),
        (answer("IncompleteSignatureException"), errors.INTERNAL),
    ],
)
def test_any_other_failure_is_what_it_is_everywhere(place: str, error: Exception, reason: errors.Reason) -> None:
    with pytest.raises(Refused) as refused:
        passwords(error).read(place)
    assert refused.value.reason is reason
