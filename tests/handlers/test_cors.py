"""What a page of another origin may do (spec 2.4, 2.7)."""

from __future__ import annotations

import pytest

from handlers import grpc
from harness.api import PATH, Api, event

ORIGIN = "https://console.example:8443"
ASKING = {"origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "x-grpc-web"}


def listed(value: str) -> set[str]:
    return set(value.lower().split(", "))


@pytest.mark.parametrize("path", [PATH, grpc.PATH, "/unknown"])
def test_any_origin_may_send_what_clients_send(shared_api: Api, path: str) -> None:
    answer = shared_api.call(event("", ASKING, "OPTIONS", path))
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["vary"] == "Origin"
    assert listed(answer.headers["access-control-allow-methods"]) == {
        "options", "get", "head", "post", "put", "patch", "delete",
    }  # fmt: skip
    assert listed(answer.headers["access-control-allow-headers"]) == {
        "origin", "content-type", "accept", "accept-language", "authorization", "x-zitadel-orgid", "x-user-agent",
        "x-grpc-web", "x-requested-with", "connect-protocol-version", "connect-timeout-ms", "grpc-timeout",
        "idempotency-key", "x-credential-delivery", "x-validate-only",
    }  # fmt: skip


@pytest.mark.parametrize("missing", ["origin", "access-control-request-method"])
def test_options_that_no_browser_sends_is_a_method_like_others(shared_api: Api, missing: str) -> None:
    headers = {name: value for name, value in ASKING.items() if name != missing}
    assert shared_api.call(event("", headers, "OPTIONS")).status == 405


@pytest.mark.parametrize("content_type", ["application/json", "application/grpc-web+proto"])
def test_a_page_may_read_answers_and_their_headers(shared_api: Api, content_type: str) -> None:
    refused = shared_api.call(event("", {"origin": ORIGIN, "content-type": content_type}))
    created = shared_api.create({"instanceName": "Acme", "machine": {"userName": "u", "name": "n"}}, origin=ORIGIN)
    assert created.status == 200
    for answer in (refused, created):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert listed(answer.headers["access-control-expose-headers"]) == {
            "location", "content-length", "grpc-status", "grpc-message", "grpc-status-details-bin",
            "idempotent-replayed", "x-credential-secret", "retry-after", "x-validate-only",
        }  # fmt: skip


def test_without_an_origin_nothing_is_said_about_one(shared_api: Api) -> None:
    headers = shared_api.call(event("")).headers
    assert not [name for name in headers if name.startswith("access-control-")]
    assert headers["vary"] == "Origin"
