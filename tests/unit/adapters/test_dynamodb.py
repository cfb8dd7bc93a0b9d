"""The store's own retries: which failures end the attempts, and what is known when they end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import botocore.exceptions as aws
import pytest
from botocore.exceptions import ClientError

from adapters import dynamodb
from adapters.attribute_values import notated_item
from adapters.dynamodb import ATTEMPTS, DynamoDbInstances
from adapters.dynamodb_items import items
from domain import errors
from domain.errors import Refused
from domain.instant import Instant
from domain.ports import Outcome, Verdict
from fakes.clock import FixedClock
from harness.creations import FAR_AWAY, a_creation

CREATION = a_creation("key", {"instance_name": "A", "custom_domain": "a.b", "machine": {"user_name": "u", "name": "n"}})
TYPES = [item["type"] for item in items(CREATION)]


class ScriptedClient:
    """Answers each call with the next line of a script: an exception to raise or a value to return."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.calls: list[dict[str, Any]] = []

    def transact_write_items(self, **request: Any) -> Any:
        self.calls.append(request)
        line = self.script.pop(0)
        if isinstance(line, Exception):
            raise line
        return line

    get_item = transact_write_items


def answer(code: str, status: int = 400, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}, "Operation")  # type: ignore[typeddict-item]


def cancelled(**codes: str) -> ClientError:
    """A cancellation with a code for each item type that is named."""
    reasons: list[dict[str, Any]] = [{"Code": codes.get(kind, "None")} for kind in TYPES]
    if codes.get("receipt") == "ConditionalCheckFailed":
        stored = items(a_creation("key"))[0]
        reasons[0]["Item"] = notated_item(stored)
    return answer("TransactionCanceledException", CancellationReasons=reasons)


FAILED = "ConditionalCheckFailed"
LOST = aws.ReadTimeoutError(endpoint_url="u")
BROKEN = aws.SSLError(endpoint_url="u", error="bad record mac")
NOT_SENT = aws.ConnectTimeoutError(endpoint_url="u")
CONFLICT = cancelled(receipt="TransactionConflict", domain="TransactionConflict")
THROTTLED = answer("ThrottlingException")
DENIED = answer("AccessDeniedException")
TAKEN = cancelled(domain=FAILED)
REPEATED = cancelled(receipt=FAILED, domain=FAILED)
IN_PROGRESS = answer("TransactionInProgressException")


def commit(*script: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Outcome, ScriptedClient]:
    monkeypatch.setattr(dynamodb.time, "sleep", lambda _seconds: None)
    client = ScriptedClient(*script)
    store = DynamoDbInstances(client, "table", FixedClock())  # type: ignore[arg-type]
    return store.commit(CREATION, FAR_AWAY), client


