"""Ids are unique and ordered in time, whoever draws them (design decision 7); randomness is the system's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import randomness
from adapters.randomness import SystemEntropy, TimeOrderedIds
from domain.instant import Instant
from fakes.clock import FixedClock

EPOCH = Instant(1_556_496_000)  # 2019-04-29T00:00:00Z
PRESENT = EPOCH.plus(4_000 * 86_400).seconds  # in 2030
micros = st.integers(PRESENT * 1_000_000, (EPOCH.seconds + 999_999_999) * 1_000_000)

PROCESSES, THREADS, DRAWS = 2, 4, 125_000

# The generator exists before the process is doubled, as it does where a snapshot of a function is restored twice.
MANY_GENERATORS = f"""
import os, sys
from concurrent.futures import ThreadPoolExecutor
from adapters.clock import SystemClock
from adapters.randomness import TimeOrderedIds

ids = TimeOrderedIds(SystemClock())
ids.draw()
original = os.fork()
with ThreadPoolExecutor({THREADS}) as threads:
    draws = list(threads.map(lambda _: [ids.draw() for _ in range({DRAWS})], range({THREADS})))
with open(f"{{sys.argv[1]}}/{{os.getpid()}}", "w") as file:
    file.writelines(" ".join(drawn) + "\\n" for drawn in draws)
if original:
    sys.exit(os.waitpid(original, 0)[1])
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """A million ids, by the thread that drew them, in the order in which it did."""
    folder = tmp_path_factory.mktemp("drawn")
    source = Path(randomness.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    subprocess.run([sys.executable, "-c", MANY_GENERATORS, folder], check=True, env=environment, timeout=60)
    files = list(folder.iterdir())
    assert len(files) == PROCESSES
    return [line.split() for file in files for line in file.read_text("ascii").splitlines()]


def test_a_million_ids_of_concurrent_threads_and_processes_are_unique(drawn: list[list[str]]) -> None:
    assert [len(ids) for ids in drawn] == [DRAWS] * PROCESSES * THREADS
    unique = {one for ids in drawn for one in ids}
    assert len(unique) == PROCESSES * THREADS * DRAWS == 1_000_000


def test_each_thread_s_ids_are_decimal_and_ordered_by_the_microsecond(drawn: list[list[str]]) -> None:
    for ids in drawn:
        text = "".join(ids)
        assert text.isascii()
        assert text.isdecimal()
        assert len(text) == 27 * len(ids)
        times = [one[:15] for one in ids]
        assert times == sorted(times)


@given(micros, micros)
def test_who_draws_later_gets_the_greater_id(one: int, other: int) -> None:
    clock = FixedClock()
    ids = TimeOrderedIds(clock)

    def draw(at: int) -> str:
        clock.at = Instant(at // 1_000_000, at % 1_000_000 * 1_000)
        return ids.draw()

    first, second = draw(one), draw(other)
    assert len(first) == len(second) == 27
    assert first != second
    if one != other:
        assert (first < second) == (int(first) < int(second)) == (one < other)


def test_an_id_tells_the_microsecond_since_zitadel_s_epoch() -> None:
    clock = FixedClock(Instant(PRESENT, 123_456_999))
    assert TimeOrderedIds(clock).draw().startswith("345600000123456")


def test_ids_of_one_microsecond_are_unique_and_use_the_whole_range() -> None:
    ids = TimeOrderedIds(FixedClock())
    tails = [int(ids.draw()[15:]) for _ in range(10_000)]
    assert len(set(tails)) == len(tails)
    assert min(tails) < 10**10  # missed by one run in 10**43
    assert max(tails) > 10**12 - 10**10


@pytest.mark.parametrize("size", [0, 1, 8, 24, 32])
def test_entropy_has_the_size_asked_for(size: int) -> None:
    assert len(SystemEntropy().draw(size)) == size


def test_entropy_does_not_repeat() -> None:
    draws = [SystemEntropy().draw(24) for _ in range(10_000)]
    assert len(set(draws)) == len(draws)
    ones = sum(int.from_bytes(draw).bit_count() for draw in draws)
    assert abs(ones - 960_000) < 7_000  # half of 1,920,000 bits, give or take ten standard deviations
