"""Who may do what: every role has one user, and every permission is one that the code uses."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

ADAPTERS = Path(__file__).parents[2] / "src" / "adapters"
SERVICES = {
    "bulk_results": "s3",
    "dynamodb": "dynamodb",
    "event_bridge": "events",
    "secrets_manager": "secretsmanager",
    "parameter_store": "ssm",
}
"""The adapters that call AWS, and the prefix of the actions they need."""

CREATION = [
    "dynamodb.DynamoDbInstances.commit",
    "dynamodb.DynamoDbInstances._request",
    "dynamodb.DynamoDbInstances._item",
    "secrets_manager.SecretsManagerVault",
    "secrets_manager.read_text",
]
USED = {
    "ApiRole": [*CREATION, "parameter_store.Parameter"],
    "OrchestrationRole": [*CREATION, "parameter_store.read_password", "secrets_manager.read_password"],
    "SweeperRole": [
        "dynamodb.DynamoDbInstances.secrets_of",
        "secrets_manager.SecretsManagerSecrets",
    ],
    "OutboxRole": ["event_bridge.EventBridgeBus"],
    "BulkReportRole": ["bulk_results.S3BulkResults"],
}
"""What the function of each role uses of them."""

FOLLOWING_A_STREAM = {
    f"dynamodb:{action}" for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}
"""What Lambda itself does in the name of a function that a stream invokes."""

STATE_MACHINES = {"BulkRole", "OnboardingRole"}
"""Roles of state machines: tests/template/test_state_machines.py."""

ACCOUNT = "eu-central-1:111122223333"
INSTANCE_SECRETS = f"arn:aws:secretsmanager:{ACCOUNT}:secret:instance-foundry/dev/instances/*"
PASSWORD_SECRETS = f"arn:aws:secretsmanager:{ACCOUNT}:secret:instance-foundry/dev/passwords/*"
PASSWORD_PARAMETERS = f"arn:aws:ssm:{ACCOUNT}:parameter/instance-foundry/dev/passwords/*"
SYSTEM_USERS = f"arn:aws:ssm:{ACCOUNT}:parameter/instance-foundry/dev/system-users"


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(stack: Any, role: str) -> list[Any]:
    """What the role's own policies say, and those that the stack puts into it."""
    shared = [each for each in stack.every("AWS::IAM::Policy").values() if f"${{{role}}}" in each["Roles"]]
    policies = [*stack.properties(role).get("Policies", ()), *shared]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def allowed(stack: Any, role: str) -> dict[str, Any]:
    """Each statement's actions, resource and condition."""
    return {
        statement["Sid"]: (listed(statement["Action"]), statement["Resource"], statement.get("Condition"))
        for statement in statements(stack, role)
    }


def code(place: str) -> ast.AST:
    """The class or function at ``module.name.name``."""
    module, *names = place.split(".")
    node: Any = ast.parse((ADAPTERS / f"{module}.py").read_text())
    for name in names:
        (node,) = (each for each in node.body if getattr(each, "name", None) == name)
    return node


def actions_needed(place: str) -> set[str]:
    """The actions behind the operations that the code calls on the client it was given."""
    prefix, actions = SERVICES[place.split(".", maxsplit=1)[0]], set()
    for node in ast.walk(code(place)):
        if isinstance(node, ast.Call) and re.search(r"\b_?client\.\w+$", ast.unparse(node.func)):
            operation = ast.unparse(node.func).split(".")[-1]
            if operation == "get_paginator":
                operation = ast.literal_eval(node.args[0])
            actions.add("".join(word.capitalize() for word in operation.split("_")))
            actions |= {"TagResource"} if any(argument.arg == "Tags" for argument in node.keywords) else set()
        if isinstance(node, ast.Dict) and prefix == "dynamodb":
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            actions |= {f"{part}Item" for part in keys & {"Put", "Update", "Delete", "ConditionCheck"}}
    # A transaction is authorised by its parts.
    return {f"{prefix}:{action}" for action in actions - {"TransactWriteItems"}}


