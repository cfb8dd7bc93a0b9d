"""What holds for every resource of its kind, also for those to come: one promise, one test."""

from __future__ import annotations

import json
import re

import pytest

from bootstrap import clients

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SSM::Parameter",
}
"""What cannot be made again from the template."""

OWN_KEY = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
}
"""Where each kind of resource that keeps or carries data names the key it is encrypted with. Not the bus: ADR 12."""

PERMISSIONS = {"AWS::IAM::Role", "AWS::IAM::Policy"}
CLEARS_ITSELF = 14 * 24 * 3600
"""SQS keeps a message for 14 days at most: the time that people have for a dead letter."""


@pytest.fixture(scope="module")
def whole(stack_of):
    """The production stack with everything that can be chosen."""
    return stack_of(Stage="prod", SystemUsers="[]", AlarmEmail="ops@foundry.example")


def at(properties, path):
    for name in path:
        properties = properties.get(name, {})
    return properties


def targets(stack):
    """Who is invoked by what, other than by callers who wait: pairs of a function's reference and the resource."""
    for kind, place in (("AWS::Events::Rule", "Targets"), ("AWS::Scheduler::Schedule", "Target")):
        for name, properties in stack.every(kind).items():
            listed = properties[place] if isinstance(properties[place], list) else [properties[place]]
            yield from ((target["Arn"], name) for target in listed)
    for name, properties in stack.every("AWS::Lambda::EventSourceMapping").items():
        yield properties["FunctionName"], name


