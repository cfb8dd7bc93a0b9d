"""Whether a creation takes longer the more instances there are.

The table is filled with the records by which instances are found, as a creation writes them: receipt, domain, token and
the instance itself. What the engine's own cost does is the floor's: the same bytes, sent without us.
"""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.spread import Interval, quantile_ratio, slope
from bench.stage import KINDS, PROBE, WARM_FLOOR, Stage, freshened, recorded, stage
from bench.warm import WARM_UP, Samples, created

BATCH = 25
"""BatchWriteItem's limit."""

KIND = KINDS[1]
"""With a token, without a key, whose chance would hide everything else."""


@dataclass(frozen=True, slots=True)
class Flatness:
    """Samples by the number of instances there were, of ours and of the floor."""

    ours: Mapping[int, Samples]
    floor: Mapping[int, Samples]

    def tail_ratio(self) -> Interval:
        """The 95th percentile in the fullest table as a multiple of that in the empty one."""
        return quantile_ratio(self.ours[max(self.ours)].seconds, self.ours[min(self.ours)].seconds, 0.95)

    def slopes(self) -> tuple[Interval, Interval]:
        """Seconds that each instance adds, to ours and to the floor."""
        return _slope(self.ours), _slope(self.floor)


def measure(code: Path, sizes: Sequence[int], rounds: int) -> Flatness:
    """Create in tables of all sizes, each in an AWS of its own; they take turns, so that one bad moment meets all."""
    found = Flatness({size: Samples() for size in sizes}, {size: Samples() for size in sizes})
    with ExitStack() as opened:
        tables = {size: _Table(opened, code, size) for size in sizes}
        for turn in range(WARM_UP + rounds):
            for size, table in tables.items():
                ours, floor = table.creations()
                if turn >= WARM_UP:
                    found.ours[size].add(ours)
                    found.floor[size].add(floor)
    return found


class _Table:
    """A table with so many instances, and the functions that write into it."""

    def __init__(self, opened: ExitStack, code: Path, instances: int) -> None:
        self._stage = opened.enter_context(stage())
        _Filler(self._stage).add(instances)
        self._ours = opened.enter_context(self._stage.environment(PROBE, code))
        self._floor = opened.enter_context(self._stage.environment(WARM_FLOOR, code))
        answer = created(self._ours.invoke(self._stage.creation(KIND)))
        self._recording = recorded(answer) | {"endpoint": self._stage.aws.endpoint, "work": ""}

    def creations(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The answers of one creation of ours and of one of the floor's."""
        ours = created(self._ours.invoke(self._stage.creation(KIND)))
        return ours, created(self._floor.invoke(freshened(self._recording)))


def _slope(samples: Mapping[int, Samples]) -> Interval:
    return slope({size: found.seconds for size, found in samples.items()})


class _Filler:
    """Writes records without an SDK, which would take as long as the engine."""

    def __init__(self, stage: Stage) -> None:
        self._table = stage.table
        self._connection = http.client.HTTPConnection(stage.aws.endpoint.removeprefix("http://"))

    def add(self, instances: int) -> None:
        """Write that many instances."""
        waiting: list[Any] = []
        for _ in range(instances):
            waiting += _records()
            if len(waiting) >= BATCH:
                self._put(waiting[:BATCH])
                waiting = waiting[BATCH:]
        if waiting:
            self._put(waiting)

    def _put(self, items: Sequence[Any]) -> None:
        body = json.dumps({"RequestItems": {self._table: [{"PutRequest": {"Item": item}} for item in items]}})
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.BatchWriteItem",
            "authorization": "AWS4-HMAC-SHA256 Credential=embedded/20260101/us-east-1/dynamodb/aws4_request",
        }
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"the table was not filled: {answer.decode()}")


def _records() -> list[dict[str, Any]]:
    number = "1" + "".join(str(digit % 10) for digit in secrets.token_bytes(26))
    keys = [
        (f"REQUEST#{secrets.token_hex(32)}", "RECEIPT"),
        (f"DOMAIN#acme-{secrets.token_hex(4)}.localhost", "DOMAIN"),
        (f"TOKEN#{secrets.token_hex(32)}", "TOKEN"),
        (f"INSTANCE#{number}", "INSTANCE"),
    ]
    return [
        {"pk": {"S": pk}, "sk": {"S": sk}, "type": {"S": sk.lower()}, "instance_id": {"S": number}} for pk, sk in keys
    ]
