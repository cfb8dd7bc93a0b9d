"""Onboarding one customer: every path of the state machine, with the real function behind it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ClientError

from harness.account import Account
from harness.emulated_aws import FINGERPRINT_KEY, PASSWORDS_PREFIX
from harness.interrupted import DIES_AFTER_THE_COMMIT, DIES_AT_ONCE, DIES_BEFORE_THE_COMMIT, HANGS
from harness.step_functions import Execution

SCHEMAS = Path(__file__).parents[2] / "docs/events"
PASSWORD = "Canary-Passw0rd-7f3a"


class Onboarding:
    """The state machine, and customers who were never seen before."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.service = account.service
        self.machine = self.service.create("onboarding", account.definition("onboarding"))

    def request(self, **changes: Any) -> dict[str, Any]:
        """A request for a machine admin with credentials, under a name of its own."""
        machine = {"userName": "u", "name": "n", "personalAccessToken": {}, "machineKey": {"type": "KEY_TYPE_JSON"}}
        return {"instanceName": f"Acme {uuid.uuid4().hex[:12]}", "machine": machine, **changes}

    def run(self, request: dict[str, Any], name: str | None = None, **more: Any) -> Execution:
        """An execution from start to end."""
        return self.service.run(self.machine, name or new_name(), {"request": request, **more})

    def started(self, request: dict[str, Any], **more: Any) -> str:
        """An execution that goes on by itself; its ARN."""
        return self.service.start(self.machine, new_name(), {"request": request, **more})

    def instances(self, request: dict[str, Any]) -> list[str]:
        """The ids of all instances that came of a request."""
        return self.account.instances(request["instanceName"])

    def told(self, detail_type: str) -> Any:
        """The detail of the next event, which is of this type."""
        (event,) = self.account.received()
        assert event["detail-type"] == detail_type
        jsonschema.validate(event["detail"], json.loads((SCHEMAS / f"{file_of(detail_type)}.schema.json").read_text()))
        return event["detail"]


def new_name() -> str:
    return f"customer-{uuid.uuid4().hex[:12]}"


def file_of(detail_type: str) -> str:
    return detail_type.replace(".", "-")


@pytest.fixture
def onboarding(account: Account) -> Onboarding:
    return Onboarding(account)


def test_a_customer_is_onboarded_and_others_are_told(onboarding: Onboarding) -> None:
    request = onboarding.request(customDomain=f"{uuid.uuid4().hex}.example")
    execution = onboarding.run(request)
    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert execution.states() == ["Validate", "IsValid", "Create", "HasSetUp", "Announce"]
    (instance,) = onboarding.instances(request)
    told = onboarding.told("instance.onboarded")
    assert execution.output["instanceId"] == told["instanceId"] == instance
    assert execution.output["domains"][-1] == request["customDomain"]
    assert execution.output["secretArn"] == told["secretArn"]
    assert told["eventId"] == f"{execution.arn}/Announce"
    assert set(execution.output) == {"instanceId", "domains", "secretArn"}


def test_a_human_admin_has_no_secret(onboarding: Onboarding) -> None:
    human = {"email": {"email": "a@b.example"}, "profile": {"firstName": "A", "lastName": "B"}}
    execution = onboarding.run({"instanceName": f"Acme {uuid.uuid4().hex[:12]}", "human": human})
    assert (execution.status, execution.output["secretArn"]) == ("SUCCEEDED", None)
    assert onboarding.told("instance.onboarded")["secretArn"] is None


@pytest.mark.parametrize(
    "mishap",
    [
        "ResourceExhausted",
        "Unavailable",
        "DeadlineExceeded",
        DIES_AT_ONCE,
        DIES_BEFORE_THE_COMMIT,
        DIES_AFTER_THE_COMMIT,
    ],
)
def test_what_may_be_over_soon_is_tried_again(onboarding: Onboarding, mishap: str) -> None:
    """Whatever the mishap left behind: there is one instance, and the credentials it refers to exist."""
    request, name = onboarding.request(), new_name()
    onboarding.account.order(name, mishap)
    execution = onboarding.run(request, name)
    assert execution.status == "SUCCEEDED"
    assert execution.states() == ["Validate", "IsValid", "Create", "HasSetUp", "Announce"]
    assert len(onboarding.account.waits) == 1
    assert onboarding.instances(request) == [execution.output["instanceId"]]
    secrets = onboarding.account.client("secretsmanager")
    assert "pat" in json.loads(secrets.get_secret_value(SecretId=execution.output["secretArn"])["SecretString"])
    onboarding.told("instance.onboarded")


