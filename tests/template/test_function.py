"""The function: its runtime, its limits, its environment, its logs, and how a new version takes over."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from bootstrap import clients
from bootstrap.settings import VARIABLES, from_environment

HANDLERS = Path(__file__).parents[2] / "src" / "handlers"
LOCAL_ONLY = {"SYSTEM_USERS"}
"""Given directly, without Parameter Store, where there is no deployment."""

LIBRARIES = ("AWS_", "POWERTOOLS_")


def environment(stack):
    """The variables, which are the deployment's: every function has the same."""
    first, *others = [each["Environment"]["Variables"] for each in stack.every("AWS::Lambda::Function").values()]
    assert all(other == first for other in others)
    return first


def test_the_handlers_exist(stack):
    for properties in stack.every("AWS::Lambda::Function").values():
        module, function = properties["Handler"].rsplit(".", 1)
        path = HANDLERS.parent.joinpath(*module.split(".")).with_suffix(".py")
        assert f"def {function}(" in path.read_text()


def test_every_function_runs_the_python_that_the_bytecode_is_for(stack):
    packager = HANDLERS.parents[1].joinpath("tools", "package").read_text()
    for function in stack.every("AWS::Lambda::Function").values():
        major, minor = function["Runtime"].removeprefix("python").split(".")
        assert f"RUNTIME = ({major}, {minor})" in packager


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_architecture_is_the_deployments_choice(stack_of, architecture):
    stack = stack_of(Architecture=architecture)
    assert stack.properties("ApiFunction")["Architectures"] == [architecture]


def test_the_code_gives_up_before_the_function_and_the_function_before_the_gateway(stack):
    (route,) = stack.properties("HttpApi")["Body"]["paths"].values()
    gateway = route["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]["timeoutInMillis"] / 1000
    one_call = clients.CONNECT_SECONDS + clients.READ_SECONDS
    assert stack.properties("OrchestrationFunction")["Timeout"] == stack.properties("ApiFunction")["Timeout"]
    limits = [one_call, stack.properties("ApiFunction")["Timeout"], gateway, 30]
    assert all(inner < outer for inner, outer in itertools.pairwise(limits)), limits


def test_concurrency_is_reserved_on_demand(stack, stack_of):
    assert "ReservedConcurrentExecutions" not in stack.properties("ApiFunction")
    stopped = stack_of(ReservedConcurrency="0").properties("ApiFunction")
    assert stopped["ReservedConcurrentExecutions"] == "0"


def test_the_environment_is_what_the_code_reads(stack):
    given = {name for name in environment(stack) if not name.startswith(LIBRARIES)}
    assert given == set(VARIABLES) - LOCAL_ONLY


def test_the_code_starts_with_the_environment_of_a_default_deployment(stack):
    settings = from_environment({name: str(value) for name, value in environment(stack).items()})
    assert settings.external.origin() == "https://foundry.example"
    assert settings.secrets_prefix == "instance-foundry/dev/instances"
    assert settings.receipt_seconds == 90 * 24 * 3600, "as long as Step Functions keeps an execution and its name"


def test_the_secrets_prefix_is_where_the_role_may_keep_secrets(stack):
    statements = stack.properties("CreationPolicy")["PolicyDocument"]["Statement"]
    (allowed,) = [each["Resource"] for each in statements if each["Sid"] == "KeepCredentials"]
    assert allowed.endswith(f":secret:{environment(stack)['SECRETS_PREFIX']}/*")


def test_the_passwords_prefix_is_where_the_role_may_read_passwords(stack):
    (policy,) = stack.properties("OrchestrationRole")["Policies"]
    places = {each["Sid"]: each["Resource"] for each in policy["PolicyDocument"]["Statement"]}
    prefix = environment(stack)["PASSWORDS_PREFIX"]
    assert places["ReadPasswordSecrets"].endswith(f":secret:{prefix}/*")
    assert places["ReadPasswordParameters"].endswith(f":parameter/{prefix}/*")


def test_the_environment_holds_no_secret(stack):
    """Anyone who may describe the function can read it: names and addresses only."""
    assert environment(stack)["FINGERPRINT_SECRET"] == "${FingerprintSecret}"
    assert "GenerateSecretString" not in json.dumps(environment(stack))
    assert "resolve:" not in json.dumps(environment(stack))


def test_nothing_logs_whole_events(stack):
    """They have the caller's token in them."""
    assert not {"POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_DEV", "POWERTOOLS_DEBUG"} & set(environment(stack))


def test_a_deployment_cannot_be_pointed_at_another_aws(template, stack):
    assert environment(stack)["AWS_ENDPOINT_URL"] == ""
    (assertion,) = template["Rules"]["TheEndpointIsForLocalUse"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "AwsEndpointUrl"}, ""]}


def test_no_variable_depends_on_a_condition(template):
    """`sam local` makes "" of Fn::If with AWS::NoValue, whatever the condition."""
    assert "Fn::If" not in json.dumps(template["Globals"]["Function"]["Environment"])


def test_every_function_has_a_log_group_of_its_own(stack):
    groups = [each["LoggingConfig"]["LogGroup"] for each in stack.every("AWS::Lambda::Function").values()]
    assert len(set(groups)) == len(groups)
    assert {group.strip("${}") for group in groups} <= set(stack.every("AWS::Logs::LogGroup"))


def test_logs_are_kept_for_the_chosen_time_and_not_for_ever(stack_of):
    groups = stack_of(LogRetentionDays="365").every("AWS::Logs::LogGroup")
    assert {group["RetentionInDays"] for group in groups.values()} == {"365"}


def test_logs_are_json(stack):
    for function in stack.every("AWS::Lambda::Function").values():
        assert function["LoggingConfig"]["LogFormat"] == "JSON"


def test_lambda_traces_without_a_tracer(stack):
    for function in stack.every("AWS::Lambda::Function").values():
        assert function["TracingConfig"] == {"Mode": "Active"}


CANARY_ALARMS = {
    "ApiFunction": ["ApiNewVersionErrorsAlarm", "ApiNewVersionFaultsAlarm"],
    "OrchestrationFunction": ["OrchestrationNewVersionFaultsAlarm", "OrchestrationCrashesAlarm"],
}


@pytest.mark.parametrize("function", CANARY_ALARMS)
def test_production_takes_a_new_version_by_canary_that_alarms_stop(production, function):
    group = production.properties(f"{function}DeploymentGroup")
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert group["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [{"Name": f"${{{alarm}}}"} for alarm in CANARY_ALARMS[function]],
    }
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


@pytest.mark.parametrize("function", CANARY_ALARMS)
def test_other_stages_take_a_new_version_at_once(stack, function):
    group = stack.properties(f"{function}DeploymentGroup")
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert not group["AlarmConfiguration"]


def test_a_change_of_configuration_alone_is_a_new_version_too(template):
    functions = [each for each in template["Resources"].values() if each["Type"] == "AWS::Serverless::Function"]
    assert all(each["Properties"]["AutoPublishAliasAllProperties"] is True for each in functions)
