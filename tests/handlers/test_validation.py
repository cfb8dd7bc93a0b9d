"""Validate only, as callers of each transport meet it (docs/validation.md)."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from google.protobuf import json_format

from bench import bill
from bootstrap import application, clients
from handlers import grpc
from harness.api import MACHINE, Api, event
from harness.emulated_aws import PASSWORDS_PREFIX, all_items, all_secrets
from harness.orchestration import invoke
from wire.frames import frame
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest

EVENTS = Path(__file__).parents[2] / "events" / "orchestration"
CUSTOM = {**MACHINE, "customDomain": "login.acme.example"}
HUMAN = {
    "instanceName": "Acme",
    "human": {
        "email": {"email": "ada@acme.example"},
        "profile": {"firstName": "Ada", "lastName": "Lovelace"},
        "password": {"password": "Correct-Horse-7"},
    },
}
BROKEN = {"instanceName": "a_b", "customDomain": " ", "machine": {"name": "n"}, "defaultLanguage": "x" * 11}


def assessed(api: Api, body: Any, **headers: str) -> Any:
    """The assessment over HTTP, having checked that nothing was stored."""
    items, secrets = len(all_items()), len(all_secrets())
    answer = api.create(body, x_validate_only="true", **headers)
    assert (answer.status, answer.headers["x-validate-only"]) == (200, "true")
    assert (len(all_items()), len(all_secrets())) == (items, secrets)
    return answer.json


def test_a_request_that_would_succeed_is_valid_and_has_a_plan(api: Api) -> None:
    assert assessed(api, CUSTOM) == {
        "valid": True,
        "replayed": False,
        "violations": [],
        "domains": [
            {"domain": "acme-??????.foundry.example", "generated": True, "primary": False, "available": True},
            {"domain": "login.acme.example", "generated": False, "primary": True, "available": True},
        ],
        "plan": {
            "records": {
                "receipt": 1,
                "domain": 2,
                "instance": 1,
                "settings": 1,
                "organization": 1,
                "user": 1,
                "membership": 2,
                "project": 1,
                "claim": 4,
                "machine_key": 1,
                "access_token": 1,
                "event": 1,
            },
            "secrets": [{"holds": ["pat", "machineKey"]}],
            "awsCalls": 2,
        },
    }


@pytest.mark.parametrize("body", [CUSTOM, HUMAN, {"instanceName": "A", "machine": {"userName": "u", "name": "n"}}])
def test_the_plan_is_what_then_happens(api: Api, body: Any) -> None:
    plan = assessed(api, body)["plan"]
    application.foundry(), application.instances()
    with bill.metered(clients.dynamodb(), clients.secretsmanager(), clients.ssm()) as calls:
        assert api.create(body).status == 200
    assert plan["awsCalls"] == len(calls)
    assert plan["records"] == Counter(item["type"] for item in all_items())
    assert len(plan["secrets"]) == len(all_secrets())


def test_the_plan_of_a_workflow_counts_the_read_of_the_password(aws: None) -> None:
    place = f"/{PASSWORDS_PREFIX}/ada"
    boto3.client("ssm").put_parameter(Name=place, Value="Correct-Horse-7", Type="SecureString")
    request = {**HUMAN, "human": {name: HUMAN["human"][name] for name in ("email", "profile")}}  # type: ignore[index]
    task = {"request": request, "passwordFrom": place}
    plan = invoke({**task, "validateOnly": True})["plan"]
    with bill.metered(clients.dynamodb(), clients.secretsmanager(), clients.ssm()) as calls:
        assert "instanceId" in invoke({**task, "validateOnly": False})
    assert plan["awsCalls"] == len(calls) == 2


def test_everything_that_is_wrong_is_told_at_once(api: Api) -> None:
    document = assessed(api, BROKEN, accept_language="en")
    assert (document["valid"], document["plan"]) == (False, None)
    assert document["violations"] == [
        {
            "code": 3,
            "id": "",
            "message": "invalid CreateInstanceRequest.DefaultLanguage: value length must be at most 10 runes",
            "field": "defaultLanguage",
        },
        {
            "code": 3,
            "id": "COMMAND-bm9Ds",
            "message": "Userdata is invalid (COMMAND-bm9Ds)",
            "field": "machine.userName",
        },
        {
            "code": 3,
            "id": "INST-S3v3w",
            "message": "Errors.Instance.Domain.InvalidCharacter (INST-S3v3w)",
            "field": "instanceName",
        },
        {"code": 3, "id": "INST-28nlD", "message": "Errors.Invalid.Argument (INST-28nlD)", "field": "customDomain"},
    ]


def test_a_taken_domain_is_told(api: Api) -> None:
    assert api.create(CUSTOM).status == 200
    document = assessed(api, {**CUSTOM, "customDomain": "LOGIN.acme.example"})
    assert [(each["code"], each["id"]) for each in document["violations"]] == [(6, "V3-DKcYh")]
    assert [domain["available"] for domain in document["domains"]] == [True, False]


def test_a_repeat_would_be_answered_and_another_request_refused(api: Api) -> None:
    assert api.create(CUSTOM, idempotency_key="key").status == 200
    document = assessed(api, CUSTOM, idempotency_key="key")
    assert (document["valid"], document["replayed"], document["plan"]) == (True, True, None)
    other = assessed(api, MACHINE, idempotency_key="key")
    assert [each["id"] for each in other["violations"]] == ["IDEMP-r3use"]


def test_false_is_not_asked_for(api: Api) -> None:
    answer = api.create(MACHINE, x_validate_only="false")
    assert "instanceId" in answer.json
    assert "x-validate-only" not in answer.headers


@pytest.mark.parametrize("value", ["", "True", "1", "yes", "true,true"])
def test_what_cannot_be_understood_creates_nothing(api: Api, value: str) -> None:
    answer = api.create(MACHINE, x_validate_only=value)
    assert (answer.status, answer.error_id) == (400, "VALID-b00l1")
    assert all_items() == []


@pytest.mark.parametrize(
    ("headers", "status", "error_id"),
    [
        ({}, 401, None),
        ({"authorization": "Bearer a.b.c"}, 401, "AUTH-7fs1e"),
    ],
)
def test_who_may_not_create_may_not_ask(api: Api, headers: dict[str, str], status: int, error_id: str | None) -> None:
    for value in ("true", "wrong"):
        answer = api.call(event(CUSTOM, {**headers, "x-validate-only": value}))
        assert (answer.status, answer.error_id) == (status, error_id)


def test_what_is_no_request_is_refused_as_always(api: Api) -> None:
    assert api.create("{", x_validate_only="true").status == 400
    answer = api.create(MACHINE, x_validate_only="true", x_credential_delivery="mail")
    assert (answer.status, answer.error_id) == (400, "DELIV-m0de1")


def over_grpc(api: Api, body: Any) -> Any:
    message = json_format.ParseDict(body, CreateInstanceRequest())
    sent = {"content-type": "application/grpc+proto", "x-validate-only": "true"}
    call = event("", {"authorization": f"Bearer {api.caller.token()}", **sent}, path=grpc.PATH)
    body_text = base64.b64encode(frame(message.SerializeToString())).decode()
    return api.call({**call, "body": body_text, "isBase64Encoded": True})


def test_over_grpc_the_status_is_the_verdict(api: Api) -> None:
    valid = over_grpc(api, CUSTOM)
    assert valid.headers["grpc-status"] == "0"
    assert valid.headers["x-validate-only"] == "true"
    assert valid.text == "AAAAAAA=", "an empty message"
    broken = over_grpc(api, BROKEN)
    assert (broken.headers["grpc-status"], broken.text) == ("3", "")
    assert "DefaultLanguage" in broken.headers["grpc-message"]
    assert all_items() == []


def test_a_workflow_gets_the_same_document(api: Api) -> None:
    over_http = assessed(api, BROKEN, accept_language="en")
    assert invoke({"request": BROKEN, "validateOnly": True}) == over_http
    assert invoke({"request": CUSTOM, "validateOnly": True}) == assessed(api, CUSTOM)
    assert all_items() == []


def test_the_event_that_shows_it_has_two_things_wrong(aws: None) -> None:
    document = invoke(json.loads((EVENTS / "validate.json").read_text("utf-8")))
    assert [each["field"] for each in document["violations"]] == ["machine.userName", "customDomain"]


def test_a_password_in_the_clear_is_refused_in_a_workflow_that_only_asks(aws: None) -> None:
    assert invoke({"request": HUMAN, "validateOnly": True}).cause["id"] == "PASSW-pl41n"
