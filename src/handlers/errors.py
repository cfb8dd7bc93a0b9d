"""The error table: what each kind of refusal is over HTTP and in gRPC (spec 2.3), and how a refusal is worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Kind, Refused
from handlers.localization import translate

GRPC_NAMES: Mapping[int, str] = {
    3: "InvalidArgument",
    4: "DeadlineExceeded",
    5: "NotFound",
    6: "AlreadyExists",
    7: "PermissionDenied",
    8: "ResourceExhausted",
    9: "FailedPrecondition",
    12: "Unimplemented",
    13: "Internal",
    14: "Unavailable",
    16: "Unauthenticated",
}
"""The canonical names of the codes, as Go writes them."""


@dataclass(frozen=True, slots=True)
class Codes:
    """An HTTP status and a canonical gRPC code."""

    http: int
    grpc: int


TABLE: Mapping[Kind, Codes] = {
    Kind.INVALID_ARGUMENT: Codes(400, 3),
    Kind.MALFORMED: Codes(400, 13),  # as gRPC itself does; a fault of ours is INTERNAL
    Kind.FAILED_PRECONDITION: Codes(400, 9),
    Kind.UNAUTHENTICATED: Codes(401, 16),
    Kind.PERMISSION_DENIED: Codes(403, 7),
    Kind.NOT_FOUND: Codes(404, 5),
    Kind.METHOD_NOT_ALLOWED: Codes(405, 12),
    Kind.ALREADY_EXISTS: Codes(409, 6),
    Kind.TOO_LARGE: Codes(413, 8),
    Kind.RESOURCE_EXHAUSTED: Codes(429, 8),
    Kind.INTERNAL: Codes(500, 13),
    Kind.UNIMPLEMENTED: Codes(501, 12),
    Kind.UNAVAILABLE: Codes(503, 14),
    Kind.DEADLINE_EXCEEDED: Codes(504, 4),
}


@dataclass(frozen=True, slots=True)
class Status:
    """A refusal as every transport sends it: codes, the whole message, and ZITADEL's ErrorDetail where it has an id.

    ``request_id`` is set where only the log can tell more.
    """

    codes: Codes
    message: str
    detail: tuple[str, str] | None
    request_id: str | None
    retry_after: int | None

    def body(self) -> dict[str, Any]:
        """The status as ``google.rpc.Status`` in ProtoJSON."""
        details: list[dict[str, str]] = []
        if self.detail:
            error_id, text = self.detail
            details.append({"@type": "type.googleapis.com/zitadel.v1.ErrorDetail", "id": error_id, "message": text})
        if self.request_id:
            details.append({"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": self.request_id})
        body: dict[str, Any] = {"code": self.codes.grpc, "message": self.message}
        return {**body, "details": details} if details else body


def status_of(refusal: Refused, accept_language: str | None, request_id: str) -> Status:
    """How ``refusal`` is told to the caller, in one of the languages the caller accepts."""
    reason = refusal.reason
    text = translate(reason.key, accept_language) if reason.localizable else reason.key
    return Status(
        codes=TABLE[reason.kind],
        message=f"{text} ({reason.id})" if reason.id else text,
        detail=(reason.id, text) if reason.id else None,
        request_id=request_id if reason.kind is Kind.INTERNAL else None,
        retry_after=refusal.retry_after,
    )
