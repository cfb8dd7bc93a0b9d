"""CreateInstance as gRPC-Web, and as gRPC for the edge that stands in front of API Gateway (spec 2.7).

Lambda can send no trailers, so the outcome of a gRPC call is in the response's headers, from where the edge takes it
(edge/envoy.yaml). gRPC-Web has its trailers in the body, or in the headers where there is no message (Trailers-Only).
Every call that is understood to be gRPC is answered with HTTP 200 and a gRPC status, however broken it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from domain import errors
from domain.errors import Kind, Reason, Refused
from domain.instant import Instant
from handlers import operation, response_headers
from handlers.deadline import awaited_until
from handlers.errors import Status
from handlers.messages import response_of
from wire import protojson
from wire.frames import ACCEPTED_ENCODINGS, MAX_MESSAGE_BYTES, frame, from_text, to_text, trailer_frame, unframe
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest, CreateInstanceResponse
from wire.grpc_status import Code, MalformedCall, trailers
from wire.http_event import Request, Response

SERVICE = "zitadel.system.v1.SystemService"
METHOD = "CreateInstance"
PATH = f"/{SERVICE}/{METHOD}"

MAX_BODY_BYTES = MAX_MESSAGE_BYTES + 1024
"""A message of the largest size with its frame, and a little for trailers."""

_MEDIA_TYPE = re.compile(r"application/grpc(?P<web>-web(?P<text>-text)?)?(?:\+(?P<codec>[a-z0-9.-]+))?")
_KINDS = {
    Code.RESOURCE_EXHAUSTED: Kind.TOO_LARGE,
    Code.UNIMPLEMENTED: Kind.UNIMPLEMENTED,
    Code.INTERNAL: Kind.MALFORMED,
}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a content type says: of the request, and of the answer, which has the same but for the text form."""

    web: bool
    text_in: bool
    text_out: bool
    codec: str | None

    @property
    def json(self) -> bool:
        return self.codec == "json"

    @property
    def content_type(self) -> str:
        form = "-web-text" if self.text_out else "-web" if self.web else ""
        return f"application/grpc{form}" + (f"+{self.codec}" if self.codec else "")


def speaks(request: Request) -> bool:
    """Whether the request is a gRPC call, by its content type; its parameters do not matter."""
    return _dialect(request) is not None


def create(request: Request, deadline: Instant) -> Response:
    """Carry out a call. Raises Refused.

    The message has no room for an assessment: a call that only validates gets the status that the real one would get,
    and an empty message where that is OK.
    """
    dialect = _spoken(request)
    _route(request.path)
    try:
        message = _decoded(request, dialect)
        awaited = awaited_until(request.headers)
    except MalformedCall as malformed:
        raise Refused(_reason(malformed.code, malformed.text)) from None
    if operation.only_validates(request.headers):
        assessment = operation.validate(message, request.headers, deadline)
        if assessment.violations:
            raise Refused(assessment.violations[0].reason)
        answer, about = CreateInstanceResponse(), response_headers.of_assessment()
    else:
        created = operation.create(message, request.headers, deadline, awaited)
        answer, about = response_of(created), response_headers.of_creation(created)
    headers = {**_headers(dialect), **about}
    body = frame(_encoded(answer, dialect))
    outcome = trailers(Code.OK)
    if not dialect.web:
        return Response(200, headers | outcome, body)
    body += trailer_frame(outcome)
    return Response(200, headers, to_text(body) if dialect.text_out else body)


def refusal(request: Request, status: Status) -> Response:
    """A refusal as Trailers-Only: a gRPC status in the headers, and no body."""
    outcome = trailers(status.codes.grpc, status.message, detail=status.detail, request_id=status.request_id)
    return Response(200, _headers(_spoken(request)) | response_headers.of_refusal(status) | outcome, b"")


def _dialect(request: Request) -> _Dialect | None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match = _MEDIA_TYPE.fullmatch(media_type)
    if not match:
        return None
    text_in = bool(match["text"])
    wants_text = "application/grpc-web-text" in request.headers.get("accept", "")
    web = bool(match["web"])
    return _Dialect(web, text_in, text_out=text_in or (web and wants_text), codec=match["codec"])


def _spoken(request: Request) -> _Dialect:
    dialect = _dialect(request)
    if dialect is None:
        raise ValueError("not a gRPC call")
    return dialect


def _route(path: str) -> None:
    """Raises Refused in grpc-go's words for what is not offered here."""
    if path == PATH:
        return
    service, _, method = path.removeprefix("/").rpartition("/")
    if service == SERVICE:
        text = f"unknown method {method:.100} for service {service}"
    else:
        text = f"unknown service {service:.100}"
    raise Refused(_reason(Code.UNIMPLEMENTED, text))


def _decoded(request: Request, dialect: _Dialect) -> CreateInstanceRequest:
    """The message. Raises MalformedCall, Refused."""
    if dialect.codec not in {None, "proto", "json"}:
        raise MalformedCall(Code.UNIMPLEMENTED, f"no codec for content-subtype {dialect.codec}")
    if request.method != "POST":
        raise MalformedCall(Code.INTERNAL, "a gRPC call is a POST")
    body = from_text(request.body) if dialect.text_in else request.body
    if len(body) > MAX_BODY_BYTES:
        raise Refused(errors.BODY_TOO_LARGE)
    payload = unframe(body, request.headers.get("grpc-encoding"))
    try:
        if dialect.json:
            return protojson.decode(payload, CreateInstanceRequest)
        return CreateInstanceRequest.FromString(payload)
    except protojson.Undecodable as error:
        raise MalformedCall(Code.INTERNAL, f"grpc: error unmarshalling request: {error}") from None
    except DecodeError:
        raise MalformedCall(Code.INTERNAL, "grpc: error unmarshalling request") from None


def _encoded(message: CreateInstanceResponse, dialect: _Dialect) -> bytes:
    return protojson.encode(message).encode() if dialect.json else message.SerializeToString()


def _reason(code: Code, text: str) -> Reason:
    return Reason(_KINDS[code], "", text, localizable=False)


def _headers(dialect: _Dialect) -> dict[str, str]:
    return {
        "content-type": dialect.content_type,
        "grpc-accept-encoding": ACCEPTED_ENCODINGS,
        **response_headers.no_store(),
    }
