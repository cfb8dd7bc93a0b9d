"""A short exploration, and proof that the checker sees the mistakes it is there for."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from types import SimpleNamespace

import pytest

from faults import __main__ as command
from faults.aws_faults import Injector, injected
from faults.checker import Defects
from faults.explorer import HISTORIES, History, Tally, at_every_point, explore, histories
from faults.mistakes import MISTAKES
from harness.emulated_aws import moto_aws

SEED = 7


@pytest.fixture
def injector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Injector]:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    result = Injector()
    with moto_aws(), injected(result):
        yield result


def spread(count: int) -> list[History]:
    """Every so many-th history of a full exploration, so that all its kinds are among them."""
    return [history for history in histories(HISTORIES, SEED) if history.number % (HISTORIES // count) == 0]


def test_no_way_of_being_cut_off_breaks_a_promise(injector: Injector) -> None:
    tally = explore(spread(60), injector)
    assert tally.failing == []
    assert tally.histories == 60


def test_every_fault_point_is_met(injector: Injector) -> None:
    tally = explore([history for history in at_every_point() if history.request == "a token"], injector)
    assert tally.failing == []
    assert tally.operations == {
        "BatchGetItem", "CreateSecret", "DeleteSecret", "GetItem", "GetSecretValue", "ListSecrets", "TransactWriteItems"
    }  # fmt: skip
    assert tally.points - tally.met == set()


def test_the_same_seed_draws_the_same_histories() -> None:
    once, again = (list(map(str, histories(HISTORIES, SEED))) for _ in range(2))
    assert once == again
    assert once[-1] != str(list(histories(HISTORIES, SEED + 1))[-1])


def test_a_history_of_many_callers_happens_again_as_it_happened(injector: Injector) -> None:
    crowded = next(history for history in histories(HISTORIES, SEED) if history.callers == 8 and history.keyed)
    journals = []
    for _ in range(2):
        explore([crowded], injector)
        journals.append(injector.journal)
    assert journals[0] == journals[1]
    assert len({line.split(":")[0] for line in journals[0]}) == 8 + 2, "callers, sweeper, and the repeat afterwards"


@pytest.mark.parametrize(("histories", "status"), [(HISTORIES, 1), (HISTORIES - 1, 0)])
def test_a_whole_exploration_that_misses_a_point_fails(
    histories: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command.multiprocessing, "get_context", lambda _method: SimpleNamespace(Pool=ThreadPool))
    monkeypatch.setattr(command, "explore_part", lambda *_part: Tally(operations={"GetItem"}))
    monkeypatch.setattr(sys, "argv", ["make faults", "--histories", str(histories)])
    assert command.main() == status


def first_found(injector: Injector, mistake: str | None, faults: int) -> Defects:
    """The defects of the first history with so many faults that has any; of those with several, every ninth is tried."""
    fitting = [
        history
        for history in histories(HISTORIES, SEED)
        if history.request == "a token" and len(history.schedule) == faults and history.callers == 1 and history.keyed
    ]
    for history in fitting[:: 1 if faults == 1 else 9]:
        if found := explore([history], injector, MISTAKES[mistake]).defects:
            return found
    return Defects()


@pytest.mark.parametrize(
    ("mistake", "faults", "promise"),
    [
        ("commit-before-secret", 1, "lost_credentials"),
        ("ignore-unknown-outcome", 3, "lost_credentials"),
        ("non-derived-identity", 1, "twins"),
    ],
)
def test_a_mistake_is_caught(injector: Injector, mistake: str, faults: int, promise: str) -> None:
    assert getattr(first_found(injector, mistake, faults), promise)


def test_without_a_mistake_the_same_histories_are_clean(injector: Injector) -> None:
    assert not first_found(injector, None, 3)


def test_a_sweep_that_does_not_happen_is_caught(injector: Injector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faults.explorer.sweep_secrets", lambda *_args, **_kwargs: None)
    assert first_found(injector, None, 1).orphans
