"""A short exploration, and proof that the checker sees the mistakes it is there for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain import create_instance as use_case
from domain import errors
from domain.create_instance import Foundry
from domain.creation import Creation, Receipt
from domain.credentials import Credentials
from domain.instant import Instant
from domain.ports import CredentialVault, Instances, Outcome, Verdict
from faults.aws_faults import FAULTS, Injector, injected
from faults.explorer import Tally, explore, foundry, histories
from harness.emulated_aws import moto_aws

SEED = 7


@pytest.fixture
def injector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Injector]:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    result = Injector()
    with moto_aws(), injected(result):
        yield result


def spread(count: int) -> list[Any]:
    """Every so many-th history of a full exploration, so that all its kinds are among them."""
    return [history for history in histories(10_000, SEED) if history.number % (10_000 // count) == 0]


def test_no_way_of_being_cut_off_breaks_a_promise(injector: Injector) -> None:
    tally = explore(spread(200), injector)
    assert tally.failing == []
    assert tally.histories == 200
    assert tally.operations >= {"CreateSecret", "TransactWriteItems", "GetItem", "GetSecretValue", "DeleteSecret"}
    assert {fault for _, fault in tally.met} == {fault.name for fault in FAULTS}


def test_histories_can_be_replayed() -> None:
    once, again = (list(map(str, histories(9_900, SEED))) for _ in range(2))
    assert once == again
    assert once[-1] != str(list(histories(9_900, SEED + 1))[-1])


class CommitsFirst:
    """The mistake: the records are committed before their secret is stored."""

    def __init__(self, vault: CredentialVault, instances: Instances) -> None:
        self._vault, self._instances = vault, instances
        self._pending: dict[str, Credentials] = {}

    def store(self, instance_id: str, credentials: Credentials) -> str:
        self._pending[instance_id] = credentials
        return f"instance-foundry/test/instances/{instance_id}"

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        outcome = self._instances.commit(creation, deadline)
        if outcome.verdict is Verdict.COMMITTED and creation.instance.id in self._pending:
            self._vault.store(creation.instance.id, self._pending[creation.instance.id])
        return outcome

    def receipt(self, identity: str) -> Receipt | None:
        return self._instances.receipt(identity)

    def read(self, arn: str) -> Credentials | None:
        return self._vault.read(arn)

    def discard(self, arn: str) -> None:
        self._vault.discard(arn)


class TakesUnknownForRefused(CommitsFirst):
    """The mistake: an answer that was lost is taken for a refusal, and the secret removed."""

    def store(self, instance_id: str, credentials: Credentials) -> str:
        return self._vault.store(instance_id, credentials)

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        outcome = self._instances.commit(creation, deadline)
        if outcome.verdict is Verdict.UNKNOWN:
            return Outcome(Verdict.REFUSED, reason=errors.UNAVAILABLE)
        return outcome


def with_mistake(mistake: type[CommitsFirst]) -> Callable[[], Foundry]:
    def make() -> Foundry:
        right = foundry()
        wrong = mistake(right.vault, right.instances)
        return replace(right, vault=wrong, instances=wrong)

    return make


def explored(injector: Injector, request: str, faults: int, make: Callable[[], Foundry] = foundry) -> Tally:
    """Explore the enumerated histories with so many faults; of those with several, every ninth."""
    fitting = [
        history
        for history in histories(3_000, SEED)
        if history.request == request and len(history.schedule) == faults and history.keyed
    ]
    return explore(fitting[:: 1 if faults == 1 else 9], injector, make)


def test_committing_before_the_secret_is_caught(injector: Injector) -> None:
    assert explored(injector, "a token", 1, with_mistake(CommitsFirst)).defects.lost_credentials


def test_ignoring_an_unknown_outcome_is_caught(injector: Injector) -> None:
    assert explored(injector, "a token", 3, with_mistake(TakesUnknownForRefused)).defects.lost_credentials


def test_an_identity_that_is_not_derived_is_caught(injector: Injector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_case, "_identity", lambda _foundry, _call: secrets.token_hex(32))
    assert explored(injector, "a token", 1).defects.twins


@pytest.mark.parametrize("faults", [1, 3])
def test_without_a_mistake_the_same_histories_are_clean(injector: Injector, faults: int) -> None:
    assert explored(injector, "a token", faults).failing == []


def test_a_sweep_that_does_not_happen_is_caught(injector: Injector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faults.explorer.sweep_secrets", lambda *_args, **_kwargs: None)
    assert explored(injector, "a token", 1).defects.orphans
