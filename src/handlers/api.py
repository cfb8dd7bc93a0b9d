"""The Lambda function behind the HTTP API."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap.observability import failed, logger, refused
from domain import errors
from domain.errors import Refused
from handlers import cors, grpc, rest
from handlers.deadline import deadline_of
from handlers.errors import status_of
from wire.http_event import event_of, request_of


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway event (payload 2.0); whatever happens, it is answered in the form it was asked in."""
    request = request_of(event)
    transport = grpc if grpc.speaks(request) else rest
    language = request.headers.get("accept-language")
    try:
        response = cors.preflight(request) or transport.create(request, deadline_of(context))
    except Refused as refusal:
        refused(refusal)
        response = transport.refusal(request, status_of(refusal, language, context.aws_request_id))
    except Exception as error:  # noqa: BLE001 # the last line of defence: nothing of the inside may reach the caller
        failed(error)
        internal = Refused(errors.INTERNAL)
        response = transport.refusal(request, status_of(internal, language, context.aws_request_id))
    return event_of(cors.shared(request, response))
