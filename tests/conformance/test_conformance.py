"""The specification as a table, each row through the real handler."""

from __future__ import annotations

from collections import Counter

import pytest
from google.protobuf import json_format

from conformance import records
from conformance.catalogue import ROWS
from conformance.grpc_transport import GrpcTransport
from conformance.json_transport import JsonTransport
from conformance.table import Row
from conformance.transport import Transport
from conformance.verdict import problems
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest


def judge(transport: Transport, row: Row) -> list[str]:
    """Make the row's calls and say what is wrong."""
    earlier = [transport.call(call) for call in row.earlier]
    before = records.names()
    answer = transport.call(row.call)
    written = records.names() - before
    first = earlier[0] if earlier else None
    return [*problems(row, answer, first, written), *transport.problems(row.expected, answer)]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_json(json_transport: JsonTransport, row: Row) -> None:
    assert judge(json_transport, row) == []


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("row", [row for row in ROWS if not row.json_only], ids=str)
def test_grpc(grpc_transport: GrpcTransport, row: Row) -> None:
    assert judge(grpc_transport, row) == []


def test_there_are_enough_rows_and_each_has_a_name_of_its_own() -> None:
    names = Counter(row.name for row in ROWS)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) >= 250


def test_the_sections_that_say_what_a_caller_sees_have_rows() -> None:
    rows = Counter(row.section for row in ROWS)
    few = {section: rows[section] for section, least in _LEAST.items() if rows[section] < least}
    assert few == {}


def test_most_rows_are_for_every_transport_and_hold_typed_messages() -> None:
    neutral = [row for row in ROWS if not row.json_only]
    for row in neutral:
        for call in (*row.earlier, row.call):
            json_format.ParseDict(call.request, CreateInstanceRequest())
    assert len(neutral) >= 500


_LEAST = {"1.2": 80, "2.1": 100, "2.3": 20, "2.5": 15, "3.1": 30, "4.2": 100, "4.4": 25, "7.4": 30}
"""Each section, and about as many rows as it has statements: dropping a part of the table should be noticed."""
