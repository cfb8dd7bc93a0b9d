"""What moto holds, read from its own store.

Through its API, which parses and serializes what was a Python object all along, the looking would take longer than the
calls that are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from harness import moto_transactions
from harness.emulated_aws import ENVIRONMENT, SECRETS_PREFIX, TABLE


def empty() -> None:
    """Remove every item, every secret of instances and every token: what comes next does not see them."""
    moto_transactions.forget_tokens()
    _backend("dynamodb").tables[TABLE].items.clear()
    stored = _backend("secretsmanager").secrets
    for one in list(stored.values()):
        if one.name.startswith(SECRETS_PREFIX):
            stored.pop(one.arn)


def items() -> Iterator[dict[str, Any]]:
    """Every item, in DynamoDB's own notation."""
    for collection in _backend("dynamodb").tables[TABLE].items.values():
        for item in collection.values():
            yield item.to_json()["Attributes"]


def secrets() -> dict[str, str]:
    """The text of each secret of instances that is not scheduled for removal, by its ARN."""
    stored = list(_backend("secretsmanager").secrets.values())
    return {
        one.arn: one.versions[one.default_version_id]["secret_string"]
        for one in stored
        if one.name.startswith(SECRETS_PREFIX) and not one.is_deleted()
    }


def _backend(service: Any) -> Any:
    return get_backend(service)[DEFAULT_ACCOUNT_ID][ENVIRONMENT["AWS_DEFAULT_REGION"]]
