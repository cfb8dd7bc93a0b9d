"""What the emulated AWS holds, as rows speak of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from harness.moto_store import empty, items, secrets

__all__ = ["empty", "names", "of_instance", "secret"]

_deserialize = TypeDeserializer().deserialize

_SEVERAL = {"membership": "memberships", "domain": "domains", "claim": "claims"}
"""Kinds of which an instance has several records."""


def names() -> frozenset[tuple[str, ...]]:
    """The name of every item and secret there is, which tells whether anything was written."""
    return frozenset({*((item["pk"]["S"], item["sk"]["S"]) for item in items()), *((arn,) for arn in secrets())})


def of_instance(instance_id: str) -> Mapping[str, Any]:
    """The records of an instance by kind, those of which it has several as lists in the order of their keys."""
    found: dict[str, Any] = {}
    for raw in items():
        if instance_id not in (raw.get("instance_id", {}).get("S"), raw["pk"]["S"].removeprefix("INSTANCE#")):
            continue
        item = {name: _deserialize(value) for name, value in raw.items()}
        if kind := _SEVERAL.get(item["type"]):
            found.setdefault(kind, []).append(item)
        else:
            found[item["type"]] = item
    if "settings" in found:
        found["settings"] |= {"settings": json.loads(zlib.decompress(bytes(found["settings"]["settings"])))}
    for several in _SEVERAL.values():
        found.get(several, []).sort(key=lambda item: (item["pk"], item["sk"]))
    return found


def secret(arn: str) -> Mapping[str, str]:
    """The credentials that a secret holds; none if there is no such secret."""
    credentials: Mapping[str, str] = json.loads(secrets().get(arn, "{}"))
    return credentials
