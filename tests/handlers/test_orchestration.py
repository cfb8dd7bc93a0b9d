"""CreateInstance as a task of a state machine: the contract of docs/orchestration.md."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from bootstrap import clients
from handlers import task
from handlers.errors import GRPC_NAMES, TABLE
from handlers.orchestration import handler
from harness.api import MACHINE, Api, Context
from harness.emulated_aws import PASSWORDS_PREFIX, all_items, all_secrets
from harness.orchestration import Failed, invoke

EVENTS = Path(__file__).parents[2] / "events" / "orchestration"
PASSWORD = "Correct-Horse-7"
PLACE = f"/{PASSWORDS_PREFIX}/ada"
HUMAN = {
    "instanceName": "Acme",
    "human": {"email": {"email": "a@b.example"}, "profile": {"firstName": "A", "lastName": "B"}},
}


def event(name: str) -> Any:
    """The event in the file, with this deployment's prefix for passwords."""
    text = (EVENTS / f"{name}.json").read_text("utf-8")
    return json.loads(text.replace("instance-foundry/dev/passwords", PASSWORDS_PREFIX))


def keep_password(password: str = PASSWORD, place: str = PLACE) -> str:
    boto3.client("ssm").put_parameter(Name=place, Value=password, Type="SecureString", Overwrite=True)
    return place


def instances() -> list[str]:
    return [item["pk"] for item in all_items() if item["type"] == "instance"]


pytestmark = pytest.mark.usefixtures("aws")


def test_the_answer_says_what_was_created_and_where_the_credentials_are() -> None:
    answer = invoke(event("create-machine"))
    generated, custom = answer["domains"]
    assert custom == "login.acme.example"
    assert generated.startswith("acme-")
    assert generated.endswith(".foundry.example")
    assert list(answer) == ["instanceId", "details", "domains", "secretArn", "replayed"]
    assert set(answer["details"]) == {"sequence", "creationDate", "resourceOwner"}
    assert answer["replayed"] is False
    assert all_secrets().keys() == {answer["secretArn"]}
    assert instances() == [f"INSTANCE#{answer['instanceId']}"]


def test_credentials_are_delivered_where_they_are_asked_for() -> None:
    answer = invoke({"request": MACHINE, "credentialDelivery": "inline"})
    kept = json.loads(all_secrets()[answer["secretArn"]])
    assert answer["pat"] == kept["pat"]
    assert base64.b64decode(answer["machineKey"]).decode() == kept["machineKey"]


def test_without_credentials_there_is_no_secret() -> None:
    assert invoke({"request": {"instanceName": "A", "machine": {"userName": "u", "name": "n"}}})["secretArn"] is None


def test_a_repeat_makes_no_twin() -> None:
    first, second = invoke(event("create-machine")), invoke(event("create-machine"))
    assert second == {**first, "replayed": True}
    assert len(instances()) == 1
    assert len(all_secrets()) == 1


def test_a_key_of_a_workflow_is_not_that_of_a_system_user(api: Api) -> None:
    over_http = api.create(MACHINE, idempotency_key="key").json
    assert invoke({"request": MACHINE, "idempotencyKey": "key"})["instanceId"] != over_http["instanceId"]


def test_null_is_not_given() -> None:
    given = {"idempotencyKey": None, "credentialDelivery": None, "passwordFrom": None}
    assert "pat" not in invoke({"request": MACHINE, **given})


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"idempotenceKey": "k"}, "invalid event: idempotenceKey: Extra inputs are not permitted"),
        ({"request": None}, "invalid event: request: Input should be a valid dictionary"),
        ({"request": "{}"}, "invalid event: request: Input should be a valid dictionary"),
        ({"idempotencyKey": 1}, "invalid event: idempotencyKey: Input should be a valid string"),
        ({"credentialDelivery": True}, "invalid event: credentialDelivery: Input should be a valid string"),
        ({"passwordFrom": {}}, "invalid event: passwordFrom: Input should be a valid string"),
        ({"passwordFrom": ""}, "invalid event: passwordFrom: String should have at least 1 character"),
        (
            {"idempotencyKey": 1, "x": 1},
            "invalid event: idempotencyKey: Input should be a valid string; x: Extra inputs are not permitted",
        ),
        ({"passwordFrom": PLACE}, "invalid event: passwordFrom: the request has no human admin"),
        ({"request": {"instanceName": 7}}, "proto: invalid value for string field instanceName"),
        ({"request": {"human": {}, "machine": {}}}, 'proto: error parsing "machine", oneof'),
        ({"request": {"instanceName": ""}}, "invalid CreateInstanceRequest.InstanceName: value length must be"),
    ],
    ids=str,
)
def test_a_wrong_input_is_refused_in_words_that_say_what_is_wrong(wrong: dict[str, Any], text: str) -> None:
    failed = invoke({"request": MACHINE, **wrong})
    assert failed.error == "InvalidArgument"
    assert failed.cause["code"] == 3
    assert failed.cause["message"].startswith(text)
    assert instances() == []


@pytest.mark.parametrize("nothing", [None, [], "", 7, {}])
def test_an_input_that_is_no_task_is_refused(nothing: object) -> None:
    assert invoke(nothing).cause["message"].startswith("invalid event: ")


