"""AWS as the tests need it: moto in this process, with the deployment's table and secret in it."""

from __future__ import annotations

import os
import sys
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import boto3
from boto3.dynamodb.types import Binary, TypeDeserializer
from moto import mock_aws

from bootstrap import application, clients
from harness import moto_transactions

TABLE = "instances"
SECRETS_PREFIX = "instance-foundry/test/instances"
PASSWORDS_PREFIX = "instance-foundry/test/passwords"
FINGERPRINT_SECRET = "instance-foundry/test/fingerprint-key"
FINGERPRINT_KEY = "a fingerprint key that is only used in tests"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "EVENT_BUS": "instance-foundry-test",
    "EXTERNAL_DOMAIN": "foundry.example",
    "EXTERNAL_PORT": "443",
    "EXTERNAL_SECURE": "true",
    "FINGERPRINT_SECRET": FINGERPRINT_SECRET,
    "PASSWORDS_PREFIX": PASSWORDS_PREFIX,
    "POWERTOOLS_METRICS_NAMESPACE": "InstanceFoundry",
    "POWERTOOLS_SERVICE_NAME": "instance-foundry",
    "SECRETS_PREFIX": SECRETS_PREFIX,
    "TABLE_NAME": TABLE,
}
AUDIENCE = "https://foundry.example"

_deserialize = TypeDeserializer().deserialize


@contextmanager
def moto_aws() -> Iterator[None]:
    """moto with the deployment's resources; the application starts afresh with it."""
    moto_transactions.install()
    with mock_aws():
        moto_transactions.forget_tokens()
        forget_application()
        create_resources()
        yield
        forget_application()


@contextmanager
def aws_at(endpoint: str) -> Iterator[None]:
    """The deployment's resources in the AWS that answers at ``endpoint``, under names that nobody else there has."""
    names = {name: f"test-{uuid.uuid4()}" for name in ("TABLE", "SECRETS_PREFIX", "FINGERPRINT_SECRET")}
    environment = {("TABLE_NAME" if name == "TABLE" else name): given for name, given in names.items()}
    with (
        mock.patch.dict(os.environ, environment, AWS_ENDPOINT_URL=endpoint),
        mock.patch.multiple(sys.modules[__name__], **names),
    ):
        forget_application()
        create_resources()
        yield
        boto3.client("dynamodb").delete_table(TableName=TABLE)
        forget_application()


def forget_application() -> None:
    """Drop the cached clients and everything that holds them, as a new execution environment does."""
    for module in (application, clients):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def create_resources(**client_options: Any) -> None:
    """The table and the fingerprint key."""
    boto3.client("dynamodb", **client_options).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    boto3.client("secretsmanager", **client_options).create_secret(
        Name=FINGERPRINT_SECRET, SecretString=FINGERPRINT_KEY
    )


def all_items() -> list[dict[str, Any]]:
    """Every item of the table, as plain values; what is deflated in it can be read."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    return [{name: _readable(value) for name, value in item.items()} for page in pages for item in page["Items"]]


def _readable(value: Any) -> Any:
    plain = _deserialize(value)
    return zlib.decompress(bytes(plain)).decode() if isinstance(plain, Binary) else plain


def all_secrets() -> dict[str, str]:
    """Every secret of instances, its text by its ARN."""
    client = clients.secretsmanager()
    pages = client.get_paginator("list_secrets").paginate()
    arns = [secret["ARN"] for page in pages for secret in page["SecretList"] if SECRETS_PREFIX in secret["Name"]]
    return {arn: client.get_secret_value(SecretId=arn)["SecretString"] for arn in arns}
