"""moto's TransactWriteItems, made to keep two of DynamoDB's promises that it breaks.

moto 5.2.5 neither isolates transactions from other writers (it copies the table, writes, and copies back) nor honours
ClientRequestToken, and its stores are not made for threads. Concurrent writes then get lost and a repeated call is
cancelled, so tests of exactly these things would fail and pass for no reason. Here every call waits for its turn, and a
repeated token gets the first answer.

Before each item of a transaction moto also copies the whole table, and keeps the copies for its web dashboard. Here a
copy is a shallow one, and none is kept.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import threading
import time
from typing import Any

from moto.core.botocore_stubber import BotocoreStubber
from moto.core.model_instances import reset_model_data
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

TOKEN_SECONDS = 600
_lock = threading.RLock()
_answers: dict[tuple[Any, ...], tuple[float, str, Any]] = {}


class IdempotentParameterMismatchException(DynamodbException):
    """The error for a token that is used again with other parameters."""

    error_type = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"

    def __init__(self) -> None:
        super().__init__(self.error_type, message="token used again with other parameters")


def install() -> None:
    """Change moto, once per process."""
    if hasattr(DynamoHandler, "without_tokens"):
        return
    BotocoreStubber.__call__ = _one_at_a_time(BotocoreStubber.__call__)
    DynamoHandler.without_tokens = DynamoHandler.transact_write_items
    DynamoHandler.transact_write_items = _transact_write_items
    Table.__deepcopy__ = _snapshot


def forget_tokens() -> None:
    """Start afresh, as a new mock does."""
    _answers.clear()


def _one_at_a_time(call: Any) -> Any:
    @functools.wraps(call)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with _lock:
            return call(*args, **kwargs)

    return locked


def _snapshot(table: Any, _memo: Any) -> Any:
    """What is put back where a transaction fails: puts replace items and never change them, so they can be shared."""
    snapshot = copy.copy(table)
    snapshot.items = copy.copy(table.items)
    for key, collection in table.items.items():
        snapshot.items[key] = copy.copy(collection)
    if table.stream_shard is not None:
        snapshot.stream_shard = copy.copy(table.stream_shard)
        snapshot.stream_shard.items = copy.copy(table.stream_shard.items)
    return snapshot


def _transact_write_items(handler: Any) -> Any:
    try:
        return _once_per_token(handler)
    finally:
        reset_model_data()


def _once_per_token(handler: Any) -> Any:
    token = handler.body.get("ClientRequestToken")
    if token is None:
        return handler.without_tokens()
    parameters = hashlib.sha256(
        json.dumps(handler.body["TransactItems"], sort_keys=True, default=bytes.hex).encode()
    ).hexdigest()
    key = (handler.current_account, handler.region, token)
    with _lock:
        if key in _answers:
            answered_at, first_parameters, answer = _answers[key]
            if time.monotonic() - answered_at < TOKEN_SECONDS:
                if first_parameters != parameters:
                    raise IdempotentParameterMismatchException
                return answer
        answer = handler.without_tokens()
        _answers[key] = (time.monotonic(), parameters, answer)
        return answer
