"""The report of a bulk run."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from domain.bulk_report import Line, Summary, report_bulk


class Results:
    """Results in memory, and the report that was written."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self.report: list[Line] = []

    def lines(self) -> Iterable[Line]:
        return iter(self._lines)

    def write(self, lines: Iterable[Line]) -> None:
        self.report = list(lines)


def test_nothing_is_a_report_too() -> None:
    assert report_bulk(Results([])) == Summary(0, 0, 0, 0, {})


@given(
    st.lists(st.sampled_from(["created", "existing", "Internal", "Unavailable"])).flatmap(
        lambda ends: st.permutations(
            [
                {"line": number, "status": end}
                if end[0].islower()
                else {"line": number, "status": "failed", "error": end}
                for number, end in enumerate(ends, 1)
            ]
        )
    )
)
def test_every_line_is_in_it_once_in_its_place_and_counted(lines: list[Line]) -> None:
    results = Results(lines)
    summary = report_bulk(results)
    assert [line["line"] for line in results.report] == list(range(1, len(lines) + 1))
    assert summary.total == summary.created + summary.existing + summary.failed == len(lines)
    assert sum(summary.errors.values()) == summary.failed
    assert all(summary.errors.values()), "errors that happened"
