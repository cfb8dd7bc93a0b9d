"""Events on an EventBridge bus."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from adapters.aws_failures import AwsError
from domain.outbox import StoredEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

logger = logging.getLogger(__name__)

SOURCE = "instance-foundry"

ENTRIES_PER_CALL = 10
"""PutEvents' limit."""


class EventBridgeBus:
    """Publishes to the bus of that name; docs/events has the schema of what arrives there."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def publish(self, events: Sequence[StoredEvent]) -> frozenset[str]:
        """Put the events, ten in a call; each of a call is accepted or refused by itself."""
        rejected: set[str] = set()
        for first in range(0, len(events), ENTRIES_PER_CALL):
            rejected |= self._put(events[first : first + ENTRIES_PER_CALL])
        return frozenset(rejected)

    def _put(self, events: Sequence[StoredEvent]) -> set[str]:
        try:
            answers = self._client.put_events(Entries=[self._entry(event) for event in events])["Entries"]
        except AwsError as error:
            logger.warning("events rejected", extra={"events": len(events), "error": repr(error)})
            return {event.id for event in events}
        # Answers come in the order of the entries; one that was accepted has an EventId instead of an ErrorCode.
        codes = {event.id: answer.get("ErrorCode") for event, answer in zip(events, answers, strict=True)}
        rejected = {event_id for event_id, code in codes.items() if code}
        if rejected:
            logger.warning(
                "events rejected", extra={"events": len(rejected), "error": sorted(filter(None, codes.values()))}
            )
        return rejected

    def _entry(self, event: StoredEvent) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Time": datetime.fromisoformat(event.occurred_at),
            "Detail": json.dumps({"eventId": event.id, **event.payload}, ensure_ascii=False),
        }
