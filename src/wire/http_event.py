"""API Gateway's HTTP API event, payload format 2.0, as a request, and a response as what it wants back.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; header names are lower-case, repeated headers are joined with commas by API Gateway."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; a ``bytes`` body travels to API Gateway as base64 and arrives at the client as it is."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""


def request_of(event: Mapping[str, Any]) -> Request:
    """The request that an event describes."""
    http = event["requestContext"]["http"]
    text = event.get("body") or ""
    return Request(
        method=http["method"],
        path=event["rawPath"],
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        # Bytes that are no UTF-8 come base64-encoded; text that came as text is taken back to its bytes.
        body=base64.b64decode(text) if event.get("isBase64Encoded") else text.encode(errors="surrogatepass"),
    )


def event_of(response: Response) -> dict[str, Any]:
    """The response in the form that API Gateway sends on."""
    binary = isinstance(response.body, bytes)
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": base64.b64encode(response.body).decode() if isinstance(response.body, bytes) else response.body,
        "isBase64Encoded": binary,
    }
