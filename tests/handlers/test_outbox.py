"""From the table's stream to the bus: what other systems really hear of a creation, held against the documented schema."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
from moto.events.models import EventPattern

from bootstrap import clients
from handlers.outbox import handler
from harness.api import MACHINE, Api, Context
from harness.emulated_aws import ENVIRONMENT, TABLE
from local import cloudformation

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/events/instance-created.schema.json").read_text())
BUS = ENVIRONMENT["EVENT_BUS"]
OWN_DOMAIN = {**MACHINE, "customDomain": "login.acme.example"}
HUMAN = {
    "instanceName": "Acme Sons",
    "human": {
        "email": {"email": "a@b.example"},
        "profile": {"firstName": "A", "lastName": "B"},
        "password": {"password": "Canary-Passw0rd-7f3a"},
    },
}


class Outbox:
    """The function between the stream of the table and a bus whose every event ends in a queue."""

    def __init__(self) -> None:
        boto3.client("dynamodb").update_table(
            TableName=TABLE, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        )
        self.events = boto3.client("events")
        self.events.create_event_bus(Name=BUS)
        self.sqs = boto3.client("sqs")
        self.queue = self.sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        self.events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"source": ["instance-foundry"]}')
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "subscriber", "Arn": arn}])

    def stream(self) -> list[dict[str, Any]]:
        """All that happened to the table, as Lambda hands it over."""
        streams = boto3.client("dynamodbstreams")
        (stream,) = streams.list_streams(TableName=TABLE)["Streams"]
        shards = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
        records = []
        for shard in shards:
            iterator = streams.get_shard_iterator(
                StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            records += streams.get_records(ShardIterator=iterator)["Records"]
        return json.loads(json.dumps(records, default=str))

    def batch(self) -> dict[str, Any]:
        """What the event source mapping of template.yaml lets through."""
        mapping = cloudformation.load(ROOT / "template.yaml")["Resources"]["OutboxFunction"]["Properties"]["Events"]
        (only,) = mapping["NewEvents"]["Properties"]["FilterCriteria"]["Filters"]
        pattern = EventPattern(only["Pattern"], json.loads(only["Pattern"]))
        return {"Records": [record for record in self.stream() if pattern.matches_event(record)]}

    def received(self) -> list[dict[str, Any]]:
        """What the subscriber got since it was asked last."""
        messages: list[dict[str, Any]] = []
        while some := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            messages += [json.loads(message["Body"]) for message in some]
        return messages


@pytest.fixture
def outbox(api: Api) -> Outbox:
    return Outbox()


def test_each_creation_is_one_event_of_the_documented_form(outbox: Outbox, api: Api) -> None:
    answers = [
        api.create(OWN_DOMAIN, x_credential_delivery="reference"),
        api.create(HUMAN),
        api.create({**MACHINE, "machine": {"userName": "u", "name": "n"}}),
    ]
    api.create(OWN_DOMAIN)  # its domain is taken: no instance, no event
    assert handler(outbox.batch(), Context()) == {"batchItemFailures": []}
    events = outbox.received()
    assert {event["detail"]["instanceId"] for event in events} == {answer.json["instanceId"] for answer in answers}
    assert len(events) == 3
    for event in events:
        assert (event["source"], event["detail-type"]) == ("instance-foundry", "instance.created")
        assert event["detail"]["eventId"] == event["detail"]["instanceId"]
        created_at = datetime.fromisoformat(event["detail"]["createdAt"])
        assert datetime.fromisoformat(event["time"]) == created_at.replace(microsecond=0)
        jsonschema.validate(event["detail"], SCHEMA, format_checker=jsonschema.FormatChecker())
    by_id = {event["detail"]["instanceId"]: event["detail"] for event in events}
    machine, human, without_credentials = (by_id[answer.json["instanceId"]] for answer in answers)
    assert machine["secretArn"] == answers[0].headers["x-credential-secret"]
    assert [domain["domain"] for domain in machine["domains"] if domain["primary"]] == ["login.acme.example"]
    assert (human["instanceName"], human["admin"]["type"]) == (HUMAN["instanceName"], "human")
    assert "secretArn" not in human
    assert "secretArn" not in without_credentials


def test_the_schema_documents_every_field(outbox: Outbox, api: Api) -> None:
    """Receivers must ignore what they do not know, but they shall not have to guess what it is."""

    def closed(schema: Any) -> Any:
        if isinstance(schema, dict):
            inner = {name: closed(value) for name, value in schema.items()}
            return {**inner, "additionalProperties": False} if "properties" in inner else inner
        return schema

    for request in (OWN_DOMAIN, HUMAN):
        api.create(request)
    handler(outbox.batch(), Context())
    events = outbox.received()
    assert len(events) == 2
    for event in events:
        jsonschema.validate(event["detail"], closed(SCHEMA))


def test_no_secret_is_in_an_event(outbox: Outbox, api: Api) -> None:
    answers = [api.create(request).json for request in (OWN_DOMAIN, HUMAN)]
    handler(outbox.batch(), Context())
    told = json.dumps(outbox.received(), ensure_ascii=False)
    assert answers[0]["instanceId"] in told
    secrets = [answers[0]["pat"], answers[0]["machineKey"], "Canary-Passw0rd-7f3a", "argon2"]
    assert [secret for secret in secrets if secret in told] == []


def test_the_filter_lets_nothing_through_but_events(outbox: Outbox, api: Api) -> None:
    api.create(OWN_DOMAIN)
    assert len(outbox.stream()) > 5
    (record,) = outbox.batch()["Records"]
    assert record["dynamodb"]["NewImage"]["event_type"] == {"S": "instance.created"}


@pytest.mark.parametrize("refused", [[0], [1], [0, 2]])
def test_what_the_bus_refuses_comes_again_until_it_is_accepted(
    outbox: Outbox, api: Api, refused: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda goes on at the first record that the answer names, as it does here."""
    ids = [api.create({**OWN_DOMAIN, "customDomain": f"{number}.example"}).json["instanceId"] for number in range(3)]
    records = outbox.batch()["Records"]
    put_events = clients.events().put_events
    calls = itertools.count()

    def refuse_once(Entries: list[Any]) -> Any:  # noqa: N803 # boto3's name
        if next(calls):
            return put_events(Entries=Entries)
        accepted = [entry for number, entry in enumerate(Entries) if number not in refused]
        put_events(Entries=accepted)
        codes = [{"ErrorCode": "InternalFailure"} if number in refused else {"EventId": "e"} for number in range(3)]
        return {"FailedEntryCount": len(refused), "Entries": codes}

    monkeypatch.setattr(clients.events(), "put_events", refuse_once)
    failures = handler({"Records": records}, Context())["batchItemFailures"]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert failures == [{"itemIdentifier": numbers[number]} for number in refused]
    assert handler({"Records": records[refused[0] :]}, Context()) == {"batchItemFailures": []}
    told = [event["detail"]["eventId"] for event in outbox.received()]
    assert set(told) == set(ids), "at least once"


