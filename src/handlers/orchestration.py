"""The Lambda function that state machines invoke; whoever IAM lets invoke it may create instances."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap.observability import failed, logger, refused
from domain import errors
from domain.errors import Refused
from handlers import task
from handlers.deadline import deadline_of
from handlers.errors import status_of


@logger.inject_lambda_context(clear_state=True)
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Carry out a task (handlers.task). Raises a ``Failure`` with the name that ``Retry`` and ``Catch`` match."""
    try:
        return task.create(event, deadline_of(context))
    except Refused as refusal:
        refused(refusal)
        reason = refusal
    except Exception as error:  # noqa: BLE001 # the last line of defence: an execution's history must not see the inside
        failed(error)
        reason = Refused(errors.INTERNAL)
    raise task.failure(status_of(reason, task.ERRORS_LANGUAGE, context.aws_request_id))
