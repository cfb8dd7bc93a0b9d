"""Many requests in one file, some of which fail at first: run until all exist, then count.

python -m harness.bulk_run [REQUESTS]     prints one line; the exit status is 0 where every instance exists exactly once
"""

from __future__ import annotations

import json
import logging
import os
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.account import BUCKET, Account, account, functions
from harness.emulated_aws import ENVIRONMENT
from harness.interrupted import DIES_AFTER_THE_COMMIT, DIES_BEFORE_THE_COMMIT

FAILING = 0.05
MOST_RUNS = 3
FAILURES = (
    ("Internal",),
    ("Unavailable",) * 5,
    (DIES_AFTER_THE_COMMIT, "Internal"),
    (DIES_BEFORE_THE_COMMIT, "Internal"),
)
"""What a line meets in the first run, so that it fails for good: each ends the retries of its line."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file: the summary of each run, and how many instances there are of each line."""

    summaries: list[dict[str, Any]]
    instances: Counter[str]
    lines: int

    @property
    def missing(self) -> int:
        return self.lines - len(self.instances)

    @property
    def twins(self) -> int:
        return sum(count - 1 for count in self.instances.values())


def bulk_run(deployed: Account, lines: int, *, concurrency: int = 10, seed: int = 7) -> Outcome:
    """Create ``lines`` instances from one file, running it again until none is missing."""
    batch = uuid.uuid4().hex[:12]
    ids = [f"customer-{number:05d}" for number in range(lines)]
    chosen = random.Random(seed).sample(ids, round(lines * FAILING))
    for number, one in enumerate(chosen):
        deployed.order(f"{batch}/{one}", *FAILURES[number % len(FAILURES)])
    file = f"requests/{batch}.jsonl"
    text = "".join(f"{json.dumps(line(batch, one))}\n" for one in ids)
    deployed.client("s3").put_object(Bucket=BUCKET, Key=file, Body=text.encode())
    definition = deployed.definition("bulk")
    definition["States"]["CreateAll"]["MaxConcurrency"] = concurrency
    machine = deployed.service.create(f"bulk-{batch}", definition)
    summaries: list[dict[str, Any]] = []
    while len(summaries) < MOST_RUNS and (not summaries or summaries[-1]["failed"]):
        arn = deployed.service.start(machine, f"{batch}-{len(summaries)}", {"file": file, "batch": batch})
        execution = deployed.service.wait(arn, seconds=900)
        summaries.append(execution.output or json.loads(execution.cause or "{}"))
    names = (item["name"] for item in deployed.records() if item["type"] == "instance")
    return Outcome(summaries, Counter(name for name in names if name.startswith(batch)), lines)


def line(batch: str, customer: str) -> dict[str, Any]:
    """A line of the file: a machine admin with a token."""
    machine = {"userName": "admin", "name": "Admin", "personalAccessToken": {}}
    return {"id": customer, "request": {"instanceName": f"{batch} {customer}", "machine": machine}}


def main(lines: int) -> int:
    """Run and print."""
    os.environ.update(ENVIRONMENT)
    logging.getLogger("moto").setLevel(logging.CRITICAL)  # it logs every error that a state machine meets
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        functions(Path(folder)) as running,
        account(running) as deployed,
    ):
        outcome = bulk_run(deployed, lines)
    failed = [summary["failed"] for summary in outcome.summaries]
    print(  # noqa: T201 # the result
        f"bulk: {lines} requests, {failed[0]} failed at first; after {len(failed) - 1} re-run(s) "
        f"{len(outcome.instances)} instances, {outcome.twins} twice, {outcome.missing} missing "
        f"({time.monotonic() - began:.0f} s)"
    )
    return int(bool(outcome.twins or outcome.missing))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1000))
