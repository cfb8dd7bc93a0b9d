"""CreateInstance in each form of gRPC, through the handler (spec 2.7)."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
from google.protobuf import json_format

from handlers import grpc, operation
from handlers.api import handler
from harness.api import MACHINE, Api, Context, event
from harness.emulated_aws import all_items, all_secrets
from wire.frames import frame, to_text
from wire.generated.foundry.rpc.status_pb2 import Status
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest, CreateInstanceResponse

MESSAGE = json_format.ParseDict(MACHINE, CreateInstanceRequest()).SerializeToString()
NAMELESS = CreateInstanceRequest().SerializeToString()
FORMS = {
    f"application/grpc{form}{codec}": f"application/grpc{form}{codec}"
    for form in ("", "-web", "-web-text")
    for codec in ("", "+proto", "+json")
} | {
    "Application/gRPC-Web+Proto; charset=utf-8": "application/grpc-web+proto",
    "application/grpc-web-text ;x=y": "application/grpc-web-text",
}


@dataclass(frozen=True)
class Answer:
    """A call's end: the status wherever it was sent, the message if there was one, and where the headers ended."""

    http: int
    headers: Mapping[str, str]
    trailers: Mapping[str, str]
    payload: bytes | None

    @property
    def code(self) -> int:
        return int({**self.headers, **self.trailers}["grpc-status"])

    @property
    def text(self) -> str:
        return {**self.headers, **self.trailers}.get("grpc-message", "")

    @property
    def details(self) -> Status:
        text = {**self.headers, **self.trailers}["grpc-status-details-bin"]
        return Status.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))


