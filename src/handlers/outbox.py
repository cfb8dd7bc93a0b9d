"""The Lambda function behind the table's stream: publishes what the outbox holds."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap import application, observability
from bootstrap.observability import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish a batch; name the records whose events were not accepted, so that Lambda brings them again.

    Lambda goes on from the first record named, so that events after it may be published twice: at least once is the
    promise, and each event's id is how a receiver knows it again.
    """
    del context
    events = application.stored_events(event)
    rejected = application.event_bus().publish(list(events.values()))
    observability.published(len(events) - len(rejected), rejected)
    return {
        "batchItemFailures": [{"itemIdentifier": number} for number, stored in events.items() if stored.id in rejected]
    }
