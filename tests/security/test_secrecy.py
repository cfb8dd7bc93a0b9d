"""Secrets are in Secrets Manager and in the answer, and nowhere else: not in records, logs, metrics or errors."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError, ParamValidationError, ReadTimeoutError

from domain.secret import Secret
from harness.api import MACHINE, Api, event
from harness.emulated_aws import FINGERPRINT_KEY, PASSWORDS_PREFIX, all_items, all_secrets
from harness.orchestration import Failed, invoke

PASSWORD = "Canary-Passw0rd-7f3a"
HUMAN = {
    "instanceName": "Acme",
    "human": {
        "email": {"email": "a@b.example"},
        "profile": {"firstName": "A", "lastName": "B"},
        "password": {"password": PASSWORD},
    },
}


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """AWS operations that raise, by name."""
    faults: dict[str, Exception] = {}
    call = botocore.client.BaseClient._make_api_call

    def make_api_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation in faults:
            raise faults[operation]
        return call(client, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", make_api_call)
    return faults


def secrets_of(answer: dict[str, Any]) -> list[str]:
    """What must not be seen of an answer: the PAT, and the private key whole, as a file and in its middle."""
    if "machineKey" not in answer:
        return []
    key_file = base64.b64decode(answer["machineKey"]).decode()
    private_key = json.loads(key_file)["key"]
    return [answer["pat"], key_file, private_key, private_key.splitlines()[5], answer["machineKey"][200:260]]


def test_secrets_are_found_nowhere_else(
    api: Api, failing: dict[str, Exception], capfd: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    token = api.caller.token()
    answers = [
        api.create(MACHINE, idempotency_key="a key"),
        api.create(MACHINE, idempotency_key="a key"),
        api.create({**MACHINE, "customDomain": "a.b"}, idempotency_key="a key"),
        api.create(MACHINE, x_credential_delivery="reference"),
        api.create(HUMAN),
        api.create({**HUMAN, "customDomain": "a b"}),
        api.create({"instanceName": "A", "human": {**HUMAN["human"], "password": {"password": PASSWORD * 20}}}),
        api.create({"instanceName": "A", "human": {**HUMAN["human"], "password": {"password": PASSWORD.lower()}}}),
        api.create({"instanceName": "A", "human": {"password": {"password": PASSWORD}}}),
        api.create(json.dumps(HUMAN).replace(f'"{PASSWORD}"', f'"{PASSWORD}", "password": 1')),
        api.create(json.dumps(HUMAN)[:-3] + PASSWORD),
        api.create({"instanceName": "A", "human": {"password": PASSWORD}}),
        api.create({"instanceName": {"password": PASSWORD}}),
        api.create(HUMAN, x_validate_only="true"),
        api.create(json.loads(json.dumps(HUMAN).replace("7f3a", "7f3a" * 50)), x_validate_only="true"),
        api.create(MACHINE, x_validate_only="true", idempotency_key="a key"),
        api.call(event(HUMAN, {"authorization": f"Bearer {token}x"})),
        api.call(event(HUMAN, {"authorization": f"Basic {token}"})),
    ]
    throttled = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "Operation")  # type: ignore[typeddict-item]
    for operation in ("TransactWriteItems", "CreateSecret"):
        for fault in (
            throttled,
            ReadTimeoutError(endpoint_url="u"),
            ParamValidationError(report="wrong"),
            RuntimeError("unexpected"),
        ):
            failing[operation] = fault
            answers.append(api.create(MACHINE, idempotency_key=f"{operation} {fault!r}"[:100]))
            answers.append(api.create(HUMAN))
        failing.clear()

    assert {answer.status for answer in answers} == {200, 400, 401, 429, 500, 503}
    shown = [text for answer in answers if answer.status == 200 for text in secrets_of(answer.json)]
    assert len(set(shown)) == 5, "one answer with credentials, given twice"
    canaries = [PASSWORD, PASSWORD.lower(), token.rsplit(".", 1)[1], FINGERPRINT_KEY, *shown]

    written = capfd.readouterr()
    places = {
        "log": log.getvalue() + written.out + written.err,
        "records": json.dumps(all_items(), default=repr, ensure_ascii=False),
        "errors": "".join(answer.text for answer in answers if answer.status != 200),
        "headers": json.dumps([dict(answer.headers) for answer in answers]),
    }
    assert '"level":"ERROR"' in places["log"], "the run must have logged failures, or this proves nothing"
    assert "unexpected" in places["log"]
    found = [(place, canary[:12]) for place, text in places.items() for canary in canaries if canary in text]
    assert found == []
    kept = "".join(all_secrets().values())
    assert shown[0] in kept, "the PAT is kept where it belongs"


def test_a_workflow_sees_no_secret(
    aws: None, failing: dict[str, Exception], capfd: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    """What a task is given and gives back is kept in the execution's history, and what it logs by CloudWatch."""
    place = f"/{PASSWORDS_PREFIX}/canary"
    boto3.client("ssm").put_parameter(Name=place, Value=PASSWORD, Type="SecureString")
    named = {"instanceName": "Acme", "human": {name: HUMAN["human"][name] for name in ("email", "profile")}}
    given = [
        {"request": named, "passwordFrom": place, "idempotencyKey": "key"},
        {"request": named, "passwordFrom": place, "idempotencyKey": "key"},
        {"request": {**named, "instanceName": "a_b"}, "passwordFrom": place},
        {"request": MACHINE},
        {"request": MACHINE, "passwordFrom": place},
        {"request": named, "passwordFrom": place, "validateOnly": True},
        {"request": MACHINE, "idempotencyKey": "machine", "credentialDelivery": "reference"},
        {"request": MACHINE, "idempotencyKey": "machine", "credentialDelivery": "inline", "validateOnly": True},
    ]
    plain = [
        {"request": HUMAN},
        {"request": json.loads(json.dumps(HUMAN).replace("7f3a", "7f3a" * 50))},
        {"request": {"instanceName": {"x": PASSWORD}}},
        {"request": PASSWORD},
        {"request": {}, "passwordFrom": {"secret": PASSWORD}},
    ]
    outcomes = [invoke(event) for event in (*given, *plain)]
    boto3.client("ssm").put_parameter(Name=place, Value=PASSWORD.lower(), Type="SecureString", Overwrite=True)
    outcomes.append(invoke(given[0] | {"idempotencyKey": "another"}))
    for fault in (RuntimeError("unexpected"), ReadTimeoutError(endpoint_url="u")):
        failing["TransactWriteItems"] = fault
        outcomes += [invoke(event) for event in given[2:4]]
        outcomes.append(invoke({"request": named, "passwordFrom": place, "idempotencyKey": repr(fault)}))
    failing.clear()
    boto3.client("ssm").put_parameter(Name=place, Value=PASSWORD, Type="SecureString", Overwrite=True)
    failing["GetParameter"] = RuntimeError("unexpected")
    outcomes.append(invoke(given[0]))
    failing.clear()

    errors = {outcome.error for outcome in outcomes if isinstance(outcome, Failed)}
    assert errors == {"InvalidArgument", "Unavailable", "Internal"}
    kept = [json.loads(text) for text in all_secrets().values()]
    assert kept
    keys = [json.loads(secret["machineKey"])["key"] for secret in kept]
    canaries = [PASSWORD, PASSWORD.lower(), *(secret["pat"] for secret in kept), *(key.splitlines()[5] for key in keys)]
    written = capfd.readouterr()
    places = {
        "history": json.dumps(given) + repr(outcomes),
        "log": log.getvalue() + written.out + written.err,
        "records": json.dumps(all_items(), default=repr),
    }
    assert "unexpected" in places["log"], "the run must have logged failures, or this proves nothing"
    assert [(where, canary[:12]) for where, text in places.items() for canary in canaries if canary in text] == []


def test_an_unexpected_failure_tells_nothing_but_where_to_look(
    api: Api, failing: dict[str, Exception], log: io.StringIO
) -> None:
    failing["TransactWriteItems"] = RuntimeError("the inside")
    answer = api.create(MACHINE, accept_language="en")
    assert answer.status == 500
    assert answer.json["code"] == 13
    assert "inside" not in answer.text
    request_id = answer.json["details"][1]["requestId"]
    logged = log.getvalue()
    assert request_id in logged
    assert "the inside" in logged


def test_a_secret_does_not_show_in_a_message() -> None:
    assert f"{Secret('x')} {Secret('x')!r} {[Secret('x')]}" == "*** *** [***]"