def call(
    api: Api,
    body: bytes = b"",
    content_type: str = "application/grpc-web+proto",
    *,
    path: str = grpc.PATH,
    method: str = "POST",
    context: Context | None = None,
    **headers: str,
) -> Answer:
    """Call with a valid token and the body as it is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"authorization": f"Bearer {api.caller.token()}", "content-type": content_type, **named}
    encoded = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    response = handler(event("", sent, method, path) | encoded, context or Context())
    assert response["isBase64Encoded"] is True
    return parsed(response)


def parsed(response: Mapping[str, Any]) -> Answer:
    """Take the frames apart, not with our own decoder."""
    rest = base64.b64decode(response["body"], validate=True)
    if "-web-text" in response["headers"]["content-type"]:
        rest = base64.b64decode(rest, validate=True)
    payload, trailers = None, {}
    while rest:
        flag, end = rest[0], 5 + int.from_bytes(rest[1:5], "big")
        part, rest = rest[5:end], rest[end:]
        if flag == 0x80:
            assert not rest, "trailers come last"
            trailers = dict(line.split(": ", 1) for line in part.decode("ascii").split("\r\n") if line)
        else:
            assert (flag, payload) == (0, None)
            payload = part
    return Answer(response["statusCode"], response["headers"], trailers, payload)


def sent(content_type: str, message: bytes) -> bytes:
    if "+json" in content_type:
        message = json_format.MessageToJson(CreateInstanceRequest.FromString(message)).encode()
    framed = frame(message)
    return to_text(framed) if "-text" in content_type else framed


@pytest.mark.parametrize(("content_type", "answered"), FORMS.items())
def test_an_instance_is_created_in_every_form(shared_api: Api, content_type: str, answered: str) -> None:
    answer = call(shared_api, sent(content_type, MESSAGE), content_type)
    assert (answer.http, answer.code, answer.headers["content-type"]) == (200, 0, answered)
    assert answer.payload is not None
    if "+json" in answered:
        response = json.loads(answer.payload)
        assert response.keys() == {"instanceId", "details", "pat", "machineKey"}
    else:
        message = CreateInstanceResponse.FromString(answer.payload)
        assert message.instance_id
        assert message.pat
        assert json.loads(message.machine_key)["type"] == "serviceaccount"
    assert answer.headers["x-credential-secret"].startswith("arn:")
    assert answer.headers["cache-control"] == "no-store"
    # Only gRPC-Web has trailers of its own; the edge takes gRPC's from the headers.
    assert ("grpc-status" in answer.headers) == (answered.partition("+")[0] == "application/grpc")
    assert ("grpc-status" in answer.trailers) == ("-web" in answered)


@pytest.mark.parametrize(("content_type", "answered"), FORMS.items())
def test_a_refusal_is_a_status_in_the_headers_and_nothing_else(
    shared_api: Api, content_type: str, answered: str
) -> None:
    answer = call(shared_api, sent(content_type, NAMELESS), content_type)
    assert (answer.http, answer.code, answer.headers["content-type"]) == (200, 3, answered)
    assert answer.text.startswith("invalid CreateInstanceRequest.InstanceName: value length")
    assert (answer.payload, answer.trailers) == (None, {})
    assert "grpc-status-details-bin" not in answer.headers


def test_zitadels_error_detail_is_in_the_status(shared_api: Api) -> None:
    answer = call(shared_api, frame(MESSAGE), authorization="Bearer x", accept_language="de")
    assert (answer.code, answer.text) == (16, "Errors.Token.Invalid (AUTH-7fs1e)")
    status = answer.details
    assert (status.code, status.message) == (16, "Errors.Token.Invalid (AUTH-7fs1e)")
    (detail,) = status.details
    assert detail.type_url == "type.googleapis.com/zitadel.v1.ErrorDetail"
    assert detail.value == b"\n\nAUTH-7fs1e\x12\x14Errors.Token.Invalid"


def test_a_message_in_another_language_is_percent_encoded(shared_api: Api) -> None:
    blank = CreateInstanceRequest(instance_name="-", machine={"user_name": "u", "name": "n"}).SerializeToString()
    answer = call(shared_api, frame(blank), accept_language="de")
    assert answer.code == 3
    assert "%C3%" in answer.text
    assert answer.text.isascii()


def test_text_is_answered_to_whoever_accepts_text(shared_api: Api) -> None:
    answer = call(shared_api, frame(MESSAGE), accept="application/grpc-web-text")
    assert (answer.headers["content-type"], answer.code) == ("application/grpc-web-text+proto", 0)


def test_a_compressed_message_is_read(shared_api: Api) -> None:
    packed = gzip.compress(MESSAGE)
    body = b"\x01" + len(packed).to_bytes(4, "big") + packed
    assert call(shared_api, body, "application/grpc", grpc_encoding="gzip").code == 0
    refused = call(shared_api, body, grpc_encoding="br")
    assert (refused.code, refused.headers["grpc-accept-encoding"]) == (12, "identity,gzip")


@pytest.mark.parametrize(
    ("body", "code"),
    {
        "nothing": (b"", 12),
        "half a header": (b"\0\0", 13),
        "half a message": (b"\0\0\0\0\x09x", 13),
        "two messages": (frame(MESSAGE) * 2, 12),
        "unknown flags": (b"\x02" + frame(MESSAGE)[1:], 13),
        "compressed by nothing": (b"\x01" + frame(MESSAGE)[1:], 13),
        "no protobuf": (frame(b"\xff\xff\xff"), 13),
        "a string that is no UTF-8": (frame(b"\x0a\x01\xff"), 13),
        "JSON": (b'{"instanceName":"Acme"}', 13),
        "too long a message": (b"\0\x00\x10\x00\x01" + bytes(1_048_577), 8),
        "too long a body": (b"\x80\0\0\0\0" * 220_000 + frame(MESSAGE), 8),
        "four gigabytes, it says": (b"\0\xff\xff\xff\xff", 8),
    }.values(),
)
@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc-web", "application/grpc-web-text"])
def test_a_malformed_call_gets_a_status_before_anybody_asks_who_calls(
    shared_api: Api, body: bytes, code: int, content_type: str
) -> None:
    body = to_text(body) if "text" in content_type else body
    answer = call(shared_api, body, content_type, authorization="")
    assert (answer.http, answer.code, answer.payload) == (200, code, None)
    assert answer.text
    assert "grpc-status-details-bin" not in answer.headers, "the caller's fault has no request id"


def test_text_that_is_not_base64_is_malformed(shared_api: Api) -> None:
    assert call(shared_api, b"not base64!", "application/grpc-web-text").code == 13


def test_json_that_is_no_message_is_malformed(shared_api: Api) -> None:
    answer = call(shared_api, frame(b'{"machine":[]}'), "application/grpc-web+json")
    assert (answer.code, answer.text.startswith("grpc: error unmarshalling request: ")) == (13, True)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/zitadel.system.v1.SystemService/ListInstances", "unknown method ListInstances for service zitadel.system.v1.SystemService"),
        ("/zitadel.admin.v1.AdminService/Healthz", "unknown service zitadel.admin.v1.AdminService"),
        ("/system/v1/instances/_create", "unknown service system/v1/instances"),
        ("/", "unknown service "),
        ("/" + "x" * 5000 + "/y", "unknown service " + "x" * 100),
    ],
)  # fmt: skip
def test_other_methods_are_unimplemented(shared_api: Api, path: str, text: str) -> None:
    answer = call(shared_api, frame(MESSAGE), path=path)
    assert (answer.http, answer.code, answer.text) == (200, 12, text)


def test_other_codecs_are_unimplemented(shared_api: Api) -> None:
    answer = call(shared_api, frame(MESSAGE), "application/grpc-web+thrift")
    assert (answer.code, answer.headers["content-type"]) == (12, "application/grpc-web+thrift")


def test_a_call_is_a_post(shared_api: Api) -> None:
    assert call(shared_api, frame(MESSAGE), method="PUT").code == 13


def test_a_type_that_only_begins_like_grpc_is_not_grpc(shared_api: Api) -> None:
    answer = shared_api.call(event("", {"content-type": "application/grpcx"}, path=grpc.PATH))
    assert (answer.status, answer.json) == (404, {"code": 5, "message": "Not Found"})


def test_metadata_acts_as_the_headers_do(shared_api: Api) -> None:
    metadata = {"idempotency_key": "key", "x_credential_delivery": "reference"}
    first = call(shared_api, frame(MESSAGE), "application/grpc", **metadata)
    second = call(shared_api, frame(MESSAGE), **metadata)
    assert first.payload == second.payload
    assert first.payload is not None
    assert not CreateInstanceResponse.FromString(first.payload).pat
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["x-credential-secret"] == first.headers["x-credential-secret"]
    over_json = shared_api.create(MACHINE, idempotency_key="key")
    assert over_json.headers["idempotent-replayed"] == "true"
    assert "pat" in over_json.json


@pytest.mark.parametrize("timeout", ["0S", "1n", "1m"])
def test_nothing_is_created_after_the_callers_deadline(shared_api: Api, timeout: str) -> None:
    items, secrets = all_items(), all_secrets()
    answer = call(shared_api, frame(MESSAGE), grpc_timeout=timeout)
    assert (answer.code, answer.text) == (4, "Errors.DeadlineExceeded (PLATF-l4te1)")
    assert (all_items(), all_secrets()) == (items, secrets)


def test_a_deadline_that_is_far_enough_changes_nothing(shared_api: Api) -> None:
    assert call(shared_api, frame(MESSAGE), grpc_timeout="99999999H").code == 0
    assert call(shared_api, frame(MESSAGE), grpc_timeout="5S").code == 0


def test_lambdas_deadline_counts_as_well(shared_api: Api) -> None:
    answer = call(shared_api, frame(MESSAGE), context=Context(remaining_milliseconds=5_000), grpc_timeout="20S")
    assert (answer.code, answer.headers["retry-after"]) == (14, "1")


def test_a_malformed_deadline_is_told(shared_api: Api) -> None:
    assert (answer := call(shared_api, frame(MESSAGE), grpc_timeout="5")).code == 13
    assert answer.text == "malformed grpc-timeout"


def test_json_callers_may_set_a_deadline_as_with_grpc_gateway(shared_api: Api) -> None:
    late = shared_api.create(MACHINE, grpc_timeout="0m")
    assert (late.status, late.json["code"], late.error_id) == (504, 4, "PLATF-l4te1")
    malformed = shared_api.create(MACHINE, grpc_timeout="soon")
    assert (malformed.status, malformed.json) == (400, {"code": 3, "message": "malformed grpc-timeout"})


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc-web", "application/grpc-web-text"])
def test_an_unexpected_failure_shows_nothing_of_the_inside(shared_api: Api, content_type: str) -> None:
    context = Context()
    with patch.object(operation, "create", side_effect=KeyError("a secret")):
        answer = call(shared_api, sent(content_type, MESSAGE), content_type, context=context)
    assert (answer.http, answer.code, answer.text) == (200, 13, "Errors.Internal (PLATF-1ntrn)")
    assert context.aws_request_id.encode() in answer.details.details[1].value
    assert b"a secret" not in answer.details.SerializeToString()
