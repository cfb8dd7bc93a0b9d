"""docs/openapi.json against the real handler: what it promises of every answer, for requests made from it and against it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from fuzz.service import Call, checking_service

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
PATH = "/system/v1/instances/_create"
PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
"""Not that what fits the schema is accepted, nor that what does not is refused: the rules between fields are more than a
schema says, and unknown fields and null are accepted as ZITADEL does."""


def served_by(call: Call) -> Any:
    """A WSGI application in front of the handler."""

    def application(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            start_response("200 OK", [("content-type", "application/json")])
            return [DOCUMENT.read_bytes()]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        headers.pop("authorization", None)
        response = call(body, headers)
        status = HTTPStatus(response["statusCode"])
        start_response(f"{status.value} {status.phrase}", list(response["headers"].items()))
        return [response["body"].encode()]

    return application


def check_document(seed: int, examples: int) -> int:
    """Try so many requests of each kind; how many there were. Raises what schemathesis finds."""
    tried = 0
    with checking_service() as call:
        schema = schemathesis.openapi.from_wsgi("/openapi.json", served_by(call))
        for mode in GenerationMode:

            @hypothesis.seed(seed)
            @hypothesis.settings(
                max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
            )
            @hypothesis.given(schema[PATH]["POST"].as_strategy(generation_mode=mode))
            def one(case: schemathesis.Case) -> None:
                nonlocal tried
                tried += 1
                case.call_and_validate(checks=PROMISES)

            one()
    return tried


if __name__ == "__main__":
    print(check_document(seed=int(sys.argv[1]), examples=int(sys.argv[2])))
