"""Step Functions on this machine: moto's interpreter, with JSONata and with real Lambda functions behind it.

moto runs the Amazon States Language (Retry, Catch, timeouts, heartbeats, callbacks, Map) and records the history. It has
no JSONata, only pretends to call functions, reads no JSON Lines, and writes no results of a Distributed Map; that much is
put in here. What it cannot do at all is said in docs/orchestration.md.
"""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import jsonata
import pytest
import yaml
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval import resource_eval_s3 as reader
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.jsonata import jsonata as moto_jsonata

from harness import moto_transactions
from harness.lambda_service import Function

ROOT = Path(__file__).parents[2]
ROLE = "arn:aws:iam::123456789012:role/state-machine"
FINISHED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


def definition(name: str, substitutions: Mapping[str, Any]) -> Any:
    """The definition in statemachines/, with CloudFormation's substitutions made."""
    text = (ROOT / "statemachines" / f"{name}.asl.yaml").read_text(encoding="utf-8")
    for variable, value in substitutions.items():
        text = text.replace(f"${{{variable}}}", str(value))
    return yaml.safe_load(text)


@dataclass(frozen=True)
class Execution:
    """How an execution ended, and all that its history says."""

    arn: str
    status: str
    output: Any
    error: str | None
    cause: str | None
    history: list[dict[str, Any]]

    def states(self) -> list[str]:
        """The states in the order in which they were entered."""
        return [
            event["stateEnteredEventDetails"]["name"] for event in self.history if "stateEnteredEventDetails" in event
        ]

    def types(self) -> list[str]:
        """The types of the events."""
        return [event["type"] for event in self.history]


class StepFunctions:
    """The service, as its callers see it."""

    def __init__(self, writers: dict[str, Mapping[str, str]]) -> None:
        self.writers = writers
        self.client = boto3.client("stepfunctions")

    def create(self, name: str, document: Any) -> str:
        """A state machine; its ARN."""
        self.writers.update(_result_writers(document))
        text = json.dumps(_in_motos_words(document))
        answer = self.client.create_state_machine(name=name, definition=text, roleArn=ROLE)
        return str(answer["stateMachineArn"])

    def start(self, machine: str, name: str, document: Any) -> str:
        """Start an execution; its ARN."""
        answer = self.client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(document))
        return str(answer["executionArn"])

    def wait(self, execution: str, seconds: float = 300) -> Execution:
        """The execution, once it has ended."""
        end = time.monotonic() + seconds
        while (found := self.client.describe_execution(executionArn=execution))["status"] not in FINISHED:
            assert time.monotonic() < end, f"still running: {self.history(execution)[-3:]}"
            time.sleep(0.03)
        output = found.get("output")
        return Execution(
            execution,
            found["status"],
            json.loads(output) if output else None,
            found.get("error"),
            found.get("cause"),
            self.history(execution),
        )

    def history(self, execution: str) -> list[dict[str, Any]]:
        """Every event so far."""
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def run(self, machine: str, name: str, document: Any) -> Execution:
        """Start an execution and wait for its end."""
        return self.wait(self.start(machine, name, document))


@contextmanager
def step_functions(*functions: Function, endpoint: str) -> Iterator[StepFunctions]:
    """The service; its buckets are in the AWS at ``endpoint``, everything else that it calls is moto's."""
    by_arn = {function.arn: function for function in functions}
    buckets = boto3.client("s3", endpoint_url=endpoint)

    def invoke(parameters: dict[str, Any], region: str, state_credentials: object) -> dict[str, Any]:
        del region, state_credentials
        answer = by_arn[parameters["FunctionName"]].invoke(_payload(parameters["Payload"]))
        failure = {"FunctionError": "Unhandled"} if answer.failed else {}
        return {"ExecutedVersion": "1", "Payload": answer.payload, "StatusCode": 200, **failure}

    moto_transactions.install()
    settings: Any = {
        "core": {"passthrough": {"urls": [endpoint]}},
        "stepfunctions": {"execute_state_machine": True},
    }
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=settings):
        patch.setattr(lambda_eval_utils, "_invoke_lambda_function", invoke)
        patch.setattr(moto_jsonata, "_eval_jsonata", _evaluate)
        patch.setattr(reader, "boto_client_for", lambda **_: _JsonLines(buckets))
        writers: dict[str, Mapping[str, str]] = {}
        patch.setattr(StateMap, "from_state_props", _with_results(StateMap.from_state_props, buckets, writers))
        yield StepFunctions(writers)


