"""What PutEvents accepts and refuses, event by event."""

from __future__ import annotations

from typing import Any

import botocore.exceptions as aws
import pytest
from botocore.exceptions import ClientError

from adapters.event_bridge import EventBridgeBus
from domain.outbox import StoredEvent

LOST = aws.ReadTimeoutError(endpoint_url="u")
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "PutEvents")


class ScriptedEvents:
    """Refuses the entries named, in each call; a call that is to fail raises."""

    def __init__(self, *script: set[int] | Exception) -> None:
        self.script = list(script)
        self.calls: list[Any] = []

    def put_events(self, Entries: list[Any]) -> Any:  # noqa: N803 # boto3's name
        self.calls.append(Entries)
        line = self.script.pop(0) if self.script else set()
        if isinstance(line, Exception):
            raise line
        answers = [
            {"ErrorCode": "InternalFailure", "ErrorMessage": "m"} if number in line else {"EventId": f"e{number}"}
            for number in range(len(Entries))
        ]
        return {"FailedEntryCount": len(line), "Entries": answers}


def events(count: int) -> list[StoredEvent]:
    return [
        StoredEvent(str(number), "instance.created", "2026-11-24T10:00:00.123456789Z", {"n": number})
        for number in range(count)
    ]


def bus(*script: set[int] | Exception) -> tuple[EventBridgeBus, ScriptedEvents]:
    client = ScriptedEvents(*script)
    return EventBridgeBus(client, "the-bus"), client  # type: ignore[arg-type]


def test_nothing_is_rejected_where_all_is_accepted() -> None:
    subject, client = bus()
    assert subject.publish(events(3)) == frozenset()
    (entries,) = client.calls
    assert {entry["EventBusName"] for entry in entries} == {"the-bus"}
    assert entries[0]["Time"].isoformat() == "2026-11-24T10:00:00.123456+00:00"


def test_a_call_fails_in_part() -> None:
    subject, _ = bus({0, 2})
    assert subject.publish(events(3)) == {"0", "2"}


@pytest.mark.parametrize("failure", [LOST, THROTTLED])
def test_a_call_that_fails_accepts_nothing(failure: Exception) -> None:
    subject, _ = bus(failure)
    assert subject.publish(events(3)) == {"0", "1", "2"}


def test_a_failed_call_does_not_stop_the_next() -> None:
    subject, client = bus(THROTTLED, {1}, set())
    assert subject.publish(events(25)) == {*map(str, range(10)), "11"}
    assert [len(call) for call in client.calls] == [10, 10, 5]


def test_no_events_are_no_call() -> None:
    subject, client = bus()
    assert subject.publish([]) == frozenset()
    assert client.calls == []


def test_a_defect_is_not_taken_for_a_refusal() -> None:
    subject, _ = bus(RuntimeError("a defect"))
    with pytest.raises(RuntimeError):
        subject.publish(events(1))
