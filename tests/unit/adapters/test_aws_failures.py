"""What a failed AWS call is taken to mean."""

from __future__ import annotations

import botocore.exceptions as aws
import pytest
from botocore.exceptions import ClientError

from adapters.aws_failures import Failure, code_of, failure_of, refused
from adapters.time_limit import NoTimeLeft
from domain import errors


def answer(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "failure", "reason"),
    [
        (answer("ThrottlingException"), Failure.THROTTLED, errors.THROTTLED),
        (answer("ProvisionedThroughputExceededException"), Failure.THROTTLED, errors.THROTTLED),
        (answer("LimitExceededException"), Failure.THROTTLED, errors.THROTTLED),
        (answer("ThrottlingException", 503), Failure.THROTTLED, errors.THROTTLED),
        (answer("InternalServerError", 500), Failure.LOST, errors.UNAVAILABLE),
        (answer("ServiceUnavailable", 503), Failure.LOST, errors.UNAVAILABLE),
        (answer("AccessDeniedException"), Failure.REJECTED, errors.INTERNAL),
        (answer("ValidationException"), Failure.REJECTED, errors.INTERNAL),
        (ClientError({}, "Operation"), Failure.REJECTED, errors.INTERNAL),
        (aws.EndpointConnectionError(endpoint_url="u"), Failure.NOT_SENT, errors.UNAVAILABLE),
        (aws.ConnectTimeoutError(endpoint_url="u"), Failure.NOT_SENT, errors.UNAVAILABLE),
        (aws.ReadTimeoutError(endpoint_url="u"), Failure.LOST, errors.UNAVAILABLE),
        (aws.ConnectionClosedError(endpoint_url="u"), Failure.LOST, errors.UNAVAILABLE),
        (aws.HTTPClientError(error="e"), Failure.LOST, errors.UNAVAILABLE),
        (aws.SSLError(endpoint_url="u", error="e"), Failure.LOST, errors.UNAVAILABLE),
        (NoTimeLeft(), Failure.OUT_OF_TIME, errors.OUT_OF_TIME),
        (aws.NoCredentialsError(), Failure.REJECTED, errors.INTERNAL),
        (aws.ParamValidationError(report="r"), Failure.REJECTED, errors.INTERNAL),
    ],
    ids=lambda value: getattr(value, "name", None) or repr(value)[:40],
)
def test_each_failure_has_one_meaning(error: Exception, failure: Failure, reason: errors.Reason) -> None:
    assert failure_of(error) is failure
    refusal = refused(error)
    assert refusal.reason is reason
    assert (refusal.retry_after is None) == (failure is Failure.REJECTED)


def test_only_answers_have_a_code() -> None:
    assert code_of(answer("SomeException")) == "SomeException"
    assert code_of(aws.NoCredentialsError()) == ""