def _payload(given: Any) -> bytes:
    return given if isinstance(given, bytes) else json.dumps(given).encode()


def _evaluate(expression: str) -> Any:
    try:
        return json.loads(json.dumps(jsonata.Jsonata.jsonata(expression).evaluate(None)))
    except Exception as error:  # the evaluator has many; Step Functions has one
        raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from error


_WORDS: dict[tuple[str, Any], Any] = {
    ("ExecutionType", "EXPRESS"): "STANDARD",
    ("InputType", "JSONL"): "JSON",
    ("ToleratedFailurePercentage", 100): 100.0,
}


def _in_motos_words(document: Any) -> Any:
    """The definition as moto's grammar has it: without JSON Lines, Express children, and JSONata in a ResultWriter."""
    if isinstance(document, list):
        return [_in_motos_words(one) for one in document]
    if not isinstance(document, dict):
        return document
    return {
        name: _in_motos_words(value) if isinstance(value, dict | list) else _WORDS.get((name, value), value)
        for name, value in document.items()
        if name != "ResultWriter"
    }


def _result_writers(document: Any) -> dict[str, Mapping[str, str]]:
    """Where the results of each Distributed Map go, by its label."""
    states = document["States"].values()
    return {state["Label"]: state["ResultWriter"]["Arguments"] for state in states if "ResultWriter" in state}


class _JsonLines:
    """S3, where a file of JSON Lines is read as a JSON array."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def get_object(self, **request: Any) -> dict[str, Any]:
        lines = self._s3.get_object(**request)["Body"].read().decode().splitlines()
        return {"Body": io.BytesIO(f"[{','.join(lines)}]".encode())}


class _ResultWriter:
    """What ResultWriter leaves with OutputType JSONL and Transformation COMPACT: a manifest, and a file of outputs."""

    def __init__(self, s3: Any, where: Mapping[str, str]) -> None:
        self._s3, self._where = s3, where

    def eval(self, env: Any) -> None:
        """Write the outputs on the interpreter's stack; leave there where they are."""
        results = env.stack.pop()
        folder = f"{self._where['Prefix']}/{uuid.uuid4()}"
        (run, *_) = reversed(env.map_run_record_pool_manager.get_all())
        body = "".join(f"{json.dumps(result)}\n" for result in results)
        files = {"FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": f"{folder}/SUCCEEDED_0.jsonl", "Size": len(body)}]}
        manifest = {"DestinationBucket": self._where["Bucket"], "MapRunArn": run.map_run_arn, "ResultFiles": files}
        self._put(f"{folder}/SUCCEEDED_0.jsonl", body)
        self._put(f"{folder}/manifest.json", json.dumps(manifest))
        details = {"Bucket": self._where["Bucket"], "Key": f"{folder}/manifest.json"}
        env.stack.append({"MapRunArn": run.map_run_arn, "ResultWriterDetails": details})

    def _put(self, key: str, body: str) -> None:
        self._s3.put_object(Bucket=self._where["Bucket"], Key=key, Body=body.encode())


def _with_results(original: Any, s3: Any, writers: Mapping[str, Mapping[str, str]]) -> Any:
    def from_state_props(state: StateMap, properties: Any) -> None:
        original(state, properties)
        if state.label and state.label.label in writers:
            state.result_writer = _ResultWriter(s3, writers[state.label.label])

    return from_state_props
