"""The AWS clients, made once per execution environment, and how long a call to AWS may take.

They are botocore's own, which is all that boto3's are, made from descriptions of AWS that are cut down to what is
called (tools/aws_definitions.py); docs/adr/0018 has the reasons.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from adapters import time_limit
from adapters.clock import SystemClock
from domain.instant import Instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

CONNECT_SECONDS = 1
READ_SECONDS = 3
BACKOFF_SECONDS = 1
"""The longest that botocore waits before its only retry."""


def until(deadline: Instant) -> AbstractContextManager[None]:
    """Within the block, begin no call to AWS that could end after the deadline."""
    return time_limit.ending(deadline)


class _Definitions(Loader):
    """Reads src/bootstrap/aws_definitions and nothing else: looking for more would read 400 folders.

    A Lambda function has its credentials in the environment. A developer's, of a role or a single sign-on, are asked of
    a service that is described in botocore's own folders only; these are read then.
    """

    def __init__(self) -> None:
        folder = Path(__file__).with_name("aws_definitions")
        super().__init__(extra_search_paths=[str(folder)], include_default_search_paths=False)

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """The description of a service."""
        try:
            return super().load_service_model(service_name, type_name, api_version)
        except UnknownServiceError:
            return create_loader().load_service_model(service_name, type_name, api_version)

    def is_builtin_path(self, path: str) -> bool:
        """They are botocore's own; from customized ones it would resolve endpoints by older rules."""
        del path
        return True


@cache
def _session() -> Session:
    session = Session()
    session.register_component("data_loader", _Definitions())
    return session


def _client(service: Any, attempts: int) -> Any:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=True,
        # DynamoDB checks every item anyway; checking them here first was a third of our own time for a creation.
        parameter_validation=False,
    )
    client = _session().create_client(service, config=config)
    waits = BACKOFF_SECONDS if attempts > 1 else 0
    time_limit.limit(client, SystemClock(), CONNECT_SECONDS + READ_SECONDS + waits)
    return client


@cache
def dynamodb() -> DynamoDBClient:
    """The client of the table; it never retries, because the store must know of every attempt (adapters.dynamodb)."""
    client: DynamoDBClient = _client("dynamodb", 1)
    return client


@cache
def secretsmanager() -> SecretsManagerClient:
    """The client of the vault; its calls are idempotent, so the SDK may repeat them."""
    client: SecretsManagerClient = _client("secretsmanager", 2)
    return client


@cache
def s3() -> S3Client:
    """The client of bulk runs; a report is read from many objects and nobody waits for it."""
    client: S3Client = _client("s3", 5)
    return client


@cache
def ssm() -> SSMClient:
    """The client of the configuration."""
    client: SSMClient = _client("ssm", 2)
    return client


@cache
def events() -> EventBridgeClient:
    """The client of the event bus; what it repeats may arrive twice, which receivers are told to expect."""
    client: EventBridgeClient = _client("events", 2)
    return client
