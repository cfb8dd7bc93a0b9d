"""What every store of instances promises (domain.ports.Instances)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.clock import SystemClock
from adapters.dynamodb import DynamoDbInstances
from bootstrap import clients
from domain import errors
from domain.creation import Creation
from domain.instant import Instant
from domain.ports import Instances, Outcome, Verdict
from fakes.instances import FakeInstances
from fakes.requests import MACHINE
from harness import emulated_aws
from harness.creations import FAR_AWAY, a_creation


@pytest.fixture
def instances(engine: str) -> Instances:
    if engine == "fake":
        return FakeInstances(SystemClock())
    return DynamoDbInstances(clients.dynamodb(), emulated_aws.TABLE, SystemClock())


def commit(instances: Instances, creation: Creation) -> Outcome:
    return instances.commit(creation, FAR_AWAY)


def test_an_unknown_identity_has_no_receipt(instances: Instances) -> None:
    assert instances.receipt("unknown") is None


def test_a_committed_creation_is_seen_by_the_next_read(instances: Instances) -> None:
    creation = a_creation("key")
    assert commit(instances, creation).verdict is Verdict.COMMITTED
    assert instances.receipt(creation.receipt.identity) == creation.receipt


def test_a_human_without_credentials_commits_too(instances: Instances) -> None:
    human = {"email": {"email": "a@b.c", "is_email_verified": True}, "profile": {"first_name": "A", "last_name": "B"}}
    creation = a_creation(request={"instance_name": "Acme", "human": human})
    assert commit(instances, creation).verdict is Verdict.COMMITTED
    assert instances.receipt(creation.receipt.identity) == creation.receipt


def test_an_identity_is_committed_once(instances: Instances) -> None:
    first, second = a_creation("key"), a_creation("key")
    assert first.receipt.identity == second.receipt.identity
    commit(instances, first)
    outcome = commit(instances, second)
    assert outcome.verdict is Verdict.REPEATED
    assert outcome.receipt == first.receipt
    assert instances.receipt(first.receipt.identity) == first.receipt


def test_a_domain_is_taken_once_whatever_its_case(instances: Instances) -> None:
    first = a_creation("one", {**MACHINE, "custom_domain": "Login.Acme.example"})
    second = a_creation("two", {**MACHINE, "custom_domain": "login.acme.EXAMPLE"})
    assert commit(instances, first).verdict is Verdict.COMMITTED
    assert commit(instances, second).verdict is Verdict.DOMAIN_TAKEN
    assert instances.receipt(second.receipt.identity) is None


def test_a_domain_is_known_to_be_taken_in_every_spelling(instances: Instances) -> None:
    creation = a_creation(request={**MACHINE, "custom_domain": "Login.Acme.example"})
    assert not instances.has_domain("login.acme.example")
    commit(instances, creation)
    for name in ("Login.Acme.example", "login.acme.EXAMPLE", creation.instance.domains[0].name.upper()):
        assert instances.has_domain(name)
    assert not instances.has_domain("other.acme.example")


def test_a_rehearsal_counts_and_stores_nothing(instances: Instances) -> None:
    creation = a_creation("key", {**MACHINE, "custom_domain": "login.acme.example"})
    records = instances.rehearse(creation)
    assert (records["receipt"], records["instance"], records["domain"]) == (1, 1, 2)
    assert instances.receipt(creation.receipt.identity) is None
    assert commit(instances, creation).verdict is Verdict.COMMITTED


def test_a_cancelled_creation_takes_no_domain(instances: Instances) -> None:
    taken = a_creation("one", {**MACHINE, "custom_domain": "taken.example"})
    loser = a_creation("two", {**MACHINE, "custom_domain": "taken.example"})
    commit(instances, taken)
    assert commit(instances, loser).verdict is Verdict.DOMAIN_TAKEN
    heir = a_creation("three", {**MACHINE, "custom_domain": loser.instance.domains[0].name})
    assert commit(instances, heir).verdict is Verdict.COMMITTED


def test_a_repeat_is_a_repeat_even_though_its_domain_is_taken(instances: Instances) -> None:
    request = {**MACHINE, "custom_domain": "login.acme.example"}
    first, second = a_creation("key", request), a_creation("key", request)
    commit(instances, first)
    outcome = commit(instances, second)
    assert (outcome.verdict, outcome.receipt) == (Verdict.REPEATED, first.receipt)


def test_nothing_is_started_that_the_deadline_would_cut_off(instances: Instances) -> None:
    creation = a_creation("key")
    outcome = instances.commit(creation, Instant(0))
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.reason is errors.OUT_OF_TIME
    assert outcome.final
    assert instances.receipt(creation.receipt.identity) is None


@pytest.mark.parametrize(
    ("key_of", "request_of", "losing"),
    [
        (lambda _: "one key", lambda _: MACHINE, Verdict.REPEATED),
        (
            str,
            lambda number: {**MACHINE, "custom_domain": ["a.example", "A.Example"][number % 2]},
            Verdict.DOMAIN_TAKEN,
        ),
    ],
    ids=["identity", "domain"],
)
def test_of_many_at_once_one_wins(instances: Instances, key_of, request_of, losing: Verdict) -> None:
    creations = [a_creation(key_of(number), request_of(number)) for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(lambda creation: commit(instances, creation), creations))
    assert Counter(outcome.verdict for outcome in outcomes) == {Verdict.COMMITTED: 1, losing: 11}
    winner = next(
        creation for creation, outcome in zip(creations, outcomes, strict=True) if outcome.verdict is Verdict.COMMITTED
    )
    assert instances.receipt(winner.receipt.identity) == winner.receipt
