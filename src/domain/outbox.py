"""The outbox: events are stored in the transaction they tell of, and published from there, at least once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the outbox holds it; ``id`` is the same whenever it is published, ``occurred_at`` RFC 3339 in UTC."""

    id: str
    type: str
    occurred_at: str
    payload: Mapping[str, Any]


class EventBus(Protocol):
    """Where other systems hear of events."""

    def publish(self, events: Sequence[StoredEvent]) -> frozenset[str]:
        """Publish the events, and return the ids of those that were not accepted: they are to be published again.

        An event whose acceptance is unknown counts as not accepted, so that a receiver may get it twice. Never raises
        for what AWS does.
        """
        ...
