"""`sam local start-lambda`: SAM in Lambda's place, for every function of the template."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.config import Config

from local import cloudformation
from local.demo import event
from local.lifeline import ROOT


@pytest.fixture(scope="module")
def functions(sam):
    """A client of Lambda whose functions are ours."""
    with sam.serving("start-lambda", "--warm-containers", "LAZY") as url:
        once = Config(retries={"max_attempts": 0}, read_timeout=60)
        yield boto3.client("lambda", endpoint_url=url, config=once)


@pytest.fixture
def invoke(functions):
    def invoke(name, payload):
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(payload))
        document = json.loads(answer["Payload"].read())
        # SAM sets no FunctionError for what the runtime client reports.
        assert "errorType" not in (document or {}), document
        return document

    return invoke


def test_the_api_answers(invoke, bearer):
    answer = invoke("ApiFunction", event(ROOT / "events" / "create-machine.json", bearer))
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["instanceId"].isdecimal()


def test_the_sweeper_looks(invoke):
    sweep = invoke("SweeperFunction", {"dryRun": True})
    assert (sweep["complete"], sweep["removed"]) == (True, 0)


def test_the_outbox_publishes_what_a_creation_left(invoke, bearer, aws):
    invoke("ApiFunction", event(ROOT / "events" / "create-machine.json", bearer))
    items = aws.client("dynamodb").scan(TableName="instance-foundry-local", ConsistentRead=True)["Items"]
    stored = next(item for item in items if item.get("type") == {"S": "event"})
    aws.client("events").create_event_bus(Name="instance-foundry-local")
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": stored, "SequenceNumber": "1"}}
    assert invoke("OutboxFunction", {"Records": [record]}) == {"batchItemFailures": []}


def test_every_function_is_invoked():
    template = cloudformation.load(ROOT / "template.yaml")["Resources"]
    functions = {name for name, each in template.items() if each["Type"] == "AWS::Serverless::Function"}
    assert functions == {"ApiFunction", "OutboxFunction", "SweeperFunction"}
