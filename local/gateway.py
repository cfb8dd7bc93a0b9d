"""What an API Gateway HTTP API does between a client and a Lambda function: payload format 2.0, without the network.

Built on AWS's documentation of the format (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP
APIs") and, where that is silent, on what others recorded of the real service: ``rawPath`` arrives percent-decoded, and
a body is text only for the few media types of ``_TEXT``.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

BODY_LIMIT = 10 * 1024 * 1024
"""API Gateway's payload quota in bytes; a larger request is answered 413 without reaching the function."""

INTEGRATION_SECONDS = 30.0
"""An HTTP API's longest integration timeout, after which the client gets 503 while the function goes on."""

_TEXT = frozenset({"application/json", "application/javascript", "application/xml"})
_FAILURES = {500: "Internal Server Error", 503: "Service Unavailable", 413: "Request Entity Too Large"}

# RFC 9110, 7.6.1: about one connection, not about the message. The two sides frame their messages themselves.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class MalformedAnswer(Exception):
    """The function's answer is none that API Gateway accepts; it answers the client 500."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as received: ``target`` is still percent-encoded, header names may be of any case and repeat."""

    method: str
    target: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    request_id: str
    trace_id: str
    source_ip: str = "127.0.0.1"
    port: int = 8080
    protocol: str = "HTTP/1.1"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; names are in lower case, ``content-length`` is left to whoever frames it."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def event(request: Request, now: float | None = None) -> dict[str, Any]:
    """The event that a function gets for the request, at ``now`` in seconds since the epoch (default: the present).

    Optional members that do not apply (``cookies``, ``queryStringParameters``, ``body``) are absent, as on AWS.
    """
    at = time.time() if now is None else now
    headers = _joined((name, value) for name, value in request.headers if name.lower() not in _HOP_BY_HOP)
    cookies = [crumb.strip() for crumb in headers.pop("cookie", "").split(";") if crumb.strip()]
    forwarded_for = headers.get("x-forwarded-for")
    headers |= {
        "x-amzn-trace-id": request.trace_id,
        "x-forwarded-for": f"{forwarded_for}, {request.source_ip}" if forwarded_for else request.source_ip,
        "x-forwarded-port": str(request.port),
        "x-forwarded-proto": "http",
    }
    if request.body or "content-length" in headers:
        headers["content-length"] = str(len(request.body))
    path = unquote(request.target)
    domain = urlsplit(f"//{headers.get('host', '')}").hostname or "localhost"
    result: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.split(".", maxsplit=1)[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at)),
            "timeEpoch": int(at * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        result["cookies"] = cookies
    if request.query:
        result["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True), lower=False)
    if request.body:
        text = _as_text(request.body, headers.get("content-type", ""))
        result["isBase64Encoded"] = text is None
        result["body"] = base64.b64encode(request.body).decode() if text is None else text
    return result


def _joined(pairs: Iterable[tuple[str, str]], *, lower: bool = True) -> dict[str, str]:
    """Pairs as a mapping, the values of a name that repeats joined with commas; cookies keep their own separator."""
    result: dict[str, str] = {}
    for raw, value in pairs:
        name = raw.lower() if lower else raw
        separator = "; " if lower and name == "cookie" else ","
        result[name] = f"{result[name]}{separator}{value}" if name in result else value
    return result


def _as_text(body: bytes, content_type: str) -> str | None:
    media_type = content_type.split(";", maxsplit=1)[0].strip().lower()
    if not (media_type.startswith("text/") or media_type in _TEXT):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def response(answer: object) -> Response:
    """What the client gets for a function's answer.

    An answer without ``statusCode`` is the body of a 200 in JSON, as format 2.0 infers it. Raises MalformedAnswer where
    API Gateway would refuse it.
    """
    if not isinstance(answer, Mapping) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(200, [("content-type", "application/json")], body.encode())
    headers = [header for header in _headers(answer) if header[0] not in _HOP_BY_HOP | {"content-length", "date"}]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return Response(_status(answer["statusCode"]), headers, _body(answer))


def failure(status: int) -> Response:
    """API Gateway's own answer: 500 for a function that failed, 503 for one that was too slow, 413 for a large body."""
    return Response(status, [("content-type", "application/json")], json.dumps({"message": _FAILURES[status]}).encode())


def _status(value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
        raise MalformedAnswer(f"statusCode: {value!r}")
    return value


def _headers(answer: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    single = _mapping(answer, "headers")
    multiple = _mapping(answer, "multiValueHeaders")
    cookies = answer.get("cookies") or []
    if not isinstance(cookies, list) or not all(isinstance(values, list) for values in multiple.values()):
        raise MalformedAnswer("cookies and the values of multiValueHeaders are lists")
    repeated = {name.lower() for name in multiple}
    yield from (_header(name, value) for name, value in single.items() if name.lower() not in repeated)
    yield from (_header(name, value) for name, values in multiple.items() for value in values)
    yield from (_header("set-cookie", cookie) for cookie in cookies)


def _mapping(answer: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    value = answer.get(member)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedAnswer(f"{member} is not an object")
    return value


def _header(name: str, value: object) -> tuple[str, str]:
    text = value if isinstance(value, str) else json.dumps(value)
    if not isinstance(value, str | int | float) or not _TOKEN.fullmatch(name) or not _FIELD_VALUE.fullmatch(text):
        raise MalformedAnswer(f"header {name!r}")
    return name.lower(), text


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswer("body is not a string")
    if not answer.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise MalformedAnswer("body is not base64") from error