@pytest.mark.parametrize(
    ("change", "error", "error_id"),
    [
        ({"credentialDelivery": "mail"}, "InvalidArgument", "DELIV-m0de1"),
        ({"idempotencyKey": ""}, "InvalidArgument", "IDEMP-f0rm1"),
        ({"request": {**MACHINE, "instanceName": "a_b"}}, "InvalidArgument", "INST-S3v3w"),
        ({"request": {**MACHINE, "machine": {}}}, "FailedPrecondition", "PROJE-hzxwo"),
        ({"request": HUMAN, "passwordFrom": "elsewhere"}, "FailedPrecondition", "PASSW-n0ne1"),
    ],
    ids=str,
)
def test_a_refusal_has_the_name_that_catch_matches(change: dict[str, Any], error: str, error_id: str) -> None:
    failed = invoke({"request": MACHINE, **change})
    assert (failed.error, failed.cause["id"]) == (error, error_id)
    assert "retryAfter" not in failed.cause


def test_a_taken_domain_already_exists() -> None:
    invoke(event("create-machine"))
    failed = invoke({**event("create-machine"), "idempotencyKey": "another"})
    assert failed == Failed(
        "AlreadyExists",
        {
            "code": 6,
            "message": "Errors.Instance.Domain.AlreadyExists (V3-DKcYh)",
            "details": [
                {
                    "@type": "type.googleapis.com/zitadel.v1.ErrorDetail",
                    "id": "V3-DKcYh",
                    "message": "Errors.Instance.Domain.AlreadyExists",
                }
            ],
            "id": "V3-DKcYh",
        },
    )


def test_a_reused_key_is_told_in_english() -> None:
    invoke(event("create-machine"))
    failed = invoke({**event("create-machine"), "request": MACHINE})
    assert (failed.error, failed.cause["id"]) == ("FailedPrecondition", "IDEMP-r3use")
    assert failed.cause["message"].startswith("This idempotency key belongs to a different request.")


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "CreateSecret")


@pytest.mark.parametrize(
    ("fault", "error", "retry_after"),
    [
        (THROTTLED, "ResourceExhausted", 1),
        (ReadTimeoutError(endpoint_url="u"), "Unavailable", 1),
        (RuntimeError("the inside"), "Internal", None),
    ],
)
def test_what_may_be_retried_says_when(
    fault: Exception, error: str, retry_after: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_request: object) -> None:
        raise fault

    monkeypatch.setattr(clients.secretsmanager(), "create_secret", fail)
    context = Context()
    failed = invoke({"request": MACHINE}, context)
    assert (failed.error, failed.cause.get("retryAfter")) == (error, retry_after)
    assert "inside" not in json.dumps(failed.cause)
    request_ids = [detail.get("requestId") for detail in failed.cause["details"]]
    assert (context.aws_request_id in request_ids) == (error == "Internal")


def test_a_task_without_the_time_to_finish_may_be_retried() -> None:
    failed = invoke({"request": MACHINE}, Context(remaining_milliseconds=5_000))
    assert (failed.error, failed.cause["id"], failed.cause["retryAfter"]) == ("Unavailable", "PLATF-t1me1", 1)


def test_nothing_of_the_inside_hangs_on_an_error() -> None:
    """Lambda sends the traceback of what is raised; a chained exception would bring what it was about."""
    with pytest.raises(task.Failure) as raised:
        handler({"request": {**MACHINE, "instanceName": ""}}, Context())  # type: ignore[arg-type]
    assert raised.value.__cause__ is raised.value.__context__ is None


def test_every_code_of_the_error_table_has_a_name() -> None:
    assert {codes.grpc for codes in TABLE.values()} == set(GRPC_NAMES)


def test_a_password_in_the_clear_is_refused_before_anything_else() -> None:
    failed = invoke(event("refuse-password"))
    assert (failed.error, failed.cause["id"]) == ("InvalidArgument", "PASSW-pl41n")
    assert "passwordFrom" in failed.cause["message"]
    assert PASSWORD not in json.dumps(failed.cause)
    assert invoke({**event("refuse-password"), "passwordFrom": PLACE}).cause["id"] == "PASSW-pl41n"
    assert instances() == []


@pytest.mark.parametrize("kind", ["parameter", "secret"])
def test_a_password_that_is_named_becomes_the_persons(kind: str) -> None:
    place = keep_password()
    if kind == "secret":
        client = boto3.client("secretsmanager")
        place = client.create_secret(Name=f"{PASSWORDS_PREFIX}/ada", SecretString=PASSWORD)["ARN"]
    answer = invoke({**event("create-human"), "passwordFrom": place})
    (user,) = [item for item in all_items() if item["type"] == "user"]
    assert user["pk"] == f"INSTANCE#{answer['instanceId']}"
    assert user["password_hash"].startswith("$argon2id$")
    assert user["password_change_required"] is True
    assert PASSWORD not in json.dumps(all_items(), default=repr)


def test_a_named_password_keeps_the_same_rules() -> None:
    keep_password("correct-horse-7")
    assert invoke(event("create-human")).cause["id"] == "COMMA-VoaRj"
    keep_password("Correct-Horse-7" * 20)
    assert invoke(event("create-human")).cause["message"].endswith("value length must be at most 200 runes")


def test_a_repeat_does_not_need_the_password_any_more() -> None:
    """The request is the name of the password; what has become of it since changes no answer."""
    keep_password()
    task_event = {**event("create-human"), "idempotencyKey": "key"}
    first = invoke(task_event)
    for change in (lambda: keep_password("Other-Horse-8"), lambda: keep_password("short"), remove_password):
        change()
        assert invoke(task_event) == {**first, "replayed": True}
    assert invoke({**task_event, "idempotencyKey": "other"}).cause["id"] == "PASSW-n0ne1"
    other_place = {**task_event, "passwordFrom": keep_password(place=f"{PLACE}-2")}
    assert invoke(other_place).cause["id"] == "IDEMP-r3use"
    assert len(instances()) == 1


def remove_password() -> None:
    boto3.client("ssm").delete_parameter(Name=PLACE)
