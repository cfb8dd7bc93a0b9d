"""The state machines of statemachines/, on functions in containers; tests/workflows has every path through them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from harness import account as deployment
from harness.account import BUCKET, Functions
from harness.lambda_service import Answer


@dataclass(frozen=True)
class InContainer:
    """A function as the interpreter of state machines has it, behind `sam local start-lambda`."""

    name: str
    call: Any

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.name}:live"

    def invoke(self, payload: bytes) -> Answer:
        answer = self.call(self.name, json.loads(payload))
        # SAM sets no FunctionError for what the runtime client reports.
        return Answer(answer, failed="errorType" in answer)


@pytest.fixture(scope="module")
def account(invoke, aws, tmp_path_factory):
    aws.client("s3").create_bucket(Bucket=BUCKET)
    orchestration, report = (InContainer(f"{name}Function", invoke) for name in ("Orchestration", "BulkReport"))
    folder = tmp_path_factory.mktemp("unused")
    with deployment.account(Functions(aws.endpoint, orchestration, report, folder, folder)) as account:
        yield account


@pytest.fixture
def run(account):
    """Run a state machine from start to end."""

    def run(name, document):
        machine = account.service.create(name, account.definition(name))
        return account.service.run(machine, uuid.uuid4().hex, document)

    return run


def test_a_customer_is_onboarded(account, run, events, aws):
    request = events.read("orchestration/create-machine.json")["request"]
    execution = run("onboarding", {"request": request})
    assert execution.status == "SUCCEEDED", execution.cause
    (event,) = account.received()
    assert event["detail-type"] == "instance.onboarded"
    assert event["detail"]["domains"][-1] == request["customDomain"]
    kept = aws.client("secretsmanager").get_secret_value(SecretId=event["detail"]["secretArn"])["SecretString"]
    assert json.loads(kept)["pat"] not in json.dumps(execution.history, default=str)


def test_a_bad_request_ends_the_workflow_with_its_reason(account, run):
    execution = run("onboarding", {"request": {"instanceName": ""}})
    assert execution.status == "FAILED"
    assert execution.error == "InvalidArgument"
    (event,) = account.received()
    assert event["detail-type"] == "instance.onboarding-failed"


def test_a_file_is_worked_off_and_reported(run, aws):
    lines = [
        {"id": name, "request": {"instanceName": name, "machine": {"userName": "u", "name": "n"}}} for name in "ab"
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    aws.client("s3").put_object(Bucket=BUCKET, Key="requests/customers.jsonl", Body=text.encode())
    execution = run("bulk", {"file": "requests/customers.jsonl"})
    assert execution.status == "SUCCEEDED", execution.cause
    report = aws.client("s3").get_object(Bucket=BUCKET, Key=execution.output["report"])["Body"].read().decode()
    assert [json.loads(line)["status"] for line in report.splitlines()] == ["created", "created"]
