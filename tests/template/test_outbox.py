"""The outbox: which records invoke it, in what portions, and what becomes of an event that cannot be published."""

from __future__ import annotations

import json

import pytest

from adapters.event_bridge import ENTRIES_PER_CALL


@pytest.fixture
def mapping(stack):
    (mapping,) = stack.every("AWS::Lambda::EventSourceMapping").values()
    return mapping


def test_the_tables_stream_invokes_the_version_in_use(mapping):
    assert mapping["EventSourceArn"] == "${InstanceTable.StreamArn}"
    assert mapping["FunctionName"] == "${OutboxFunctionAliaslive}"


def test_only_new_events_invoke_it(mapping):
    """tests/handlers/test_outbox.py holds the pattern against what a creation really writes."""
    (only,) = mapping["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"type": {"S": ["event"]}}},
    }


def test_no_event_is_skipped_when_the_mapping_is_made_again(mapping):
    assert mapping["StartingPosition"] == "TRIM_HORIZON"


def test_a_batch_is_one_call_to_the_bus(mapping):
    assert mapping["BatchSize"] == ENTRIES_PER_CALL


def test_one_bad_event_does_not_hold_up_the_others(mapping):
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 100


def test_an_event_that_is_given_up_is_set_aside(mapping, stack):
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": "${OutboxDeadLetters.Arn}"}}
    queue = stack.properties("OutboxDeadLetters")
    assert queue["KmsMasterKeyId"] == "${Key.Arn}"
    assert queue["MessageRetentionPeriod"] == 14 * 86_400, "the longest there is"


def test_it_publishes_where_the_bus_is(stack):
    variables = stack.properties("OutboxFunction")["Environment"]["Variables"]
    assert variables["EVENT_BUS"] == stack.properties("EventBus")["Name"]


def test_stages_of_one_account_do_not_share_a_bus(stack, production):
    assert stack.properties("EventBus")["Name"] != production.properties("EventBus")["Name"]