def test_a_function_that_hangs_is_ended_and_tried_again(
    onboarding: Onboarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    onboarding.run(onboarding.request())  # a new process would be given time to start
    onboarding.told("instance.onboarded")
    monkeypatch.setattr(onboarding.account.functions.orchestration, "patience", 5)
    request, name = onboarding.request(), new_name()
    onboarding.account.order(name, HANGS)
    execution = onboarding.run(request, name)
    assert execution.status == "SUCCEEDED"
    assert "Sandbox.Timedout" in json.dumps(execution.history, default=str)
    assert len(onboarding.instances(request)) == 1
    onboarding.told("instance.onboarded")


def test_tries_are_spread_and_come_to_an_end(onboarding: Onboarding) -> None:
    request, name = onboarding.request(), new_name()
    onboarding.account.order(name, *["Unavailable"] * 20)
    execution = onboarding.run(request, name)
    assert (execution.status, execution.error) == ("FAILED", "Unavailable")
    waits = onboarding.account.waits
    assert len(waits) == 8
    longest = [2, 4, 8, 16, 32, 60, 60, 60]
    assert all(0 <= wait <= at_most for wait, at_most in zip(waits, longest, strict=True)), waits
    assert len(set(waits)) == 8, "jitter"
    assert onboarding.told("instance.onboarding-failed")["error"] == "Unavailable"


@pytest.mark.parametrize("mishap", ["Internal", "AlreadyExists", "FailedPrecondition", "InvalidArgument"])
def test_what_will_not_be_over_is_not_tried_again(onboarding: Onboarding, mishap: str) -> None:
    request, name = onboarding.request(), new_name()
    onboarding.account.order(name, mishap)
    execution = onboarding.run(request, name)
    assert (execution.status, execution.error) == ("FAILED", mishap)
    assert execution.states() == ["Validate", "IsValid", "Create", "AnnounceFailure", "Failed"]
    assert onboarding.account.waits == []
    told = onboarding.told("instance.onboarding-failed")
    assert (told["step"], told["error"], told["idempotencyKey"]) == ("create", mishap, name)
    assert told["eventId"] == f"{execution.arn}/AnnounceFailure"
    assert "instanceId" not in told


def test_a_bad_request_ends_before_anything_is_written(onboarding: Onboarding) -> None:
    before = len(onboarding.account.records())
    execution = onboarding.run({"instanceName": "", "customDomain": "not a domain", "machine": {"userName": "u"}})
    assert (execution.status, execution.error) == ("FAILED", "InvalidArgument")
    assert execution.states() == ["Validate", "IsValid", "Refuse", "AnnounceFailure", "Failed"]
    told = onboarding.told("instance.onboarding-failed")
    assert (told["step"], told["error"]) == ("validate", "InvalidArgument")
    assert len(json.loads(told["cause"])) > 1, "all that is wrong, not only the first"
    assert execution.cause == told["cause"]
    assert len(onboarding.account.records()) == before


def test_a_taken_domain_is_found_before_anything_is_written(onboarding: Onboarding) -> None:
    domain = f"{uuid.uuid4().hex}.example"
    onboarding.run(onboarding.request(customDomain=domain))
    onboarding.told("instance.onboarded")
    execution = onboarding.run(onboarding.request(customDomain=domain))
    assert (execution.status, execution.error) == ("FAILED", "AlreadyExists")
    assert onboarding.told("instance.onboarding-failed")["step"] == "validate"


def test_a_failed_execution_that_is_run_again_with_its_key_makes_no_twin(onboarding: Onboarding) -> None:
    """Its worker died after the commit until the tries were used up: nobody ever got an answer."""
    request, name = onboarding.request(), new_name()
    onboarding.account.order(name, DIES_AFTER_THE_COMMIT, *[DIES_AT_ONCE] * 8)
    failed = onboarding.run(request, name)
    assert (failed.status, failed.error) == ("FAILED", "Runtime.ExitError")
    key = onboarding.told("instance.onboarding-failed")["idempotencyKey"]
    again = onboarding.run(request, idempotencyKey=key)
    assert again.status == "SUCCEEDED"
    assert onboarding.instances(request) == [again.output["instanceId"]]
    onboarding.told("instance.onboarded")


def test_a_redriven_execution_makes_no_twin(onboarding: Onboarding) -> None:
    """No emulator redrives: that state runs again, in an execution with the old name and input, as a redrive runs it."""
    request, name = onboarding.request(), new_name()
    onboarding.account.order(name, DIES_AFTER_THE_COMMIT, "Internal")
    assert onboarding.run(request, name).error == "Internal"
    onboarding.told("instance.onboarding-failed")
    resumed = {**onboarding.account.definition("onboarding"), "StartAt": "Create"}
    machine = onboarding.service.create("onboarding-redriven", resumed)
    redriven = onboarding.service.run(machine, name, {"request": request})
    assert redriven.status == "SUCCEEDED"
    assert onboarding.instances(request) == [redriven.output["instanceId"]]
    onboarding.told("instance.onboarded")


def test_the_customers_own_set_up_reports_back(onboarding: Onboarding) -> None:
    request = onboarding.request()
    running = onboarding.started(request, setUp={"parameters": {"plan": "gold"}})
    asked = onboarding.told("instance.set-up-requested")
    (instance,) = onboarding.instances(request)
    assert (asked["instanceId"], asked["parameters"]) == (instance, {"plan": "gold"})
    onboarding.service.client.send_task_heartbeat(taskToken=asked["taskToken"])
    onboarding.service.client.send_task_success(taskToken=asked["taskToken"], output='{"done": true}')
    execution = onboarding.service.wait(running)
    assert execution.status == "SUCCEEDED"
    assert execution.states() == ["Validate", "IsValid", "Create", "HasSetUp", "AwaitSetUp", "Announce"]
    assert onboarding.told("instance.onboarded")["instanceId"] == instance


def test_a_set_up_that_fails_is_told_with_its_own_error(onboarding: Onboarding) -> None:
    request = onboarding.request()
    running = onboarding.started(request, setUp={})
    token = onboarding.told("instance.set-up-requested")["taskToken"]
    onboarding.service.client.send_task_failure(taskToken=token, error="PlanUnknown")
    execution = onboarding.service.wait(running)
    assert (execution.status, execution.error) == ("FAILED", "PlanUnknown")
    told = onboarding.told("instance.onboarding-failed")
    assert (told["step"], told["error"], told["cause"]) == ("set-up", "PlanUnknown", "")
    assert [told["instanceId"]] == onboarding.instances(request), "the instance stays"


@pytest.mark.parametrize("limits", [{"timeoutSeconds": 600, "heartbeatSeconds": 1}, {"timeoutSeconds": 2}])
def test_a_set_up_that_says_nothing_is_not_waited_for_for_ever(onboarding: Onboarding, limits: dict[str, int]) -> None:
    """The interpreter has one name for both; AWS calls the first States.HeartbeatTimeout."""
    running = onboarding.started(onboarding.request(), setUp=limits)
    onboarding.told("instance.set-up-requested")
    execution = onboarding.service.wait(running)
    assert (execution.status, execution.error) == ("FAILED", "Timeout")
    told = onboarding.told("instance.onboarding-failed")
    assert (told["step"], told["error"]) == ("set-up", "States.Timeout")


def test_a_set_up_that_only_says_that_it_is_alive_is_not_waited_for_for_ever(onboarding: Onboarding) -> None:
    running = onboarding.started(onboarding.request(), setUp={"timeoutSeconds": 8, "heartbeatSeconds": 3})
    token = onboarding.told("instance.set-up-requested")["taskToken"]
    began, pause = time.monotonic(), threading.Event()
    with contextlib.suppress(ClientError):  # until its time is over
        while time.monotonic() - began < 60:
            onboarding.service.client.send_task_heartbeat(taskToken=token)
            pause.wait(0.3)
    execution = onboarding.service.wait(running)
    assert (execution.status, execution.error) == ("FAILED", "Timeout")
    assert time.monotonic() - began > 3.5, "its heartbeats counted"
    assert onboarding.told("instance.onboarding-failed")["step"] == "set-up"


def test_the_history_holds_no_secret(onboarding: Onboarding) -> None:
    """Every path that sees a secret, and then every word of what Step Functions and the bus keep of it."""
    ended, name = [], new_name()
    onboarding.account.order(name, DIES_AFTER_THE_COMMIT, "Unavailable")
    ended.append(onboarding.run(onboarding.request(), name))
    ended.append(onboarding.run(onboarding.request(), name=new_name(), idempotencyKey=name))
    ended.append(onboarding.run(onboarding.request(machine={"userName": "u", "name": ""})))
    kept_at = f"{PASSWORDS_PREFIX}/{uuid.uuid4().hex}"
    secret = onboarding.account.client("secretsmanager").create_secret(Name=kept_at, SecretString=PASSWORD)
    human = {"email": {"email": "a@b.example"}, "profile": {"firstName": "A", "lastName": "B"}}
    person = {"instanceName": f"Acme {uuid.uuid4().hex[:12]}", "human": human}
    ended.append(onboarding.run(person, passwordFrom=secret["ARN"]))
    assert ended[-1].status == "SUCCEEDED"
    events = onboarding.account.received(4)
    running = onboarding.started(onboarding.request(), setUp={})
    (asked,) = onboarding.account.received()
    onboarding.service.client.send_task_success(taskToken=asked["detail"]["taskToken"], output="{}")
    ended.append(onboarding.service.wait(running))
    events += [asked, *onboarding.account.received()]
    assert {execution.status for execution in ended} == {"SUCCEEDED", "FAILED"}
    kept = json.dumps([ended[0].history, [vars(one) for one in ended], events], default=str, ensure_ascii=False)
    stored = [json.loads(text) for text in onboarding.account.secrets()]
    assert len(stored) >= 3
    canaries = [FINGERPRINT_KEY, PASSWORD]
    for secret in stored:
        canaries += [secret["pat"], *(secret["machineKey"][at : at + 60] for at in (0, 200) if "machineKey" in secret)]
    assert [canary[:12] for canary in canaries if canary in kept] == []
    assert ended[0].output["secretArn"] in kept


def test_a_password_in_the_input_is_refused_and_gets_no_further(onboarding: Onboarding) -> None:
    """What is in the input is in the history already; nothing after it repeats it."""
    human = {
        "email": {"email": "a@b.example"},
        "profile": {"firstName": "A", "lastName": "B"},
        "password": {"password": PASSWORD},
    }
    execution = onboarding.run({"instanceName": f"Acme {uuid.uuid4().hex[:12]}", "human": human})
    assert (execution.status, execution.error) == ("FAILED", "InvalidArgument")
    assert PASSWORD not in json.dumps(onboarding.told("instance.onboarding-failed"))
    assert PASSWORD not in (execution.cause or "")
    assert PASSWORD not in onboarding.account.functions.log.read_text()
    where = [event["type"] for event in execution.history if PASSWORD in json.dumps(event, default=str)]
    assert where == ["ExecutionStarted", "TaskStateEntered", "TaskScheduled"], "the input, handed to Validate"


def test_payloads_stay_small(onboarding: Onboarding) -> None:
    execution = onboarding.run(onboarding.request())
    onboarding.told("instance.onboarded")
    outputs = [event["stateExitedEventDetails"] for event in execution.history if "stateExitedEventDetails" in event]
    assert max(len(one["output"]) for one in outputs) < 1024
