"""`sam local start-lambda`: SAM in Lambda's place, for every function of the template."""

from __future__ import annotations

import json

from local import cloudformation
from local.lifeline import ROOT


def test_the_api_answers(invoke, events):
    answer = invoke("ApiFunction", events.read("create-machine.json"))
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["instanceId"].isdecimal()


def test_a_task_is_carried_out_once(invoke, events):
    task = {**events.read("orchestration/create-machine.json"), "idempotencyKey": "execution-1"}
    first, second = invoke("OrchestrationFunction", task), invoke("OrchestrationFunction", task)
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert {**first, "replayed": True} == second


def test_the_sweeper_looks(invoke):
    sweep = invoke("SweeperFunction", {"dryRun": True})
    assert (sweep["complete"], sweep["removed"]) == (True, 0)


def test_the_outbox_publishes_what_a_creation_left(invoke, events, aws):
    invoke("ApiFunction", events.read("create-machine.json"))
    items = aws.client("dynamodb").scan(TableName="instance-foundry-local", ConsistentRead=True)["Items"]
    stored = next(item for item in items if item.get("type") == {"S": "event"})
    aws.client("events").create_event_bus(Name="instance-foundry-local")
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": stored, "SequenceNumber": "1"}}
    assert invoke("OutboxFunction", {"Records": [record]}) == {"batchItemFailures": []}


def test_every_function_is_invoked():
    """BulkReportFunction is by its state machine."""
    template = cloudformation.load(ROOT / "template.yaml")["Resources"]
    functions = {name for name, each in template.items() if each["Type"] == "AWS::Serverless::Function"}
    here = {"ApiFunction", "OrchestrationFunction", "OutboxFunction", "SweeperFunction"}
    assert functions == here | {"BulkReportFunction"}
