"""The sweeper: it runs every hour, and what it takes for abandoned cannot be under way any more."""

from __future__ import annotations

from domain.sweep_secrets import SAFE_AGE_SECONDS

TRANSACTION_TOKEN_SECONDS = 600
"""How long DynamoDB remembers a ClientRequestToken, and so the latest that a transaction can take effect."""


def test_it_runs_every_hour_and_its_alias_is_what_runs(stack):
    (rule,) = stack.every("AWS::Events::Rule").values()
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    assert [target["Arn"] for target in rule["Targets"]] == ["${SweeperFunctionAliaslive}"]
    assert "Input" not in rule["Targets"][0], "dry runs are for people"


def test_a_failed_sweep_is_not_repeated_but_followed_by_the_next(stack):
    (config,) = stack.every("AWS::Lambda::EventInvokeConfig").values()
    assert config["Qualifier"] == "live"
    assert config["MaximumRetryAttempts"] == 0
    assert config["MaximumEventAgeInSeconds"] == 3600


def test_no_creation_can_be_under_way_for_longer_than_the_safe_age(stack):
    functions = stack.every("AWS::Lambda::Function")
    longest = max(each["Timeout"] for name, each in functions.items() if name != "SweeperFunction")
    assert longest + TRANSACTION_TOKEN_SECONDS < SAFE_AGE_SECONDS


def test_a_sweep_ends_before_the_next_begins(stack):
    assert stack.properties("SweeperFunction")["Timeout"] < 3600
