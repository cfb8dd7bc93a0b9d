"""Creating many instances from a file: every line gets its turn, none is created twice, and the report is complete."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from harness.account import BUCKET, Account
from harness.bulk_run import bulk_run, line
from harness.step_functions import Execution


class Bulk:
    """The state machine, and a file of its own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.batch = uuid.uuid4().hex[:12]
        self.file = f"requests/{self.batch}.jsonl"
        self.machine = account.service.create("bulk", account.definition("bulk"))

    def line(self, customer: Any, **changes: Any) -> dict[str, Any]:
        """A good line, with changes to its request."""
        good = line(self.batch, str(customer))
        return {"id": customer, "request": {**good["request"], **changes}}

    def run(self, lines: list[Any], **more: Any) -> Execution:
        """An execution for a file of these lines."""
        text = "".join(f"{json.dumps(one)}\n" for one in lines)
        self.account.client("s3").put_object(Bucket=BUCKET, Key=self.file, Body=text.encode())
        arn = self.account.service.start(self.machine, uuid.uuid4().hex, {"file": self.file, **more})
        return self.account.service.wait(arn)

    def report(self, execution: Execution) -> list[dict[str, Any]]:
        """The lines of the report."""
        key = (execution.output or json.loads(execution.cause or ""))["report"]
        body = self.account.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return [json.loads(one) for one in body.decode().splitlines()]

    def created(self) -> list[str]:
        """The names of all instances that came of the file."""
        names = (item["name"] for item in self.account.records() if item["type"] == "instance")
        return sorted(name for name in names if name.startswith(self.batch))


@pytest.fixture
def bulk(account: Account) -> Bulk:
    return Bulk(account)


def test_a_file_is_run_until_nothing_is_missing(account: Account) -> None:
    """`make bulk` does the same with a thousand lines."""
    outcome = bulk_run(account, 40, concurrency=3)
    first, second = outcome.summaries
    assert (first["total"], first["created"], first["failed"]) == (40, 38, 2)
    assert sum(first["errors"].values()) == 2
    assert (second["total"], second["created"] + second["existing"], second["failed"]) == (40, 40, 0)
    assert second["existing"] >= 38, "only what was missing is created"
    assert (outcome.twins, outcome.missing) == (0, 0)


def test_the_report_has_a_line_for_each_line(bulk: Bulk) -> None:
    lines = [
        bulk.line("a"),
        bulk.line("b", instanceName=""),
        {"request": bulk.line("c")["request"]},
        bulk.line(4, customDomain=f"{bulk.batch}.example"),
        bulk.line("e", customDomain="not a domain"),
    ]
    execution = bulk.run(lines)
    assert (execution.status, execution.error) == ("FAILED", "Incomplete")
    report = bulk.report(execution)
    assert [(one["line"], one["id"], one["status"], one.get("error")) for one in report] == [
        (1, "a", "created", None),
        (2, "b", "failed", "InvalidArgument"),
        (3, None, "failed", "InvalidArgument"),
        (4, 4, "created", None),
        (5, "e", "failed", "InvalidArgument"),
    ]
    assert report[0]["secretArn"].startswith("arn:")
    assert report[3]["domains"][-1] == f"{bulk.batch}.example"
    assert report[2]["cause"] == "the line has no id"
    assert "customDomain" in report[4]["cause"] or "InvalidCharacter" in report[4]["cause"]
    summary = json.loads(execution.cause or "")
    assert {name: summary[name] for name in ("total", "created", "existing", "failed", "errors")} == {
        "total": 5,
        "created": 2,
        "existing": 0,
        "failed": 3,
        "errors": {"InvalidArgument": 3},
    }


def test_a_mended_file_creates_only_what_is_missing(bulk: Bulk) -> None:
    """Lines are known by their ids: they may move, and new ones may come."""
    bulk.run([bulk.line("a"), bulk.line("b", instanceName="")])
    execution = bulk.run([bulk.line("new"), bulk.line("b"), bulk.line("a")])
    assert execution.status == "SUCCEEDED"
    assert [one["status"] for one in bulk.report(execution)] == ["created", "created", "existing"]
    assert len(bulk.created()) == 3


def test_another_request_under_a_used_id_is_refused(bulk: Bulk) -> None:
    bulk.run([bulk.line("a")])
    execution = bulk.run([bulk.line("a", firstOrgName="Other")])
    (only,) = bulk.report(execution)
    assert (only["status"], only["error"]) == ("failed", "FailedPrecondition")
    assert len(bulk.created()) == 1


def test_the_same_file_in_another_batch_is_another_order(bulk: Bulk) -> None:
    bulk.run([bulk.line("a")])
    bulk.run([bulk.line("a")], batch=f"{bulk.batch}-2")
    assert len(bulk.created()) == 2


def test_no_secret_is_in_the_report_or_the_history(bulk: Bulk) -> None:
    machine = {"userName": "u", "name": "n", "personalAccessToken": {}, "machineKey": {"type": "KEY_TYPE_JSON"}}
    execution = bulk.run([bulk.line("a", machine=machine), bulk.line("b", machine=machine)])
    kept = json.dumps([execution.history, bulk.report(execution)], default=str)
    secrets = bulk.account.client("secretsmanager")
    for one in bulk.report(execution):
        secret = json.loads(secrets.get_secret_value(SecretId=one["secretArn"])["SecretString"])
        assert secret["pat"] not in kept
        assert secret["machineKey"][200:260] not in kept
