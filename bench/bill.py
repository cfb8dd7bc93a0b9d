"""What one creation costs, counted from the calls that were really made.

Units are DynamoDB's: a transactional write of an item costs two write units for every KB begun. Prices are AWS's list
prices for us-east-1 in November 2026, in USD, from memory: check them. Other regions differ by up to a quarter, hardly
in proportion.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KILOBYTE = 1024

WRITE_UNIT = 0.625e-6
SECRETS_CALL = 0.05 / 10_000
SECRET_MONTH = 0.40
KMS_CALL = 0.03 / 10_000
HTTP_API_CALL = 1.00e-6
LAMBDA_CALL = 0.20e-6
LAMBDA_GB_SECOND = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
EVENT = 1.00e-6

KMS_CALLS_OF = {"CreateSecret": 3, "GetSecretValue": 1}
"""What Secrets Manager calls in the caller's name and on the caller's account: GenerateDataKey or Decrypt, and for a
new secret one of each before, only to see whether the caller may use the key."""


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call as it went over the wire; ``sent`` counts the bytes of the body."""

    operation: str
    sent: int
    write_units: int
    items: int


@contextlib.contextmanager
def metered(*clients: Any) -> Iterator[list[AwsCall]]:
    """Every call that the botocore clients send inside the context, retries included."""
    calls: list[AwsCall] = []

    def count(event_name: str, request: Any, **_: Any) -> None:
        calls.append(call(event_name.rpartition(".")[2], request.body))

    for client in clients:
        client.meta.events.register_first("before-send.*.*", count)
    try:
        yield calls
    finally:
        for client in clients:
            client.meta.events.unregister("before-send.*.*", count)


def call(operation: str, body: str | bytes) -> AwsCall:
    """A call by the JSON that was sent."""
    items = [one["Put"]["Item"] for one in json.loads(body).get("TransactItems", [])]
    return AwsCall(operation, len(body), sum(map(write_units, items)), len(items))


def write_units(item: Mapping[str, Any]) -> int:
    """What it costs to write an item, in DynamoDB's JSON notation, within a transaction."""
    return 2 * -(-item_size(item) // KILOBYTE)


def item_size(item: Mapping[str, Any]) -> int:
    """An item's size in bytes as DynamoDB counts it: names and values, 3 and 1 for each list or map and its members."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits = content.lstrip("-").replace(".", "").strip("0")
            return 1 + (len(digits) + 1) // 2 + content.startswith("-")
        case "B":
            return len(content.rstrip("=")) * 3 // 4
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(member) for member in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(member) for name, member in content.items())
    raise ValueError(f"an attribute of type {kind} is not written here")


def dollars(
    calls: Sequence[AwsCall], *, seconds: float, memory_mb: int, architecture: str = "arm64"
) -> dict[str, float]:
    """What a creation costs once, by service; that a secret costs 0.40 a month as long as it is kept comes on top."""
    secrets = [call for call in calls if call.operation in KMS_CALLS_OF]
    return {
        "API Gateway": HTTP_API_CALL,
        "Lambda": LAMBDA_CALL + seconds * memory_mb / KILOBYTE * LAMBDA_GB_SECOND[architecture],
        "DynamoDB": sum(call.write_units for call in calls) * WRITE_UNIT,
        "Secrets Manager": len(secrets) * SECRETS_CALL,
        "KMS": sum(KMS_CALLS_OF[call.operation] for call in secrets) * KMS_CALL,
        "EventBridge": EVENT,
    }
