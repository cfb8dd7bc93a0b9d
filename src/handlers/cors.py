"""Cross-origin requests as ZITADEL allows them: from any origin, with credentials (spec 2.4, 2.7).

That is safe here because nothing in a browser authenticates by itself: a caller has to put a token into every request.
The lists are ZITADEL's, and after them our own headers.
"""

from __future__ import annotations

from dataclasses import replace

from handlers import response_headers
from handlers.operation import CREDENTIAL_DELIVERY, IDEMPOTENCY_KEY, VALIDATE_ONLY
from wire.http_event import Request, Response

METHODS = ("OPTIONS", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

REQUEST_HEADERS = (
    "origin",
    "content-type",
    "accept",
    "accept-language",
    "authorization",
    "x-zitadel-orgid",
    "x-user-agent",
    "x-grpc-web",
    "x-requested-with",
    "connect-protocol-version",
    "connect-timeout-ms",
    "grpc-timeout",
    IDEMPOTENCY_KEY,
    CREDENTIAL_DELIVERY,
    VALIDATE_ONLY,
)

EXPOSED_HEADERS = (
    "location",
    "content-length",
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    response_headers.REPLAYED,
    response_headers.CREDENTIAL_SECRET,
    response_headers.RETRY_AFTER,
    response_headers.VALIDATE_ONLY,
)

PREFLIGHT_SECONDS = 600


def preflight(request: Request) -> Response | None:
    """The answer to a browser that asks whether it may send a request; None where this is no such question.

    It may, whatever the path: else the page could not read that the path is unknown.
    """
    asked = {"origin", "access-control-request-method"} <= request.headers.keys()
    if request.method != "OPTIONS" or not asked:
        return None
    return Response(
        204,
        {
            "access-control-allow-methods": ", ".join(METHODS),
            "access-control-allow-headers": ", ".join(REQUEST_HEADERS),
            "access-control-max-age": str(PREFLIGHT_SECONDS),
        },
    )


def shared(request: Request, response: Response) -> Response:
    """The response, which a page of the request's origin may read; refusals too."""
    headers = {**response.headers, "vary": "Origin"}
    origin = request.headers.get("origin")
    if origin:
        headers |= {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": ", ".join(EXPOSED_HEADERS),
        }
    return replace(response, headers=headers)
