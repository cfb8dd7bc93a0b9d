"""The artefact in the real runtime client: it starts with what the runtime brings, and survives what Lambda does."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from harness import processes
from harness.api import MACHINE, SystemUser, event
from harness.artefact import make
from harness.lambda_emulator import LambdaEmulator
from local import cloudformation
from local.embedded_aws import EmbeddedAws
from local.lambda_pool import Function
from local.provision import TEMPLATE, provision

STAND_IN = Path(__file__).parents[1] / "integration" / "local"
PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of an answer (Lambda quotas: 6 MB each for request and response, synchronous)."""

ANY_ORIGIN = {"origin": "https://page.example", "access-control-request-method": "POST"}


@pytest.fixture(scope="module")
def caller():
    return SystemUser.make()


@pytest.fixture(scope="module")
def deployed(caller, tmp_path_factory):
    """The API function as deployed into an AWS of its own."""
    with EmbeddedAws(tmp_path_factory.mktemp("aws") / "log") as aws, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in aws.environment({}).items():
            patch.setenv(name, value)
        deployment = provision(caller.configuration, port=8080, endpoint=aws.endpoint)
        yield deployment.function({"PATH": os.environ["PATH"], **aws.environment({})})


@pytest.fixture(scope="module")
def emulated(built, runtime, tmp_path_factory):
    """Starts a function in an environment of its own; it is ended after the module."""
    make(".tools/sam/.installed")
    environments = []

    def start(function, code=built / "code"):
        log = tmp_path_factory.mktemp("function") / "log"
        environments.append(LambdaEmulator(function, code, log).__enter__())
        return environments[-1]

    yield start
    for each in environments:
        each.__exit__(None, None, None)


@pytest.fixture(scope="module")
def api(emulated, deployed):
    return emulated(deployed)


@pytest.fixture(scope="module")
def stand_in(emulated):
    """A function that does what it is told, for what ours cannot be made to do."""
    variables = {"PATH": os.environ["PATH"], "AWS_REGION": "eu-central-1"}
    return emulated(Function("stand_in.handler", variables, timeout=3), STAND_IN)


def creation(caller, key):
    token = caller.token("http://localhost:8080")
    return event(
        MACHINE, {"authorization": f"Bearer {token}", "content-type": "application/json", "idempotency-key": key}
    )


def lines(environment):
    """What the function logged, as far as it is JSON with a message."""
    found = [json.loads(line) for line in environment.log.read_text().splitlines() if line.startswith('{"level"')]
    return [line for line in found if "message" in line]


def test_every_function_can_be_imported_with_what_the_runtime_brings(built, runtime):
    handlers = [
        each["Properties"]["Handler"].rpartition(".")[0]
        for each in cloudformation.load(TEMPLATE)["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    ]
    assert len(handlers) > 1
    variables = {"AWS_REGION": "eu-central-1", "POWERTOOLS_SERVICE_NAME": "x", "POWERTOOLS_METRICS_NAMESPACE": "x"}
    command = [runtime, "-W", "error", "-c", f"import {', '.join(handlers)}"]
    subprocess.run(command, cwd=built / "code", env=variables, check=True)


def test_a_cold_start_creates_and_a_warm_one_repeats(api, caller):
    first, again = (api.invoke(creation(caller, "one")) for _ in range(2))
    other = api.invoke(creation(caller, "another"))
    assert [each["statusCode"] for each in (first, again, other)] == [200, 200, 200]
    assert first["body"] == again["body"] != other["body"]
    created = json.loads(first["body"])
    assert json.loads(base64.b64decode(created["machineKey"]))["type"] == "serviceaccount"
    assert [line["cold_start"] for line in lines(api)] == [True, False, False]
    assert created["pat"] not in api.log.read_text()


def test_an_event_of_another_kind_is_an_error_and_no_end(api):
    failure = api.invoke({"not": "an HTTP request"})
    assert failure["errorType"] == "KeyError"
    assert failure["stackTrace"]
    assert api.invoke(event(method="OPTIONS", headers=ANY_ORIGIN))["statusCode"] == 204


def test_the_largest_request_is_answered(api, caller):
    """1 MiB is the API's own limit; Lambda's is 6 MB."""
    request = creation(caller, "large") | {"body": json.dumps({"instanceName": "x" * (1024 * 1024 - 40)})}
    assert "between 1 and 200 runes" in api.invoke(request)["body"]
    assert api.invoke(request | {"body": "x" * (1024 * 1024 + 1)})["statusCode"] == 413


def test_an_aws_that_hangs_is_given_up_before_the_time_is(emulated, deployed, caller):
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        variables = {**deployed.environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{hanging.getsockname()[1]}"}
        environment = emulated(dataclasses.replace(deployed, timeout=8.0, environment=variables))
        assert environment.invoke(creation(caller, "hanging"))["statusCode"] == 503
        assert environment.invoke(event(method="OPTIONS", headers=ANY_ORIGIN))["statusCode"] == 204
    assert "timed out" not in environment.log.read_text()


def test_the_time_out_ends_the_invocation_and_its_process(stand_in):
    before = stand_in.invoke({})["body"]
    assert "Task timed out after 3.00 seconds" in stand_in.invoke({"do": "sleep", "seconds": 5})
    after = stand_in.invoke({})["body"]
    assert json.loads(after)["pid"] != json.loads(before)["pid"]
    assert json.loads(after)["invocation"] == 1


def test_an_exception_keeps_the_process_and_an_exit_does_not(stand_in):
    before = json.loads(stand_in.invoke({})["body"])
    failure = stand_in.invoke({"do": "raise"})
    assert (failure["errorType"], failure["errorMessage"]) == ("ValueError", "boom")
    assert json.loads(stand_in.invoke({})["body"])["pid"] == before["pid"]
    assert stand_in.invoke({"do": "exit"})["errorType"] == "Runtime.ExitError"
    assert json.loads(stand_in.invoke({})["body"])["pid"] != before["pid"]


def test_an_answer_may_have_6_mb_and_no_more(stand_in):
    assert len(stand_in.invoke({"do": "large", "bytes": PAYLOAD_LIMIT})) == PAYLOAD_LIMIT - 2
    too_large = stand_in.invoke({"do": "large", "bytes": PAYLOAD_LIMIT + 1000})
    assert too_large["errorType"] == "Function.ResponseSizeTooLarge"
    assert stand_in.invoke({"do": "large", "bytes": 9}) == "x" * 7


def test_sigterm_ends_the_function_with_the_environment(emulated, deployed):
    environment = emulated(deployed)
    environment.invoke(event(method="OPTIONS", headers=ANY_ORIGIN))
    (function,) = processes.children(environment.process.pid)
    environment.process.terminate()
    assert environment.process.wait(60) == 0
    assert processes.gone([function])
