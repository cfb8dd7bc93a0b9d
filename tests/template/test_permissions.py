"""Who may do what: every role has one user, and every permission is one that the code uses."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

ADAPTERS = Path(__file__).parents[2] / "src" / "adapters"
SERVICES = {"dynamodb.py": "dynamodb", "secrets_manager.py": "secretsmanager", "parameter_store.py": "ssm"}

ACCOUNT = "eu-central-1:111122223333"
INSTANCE_SECRETS = f"arn:aws:secretsmanager:{ACCOUNT}:secret:instance-foundry/dev/instances/*"
SYSTEM_USERS = f"arn:aws:ssm:{ACCOUNT}:parameter/instance-foundry/dev/system-users"


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(role: Any) -> list[Any]:
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def calls_of(module: Path) -> set[str]:
    """The operations that a module calls on the client it was given."""
    calls = (node.func for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call))
    methods = (call for call in calls if isinstance(call, ast.Attribute))
    return {call.attr for call in methods if re.search(r"\b_?client$", ast.unparse(call.value))}


def test_the_api_may_do_exactly_this(stack):
    """A reviewer sees any change of what the function may do here, as a whole."""
    assert {
        statement["Sid"]: (listed(statement["Action"]), statement["Resource"], statement.get("Condition"))
        for statement in statements(stack.properties("ApiRole"))
    } == {
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
        "KnowSystemUsers": (["ssm:GetParameter"], SYSTEM_USERS, None),
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
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], "${ApiLogs.Arn}", None),
        "SendTraces": (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", None),
    }


def test_every_call_of_the_adapters_is_allowed_and_nothing_else_is(stack):
    """Emulators don't check permissions: without this, a new call fails for the first time in production."""
    called = {
        f"{service}:{''.join(word.capitalize() for word in call.split('_'))}"
        for module, service in SERVICES.items()
        for call in calls_of(ADAPTERS / module)
    }
    # A transaction is authorised by its parts, and creating a secret with tags by both.
    store = (ADAPTERS / "dynamodb.py").read_text()
    parts = {part for part in ("Put", "Update", "Delete", "ConditionCheck") if f'"{part}":' in store}
    needed = called - {"dynamodb:TransactWriteItems"} | {f"dynamodb:{part}Item" for part in parts}
    needed |= {"secretsmanager:TagResource"} if "Tags=" in (ADAPTERS / "secrets_manager.py").read_text() else set()
    allowed = {
        action for statement in statements(stack.properties("ApiRole")) for action in listed(statement["Action"])
    }
    assert {action for action in allowed if action.split(":")[0] in SERVICES.values()} == needed


def test_every_function_has_a_role_of_its_own(stack):
    roles = [function["Role"] for function in stack.every("AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles)


def test_no_role_of_ours_has_managed_policies(stack):
    """A managed policy is somebody else's to widen. CodeDeploy's role is SAM's, for CodeDeploy alone."""
    ours = {name: role for name, role in stack.every("AWS::IAM::Role").items() if name != "CodeDeployServiceRole"}
    assert ours
    assert not [name for name, role in ours.items() if "ManagedPolicyArns" in role]


def test_roles_can_be_assumed_by_lambda_only(stack):
    for name, role in stack.every("AWS::IAM::Role").items():
        service = "codedeploy.amazonaws.com" if name == "CodeDeployServiceRole" else "lambda.amazonaws.com"
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            assert listed(statement["Principal"]["Service"]) == [service]
            assert listed(statement["Action"]) == ["sts:AssumeRole"]


def test_no_data_action_has_a_wildcard(stack):
    for role in stack.every("AWS::IAM::Role").values():
        for statement in statements(role) if "Policies" in role else ():
            actions = listed(statement["Action"])
            assert not [action for action in actions if "*" in action]
            tracing = all(action.startswith("xray:") for action in actions)
            assert tracing or "*" not in listed(statement["Resource"])


def test_no_policy_has_a_wildcard_principal(stack):
    documents = [
        *(key["KeyPolicy"] for key in stack.every("AWS::KMS::Key").values()),
        *(policy["PolicyDocument"] for policy in stack.every("AWS::SNS::TopicPolicy").values()),
        *(role["AssumeRolePolicyDocument"] for role in stack.every("AWS::IAM::Role").values()),
    ]
    principals = [statement["Principal"] for document in documents for statement in document["Statement"]]
    assert len(principals) > 5
    assert not [principal for principal in principals if "*" in str(principal)]


def test_the_gateway_may_call_the_alias_and_nobody_else_may(stack):
    (permission,) = stack.every("AWS::Lambda::Permission").values()
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["FunctionName"] == "${ApiFunctionAliaslive}"
    assert permission["SourceArn"] == f"arn:aws:execute-api:{ACCOUNT}:${{HttpApi}}/*/*"


@pytest.mark.parametrize("service", ["logs.eu-central-1.amazonaws.com", "cloudwatch.amazonaws.com"])
def test_services_use_the_key_for_this_deployment_only(stack, service):
    (statement,) = [
        each
        for each in stack.properties("Key")["KeyPolicy"]["Statement"]
        if each["Principal"].get("Service") == service
    ]
    patterns = [listed(value) for value in statement["Condition"]["ArnLike"].values()]
    assert all(
        ACCOUNT in arn and re.search(r"instance-foundry[-/]dev[-/]\*$", arn) for arns in patterns for arn in arns
    )


def test_only_alarms_of_this_deployment_publish_to_the_topic(stack):
    (statement,) = stack.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{ACCOUNT}:alarm:instance-foundry-dev-*"},
    }