TO_CREATE = {
    "ReadReceipts": (["dynamodb:GetItem"], "${InstanceTable.Arn}", None),
    "WriteOnlyInTransactions": (
        ["dynamodb:PutItem"],
        "${InstanceTable.Arn}",
        {"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}},
    ),
    "KeepCredentials": (
        [
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
            "secretsmanager:GetSecretValue",
            "secretsmanager:DeleteSecret",
        ],
        INSTANCE_SECRETS,
        None,
    ),
    "FingerprintRequests": (["secretsmanager:GetSecretValue"], "${FingerprintSecret}", None),
    "EncryptSecrets": (
        ["kms:GenerateDataKey", "kms:Decrypt"],
        "${Key.Arn}",
        {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}},
    ),
    "OpenTable": (
        ["kms:Decrypt"],
        "${Key.Arn}",
        {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}},
    ),
}
"""What every function that creates instances needs."""


def test_the_api_may_do_exactly_this(stack):
    """A reviewer sees any change of what the function may do here, as a whole."""
    assert allowed(stack, "ApiRole") == {
        **TO_CREATE,
        "KnowSystemUsers": (["ssm:GetParameter"], SYSTEM_USERS, None),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], "${ApiLogs.Arn}", None),
        "SendTraces": (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", None),
    }


def test_the_orchestration_may_do_exactly_this(stack):
    """As the API, but for passwords in the place of callers."""
    assert allowed(stack, "OrchestrationRole") == {
        **TO_CREATE,
        "ReadPasswordSecrets": (["secretsmanager:GetSecretValue"], PASSWORD_SECRETS, None),
        "ReadPasswordParameters": (["ssm:GetParameter"], PASSWORD_PARAMETERS, None),
        "DecryptPasswordParameters": (
            ["kms:Decrypt"],
            "${Key.Arn}",
            {"StringEquals": {"kms:ViaService": "ssm.eu-central-1.amazonaws.com"}},
        ),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], "${OrchestrationLogs.Arn}", None),
        "SendTraces": (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", None),
    }


def test_the_sweeper_may_do_exactly_this(stack):
    """It reads no secret and writes no record."""
    assert allowed(stack, "SweeperRole") == {
        "FindSecrets": (["secretsmanager:ListSecrets"], "*", None),
        "ReadReferences": (["dynamodb:BatchGetItem"], "${InstanceTable.Arn}", None),
        "RemoveOrphans": (["secretsmanager:DeleteSecret"], INSTANCE_SECRETS, None),
        "OpenTable": (
            ["kms:Decrypt"],
            "${Key.Arn}",
            {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}},
        ),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], "${SweeperLogs.Arn}", None),
        "SendTraces": (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", None),
    }


def test_the_outbox_may_do_exactly_this(stack):
    assert allowed(stack, "OutboxRole") == {
        "FollowTable": (
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            "${InstanceTable.StreamArn}",
            None,
        ),
        "FindStream": (["dynamodb:ListStreams"], "*", None),
        "OpenTable": (
            ["kms:Decrypt"],
            "${Key.Arn}",
            {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}},
        ),
        "Publish": (["events:PutEvents"], "${EventBus.Arn}", None),
        "SetAside": (["sqs:SendMessage"], "${OutboxDeadLetters.Arn}", None),
        "EncryptDeadLetters": (
            ["kms:GenerateDataKey", "kms:Decrypt"],
            "${Key.Arn}",
            {"StringEquals": {"kms:ViaService": "sqs.eu-central-1.amazonaws.com"}},
        ),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], "${OutboxLogs.Arn}", None),
        "SendTraces": (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", None),
    }


@pytest.mark.parametrize("role", sorted(USED))
def test_a_role_allows_what_its_function_calls_and_nothing_else(stack, role):
    """Emulators don't check permissions: without this, a new call fails for the first time in production."""
    needed = set().union(*map(actions_needed, USED[role]))
    granted = {action for statement in statements(stack, role) for action in listed(statement["Action"])}
    own = granted - FOLLOWING_A_STREAM
    assert {action for action in own if action.split(":")[0] in SERVICES.values()} == needed


