"""A gRPC call's metadata: its deadline (``grpc-timeout``) and its outcome (``grpc-status``, message, details).

From the gRPC over HTTP/2 protocol (PROTOCOL-HTTP2.md), which gRPC-Web shares (PROTOCOL-WEB.md). Metadata names are
lower case; values are printable ASCII, so they can go into HTTP headers and trailer frames alike.
"""

from __future__ import annotations

import re
from base64 import b64encode
from enum import IntEnum

from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message

from wire.generated.foundry.rpc.status_pb2 import RequestInfo, Status
from wire.generated.zitadel.message_pb2 import ErrorDetail

_TYPE_URL = "type.googleapis.com/"
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


class Code(IntEnum):
    """The codes that the transport gives by itself; a refusal brings its own."""

    OK = 0
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13


class MalformedCall(ValueError):
    """What arrived is not a unary gRPC call that can be served.

    ``code`` and ``text`` are what the caller gets to see; the text holds nothing of the message.
    """

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def trailers(
    code: int, text: str = "", *, detail: tuple[str, str] | None = None, request_id: str | None = None
) -> dict[str, str]:
    """The trailing metadata of a call that ended with ``code``.

    ``detail`` is the id and the message of a ``zitadel.v1.ErrorDetail``; ``request_id`` goes into a
    ``google.rpc.RequestInfo``. The details are there only if one of them is given; their base64 is not padded, as the
    protocol prefers.
    """
    metadata = {"grpc-status": str(int(code))}
    if text:
        metadata["grpc-message"] = percent_encoded(text)
    if detail or request_id:
        details = status_details(code, text, detail=detail, request_id=request_id)
        metadata["grpc-status-details-bin"] = b64encode(details).decode().rstrip("=")
    return metadata


def status_details(code: int, text: str, *, detail: tuple[str, str] | None, request_id: str | None) -> bytes:
    """A serialized ``google.rpc.Status``, its details as in :func:`trailers`."""
    status = Status(code=code, message=text)
    if detail:
        error_id, message = detail
        status.details.append(_any("zitadel.v1.ErrorDetail", ErrorDetail(id=error_id, message=message)))
    if request_id:
        status.details.append(_any("google.rpc.RequestInfo", RequestInfo(request_id=request_id)))
    return status.SerializeToString()


def _any(name: str, message: Message) -> Any:
    return Any(type_url=_TYPE_URL + name, value=message.SerializeToString())


def percent_encoded(text: str) -> str:
    """``text`` as the value of ``grpc-message``: UTF-8, in which ``%`` and all but printable ASCII are escaped."""
    return "".join(
        chr(byte) if 0x20 <= byte <= 0x7E and byte != 0x25 else f"%{byte:02X}" for byte in text.encode(errors="replace")
    )


def timeout_seconds(header: str | None) -> float | None:
    """The value of ``grpc-timeout`` in seconds; None if there is none.

    Raises MalformedCall unless it is one to eight digits and a unit (``H M S m u n``).
    """
    if header is None:
        return None
    match = _TIMEOUT.fullmatch(header)
    if not match:
        raise MalformedCall(Code.INTERNAL, "malformed grpc-timeout")
    return int(match[1]) * _SECONDS[match[2]]
