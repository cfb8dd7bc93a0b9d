"""The state machines: their definitions and what the template puts into them, what they may do, and what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STATES = "arn:aws:states:eu-central-1:111122223333"
RETRYABLE = {
    "ResourceExhausted",
    "Unavailable",
    "DeadlineExceeded",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
}
SECRETS_MANAGER_WRITES_PER_SECOND = 50
FASTEST_CREATION_SECONDS = 0.25

MACHINES = {
    "OnboardingStateMachine": ("onboarding", "OnboardingRole", "OnboardingLogs", "OnboardingFailedAlarm"),
    "BulkStateMachine": ("bulk", "BulkRole", "BulkLogs", "BulkFailedAlarm"),
}


def definition(name):
    return yaml.safe_load((ROOT / "statemachines" / f"{name}.asl.yaml").read_text())


def all_states(machine):
    """Every state by its name, those inside of a Map too."""
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def allowed(role):
    return {
        statement["Sid"]: (statement["Action"], statement["Resource"], statement.get("Condition"))
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    }


def test_these_are_the_state_machines(stack):
    assert set(stack.every("AWS::StepFunctions::StateMachine")) == set(MACHINES)
    assert {f"{name}.asl.yaml" for name, *_ in MACHINES.values()} == {
        path.name for path in (ROOT / "statemachines").iterdir()
    }


@pytest.mark.parametrize("machine", MACHINES)
def test_the_template_fills_every_gap_of_the_definition_and_no_other(stack, template, machine):
    """SAM and cfn-lint look neither into the file nor for what it lacks."""
    name, *_ = MACHINES[machine]
    properties = template["Resources"][machine]["Properties"]
    assert properties["DefinitionUri"] == f"statemachines/{name}.asl.yaml"
    gaps = set(re.findall(r"\$\{(\w+)\}", (ROOT / properties["DefinitionUri"]).read_text()))
    substitutions = stack.properties(machine)["DefinitionSubstitutions"]
    assert set(substitutions) == gaps
    known = stack.resources.keys() | {f"{function}.Alias" for function in stack.resources}
    assert {value.strip("${}") for value in substitutions.values()} <= known


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_is_a_standard_one_with_a_role_of_its_own(stack, machine):
    _, role, *_ = MACHINES[machine]
    properties = stack.properties(machine)
    assert properties["StateMachineType"] == "STANDARD"
    assert properties["RoleArn"] == f"${{{role}.Arn}}"
    assert properties["TracingConfiguration"] == {"Enabled": True}


@pytest.mark.parametrize("machine", MACHINES)
def test_logs_have_errors_and_never_the_data(stack, machine):
    *_, logs, _ = MACHINES[machine]
    assert stack.properties(machine)["LoggingConfiguration"] == {
        "Level": "ERROR",
        "IncludeExecutionData": False,
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": f"${{{logs}.Arn}}"}}],
    }


@pytest.mark.parametrize("machine", MACHINES)
def test_a_failed_execution_rings(stack, machine):
    *_, alarm = MACHINES[machine]
    found = stack.properties(alarm)
    assert (found["Namespace"], found["MetricName"], found["Threshold"]) == ("AWS/States", "ExecutionsFailed", 0)
    assert found["Dimensions"] == [{"Name": "StateMachineArn", "Value": f"${{{machine}}}"}]


def creations():
    for name, *_ in MACHINES.values():
        for state_name, state in all_states(definition(name)):
            if state.get("Arguments", {}).get("FunctionName") == "${OrchestrationFunction}":
                yield pytest.param(state, id=f"{name}.{state_name}")


@pytest.mark.parametrize("state", list(creations()))
def test_only_what_may_be_over_soon_is_tried_again(state):
    (only,) = state["Retry"]
    assert set(only["ErrorEquals"]) == RETRYABLE
    assert only["JitterStrategy"] == "FULL"
    assert only["BackoffRate"] == 2
    assert only["MaxDelaySeconds"] <= 60
    assert "idempotencyKey" in state["Arguments"]["Payload"], "or a second try would make a second instance"


@pytest.mark.parametrize("state", list(creations()))
def test_every_other_error_is_caught(state):
    assert [catcher["ErrorEquals"] for catcher in state["Catch"]] == [["States.ALL"]]


@pytest.mark.parametrize("name", [name for name, *_ in MACHINES.values()])
def test_every_task_ends(name):
    assert not [
        state_name
        for state_name, state in all_states(definition(name))
        if state["Type"] == "Task" and "TimeoutSeconds" not in state
    ]


def test_a_line_of_a_bulk_run_ends_before_express_ends_it():
    """Five minutes: all tries and the longest waits between them must fit."""
    create = dict(all_states(definition("bulk")))["Create"]
    retry = create["Retry"][0]
    waits = [min(retry["MaxDelaySeconds"], retry["IntervalSeconds"] * 2**n) for n in range(retry["MaxAttempts"])]
    assert create["TimeoutSeconds"] * (retry["MaxAttempts"] + 1) + sum(waits) < 300


def test_a_bulk_run_leaves_secrets_manager_to_others_too():
    concurrency = definition("bulk")["States"]["CreateAll"]["MaxConcurrency"]
    assert concurrency / FASTEST_CREATION_SECONDS < SECRETS_MANAGER_WRITES_PER_SECOND


def test_an_onboarding_may_do_exactly_this(stack):
    onboarding = allowed(stack.properties("OnboardingRole"))
    del onboarding["DeliverLogs"], onboarding["SendTraces"]
    assert onboarding == {
        "Create": ("lambda:InvokeFunction", "${OrchestrationFunctionAliaslive}", None),
        "Announce": ("events:PutEvents", "${EventBus.Arn}", None),
    }


def test_an_onboarding_that_cannot_go_on_is_announced_and_fails():
    states = dict(all_states(definition("onboarding")))
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task"}
    assert {name: [catch["Next"] for catch in state["Catch"]] for name, state in tasks.items()} == {
        name: ["Failed" if name == "AnnounceFailure" else "AnnounceFailure"] for name in tasks
    }


def test_an_event_is_announced_where_the_deployment_has_its_bus():
    events = [
        entry
        for _, state in all_states(definition("onboarding"))
        for entry in state.get("Arguments", {}).get("Entries", [])
    ]
    assert len(events) == 3
    assert {(entry["EventBusName"], entry["Source"]) for entry in events} == {("${EventBus}", "instance-foundry")}
    schemas = {path.name for path in (ROOT / "docs" / "events").glob("*.schema.json")}
    assert {f"{entry['DetailType'].replace('.', '-')}.schema.json" for entry in events} <= schemas


def test_a_bulk_run_may_do_exactly_this(stack):
    bulk = allowed(stack.properties("BulkRole"))
    del bulk["DeliverLogs"], bulk["SendTraces"]
    assert bulk == {
        "CreateAndReport": (
            "lambda:InvokeFunction",
            ["${OrchestrationFunctionAliaslive}", "${BulkReportFunctionAliaslive}"],
            None,
        ),
        "StartLines": ("states:StartExecution", f"{STATES}:stateMachine:instance-foundry-dev-bulk", None),
        "FollowLines": (
            ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"],
            f"{STATES}:execution:instance-foundry-dev-bulk*",
            None,
        ),
        "ReadRequests": ("s3:GetObject", "${BulkBucket.Arn}/requests/*", None),
        "WriteResults": (
            ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
            "${BulkBucket.Arn}/results/*",
            None,
        ),
        "EncryptResults": (
            ["kms:GenerateDataKey", "kms:Decrypt"],
            "${Key.Arn}",
            {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}},
        ),
    }


def test_the_name_in_the_role_is_the_machines(stack):
    assert stack.properties("BulkStateMachine")["StateMachineName"] == "instance-foundry-dev-bulk"


def test_the_report_is_written_where_results_are_and_nowhere_else(stack):
    report = allowed(stack.properties("BulkReportRole"))
    assert report["ReadResultsAndWriteReport"] == (
        ["s3:GetObject", "s3:PutObject"],
        "${BulkBucket.Arn}/results/*",
        None,
    )


def test_the_bucket_is_private_and_encrypted_and_forgets(stack):
    bucket = stack.properties("BulkBucket")
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "${Key.Arn}"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert 0 < rule["ExpirationInDays"] <= 90
    (only,) = stack.properties("BulkBucketPolicy")["PolicyDocument"]["Statement"]
    assert (only["Effect"], only["Action"]) == ("Deny", "s3:*")
    assert only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