def test_what_cannot_be_made_again_survives_the_stack(whole):
    lost = [
        name
        for name, each in whole.resources.items()
        if each["Type"] in STATEFUL and {each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")} != {"Retain"}
    ]
    assert lost == []


@pytest.mark.parametrize("kind", sorted(OWN_KEY))
def test_what_keeps_or_carries_data_is_encrypted_with_the_own_key(whole, kind):
    keys = {name: at(properties, OWN_KEY[kind]) for name, properties in whole.every(kind).items()}
    assert {name: key for name, key in keys.items() if key not in {"${Key.Arn}", "${Key}"}} == {}


def test_every_table_can_be_restored_and_not_be_deleted_by_mistake(whole):
    for table in whole.every("AWS::DynamoDB::Table").values():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionProtectionEnabled"] is True


def test_every_key_rotates_and_waits_before_it_dies(whole):
    for key in whole.every("AWS::KMS::Key").values():
        assert key["EnableKeyRotation"] is True
        assert key["PendingWindowInDays"] == 30


def test_every_log_group_forgets(whole):
    assert all(group["RetentionInDays"] for group in whole.every("AWS::Logs::LogGroup").values())


def test_every_call_of_the_sdk_ends_before_its_function(whole):
    once = clients.CONNECT_SECONDS + clients.READ_SECONDS
    assert {name: each for name, each in whole.every("AWS::Lambda::Function").items() if each["Timeout"] <= once} == {}


def test_every_function_runs_on_the_processor_of_the_artefact(stack_of):
    for architecture in ("arm64", "x86_64"):
        functions = stack_of(Architecture=architecture).every("AWS::Lambda::Function")
        assert {each["Architectures"][0] for each in functions.values()} == {architecture}


def test_every_function_has_an_alias_and_only_that_is_invoked(whole):
    aliased = {alias["FunctionName"] for alias in whole.every("AWS::Lambda::Alias").values()}
    assert aliased == {f"${{{name}}}" for name in whole.every("AWS::Lambda::Function")}
    invoked = [
        *targets(whole),
        *((each["FunctionName"], name) for name, each in whole.every("AWS::Lambda::Permission").items()),
    ]
    unqualified = [(function, by) for function, by in invoked if re.fullmatch(r"\$\{\w+Function(\.Arn)?\}", function)]
    assert unqualified == []


def test_every_gradual_rollout_is_stopped_by_alarms_in_production(whole):
    groups = whole.every("AWS::CodeDeploy::DeploymentGroup")
    assert groups
    for group in groups.values():
        assert "Canary" in group["DeploymentConfigName"]
        assert group["AlarmConfiguration"]["Alarms"]
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_every_function_whose_callers_wait_is_rolled_out_gradually(whole):
    """What runs by itself is tried again by itself; a broken answer is the caller's."""
    by_itself = {function.removesuffix("Aliaslive}").removeprefix("${") for function, _ in targets(whole)}
    by_itself |= {"BulkReportFunction"}  # the workflow tries it again
    gradual = {name.removesuffix("DeploymentGroup") for name in whole.every("AWS::CodeDeploy::DeploymentGroup")}
    assert set(whole.every("AWS::Lambda::Function")) - by_itself == gradual


def test_every_function_rings_when_it_ends_without_an_answer(whole):
    """By Lambda's own count, by the delay of the stream that it holds up, or by a filter on its log."""
    filters = {
        transformation["MetricName"]: each["LogGroupName"]
        for each in whole.every("AWS::Logs::MetricFilter").values()
        for transformation in each["MetricTransformations"]
    }
    alarms = whole.every("AWS::CloudWatch::Alarm").values()
    watched = {
        dimension["Value"]
        for alarm in alarms
        if alarm.get("MetricName") in {"Errors", "IteratorAge"}
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    } | {filters.get(alarm.get("MetricName")) for alarm in alarms}
    functions = whole.every("AWS::Lambda::Function")
    assert [
        name
        for name, function in functions.items()
        if not {f"${{{name}}}", function["LoggingConfig"]["LogGroup"]} & watched
    ] == []


def test_nothing_that_happens_by_itself_is_tried_for_ever_or_lost_in_silence(whole):
    """A stream's records go to a queue in the end; an event has limits, and its function's alarm tells of the rest."""
    limited = {each["FunctionName"] for each in whole.every("AWS::Lambda::EventInvokeConfig").values()}
    for function, name in targets(whole):
        if whole.resources[name]["Type"] == "AWS::Lambda::EventSourceMapping":
            mapping = whole.properties(name)
            assert mapping["DestinationConfig"]["OnFailure"]["Destination"], name
            assert 0 <= mapping["MaximumRetryAttempts"] < 10_000 or mapping["MaximumRecordAgeInSeconds"] > 0, name
        elif "Function" in function:
            assert function.replace("Aliaslive", "") in limited, name


def test_every_dead_letter_queue_keeps_and_rings(whole):
    watched = {
        dimension["Value"]
        for alarm in whole.every("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    for name, queue in whole.every("AWS::SQS::Queue").items():
        assert queue["MessageRetentionPeriod"] == CLEARS_ITSELF, name
        assert f"${{{name}.QueueName}}" in watched, name


def test_every_state_machine_is_logged_without_what_it_carries_and_traced(whole):
    """Histories are kept for 90 days: credentials must not get into logs as well."""
    for machine in whole.every("AWS::StepFunctions::StateMachine").values():
        assert machine["LoggingConfiguration"]["Level"] in {"ALL", "ERROR", "FATAL"}
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert machine["TracingConfiguration"] == {"Enabled": True}


def test_every_state_machine_rings_when_it_fails(whole):
    ringing = {
        dimension["Value"]
        for alarm in whole.every("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ExecutionsFailed"
        for dimension in alarm["Dimensions"]
    }
    assert ringing == {f"${{{name}}}" for name in whole.every("AWS::StepFunctions::StateMachine")}


def test_every_bucket_is_encrypted_private_and_forgets(whole):
    for bucket in whole.every("AWS::S3::Bucket").values():
        (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "${Key.Arn}"
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert any(rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"])


def test_every_kind_of_resource_has_been_thought_of(whole):
    """A new kind needs its promises in this file, where it keeps, carries, runs or allows something."""
    assert {each["Type"] for each in whole.resources.values()} <= STATEFUL | set(OWN_KEY) | PERMISSIONS | {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Stage",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::Events::EventBus",
        "AWS::Events::Rule",
        "AWS::KMS::Alias",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::MetricFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::StepFunctions::StateMachine",
    }


def test_every_permission_is_for_named_actions(whole):
    """A wildcard allows what AWS invents tomorrow."""
    policies = [each for each in whole.resources.values() if each["Type"] in PERMISSIONS]
    statements = [
        statement
        for each in policies
        for policy in [*each["Properties"].get("Policies", []), each["Properties"]]
        for statement in policy.get("PolicyDocument", {}).get("Statement", [])
    ]
    assert len(statements) > 10
    actions = [statement["Action"] for statement in statements]
    assert [each for each in actions if "*" in json.dumps(each)] == []
    assert [each for each in statements if "NotAction" in each or "NotResource" in each] == []
    assert {statement["Effect"] for statement in statements} == {"Allow"}


def test_nobody_outside_of_the_account_is_given_anything(whole):
    """Principals are services, which say for whom, or the account itself."""
    for name, resource in whole.resources.items():
        # Everybody may be denied something.
        granting = re.sub(r'\{[^{}]*"Effect": "Deny", "Principal": "\*"', "{", json.dumps(resource))
        for principal in re.findall(r'"Principal": (\{[^}]*\}|"[^"]*")', granting):
            assert "*" not in principal, name
            assert re.search(r"amazonaws\.com|:111122223333:", principal), name
