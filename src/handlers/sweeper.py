"""The Lambda function that removes orphaned secrets, on a schedule."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap import application, observability
from bootstrap.observability import logger
from domain.sweep_secrets import sweep_secrets
from handlers.deadline import deadline_of


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sweep once; the event ``{"dryRun": true}`` only finds. Fails where AWS does: the next run goes on."""
    sweep = sweep_secrets(
        application.stored_secrets(),
        application.instances(),
        application.CLOCK,
        deadline_of(context),
        dry_run=bool(event.get("dryRun")),
    )
    observability.swept(sweep)
    return {
        "seen": sweep.seen,
        "orphans": len(sweep.orphans),
        "removed": sweep.removed,
        "complete": sweep.complete,
    }
