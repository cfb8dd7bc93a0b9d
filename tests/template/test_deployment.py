"""The template as a whole: what it asks and what it says. `make check` asks cfn-lint and checkov, too."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

STAGES = tomllib.loads((Path(__file__).parents[2] / "samconfig.toml").read_text())


def overrides(stage):
    return dict(each.split("=", 1) for each in STAGES[stage]["global"]["parameters"]["parameter_overrides"])


def test_every_parameter_is_described_and_has_its_place_in_the_console(template):
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    placed = [name for group in groups for name in group["Parameters"]]
    assert sorted(placed) == sorted(template["Parameters"])
    assert all(parameter["Description"] for parameter in template["Parameters"].values())


def test_the_public_name_is_the_only_decision_without_a_default(template):
    assert [name for name, each in template["Parameters"].items() if "Default" not in each] == ["ExternalDomain"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_stage_deploys_with_what_samconfig_says(template, stage):
    given, deploy = overrides(stage), STAGES[stage]["deploy"]["parameters"]
    assert given["Stage"] == stage
    assert set(given) <= set(template["Parameters"])
    assert {name for name, each in template["Parameters"].items() if "Default" not in each} <= set(given)
    for name, value in given.items():
        parameter = template["Parameters"][name]
        assert re.fullmatch(parameter.get("AllowedPattern", ".*"), value)
        assert value in map(str, parameter.get("AllowedValues", [value]))
    assert deploy["resolve_s3"] is True
    assert deploy["capabilities"] == "CAPABILITY_IAM"


def test_production_is_deployed_after_a_look_at_the_changes():
    assert STAGES["prod"]["deploy"]["parameters"]["confirm_changeset"] is True


def test_no_role_has_a_name_that_would_need_more_than_capability_iam(stack):
    assert not [name for name, role in stack.every("AWS::IAM::Role").items() if "RoleName" in role]


def test_the_outputs_say_where_everything_is(stack):
    assert stack.outputs == {
        "OnboardingStateMachine": "${OnboardingStateMachine}",
        "BulkStateMachine": "${BulkStateMachine}",
        "BulkBucket": "${BulkBucket}",
        "EventBus": "${EventBus.Arn}",
        "ApiUrl": "${HttpApi.ApiEndpoint}",
        "FunctionName": "${ApiFunction}",
        "OrchestrationFunctionArn": "${OrchestrationFunctionAliaslive}",
        "TableName": "${InstanceTable}",
        "KeyArn": "${Key.Arn}",
        "SystemUsersParameter": "/instance-foundry/dev/system-users",
        "AlarmTopic": "${AlarmTopic}",
    }
