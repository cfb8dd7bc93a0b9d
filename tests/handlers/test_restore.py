"""The restore of docs/operations.md: what was lost is copied back, and nobody can tell that it was gone."""

from __future__ import annotations

import boto3
import pytest

from domain import sweep_secrets
from handlers import sweeper
from harness.api import MACHINE, Api, Context
from harness.emulated_aws import TABLE, all_items, all_secrets

RESTORED = f"{TABLE}-restored"
REQUEST = {**MACHINE, "customDomain": "login.acme.example"}


@pytest.fixture
def lost(api: Api):
    """The answer to a creation whose every record is gone from the table, and is still in a restored one."""
    answer = api.create(REQUEST, idempotency_key="key")
    admin = boto3.client("dynamodb")
    protection = {"PointInTimeRecoveryEnabled": True}
    admin.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=protection)
    admin.restore_table_to_point_in_time(SourceTableName=TABLE, TargetTableName=RESTORED, UseLatestRestorableTime=True)
    for item in admin.scan(TableName=TABLE)["Items"]:
        admin.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    assert all_items() == []
    return answer


def copy_back() -> list[bool]:
    """Step 3: for each item of the restored table whether it was missing."""
    admin, copied = boto3.client("dynamodb"), []
    for item in admin.scan(TableName=RESTORED, ConsistentRead=True)["Items"]:
        try:
            admin.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except admin.exceptions.ConditionalCheckFailedException:
            copied.append(False)
        else:
            copied.append(True)
    return copied


def test_after_it_the_same_call_has_the_same_answer(api: Api, lost) -> None:
    assert all(copy_back())
    again = api.create(REQUEST, idempotency_key="key")
    assert again.json == lost.json
    assert again.headers["idempotent-replayed"] == "true"
    assert api.create(REQUEST, idempotency_key="another").status == 409


def test_it_keeps_what_was_made_since(api: Api, lost) -> None:
    since = api.create(REQUEST, idempotency_key="since")
    assert since.status == 200
    copied = copy_back()
    assert False in copied, "the domain is taken"
    assert api.create(REQUEST, idempotency_key="since").json == since.json


def test_the_sweeper_would_take_the_secrets_of_lost_records_and_leaves_those_of_restored_ones(
    lost, monkeypatch
) -> None:
    monkeypatch.setattr(sweep_secrets, "SAFE_AGE_SECONDS", -60)
    assert sweeper.handler({"dryRun": True}, Context())["orphans"] == len(all_secrets()) == 1
    copy_back()
    assert sweeper.handler({}, Context())["orphans"] == 0


def test_a_removed_secret_can_be_brought_back(api: Api, lost, monkeypatch) -> None:
    monkeypatch.setattr(sweep_secrets, "SAFE_AGE_SECONDS", -60)
    (arn,) = all_secrets()
    assert sweeper.handler({}, Context())["removed"] == 1
    copy_back()
    boto3.client("secretsmanager").restore_secret(SecretId=arn)
    assert api.create(REQUEST, idempotency_key="key").json == lost.json
