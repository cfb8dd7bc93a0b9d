"""A deployment with its state machines: the real functions on an embedded AWS, the interpreter in front of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from harness import emulated_aws, interrupted
from harness.emulated_aws import ENVIRONMENT, SECRETS_PREFIX, TABLE
from harness.lambda_service import Function, function
from harness.step_functions import StepFunctions, definition, step_functions
from local.embedded_aws import EmbeddedAws

BUS = ENVIRONMENT["EVENT_BUS"]
BUCKET = "instance-foundry-bulk"

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Functions:
    """The functions of a deployment, and the AWS they use."""

    aws: str
    orchestration: Function
    bulk_report: Function
    mishaps: Path
    log: Path


@contextmanager
def functions(folder: Path) -> Iterator[Functions]:
    """The functions, under the runtime that Lambda runs them in, on an AWS of their own; ``folder`` is for their logs."""
    mishaps, log = folder / "mishaps", folder / "log"
    mishaps.mkdir()
    with EmbeddedAws(folder / "embedded-aws") as aws:
        emulated_aws.create_resources(endpoint_url=aws.endpoint)
        boto3.client("s3", endpoint_url=aws.endpoint).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": aws.endpoint, "MISHAPS": str(mishaps)}
        with (
            function("orchestration", interrupted.HANDLER, environment, log) as orchestration,
            function("bulk-report", "handlers.bulk_report.handler", environment, log) as bulk_report,
        ):
            yield Functions(aws.endpoint, orchestration, bulk_report, mishaps, log)


@dataclass
class Account:
    """The functions, a bus with a subscriber of everything, and Step Functions; ``waits`` is what retries waited."""

    service: StepFunctions
    functions: Functions
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        events, self._sqs = boto3.client("events"), boto3.client("sqs")
        events.create_event_bus(Name=BUS)
        self._queue = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        queue = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"source": ["instance-foundry"]}')
        target = {"Id": "subscriber", "Arn": queue["QueueArn"]}
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[target])

    def definition(self, name: str) -> Any:
        """A definition of statemachines/ with the names of this deployment in it."""
        names = {
            "BulkBucket": BUCKET,
            "BulkReportFunction": self.functions.bulk_report.arn,
            "EventBus": BUS,
            "OrchestrationFunction": self.functions.orchestration.arn,
        }
        return definition(name, names)

    def order(self, key: str, *mishaps: str) -> None:
        """Let the creations with this key meet mishaps (harness.interrupted)."""
        interrupted.order(self.functions.mishaps, key, *mishaps)

    def received(self, count: int = 1, seconds: float = 60) -> list[dict[str, Any]]:
        """The next so many events on the bus, or fewer where there are none for so long."""
        messages: list[dict[str, Any]] = []
        pause = threading.Event()
        while len(messages) < count and seconds > 0:
            answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=min(10, count - len(messages)))
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                messages.append(json.loads(message["Body"]))
            pause.wait(0.05)
            seconds -= 0.05
        return messages

    def client(self, name: str) -> Any:
        """A client of the AWS that the functions use."""
        return boto3.client(name, endpoint_url=self.functions.aws)

    def records(self) -> list[dict[str, Any]]:
        """Every item of the table."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return [{name: _deserialize(value) for name, value in item.items()} for page in pages for item in page["Items"]]

    def instances(self, name: str) -> list[str]:
        """The ids of the instances of that name."""
        found = (item for item in self.records() if item["type"] == "instance" and item["name"] == name)
        return [item["pk"].removeprefix("INSTANCE#") for item in found]

    def secrets(self) -> list[str]:
        """The text of every secret of an instance."""
        client = self.client("secretsmanager")
        entries = [entry for page in client.get_paginator("list_secrets").paginate() for entry in page["SecretList"]]
        ours = [entry["ARN"] for entry in entries if entry["Name"].startswith(SECRETS_PREFIX)]
        return [client.get_secret_value(SecretId=arn)["SecretString"] for arn in ours]


@contextmanager
def account(running: Functions) -> Iterator[Account]:
    """A deployment; what a Retry waits is recorded instead of waited."""
    with (
        step_functions(running.orchestration, running.bulk_report, endpoint=running.aws) as service,
        pytest.MonkeyPatch.context() as patch,
    ):
        deployed = Account(service, running)
        patch.setattr(retrier_decl, "time", SimpleNamespace(sleep=deployed.waits.append))
        yield deployed
