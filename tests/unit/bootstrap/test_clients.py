"""The clients know of AWS what we call, and all of that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from bootstrap import clients
from harness.emulated_aws import forget_application
from tools.aws_definitions import OPERATIONS

MAKERS = {
    "dynamodb": clients.dynamodb,
    "events": clients.events,
    "s3": clients.s3,
    "secretsmanager": clients.secretsmanager,
    "ssm": clients.ssm,
}


@pytest.fixture(params=sorted(MAKERS))
def service(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a service whose client is made afresh, and is forgotten afterwards."""
    forget_application()
    yield str(request.param)
    forget_application()


def test_a_client_has_the_operations_that_are_called_and_no_other(service: str) -> None:
    assert sorted(MAKERS[service]().meta.service_model.operation_names) == sorted(OPERATIONS[service])


def test_an_operation_is_described_as_boto3_describes_it(service: str) -> None:
    theirs = boto3.client(service).meta.service_model
    ours = MAKERS[service]().meta.service_model
    assert ours.metadata == theirs.metadata
    for name in OPERATIONS[service]:
        mine, other = ours.operation_model(name), theirs.operation_model(name)
        assert (mine.http, mine.wire_name) == (other.http, other.wire_name)
        assert repr(mine.input_shape.members) == repr(other.input_shape.members)
        assert [shape.name for shape in mine.error_shapes] == [shape.name for shape in other.error_shapes]


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
def test_a_client_calls_where_boto3_would(service: str, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    forget_application()
    assert MAKERS[service]().meta.endpoint_url == boto3.client(service, region_name=region).meta.endpoint_url


def test_what_is_listed_comes_in_pages(aws: None) -> None:
    assert clients.secretsmanager().can_paginate("list_secrets")


def test_a_client_can_call(service: str, aws: None) -> None:
    """Whatever AWS answers: the definitions hold what botocore reads when it calls."""
    calls = {
        "dynamodb": ("get_item", {"TableName": "none", "Key": {}}),
        "events": ("put_events", {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "{}"}]}),
        "s3": ("get_object", {"Bucket": "none", "Key": "none"}),
        "secretsmanager": ("get_secret_value", {"SecretId": "none"}),
        "ssm": ("get_parameter", {"Name": "none"}),
    }
    operation, parameters = calls[service]
    with contextlib.suppress(ClientError):
        getattr(MAKERS[service](), operation)(**parameters)


def test_a_developers_role_can_be_assumed(aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make serve` runs on real AWS with the credentials of a profile, which another service than ours hands out."""
    config = tmp_path / "config"
    config.write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/developer\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = base\naws_secret_access_key = base\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "role")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    forget_application()
    assert clients.secretsmanager().list_secrets()["ResponseMetadata"]["HTTPStatusCode"] == 200
