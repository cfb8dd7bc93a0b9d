"""The sweeper: it runs every hour, and what it takes for abandoned cannot be under way any more."""

from __future__ import annotations

from adapters import dynamodb
from bootstrap import clients
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
    assert longest + TRANSACTION_TOKEN_SECONDS < SAFE_AGE_SECONDS / 2, "the other half is for clocks that disagree"


def longest_call(client) -> float:
    """Seconds that a call can take with all its attempts and the waits between them."""
    config = client.meta.config
    attempts = config.retries["total_max_attempts"]
    return attempts * (config.connect_timeout + config.read_timeout) + (attempts - 1) * clients.BACKOFF_SECONDS


def test_nor_could_it_be_if_nobody_ended_it(aws, monkeypatch):
    """Every call that can follow once a secret may exist, each failing as slowly as it can, without any time limit."""
    waits = []
    monkeypatch.setattr(dynamodb.random, "uniform", lambda _least, most: most)
    monkeypatch.setattr(dynamodb.time, "sleep", waits.append)
    for attempt in range(dynamodb.ATTEMPTS):
        dynamodb._back_off(attempt)
    vault, table = longest_call(clients.secretsmanager()), longest_call(clients.dynamodb())
    create, is_it_ours, discard, read = [vault] * 4
    commit, look_up = dynamodb.ATTEMPTS * table + sum(waits), dynamodb.ATTEMPTS * table
    retries = create + is_it_ours + commit + look_up + discard + read
    assert retries + TRANSACTION_TOKEN_SECONDS < SAFE_AGE_SECONDS / 2


def test_a_sweep_ends_before_the_next_begins(stack):
    assert stack.properties("SweeperFunction")["Timeout"] < 3600
