"""The records of all instances, in one DynamoDB table (design decision 3)."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adapters import dynamodb_items
from adapters.attribute_values import notated_item, plain_item
from adapters.aws_failures import RETRY_SECONDS, THROTTLING_CODES, AwsError, Failure, code_of, failure_of, refused
from adapters.dynamodb_items import Item
from domain import errors
from domain.creation import Creation, Receipt
from domain.errors import Refused
from domain.instant import Instant
from domain.ports import Clock, Outcome, Verdict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 3
BATCH_ATTEMPTS = 8
SECONDS_PER_ATTEMPT = 4
"""An attempt is not started with less time than the client's own timeouts add up to (bootstrap.clients)."""

# The kernel's: the state of Python's own would be the same in everyone whom a snapshot is restored to.
_random = random.SystemRandom()


class DynamoDbInstances:
    """Stores a creation as one ``TransactWriteItems``; its client must not retry by itself.

    The SDK's retries would hide the one thing that matters: whether an attempt before the last one may have taken
    effect. They are made here, under one ClientRequestToken, and an attempt whose answer was lost is remembered.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        """Store all items of the creation, each only if its key is free, or none."""
        items = dynamodb_items.items(creation)
        request = self._request(items, token=creation.instance.id)
        outcome, lost = Outcome(Verdict.REFUSED, reason=errors.OUT_OF_TIME, retry_after=RETRY_SECONDS), False
        for attempt in range(ATTEMPTS):
            _back_off(attempt)
            if self._clock.now().plus(SECONDS_PER_ATTEMPT) > deadline:
                break
            try:
                self._client.transact_write_items(**request)
            except AwsError as error:
                outcome, decided = _judge(error, items)
                lost = lost or outcome.verdict is Verdict.UNKNOWN
                if decided:
                    break
            else:
                return Outcome(Verdict.COMMITTED)
        if lost and outcome.verdict is not Verdict.REPEATED:
            # However a later attempt ended: the one whose answer was lost may still take effect.
            return Outcome(Verdict.UNKNOWN, final=False, cause=outcome.cause)
        return outcome

    def _request(self, items: Sequence[Item], token: str) -> Any:
        puts = [
            {
                "TableName": self._table,
                "Item": notated_item(item),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "NONE",
            }
            for item in items
        ]
        puts[0]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return {"TransactItems": [{"Put": put} for put in puts], "ClientRequestToken": token}

    def rehearse(self, creation: Creation) -> Mapping[str, int]:
        """How many items of each type a commit would put."""
        return Counter(str(item["type"]) for item in dynamodb_items.items(creation))

    def has_domain(self, name: str) -> bool:
        """Whether the domain's key is taken, read strongly consistent."""
        return self._item(dynamodb_items.domain_key(name)) is not None

    def receipt(self, identity: str) -> Receipt | None:
        """The receipt, read strongly consistent."""
        item = self._item(dynamodb_items.receipt_key(identity))
        return _receipt(item) if item else None

    def _item(self, key: Item) -> dict[str, Any] | None:
        for attempt in reversed(range(ATTEMPTS)):
            try:
                answer = self._client.get_item(TableName=self._table, Key=notated_item(key), ConsistentRead=True)
            except AwsError as error:
                if not attempt or failure_of(error) is Failure.REJECTED:
                    raise refused(error) from error
            else:
                return answer.get("Item")
        raise AssertionError("the last attempt answers or raises")

    def secrets_of(self, instance_ids: Sequence[str]) -> dict[str, str | None]:
        """The secrets that instances refer to; BatchGetItem gives what it could not read back to be asked again."""
        keys = [notated_item(dynamodb_items.instance_key(instance_id)) for instance_id in dict.fromkeys(instance_ids)]
        found: dict[str, str | None] = {}
        for attempt in range(BATCH_ATTEMPTS):
            _back_off(attempt)
            wanted: Any = {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "pk, secret_arn"}
            try:
                answer: Any = self._client.batch_get_item(RequestItems={self._table: wanted})
            except AwsError as error:
                if failure_of(error) is Failure.REJECTED:
                    raise refused(error) from error
                continue
            for item in answer["Responses"][self._table]:
                instance = plain_item(item)
                found[dynamodb_items.instance_id_of(instance)] = instance.get("secret_arn")
            keys = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not keys:
                return found
        raise Refused(errors.THROTTLED, retry_after=RETRY_SECONDS)


def _back_off(attempt: int) -> None:
    """Wait before an attempt that is not the first, at random so that those who met once do not meet again."""
    if attempt:
        time.sleep(_random.uniform(0, 0.05 * 2**attempt))


def _receipt(item: dict[str, Any]) -> Receipt:
    return dynamodb_items.receipt_of(plain_item(item))


def _judge(error: Exception, items: Sequence[Item]) -> tuple[Outcome, bool]:
    """What a failed attempt means, and whether that is the end of it."""
    if isinstance(error, ClientError) and code_of(error) == "TransactionCanceledException":
        return _judge_cancellation(error, items)
    if code_of(error) == "TransactionInProgressException":
        return Outcome(Verdict.UNKNOWN, final=False, cause=error), False
    match failure_of(error):
        case Failure.LOST:
            return Outcome(Verdict.UNKNOWN, final=False, cause=error), False
        case Failure.REJECTED:
            return Outcome(Verdict.REFUSED, reason=errors.INTERNAL, cause=error), True
        case _:
            refusal = refused(error)
            return _retryable(refusal.reason, error), False


def _judge_cancellation(error: ClientError, items: Sequence[Item]) -> tuple[Outcome, bool]:
    """Why the transaction was cancelled: DynamoDB gives a reason for each item, in their order."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment] # untyped
    codes = [reason.get("Code", "None") for reason in reasons]
    failed = {str(item["type"]) for item, code in zip(items, codes, strict=False) if code == "ConditionalCheckFailed"}
    if "receipt" in failed:
        return Outcome(Verdict.REPEATED, receipt=_receipt(reasons[0]["Item"])), True
    if "TransactionConflict" in codes:
        return _retryable(errors.CREATION_IN_PROGRESS, error), False
    if THROTTLING_CODES.intersection(codes):
        return _retryable(errors.THROTTLED, error), False
    if failed == {"domain"}:
        return Outcome(Verdict.DOMAIN_TAKEN), True
    return Outcome(Verdict.REFUSED, reason=errors.INTERNAL, cause=error), True


def _retryable(reason: errors.Reason, error: Exception) -> Outcome:
    return Outcome(Verdict.REFUSED, reason=reason, retry_after=RETRY_SECONDS, cause=error)
