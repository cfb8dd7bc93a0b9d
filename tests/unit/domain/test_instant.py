"""Instants are written as ProtoJSON writes a Timestamp, to the nanosecond and over its whole range."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from domain.instant import EARLIEST, LATEST, NEVER, Instant

instants = st.builds(Instant, st.integers(EARLIEST.seconds, LATEST.seconds), st.integers(0, 999_999_999))


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (Instant(0), "1970-01-01T00:00:00Z"),
        (Instant(0, 1), "1970-01-01T00:00:00.000000001Z"),
        (Instant(0, 1_000), "1970-01-01T00:00:00.000001Z"),
        (Instant(0, 1_000_000), "1970-01-01T00:00:00.001Z"),
        (Instant(0, 100_000_000), "1970-01-01T00:00:00.100Z"),
        (Instant(0, 120_000), "1970-01-01T00:00:00.000120Z"),
        (Instant(0, 123_456_700), "1970-01-01T00:00:00.123456700Z"),
        (Instant(-1, 999_999_999), "1969-12-31T23:59:59.999999999Z"),
        (Instant(951_782_400), "2000-02-29T00:00:00Z"),
        (EARLIEST, "0001-01-01T00:00:00Z"),
        (Instant(-30_610_224_000), "1000-01-01T00:00:00Z"),
        (NEVER, "9999-12-31T23:59:59Z"),
        (LATEST, "9999-12-31T23:59:59.999999999Z"),
    ],
)
def test_rfc3339(instant: Instant, text: str) -> None:
    assert instant.rfc3339() == text


@given(instants)
def test_rfc3339_is_what_the_protobuf_library_prints(instant: Instant) -> None:
    assert instant.rfc3339() == Timestamp(seconds=instant.seconds, nanos=instant.nanos).ToJsonString()


@given(instants, instants)
def test_order_is_that_of_time_and_so_is_the_order_of_texts_of_one_length(one: Instant, other: Instant) -> None:
    assert (one < other) == (one.total_nanos < other.total_nanos)
    assert (one == other) == (one.total_nanos == other.total_nanos)
    if len(one.rfc3339()) == len(other.rfc3339()):
        assert (one < other) == (one.rfc3339() < other.rfc3339())


@given(instants, st.integers(-(10**9), 10**9))
def test_plus_moves_by_whole_seconds(instant: Instant, seconds: int) -> None:
    moved = instant.plus(seconds)
    assert moved.total_nanos - instant.total_nanos == seconds * 1_000_000_000
    assert moved.nanos == instant.nanos
    assert moved.plus(-seconds) == instant


def test_the_range_ends_where_a_timestamp_does() -> None:
    assert EARLIEST < Instant(0) < NEVER < LATEST
    for outside in (EARLIEST.plus(-1), LATEST.plus(1)):
        with pytest.raises(ValueError, match="Timestamp is not valid"):
            Timestamp(seconds=outside.seconds, nanos=outside.nanos).ToJsonString()