@pytest.mark.parametrize(
    ("script", "verdict", "reason", "final"),
    [
        ([{}], Verdict.COMMITTED, None, True),
        ([TAKEN], Verdict.DOMAIN_TAKEN, None, True),
        ([REPEATED], Verdict.REPEATED, None, True),
        ([CONFLICT, {}], Verdict.COMMITTED, None, True),
        ([CONFLICT, REPEATED], Verdict.REPEATED, None, True),
        ([CONFLICT, TAKEN], Verdict.DOMAIN_TAKEN, None, True),
        ([CONFLICT] * ATTEMPTS, Verdict.REFUSED, errors.CREATION_IN_PROGRESS, True),
        ([cancelled(receipt="TransactionConflict", domain=FAILED), REPEATED], Verdict.REPEATED, None, True),
        ([THROTTLED, NOT_SENT, {}], Verdict.COMMITTED, None, True),
        ([THROTTLED] * ATTEMPTS, Verdict.REFUSED, errors.THROTTLED, True),
        ([cancelled(user="ThrottlingError")] * ATTEMPTS, Verdict.REFUSED, errors.THROTTLED, True),
        ([NOT_SENT] * ATTEMPTS, Verdict.REFUSED, errors.UNAVAILABLE, True),
        ([DENIED], Verdict.REFUSED, errors.INTERNAL, True),
        ([cancelled(instance=FAILED)], Verdict.REFUSED, errors.INTERNAL, True),
        ([cancelled(user="ValidationError")], Verdict.REFUSED, errors.INTERNAL, True),
        ([LOST, {}], Verdict.COMMITTED, None, True),
        ([LOST] * ATTEMPTS, Verdict.UNKNOWN, None, False),
        ([BROKEN] * ATTEMPTS, Verdict.UNKNOWN, None, False),
        ([answer("InternalServerError", 500)] * ATTEMPTS, Verdict.UNKNOWN, None, False),
        ([IN_PROGRESS] * ATTEMPTS, Verdict.UNKNOWN, None, False),
        ([LOST, REPEATED], Verdict.REPEATED, None, True),
        ([LOST, CONFLICT, CONFLICT], Verdict.UNKNOWN, None, False),
        ([LOST, THROTTLED, NOT_SENT], Verdict.UNKNOWN, None, False),
        ([LOST, TAKEN], Verdict.UNKNOWN, None, False),
        ([LOST, DENIED], Verdict.UNKNOWN, None, False),
    ],
)
def test_how_attempts_end(
    script: Sequence[Any],
    verdict: Verdict,
    reason: errors.Reason | None,
    final: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome, client = commit(*script, monkeypatch=monkeypatch)
    assert (outcome.verdict, outcome.reason, outcome.final) == (verdict, reason, final)
    assert (outcome.receipt is not None) == (verdict is Verdict.REPEATED)
    assert len(client.calls) == len(script)


def test_all_attempts_are_one_request_under_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = commit(LOST, CONFLICT, {}, monkeypatch=monkeypatch)
    first, *others = client.calls
    assert others == [first, first]
    assert 1 <= len(first["ClientRequestToken"]) <= 36


def test_every_item_is_put_only_where_its_key_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = commit({}, monkeypatch=monkeypatch)
    puts = [item["Put"] for item in client.calls[0]["TransactItems"]]
    assert len(puts) == len(TYPES) <= 100
    assert {put["ConditionExpression"] for put in puts} == {"attribute_not_exists(pk)"}
    keys = [(put["Item"]["pk"]["S"], put["Item"]["sk"]["S"]) for put in puts]
    assert len(set(keys)) == len(keys)


def test_retries_stop_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb.time, "sleep", lambda _seconds: None)
    clock = FixedClock()

    class Slow(ScriptedClient):
        def transact_write_items(self, **request: Any) -> Any:
            clock.forward(3)
            return super().transact_write_items(**request)

    store = DynamoDbInstances(Slow(THROTTLED), "table", clock)  # type: ignore[arg-type]
    outcome = store.commit(CREATION, clock.at.plus(dynamodb.SECONDS_PER_ATTEMPT + 1))
    assert (outcome.verdict, outcome.reason) == (Verdict.REFUSED, errors.THROTTLED)


@pytest.mark.parametrize("error", [LOST, NOT_SENT, THROTTLED])
def test_a_read_is_repeated(error: Exception) -> None:
    client = ScriptedClient(error, {})
    assert DynamoDbInstances(client, "table", FixedClock()).receipt("identity") is None  # type: ignore[arg-type]
    assert all(call["ConsistentRead"] for call in client.calls)


@pytest.mark.parametrize(
    ("script", "reason"), [([LOST] * ATTEMPTS, errors.UNAVAILABLE), ([THROTTLED] * ATTEMPTS, errors.THROTTLED)]
)
def test_a_read_that_keeps_failing_is_refused(script: Sequence[Exception], reason: errors.Reason) -> None:
    client = ScriptedClient(*script)
    with pytest.raises(Refused) as refusal:
        DynamoDbInstances(client, "table", FixedClock()).receipt("identity")  # type: ignore[arg-type]
    assert refusal.value.reason is reason


def test_a_read_that_is_forbidden_is_not_repeated() -> None:
    client = ScriptedClient(DENIED)
    with pytest.raises(Refused) as refusal:
        DynamoDbInstances(client, "table", FixedClock()).receipt("identity")  # type: ignore[arg-type]
    assert refusal.value.reason is errors.INTERNAL


def test_a_receipt_is_read_as_it_was_written() -> None:
    stored = notated_item(items(CREATION)[0])
    client = ScriptedClient({"Item": stored})
    store = DynamoDbInstances(client, "table", FixedClock())  # type: ignore[arg-type]
    assert store.receipt(CREATION.receipt.identity) == CREATION.receipt
    assert CREATION.receipt.created_at > Instant(0)
