"""JSON over HTTP, as API Gateway hands it to the function (spec 2.1 to 2.4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.callers import Callers
from conformance.table import Call, Created, Refused, Replayed
from conformance.transport import Answer, circumstances
from harness.api import Api, event


@dataclass(frozen=True)
class JsonTransport:
    """Can make every call: JSON is what the specification is about."""

    api: Api
    callers: Callers

    def call(self, call: Call) -> Answer:
        with circumstances(call) as now:
            authorization = self.callers.authorization(call.authorization, now)
            headers = dict(call.headers) | ({} if authorization is None else {"authorization": authorization})
            answer = self.api.call(event("", headers, call.method, call.path) | _body(call.request))
        body = answer.json
        if answer.status == 200:
            return Answer(0, response=body, headers=answer.headers, http=answer.status, body=body)
        return Answer(
            code=body["code"],
            message=body["message"],
            details=body.get("details", ()),
            headers=answer.headers,
            http=answer.status,
            body=body,
        )

    def problems(self, expected: Refused | Created | Replayed, answer: Answer) -> Iterator[str]:
        status = expected.http if isinstance(expected, Refused) else 200
        if answer.http != status:
            yield f"the status is {answer.http} instead of {status}"
        for name, value in {
            "content-type": "application/json",
            "cache-control": "no-store",
            "pragma": "no-cache",
        }.items():
            if answer.headers.get(name) != value:
                yield f"the header {name} is {answer.headers.get(name)!r} instead of {value!r}"
        challenge = answer.message if status == 401 else None
        if answer.headers.get("www-authenticate") != challenge:
            yield f"the challenge is {answer.headers.get('www-authenticate')!r} instead of {challenge!r}"
        if status != 200 and list(answer.body) != ["code", "message", *(["details"] if answer.details else [])]:
            yield f"the body has {list(answer.body)}"


def _body(request: Any) -> dict[str, Any]:
    """The body as the event has it: text where it is text, else base64."""
    text = request if isinstance(request, bytes) else json.dumps(request, ensure_ascii=False).encode()
    try:
        return {"body": text.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(text).decode(), "isBase64Encoded": True}
