"""The AWS clients, made once per execution environment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

CONNECT_SECONDS = 1
READ_SECONDS = 3


def _config(attempts: int) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=True,
    )


@cache
def dynamodb() -> DynamoDBClient:
    """The client of the table; it never retries, because the store must know of every attempt (adapters.dynamodb)."""
    return boto3.client("dynamodb", config=_config(1))


@cache
def secretsmanager() -> SecretsManagerClient:
    """The client of the vault; its calls are idempotent, so the SDK may repeat them."""
    return boto3.client("secretsmanager", config=_config(2))


@cache
def ssm() -> SSMClient:
    """The client of the configuration."""
    return boto3.client("ssm", config=_config(2))


@cache
def events() -> EventBridgeClient:
    """The client of the event bus; what it repeats may arrive twice, which receivers are told to expect."""
    return boto3.client("events", config=_config(2))
