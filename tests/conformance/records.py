"""What the emulated AWS holds, as rows speak of it.

It is read from moto's own store. Through its API, which parses and serializes what was a Python object all along, the
looking would take longer than the calls that are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from harness.emulated_aws import ENVIRONMENT, SECRETS_PREFIX, TABLE

_deserialize = TypeDeserializer().deserialize

_SEVERAL = {"membership": "memberships", "domain": "domains", "claim": "claims"}
"""Kinds of which an instance has several records."""


def names() -> frozenset[tuple[str, ...]]:
    """The name of every item and secret there is, which tells whether anything was written."""
    return frozenset({*((item["pk"]["S"], item["sk"]["S"]) for item in _items()), *((arn,) for arn in _secrets())})


def of_instance(instance_id: str) -> Mapping[str, Any]:
    """The records of an instance by kind, those of which it has several as lists in the order of their keys."""
    found: dict[str, Any] = {}
    for raw in _items():
        if instance_id not in (raw.get("instance_id", {}).get("S"), raw["pk"]["S"].removeprefix("INSTANCE#")):
            continue
        item = {name: _deserialize(value) for name, value in raw.items()}
        if kind := _SEVERAL.get(item["type"]):
            found.setdefault(kind, []).append(item)
        else:
            found[item["type"]] = item
    for several in _SEVERAL.values():
        found.get(several, []).sort(key=lambda item: (item["pk"], item["sk"]))
    return found


def secret(arn: str) -> Mapping[str, str]:
    """The credentials that a secret holds; none if there is no such secret."""
    credentials: Mapping[str, str] = json.loads(_secrets().get(arn, "{}"))
    return credentials


def empty() -> None:
    """Remove every item and every secret of instances: rows do not see each other, and moto stays fast."""
    _backend("dynamodb").tables[TABLE].items.clear()
    store = _backend("secretsmanager").secrets
    for arn in _secrets():
        store.pop(arn)


def _items() -> Iterator[dict[str, Any]]:
    for collection in _backend("dynamodb").tables[TABLE].items.values():
        for item in collection.values():
            yield item.to_json()["Attributes"]


def _secrets() -> dict[str, str]:
    """The text of each secret of instances, by its ARN."""
    secrets = list(_backend("secretsmanager").secrets.values())
    return {
        one.arn: one.versions[one.default_version_id]["secret_string"]
        for one in secrets
        if one.name.startswith(SECRETS_PREFIX)
    }


def _backend(service: Any) -> Any:
    return get_backend(service)[DEFAULT_ACCOUNT_ID][ENVIRONMENT["AWS_DEFAULT_REGION"]]