def test_every_role_is_compared_with_the_code(stack):
    assert set(USED) == set(stack.every("AWS::IAM::Role")) - {"CodeDeployServiceRole"} - STATE_MACHINES


def test_every_function_has_a_role_of_its_own(stack):
    roles = [function["Role"] for function in stack.every("AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles)


def test_no_role_of_ours_has_managed_policies(stack):
    """A managed policy is somebody else's to widen. CodeDeploy's role is SAM's, for CodeDeploy alone."""
    ours = {name: role for name, role in stack.every("AWS::IAM::Role").items() if name != "CodeDeployServiceRole"}
    assert ours
    assert not [name for name, role in ours.items() if "ManagedPolicyArns" in role]


def test_roles_can_be_assumed_by_their_service_only(stack):
    others = {"CodeDeployServiceRole": "codedeploy"} | dict.fromkeys(STATE_MACHINES, "states")
    for name, role in stack.every("AWS::IAM::Role").items():
        service = f"{others.get(name, 'lambda')}.amazonaws.com"
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            assert listed(statement["Principal"]["Service"]) == [service]
            assert listed(statement["Action"]) == ["sts:AssumeRole"]


KNOW_NO_RESOURCES = {
    "dynamodb:ListStreams",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "secretsmanager:ListSecrets",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions that AWS can only allow for everything; none of them reads what is kept."""


def test_no_data_action_has_a_wildcard(stack):
    for role in stack.every("AWS::IAM::Role"):
        for statement in statements(stack, role):
            actions = listed(statement["Action"])
            assert not [action for action in actions if "*" in action]
            assert KNOW_NO_RESOURCES.issuperset(actions) or "*" not in listed(statement["Resource"])


def test_no_policy_has_a_wildcard_principal(stack):
    documents = [
        *(key["KeyPolicy"] for key in stack.every("AWS::KMS::Key").values()),
        *(policy["PolicyDocument"] for policy in stack.every("AWS::SNS::TopicPolicy").values()),
        *(role["AssumeRolePolicyDocument"] for role in stack.every("AWS::IAM::Role").values()),
    ]
    principals = [statement["Principal"] for document in documents for statement in document["Statement"]]
    assert len(principals) > 5
    assert not [principal for principal in principals if "*" in str(principal)]


def test_the_gateway_and_the_clock_may_call_their_alias_and_nobody_else_may(stack):
    assert {
        permission["FunctionName"]: (permission["Principal"], permission["SourceArn"])
        for permission in stack.every("AWS::Lambda::Permission").values()
    } == {
        "${ApiFunctionAliaslive}": ("apigateway.amazonaws.com", f"arn:aws:execute-api:{ACCOUNT}:${{HttpApi}}/*/*"),
        "${SweeperFunctionAliaslive}": ("events.amazonaws.com", "${SweeperFunctionEveryHour.Arn}"),
    }


def test_the_key_serves_the_account_and_this_deployments_logs_and_alarms(stack):
    groups = f"arn:aws:logs:{ACCOUNT}:log-group:"
    assert {
        statement["Sid"]: (statement["Principal"], listed(statement["Action"]), statement.get("Condition"))
        for statement in stack.properties("Key")["KeyPolicy"]["Statement"]
    } == {
        "AccountAdministers": ({"AWS": "arn:aws:iam::111122223333:root"}, ["kms:*"], None),
        "LogsOfThisDeployment": (
            {"Service": "logs.eu-central-1.amazonaws.com"},
            ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": [
                        f"{groups}/instance-foundry/dev/*",
                        f"{groups}/aws/vendedlogs/instance-foundry/dev/*",
                    ]
                }
            },
        ),
        "AlarmsOfThisDeployment": (
            {"Service": "cloudwatch.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{ACCOUNT}:alarm:instance-foundry-dev-*"},
            },
        ),
    }


def test_only_alarms_of_this_deployment_publish_to_the_topic(stack):
    (statement,) = stack.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{ACCOUNT}:alarm:instance-foundry-dev-*"},
    }