def test_a_bus_that_is_down_loses_nothing(outbox: Outbox, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.create(OWN_DOMAIN)

    def down(**_request: object) -> Any:
        raise clients.events().exceptions.InternalException({"Error": {"Code": "InternalException"}}, "PutEvents")

    monkeypatch.setattr(clients.events(), "put_events", down)
    batch = outbox.batch()
    failed = [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in batch["Records"]]
    assert handler(batch, Context()) == {"batchItemFailures": failed}
    monkeypatch.undo()
    handler(batch, Context())
    assert len(outbox.received()) == 1


def test_what_is_no_event_fails_so_that_it_is_set_aside(outbox: Outbox, api: Api) -> None:
    """The filter lets none through; if one came, it must not pass for published."""
    api.create(OWN_DOMAIN)
    with pytest.raises(KeyError):
        handler({"Records": outbox.stream()}, Context())


def test_an_event_can_be_published_again_from_the_table(outbox: Outbox, api: Api) -> None:
    """What the runbook does for an event that was given up: the item, as the stream would have brought it."""
    answer = api.create(OWN_DOMAIN)
    key = {"pk": {"S": f"INSTANCE#{answer.json['instanceId']}"}, "sk": {"S": "EVENT#1"}}
    item = clients.dynamodb().get_item(TableName=TABLE, Key=key)["Item"]
    assert handler({"Records": [{"dynamodb": {"SequenceNumber": "1", "NewImage": item}}]}, Context()) == {
        "batchItemFailures": []
    }
    (event,) = outbox.received()
    assert event["detail"]["instanceId"] == answer.json["instanceId"]
