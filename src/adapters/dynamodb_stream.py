"""The table's stream, as Lambda hands it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters import dynamodb_items
from adapters.attribute_values import plain_item
from domain.outbox import StoredEvent


def stored_events(batch: Mapping[str, Any]) -> dict[str, StoredEvent]:
    """The events in a batch by the sequence numbers of their records.

    The event source mapping lets nothing else through (template.yaml); raises KeyError for a record of another type.
    """
    changes = [record["dynamodb"] for record in batch["Records"]]
    return {change["SequenceNumber"]: dynamodb_items.event_of(plain_item(change["NewImage"])) for change in changes}
