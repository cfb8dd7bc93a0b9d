"""Exactly once: repeats, keys and answers that were lost (design decision 5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from domain import errors
from domain.creation import Creation, Receipt
from domain.credentials import Credentials
from domain.errors import Reason, Refused
from domain.instant import Instant
from domain.ports import Outcome, Verdict
from fakes.clock import NOW
from fakes.instances import FakeInstances
from fakes.requests import PASSWORD, human, machine, machine_with_credentials
from fakes.world import World

CUSTOM = {"custom_domain": "id.acme.test"}


@pytest.mark.parametrize("request_", [human(), machine(), machine_with_credentials()], ids=["human", "machine", "both"])
def test_a_repeat_gets_the_first_answer_and_leaves_nothing_new(request_: dict[str, Any]) -> None:
    world = World()
    first = world.create(request_)
    before = world.contents()
    world.clock.forward(3600)
    for _ in range(2):
        assert world.create(request_) == replace(first, replayed=True)
        assert world.contents() == before


def test_a_repeat_discards_its_own_secret_before_it_reads_the_first_one() -> None:
    world = World()
    world.create(machine_with_credentials())
    world.journal.clear()
    world.create(machine_with_credentials())
    assert world.journal == ["key_pairs.begin", "vault.store", "instances.commit", "vault.discard", "vault.read"]


@pytest.mark.parametrize(
    "other",
    [
        machine_with_credentials({"machine": {"name": "Other"}}),
        machine_with_credentials({"machine": {"personal_access_token": None}}),
        machine_with_credentials(CUSTOM),
        machine(),
        human(),
    ],
)
def test_a_key_is_good_for_one_request(other: dict[str, Any]) -> None:
    world = World()
    first = world.create(machine_with_credentials())
    before = world.contents()
    refusal = world.refusal(other)
    assert (refusal.reason, refusal.retry_after) == (errors.IDEMPOTENCY_KEY_REUSED, None)
    assert world.contents() == before
    assert world.create(machine_with_credentials()) == replace(first, replayed=True)


def test_another_password_is_another_request() -> None:
    world = World()
    world.create(human())
    assert world.refusal(human({"human": {"password": {"password": f"{PASSWORD}2"}}})).reason is (
        errors.IDEMPOTENCY_KEY_REUSED
    )


def test_without_a_key_every_call_is_a_new_one() -> None:
    world = World()
    one, other = world.create(machine_with_credentials(), None), world.create(machine_with_credentials(), None)
    assert one.receipt.instance_id != other.receipt.instance_id
    assert one.receipt.identity != other.receipt.identity
    assert not one.replayed
    assert not other.replayed
    assert len(world.instances.creations) == len(world.vault.contents) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("alice", "key"), ("bob", "key")),
        (("alice", "1k"), ("alice1", "k")),
        (("alice", "key"), ("alice", "Key")),
        (("alice", "key"), ("alice", "key ")),
    ],
)
def test_callers_do_not_share_keys_and_keys_are_exact(one: tuple[str, str], other: tuple[str, str]) -> None:
    world = World()
    created = [world.create(machine(), key, caller=caller) for caller, key in (one, other)]
    assert not any(answer.replayed for answer in created)
    assert len({answer.receipt.identity for answer in created}) == 2


def test_a_record_holds_neither_key_nor_request() -> None:
    world = World()
    receipt = world.create(human(), "a secret key").receipt
    assert "a secret key" not in repr(receipt)
    assert PASSWORD not in repr(receipt)


def test_of_many_calls_at_once_one_creates_and_all_get_its_answer() -> None:
    world = World()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: world.create(machine_with_credentials()), range(16)))
    assert sum(not answer.replayed for answer in answers) == 1
    assert len({(answer.receipt.instance_id, answer.credentials.pat) for answer in answers}) == 1
    assert len(world.instances.creations) == len(world.vault.contents) == 1


def expiring(end: Instant) -> dict[str, Any]:
    return machine_with_credentials({"machine": {"personal_access_token": {"expiration_date": end}}})


def test_a_repeat_after_the_expiration_still_gets_its_answer() -> None:
    world = World()
    first = world.create(expiring(NOW.plus(60)))
    world.clock.forward(61)
    world.journal.clear()
    assert world.create(expiring(NOW.plus(60))) == replace(first, replayed=True)
    assert world.journal == ["instances.receipt", "vault.read"]


def test_another_request_with_an_expiration_in_the_past_does_not() -> None:
    world = World()
    world.create(expiring(NOW.plus(60)))
    world.clock.forward(61)
    assert world.refusal(expiring(NOW.plus(59))).reason is errors.EXPIRATION_PAST
    assert world.refusal(expiring(NOW.plus(60)), "another key").reason is errors.EXPIRATION_PAST
    assert world.refusal(expiring(NOW.plus(60)), caller="another caller").reason is errors.EXPIRATION_PAST


def test_a_repeat_after_the_password_policy_was_tightened_still_gets_its_answer() -> None:
    world = World()
    first = world.create(human())
    defaults = world.foundry.defaults
    stricter = defaults.password_policy.model_copy(update={"min_length": len(PASSWORD) + 1})
    world.foundry = replace(world.foundry, defaults=defaults.model_copy(update={"password_policy": stricter}))
    assert world.create(human()) == replace(first, replayed=True)
    assert world.refusal(human(), "another key").reason is errors.PASSWORD_SHORT


def test_a_refused_call_without_a_key_has_nothing_to_look_up() -> None:
    world = World()
    assert world.refusal(expiring(NOW.plus(-1)), None).reason is errors.EXPIRATION_PAST
    assert world.journal == []


def test_a_refusal_that_cannot_be_looked_up_is_not_final() -> None:
    class Unreadable(FakeInstances):
        def receipt(self, identity: str) -> Receipt | None:
            raise Refused(errors.THROTTLED, retry_after=1)

    assert World(Unreadable()).refusal(expiring(NOW.plus(-1))).reason is errors.THROTTLED


KEPT = human({"human": {"password": {"password": None, "kept_at": "a place"}}})
"""A request for a person whose password is kept elsewhere."""


@pytest.mark.parametrize("now_kept", [f"{PASSWORD}2", "short", "x" * 201, None])
def test_a_repeat_gets_its_answer_whatever_became_of_the_password(now_kept: str | None) -> None:
    """The place is part of the request, what is kept there is not."""
    world = World()
    world.passwords.contents["a place"] = PASSWORD
    first = world.create(KEPT)
    world.passwords.contents.clear()
    if now_kept:
        world.passwords.contents["a place"] = now_kept
    assert world.create(KEPT) == replace(first, replayed=True)
    assert len(world.instances.creations) == 1


def test_another_place_is_another_request_whatever_is_kept_there() -> None:
    world = World()
    world.passwords.contents |= dict.fromkeys(("a place", "another place"), PASSWORD)
    world.create(KEPT)
    for other in (human({"human": {"password": {"password": None, "kept_at": "another place"}}}), human()):
        assert world.refusal(other).reason is errors.IDEMPOTENCY_KEY_REUSED


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (None, errors.PASSWORD_UNREADABLE),
        ("Aa1!", errors.PASSWORD_SHORT),
        ("aaaa111!", errors.PASSWORD_UPPER),
    ],
)
def test_a_password_that_is_kept_elsewhere_has_to_be_there_and_to_be_good(kept: str | None, reason: Reason) -> None:
    world = World()
    if kept:
        world.passwords.contents["a place"] = kept
    assert world.refusal(KEPT).reason is reason
    assert world.journal == ["passwords.read", "instances.receipt"]


def test_the_credentials_of_a_removed_secret_are_gone_but_not_the_instance() -> None:
    world = World()
    first = world.create(machine_with_credentials())
    world.vault.contents.clear()
    assert world.refusal(machine_with_credentials()).reason is errors.CREDENTIALS_REMOVED
    assert not world.vault.contents
    again = world.create(machine_with_credentials(), reveal=False)
    assert again == replace(first, credentials=Credentials(), replayed=True)


def test_who_took_a_reference_may_fetch_the_credentials_later() -> None:
    world = World()
    arn = world.create(machine_with_credentials(), reveal=False).receipt.secret_arn
    assert arn
    assert world.create(machine_with_credentials()).credentials == world.vault.contents[arn]


def test_a_key_whose_call_was_refused_is_free_again() -> None:
    world = World()
    world.create(machine(CUSTOM), "one")
    before = world.contents()
    assert world.refusal(machine_with_credentials(CUSTOM), "two").reason is errors.DOMAIN_TAKEN
    assert world.contents() == before
    assert not world.create(machine_with_credentials(), "two").replayed


CAUSE = ConnectionError("reset by peer")


class LosesOneAnswer(FakeInstances):
    """Says nothing about its first commit, which took effect where ``stored``."""

    def __init__(self, *, stored: bool) -> None:
        super().__init__()
        self._lost = False
        self._stored = stored

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        if self._lost:
            return super().commit(creation, deadline)
        self._lost = True
        if self._stored:
            super().commit(creation, deadline)
        return Outcome(Verdict.UNKNOWN, final=False, cause=CAUSE)


def test_a_lost_answer_is_looked_up_and_was_a_success() -> None:
    world = World(LosesOneAnswer(stored=True))
    created = world.create(machine_with_credentials())
    assert not created.replayed
    assert created.receipt == world.creation_of(created).receipt
    assert world.vault.contents == {created.receipt.secret_arn: created.credentials}
    assert world.journal[-2:] == ["instances.commit", "instances.receipt"]
    assert world.create(machine_with_credentials()) == replace(created, replayed=True)


@pytest.mark.parametrize("request_", [human(), machine_with_credentials()], ids=["human", "machine"])
def test_a_lost_answer_that_is_not_found_stays_unknown_until_it_is_asked_again(request_: dict[str, Any]) -> None:
    world = World(LosesOneAnswer(stored=False))
    refusal = world.refusal(request_)
    assert (refusal.reason, refusal.retry_after, refusal.__cause__) == (errors.OUTCOME_UNKNOWN, 1, CAUSE)
    assert "vault.discard" not in world.journal
    created = world.create(request_)
    assert not created.replayed
    if created.credentials:
        assert world.vault.contents[str(created.receipt.secret_arn)] == created.credentials
