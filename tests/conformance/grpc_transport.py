"""The three forms of gRPC, each as its clients send it and the function gets it (spec 2.7)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from google.protobuf import json_format

from conformance.callers import Callers
from conformance.table import Call, Created, Refused, Replayed
from conformance.transport import Answer, circumstances
from handlers.api import handler
from harness.api import Context, event
from wire.generated.foundry.rpc.status_pb2 import Status
from wire.generated.zitadel.message_pb2 import ErrorDetail
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest, CreateInstanceResponse

GRPC = "application/grpc"
WEB = "application/grpc-web+proto"
WEB_TEXT = "application/grpc-web-text"

PATH = "/zitadel.system.v1.SystemService/CreateInstance"


@dataclass(frozen=True)
class GrpcTransport:
    """Calls in the form of one content type. Frames are read here by other code than the service's own."""

    callers: Callers
    content_type: str

    def call(self, call: Call) -> Answer:
        message = json_format.ParseDict(call.request, CreateInstanceRequest()).SerializeToString()
        body = b"\0" + len(message).to_bytes(4, "big") + message
        if self.content_type == WEB_TEXT:
            body = base64.b64encode(body)
        with circumstances(call) as now:
            authorization = self.callers.authorization(call.authorization, now)
            headers = {
                **call.headers,
                "content-type": self.content_type,
                **({} if authorization is None else {"authorization": authorization}),
            }
            encoded = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
            response = handler(event("", headers, "POST", PATH) | encoded, Context())
        return self._answer(response)

    def problems(self, expected: Refused | Created | Replayed, answer: Answer) -> Iterator[str]:
        if answer.http != 200:
            yield f"the status is {answer.http} instead of 200"
        wanted = {"content-type": self.content_type, "cache-control": "no-store", "pragma": "no-cache"}
        for name, value in wanted.items():
            if answer.headers.get(name) != value:
                yield f"the header {name} is {answer.headers.get(name)!r} instead of {value!r}"
        messages = 0 if isinstance(expected, Refused) else 1
        if answer.body != messages:
            yield f"the body has {answer.body} messages instead of {messages}"

    def _answer(self, response: Mapping[str, Any]) -> Answer:
        frames = base64.b64decode(response["body"], validate=True)
        if self.content_type == WEB_TEXT:
            frames = base64.b64decode(frames, validate=True)
        messages, trailers = _taken_apart(frames)
        headers = {name.lower(): value for name, value in response["headers"].items()}
        outcome = {**headers, **trailers}
        return Answer(
            code=int(outcome["grpc-status"]),
            message=unquote(outcome.get("grpc-message", ""), errors="strict"),
            details=_details(outcome),
            response=json.loads(json_format.MessageToJson(CreateInstanceResponse.FromString(messages[0])))
            if messages
            else {},
            headers=headers,
            http=response["statusCode"],
            body=len(messages),
        )


def _taken_apart(frames: bytes) -> tuple[list[bytes], dict[str, str]]:
    messages, trailers = [], {}
    while frames:
        flags, end = frames[0], 5 + int.from_bytes(frames[1:5], "big")
        part, frames = frames[5:end], frames[end:]
        if flags == 0x80:
            trailers |= dict(line.split(": ", 1) for line in part.decode("ascii").split("\r\n") if line)
        else:
            messages.append(part)
    return messages, trailers


def _details(outcome: Mapping[str, str]) -> list[dict[str, str]]:
    """The details of the status, ErrorDetail being the only one that a row knows."""
    if "grpc-status-details-bin" not in outcome:
        return []
    text = outcome["grpc-status-details-bin"]
    status = Status.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))
    assert status.code == int(outcome["grpc-status"])
    details = [(any_.type_url, ErrorDetail.FromString(any_.value)) for any_ in status.details]
    return [{"@type": url, "id": detail.id, "message": detail.message} for url, detail in details]
