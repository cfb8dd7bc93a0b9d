"""tools/destination: a deployment that cannot work ends before it begins, and says why."""

from __future__ import annotations

import boto3
import pytest

from harness.artefact import tool

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")


@pytest.fixture
def destination(monkeypatch, tmp_path):
    """The tool on a machine without any AWS configuration but the tests' variables."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return tool("destination")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_it_says_which_account_will_be_changed(aws, destination, monkeypatch, capsys, stage):
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert destination.main(stage) == 0
    said = capsys.readouterr()
    assert said.out == "eu-west-1\n"
    assert f"Deploying {stage} to account 123456789012 in eu-west-1 as arn:" in said.err


@pytest.mark.parametrize("stage", ["staging", "local"])
def test_a_stage_is_one_of_samconfigs(destination, capsys, stage):
    assert destination.main(stage) == 1
    assert f"make deploy: samconfig.toml has no stage '{stage}', only dev, prod" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (REGION, "no region; set AWS_REGION"),
        (CREDENTIALS, "no valid AWS credentials (Unable to locate credentials)"),
    ],
)
def test_what_is_missing_is_said(destination, monkeypatch, capsys, missing, reason):
    for name in missing:
        monkeypatch.delenv(name, raising=False)
    assert destination.main("dev") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"make deploy: {reason}" in said.err
