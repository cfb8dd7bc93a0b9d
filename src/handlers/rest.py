"""CreateInstance over JSON, as grpc-gateway offers it (spec 2.1 to 2.5)."""

from __future__ import annotations

import json

from domain import errors
from domain.errors import Kind, Reason, Refused
from domain.instant import Instant
from handlers import operation, response_headers
from handlers.assessments import document_of
from handlers.deadline import awaited_until
from handlers.errors import Status
from handlers.localization import translate
from handlers.messages import response_of
from wire import protojson
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest
from wire.grpc_status import MalformedCall
from wire.http_event import Request, Response

PATH = "/system/v1/instances/_create"
MAX_BODY_BYTES = 1_048_576


def create(request: Request, deadline: Instant) -> Response:
    """Carry out a request. Raises Refused."""
    _route(request)
    if len(request.body) > MAX_BODY_BYTES:
        raise Refused(errors.BODY_TOO_LARGE)
    try:
        awaited = awaited_until(request.headers)
        message = protojson.decode(request.body, CreateInstanceRequest)
    except (MalformedCall, protojson.Undecodable) as error:
        raise Refused(errors.invalid(str(error))) from None
    if operation.only_validates(request.headers):
        assessment = operation.validate(message, request.headers, deadline)
        document = document_of(assessment, request.headers.get("accept-language"))
        return Response(200, _headers() | response_headers.of_assessment(), json.dumps(document, ensure_ascii=False))
    created = operation.create(message, request.headers, deadline, awaited)
    headers = _headers() | response_headers.of_creation(created)
    return Response(200, headers, protojson.encode(response_of(created)))


def refusal(_request: Request, status: Status) -> Response:
    """A refusal as ``{code, message, details}``."""
    headers = _headers() | response_headers.of_refusal(status)
    if status.codes.http == 401:
        headers["www-authenticate"] = status.message
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
    return {"content-type": "application/json", **response_headers.no_store(), "x-robots-tag": "none"}
