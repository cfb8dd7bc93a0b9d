"""DynamoDB's notation of attribute values, for the types that our items have.

boto3 has the same for all types, and comes with what it takes to copy files to S3 in parallel (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def notated(value: Any) -> dict[str, Any]:
    """A value as DynamoDB takes it. Raises TypeError for a type that no item has."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": notated_item(value)}
        case list() | tuple():
            return {"L": [notated(member) for member in value]}
    raise TypeError(f"items have no {type(value).__name__}")


def notated_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB takes it."""
    return {name: notated(value) for name, value in item.items()}


def plain(value: Mapping[str, Any]) -> Any:
    """A value in DynamoDB's notation as the one it was made of, lists for tuples. Raises ValueError as ``notated``."""
    [(kind, content)] = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return content
        case "N":
            return int(content)
        case "M":
            return plain_item(content)
        case "L":
            return [plain(member) for member in content]
    raise ValueError(f"items have no attributes of type {kind}")


def plain_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's notation, as plain values."""
    return {name: plain(value) for name, value in item.items()}
