"""Idempotency keys as a client meets them (design decision 5)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ReadTimeoutError

from bootstrap import clients
from harness.api import MACHINE, Api, Context
from harness.emulated_aws import all_items, all_secrets


def instances() -> list[str]:
    return [item["pk"] for item in all_items() if item["type"] == "instance"]


def test_a_repeat_gives_the_same_answer_with_the_credentials(api: Api) -> None:
    first = api.create(MACHINE, idempotency_key="key")
    second = api.create(MACHINE, idempotency_key="key")
    assert first.status == second.status == 200
    assert second.json == first.json
    assert "pat" in first.json
    assert "machineKey" in first.json
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert len(instances()) == 1
    assert len(all_secrets()) == 1


def test_the_same_request_in_another_spelling_is_a_repeat(api: Api) -> None:
    first = api.create(MACHINE, idempotency_key="key")
    second = api.create(
        {
            "machine": {"name": "Robot", "user_name": "robot", "machine_key": {"type": 1}, "personal_access_token": {}},
            "instance_name": "Acme",
            "customDomain": "",
            "human": None,
            "unknown": 1,
        },
        idempotency_key="key",
    )
    assert second.json == first.json


def test_a_key_belongs_to_its_request(api: Api) -> None:
    api.create(MACHINE, idempotency_key="key")
    answer = api.create({**MACHINE, "instanceName": "Other"}, idempotency_key="key")
    assert (answer.status, answer.json["code"], answer.error_id) == (400, 9, "IDEMP-r3use")
    assert len(instances()) == 1
    assert len(all_secrets()) == 1


def test_without_a_key_every_call_creates(api: Api) -> None:
    assert api.create(MACHINE).json["instanceId"] != api.create(MACHINE).json["instanceId"]
    assert len(instances()) == 2


def test_many_at_once_with_one_key_get_one_instance(api: Api) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: api.create(MACHINE, idempotency_key="key"), range(8)))
    assert Counter(answer.status for answer in answers) == {200: 8}
    assert len({answer.text for answer in answers}) == 1
    assert len(instances()) == 1
    assert len(all_secrets()) == 1


@pytest.mark.parametrize("effect", ["took effect", "had none"])
def test_a_lost_answer_of_the_commit_is_found_out(api: Api, effect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = clients.dynamodb()
    commit = client.transact_write_items
    calls = []

    def lose_the_answer(**request: object) -> object:
        calls.append(request)
        if effect == "took effect" and len(calls) == 1:
            commit(**request)  # type: ignore[arg-type]
        raise ReadTimeoutError(endpoint_url="u")

    monkeypatch.setattr(client, "transact_write_items", lose_the_answer)
    first = api.create(MACHINE, idempotency_key="key")
    monkeypatch.undo()
    if effect == "took effect":
        assert first.status == 200
    else:
        assert (first.status, first.error_id, first.headers["retry-after"]) == (503, "IDEMP-unkn0", "1")
        assert len(all_secrets()) == 1, "it may still be needed; the sweeper decides"
    second = api.create(MACHINE, idempotency_key="key")
    assert second.status == 200
    assert effect == "had none" or second.json == first.json
    assert len(instances()) == 1


def test_a_secret_its_owner_removed_is_not_made_up(api: Api) -> None:
    first = api.create(MACHINE, idempotency_key="key")
    clients.secretsmanager().delete_secret(SecretId=first.headers["x-credential-secret"])
    answer = api.create(MACHINE, idempotency_key="key")
    assert (answer.status, answer.error_id) == (400, "IDEMP-g0ne1")
    by_reference = api.create(MACHINE, idempotency_key="key", x_credential_delivery="reference")
    assert by_reference.status == 200
    assert by_reference.json["instanceId"] == first.json["instanceId"]


def test_nothing_is_started_without_the_time_to_finish(api: Api) -> None:
    answer = api.create(MACHINE, context=Context(remaining_milliseconds=5_000))
    assert (answer.status, answer.error_id, answer.headers["retry-after"]) == (503, "PLATF-t1me1", "1")
    assert instances() == []
    assert all_secrets() == {}
