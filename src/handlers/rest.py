"""CreateInstance over JSON, as grpc-gateway offers it (spec 2.1 to 2.5)."""

from __future__ import annotations

import json
from email.utils import formatdate

from domain import errors
from domain.create_instance import Created
from domain.errors import Kind, Reason, Refused
from domain.instant import Instant
from handlers import operation
from handlers.errors import Status
from handlers.localization import translate
from handlers.messages import response_of
from wire import protojson
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest
from wire.http_event import Request, Response

PATH = "/system/v1/instances/_create"
MAX_BODY_BYTES = 1_048_576


def create(request: Request, deadline: Instant) -> Response:
    """Carry out a request. Raises Refused."""
    _route(request)
    if len(request.body) > MAX_BODY_BYTES:
        raise Refused(errors.BODY_TOO_LARGE)
    try:
        message = protojson.decode(request.body, CreateInstanceRequest)
    except protojson.Undecodable as error:
        raise Refused(errors.invalid(str(error))) from None
    created = operation.create(message, request.headers, deadline)
    return Response(200, {**_headers(), **_created_headers(created)}, protojson.encode(response_of(created)))


def refusal(status: Status) -> Response:
    """A refusal as ``{code, message, details}``."""
    headers = _headers()
    if status.codes.http == 401:
        headers["WWW-Authenticate"] = status.message
    if status.retry_after is not None:
        headers["Retry-After"] = str(status.retry_after)
    return Response(status.codes.http, headers, json.dumps(status.body(), ensure_ascii=False))


def _route(request: Request) -> None:
    if request.path != PATH:
        raise Refused(errors.ROUTE_UNKNOWN)
    if request.method in {"GET", "PUT", "DELETE"}:
        # There the path means the instance "_create", which is looked up before anything else (spec 2.3, 2.5).
        text = translate("Errors.IAM.NotFound", f"{request.headers.get('accept-language', '')},en;q=0.001")
        unknown = f"unable to set instance using id _create: ID=QUERY-1kIjX Message={text}"
        raise Refused(Reason(Kind.NOT_FOUND, "", unknown, localizable=False))
    if request.method != "POST":
        raise Refused(errors.METHOD_NOT_ALLOWED)


def _headers() -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "Pragma": "no-cache",
        "Expires": formatdate(usegmt=True),
        "X-Robots-Tag": "none",
    }


def _created_headers(created: Created) -> dict[str, str]:
    headers = {}
    if created.replayed:
        headers["Idempotent-Replayed"] = "true"
    if created.receipt.secret_arn:
        headers["X-Credential-Secret"] = created.receipt.secret_arn
    return headers
