"""The API's Lambda function, called in this process with the events that API Gateway makes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format

from fakes import requests
from handlers.api import handler
from harness.emulated_aws import AUDIENCE
from local import token
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest

PATH = "/system/v1/instances/_create"

MACHINE: Mapping[str, Any] = json_format.MessageToDict(json_format.ParseDict(requests.MACHINE, CreateInstanceRequest()))
"""A request for an instance with both credentials, as JSON."""


@dataclass
class Context:
    """What Lambda tells a function about its invocation."""

    remaining_milliseconds: int = 25_000
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_name: str = "api"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:api"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is ended."""
        return self.remaining_milliseconds


@dataclass(frozen=True)
class Answer:
    """An HTTP response; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.text)

    @property
    def error_id(self) -> str | None:
        """ZITADEL's error id, where the body has one."""
        details = self.json.get("details", [])
        return next((detail["id"] for detail in details if detail["@type"].endswith("ErrorDetail")), None)


@dataclass(frozen=True)
class SystemUser:
    """A caller that the deployment knows."""

    id: str
    private_key: str
    configuration: str

    @classmethod
    def make(cls, user_id: str = "tester") -> SystemUser:
        """A user with a fresh key and every system permission."""
        private_key, public_key = token.make_key_pair()
        return cls(user_id, private_key, token.configuration_entry(user_id, public_key))

    def token(self, audience: str = AUDIENCE) -> str:
        """A token that is valid now."""
        return token.sign(self.id, self.private_key, audience)


def event(
    body: Any = "", headers: Mapping[str, str] | None = None, method: str = "POST", path: str = PATH
) -> dict[str, Any]:
    """An API Gateway event, payload 2.0; a body that is no string is sent as JSON."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers or {}),
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
            "requestId": "id",
            "stage": "$default",
        },
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }


@dataclass(frozen=True)
class Api:
    """The function with a caller who may create instances."""

    caller: SystemUser

    def create(self, body: Any, *, context: Context | None = None, **headers: str) -> Answer:
        """Call with a valid token; header names with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call(event(body, {"authorization": f"Bearer {self.caller.token()}", **named}), context)

    def call(self, api_event: Mapping[str, Any], context: Context | None = None) -> Answer:
        """Call with an event as it is."""
        response = handler(dict(api_event), context or Context())
        headers = {name.lower(): value for name, value in response["headers"].items()}
        return Answer(response["statusCode"], headers, response["body"])
