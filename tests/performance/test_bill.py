"""What a creation asks of AWS. A change that adds a call, an item or a write unit fails here and has to say why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bench import bill
from bootstrap import application, clients
from harness.api import Api

MACHINE = {"userName": "admin", "name": "Admin"}
HUMAN = {
    "email": {"email": "ada@acme.example"},
    "profile": {"firstName": "Ada", "lastName": "Lovelace"},
    "password": {"password": "A-long-passw0rd"},
}
PAT, KEY = {"personalAccessToken": {}}, {"machineKey": {"type": "KEY_TYPE_JSON"}}
COMMIT, STORE = "TransactWriteItems", "CreateSecret"


@pytest.fixture(scope="module")
def warm(shared_api: Api) -> Api:
    """The API after its first creation: what is read once per execution environment has been read."""
    assert shared_api.create({"instanceName": "First", "machine": MACHINE}).status == 200
    return shared_api


def calls_of(warm: Api, body: Mapping[str, Any], **headers: str) -> list[bill.AwsCall]:
    application.instances(), application.foundry()
    with bill.metered(clients.dynamodb(), clients.secretsmanager(), clients.ssm()) as calls:
        assert warm.create(body, **headers).status == 200
    return calls


@pytest.mark.parametrize(
    ("body", "operations", "items", "write_units"),
    [
        ({"instanceName": "Machine", "machine": MACHINE}, [COMMIT], 14, 32),
        ({"instanceName": "Token", "machine": MACHINE | PAT}, [STORE, COMMIT], 15, 34),
        ({"instanceName": "Key", "machine": MACHINE | KEY}, [STORE, COMMIT], 15, 34),
        ({"instanceName": "Both", "machine": MACHINE | PAT | KEY}, [STORE, COMMIT], 16, 36),
        ({"instanceName": "Person", "human": HUMAN}, [COMMIT], 14, 32),
        ({"instanceName": "Own", "customDomain": "own.example", "machine": MACHINE}, [COMMIT], 15, 36),
    ],
    ids=["machine", "token", "key", "both", "person", "custom domain"],
)
def test_a_creation_costs(
    warm: Api, body: Mapping[str, Any], operations: list[str], items: int, write_units: int
) -> None:
    calls = calls_of(warm, body)
    assert [call.operation for call in calls] == operations
    assert (calls[-1].items, calls[-1].write_units) == (items, write_units)


def test_a_key_changes_nothing_about_the_cost(warm: Api) -> None:
    """A fresh request is not looked up first: the transaction itself finds out whether it was carried out."""
    calls = calls_of(warm, {"instanceName": "Keyed", "machine": MACHINE}, idempotency_key="fresh")
    assert [call.operation for call in calls] == [COMMIT]


def test_a_repeat_reads_only_what_it_answers(warm: Api) -> None:
    body = {"instanceName": "Again", "machine": MACHINE | PAT}
    assert warm.create(body, idempotency_key="again").status == 200
    operations = [call.operation for call in calls_of(warm, body, idempotency_key="again")]
    assert operations == [STORE, COMMIT, "DeleteSecret", "GetSecretValue"]


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "abc"}}, 5),
        ({"n": {"N": "0"}}, 2),
        ({"n": {"N": "-1234567"}}, 7),
        ({"b": {"B": "AAECAw=="}}, 5),
        ({"f": {"BOOL": True}, "z": {"NULL": True}}, 4),
        ({"l": {"L": [{"S": "ab"}, {"M": {"k": {"S": "ü"}}}]}}, 1 + 3 + 1 + 2 + 1 + 3 + 1 + 1 + 2),
    ],
)
def test_an_items_size_is_counted_as_dynamodb_does(item: Mapping[str, Any], size: int) -> None:
    assert bill.item_size(item) == size


@pytest.mark.parametrize(("length", "units"), [(0, 2), (1022, 2), (1023, 4), (2047, 6)])
def test_every_kilobyte_begun_costs_two_units(length: int, units: int) -> None:
    assert bill.write_units({"pk": {"S": "x" * length}}) == units


def test_dollars_are_of_every_service_that_is_paid() -> None:
    commit = bill.AwsCall(COMMIT, 9_000, 40, 16)
    store = bill.AwsCall(STORE, 2_500, 0, 0)
    cost = bill.dollars([store, commit], seconds=0.1, memory_mb=1769)
    assert cost["DynamoDB"] == pytest.approx(25e-6)
    assert cost["Secrets Manager"] + cost["KMS"] == pytest.approx(5e-6 + 9e-6)
    assert set(cost) == {"API Gateway", "Lambda", "DynamoDB", "Secrets Manager", "KMS", "EventBridge"}
