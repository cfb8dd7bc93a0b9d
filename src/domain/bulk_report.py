"""The use case: report on a bulk run, line by line and as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Line = Mapping[str, Any]
"""What became of a line of the input: ``line`` counts from 1, ``status`` is created, existing or failed."""


class BulkResults(Protocol):
    """What a run left behind, and where its report goes."""

    def lines(self) -> Iterable[Line]:
        """What became of each line, in any order. Raises Refused THROTTLED, UNAVAILABLE or INTERNAL."""
        ...

    def write(self, lines: Iterable[Line]) -> None:
        """Write the report. Raises Refused THROTTLED, UNAVAILABLE or INTERNAL."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """How many lines there were, and how many came to what; ``errors`` counts the failed ones by their error."""

    total: int
    created: int
    existing: int
    failed: int
    errors: Mapping[str, int]


def report_bulk(results: BulkResults) -> Summary:
    """Write one line for each line of the input, in its order, and sum them up. Raises Refused where AWS does."""
    lines: Sequence[Line] = sorted(results.lines(), key=lambda line: int(line["line"]))
    results.write(lines)
    statuses = Counter(line["status"] for line in lines)
    return Summary(
        total=len(lines),
        created=statuses["created"],
        existing=statuses["existing"],
        failed=statuses["failed"],
        errors=dict(Counter(line["error"] for line in lines if line["status"] == "failed")),
    )
