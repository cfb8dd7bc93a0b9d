"""The engines on which every contract holds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from harness import emulated_aws
from local.embedded_aws import EmbeddedAws


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of the embedded AWS, one per test process."""
    log: Path = tmp_path_factory.mktemp("embedded-aws") / "log"
    with EmbeddedAws(log) as aws:
        yield aws.endpoint


@pytest.fixture(params=["fake", "moto", "embedded"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty engine; the AWS clients of ``bootstrap.clients`` reach it."""
    if request.param == "moto":
        with emulated_aws.moto_aws():
            yield request.param
    elif request.param == "embedded":
        monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("embedded_aws"))
        monkeypatch.setattr(emulated_aws, "TABLE", f"instances-{uuid.uuid4()}")
        monkeypatch.setattr(emulated_aws, "SECRETS_PREFIX", f"instance-foundry/{uuid.uuid4()}")
        monkeypatch.setattr(emulated_aws, "FINGERPRINT_SECRET", f"fingerprint-{uuid.uuid4()}")
        emulated_aws.forget_application()
        emulated_aws.create_resources()
        yield request.param
        emulated_aws.forget_application()
        boto3.client("dynamodb").delete_table(TableName=emulated_aws.TABLE)
    else:
        yield request.param
