"""Which effects a creation has, in which order, and that they belong together (design decisions 3, 4, 6 and 9)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from domain import errors
from domain.create_instance import SECONDS_TO_COMMIT, SECONDS_TO_CREATE
from domain.creation import Creation
from domain.credentials import Credentials, token_digest
from domain.errors import Reason, Refused
from domain.instant import NEVER, Instant
from domain.ports import Outcome
from domain.user import HumanUser, MachineUser
from fakes.clock import NOW, FixedClock
from fakes.foundry import RECEIPT_SECONDS, defaults
from fakes.instances import FakeInstances
from fakes.requests import PASSWORD, human, machine, machine_with_credentials
from fakes.vault import FakeVault
from fakes.world import KEY, World


def test_a_machine_with_both_credentials() -> None:
    world = World()
    created = world.create(machine_with_credentials())
    creation = world.creation_of(created)
    user = creation.user
    assert isinstance(user, MachineUser)
    assert (user.username, user.name, user.org_id) == ("robot", "Robot", creation.organization.id)

    assert created.credentials.pat
    assert creation.token
    assert creation.token.sha256 == token_digest(created.credentials.pat)
    assert (creation.token.user_id, creation.token.expires_at) == (user.id, NEVER)
    assert creation.token.scopes == defaults().token_scopes

    assert created.credentials.machine_key
    assert creation.key
    document = json.loads(created.credentials.machine_key.reveal())
    assert (
        (document["keyId"], document["userId"]) == (creation.key.id, user.id) == (creation.key.id, creation.key.user_id)
    )
    private_key = load_pem_private_key(document["key"].encode(), password=None)
    public_pem = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert creation.key.public_key == public_pem

    assert world.vault.contents == {creation.instance.secret_arn: created.credentials}
    assert creation.receipt == created.receipt
    assert created.receipt.secret_arn == creation.instance.secret_arn
    assert not created.replayed


def test_each_credential_ends_when_it_was_asked_to() -> None:
    world = World()
    token_end, key_end = NOW.plus(60), Instant(NOW.seconds + 3600, 1)
    asked = {
        "personal_access_token": {"expiration_date": token_end},
        "machine_key": {"type": 1, "expiration_date": key_end},
    }
    created = world.create(machine({"machine": asked}))
    creation = world.creation_of(created)
    assert creation.token
    assert creation.key
    assert created.credentials.machine_key
    assert (creation.token.expires_at, creation.key.expires_at) == (token_end, key_end)
    assert json.loads(created.credentials.machine_key.reveal())["expirationDate"] == key_end.rfc3339()


def test_a_human_with_a_password() -> None:
    world = World()
    created = world.create(human({"human": {"password": {"password_change_required": True}}}))
    user = world.creation_of(created).user
    assert isinstance(user, HumanUser)
    assert user.password_hash
    Argon2id.verify_phc_encoded(PASSWORD.encode(), user.password_hash)
    assert user == HumanUser(
        id=user.id,
        org_id=created.receipt.org_id,
        username="grace",
        first_name="Grace",
        last_name="Hopper",
        preferred_language="en",
        email="grace@acme.example",
        email_verified=True,
        password_hash=user.password_hash,
        password_change_required=True,
    )
    assert created.credentials == Credentials()
    assert created.receipt.secret_arn is None
    assert not world.vault.contents


def test_an_instance_has_the_settings_and_the_time_of_its_creation() -> None:
    world = World()
    created = world.create(machine({"instance_name": " Acme ", "default_language": "de_CH"}))
    creation = world.creation_of(created)
    assert (creation.instance.name, creation.instance.default_language) == (" Acme ", "de-CH")
    assert creation.settings == defaults().settings
    assert creation.instance.created_at == created.receipt.created_at == NOW
    assert created.receipt.expires_at == Instant(NOW.seconds + RECEIPT_SECONDS)


def test_no_two_things_share_an_id() -> None:
    world = World()
    ids: list[str] = []
    for key in ("one", "two", None):
        creation = world.creation_of(world.create(machine_with_credentials(), key))
        apps = (*creation.project.api_apps, creation.project.console)
        assert creation.token
        assert creation.key
        ids += [creation.instance.id, creation.organization.id, creation.user.id, creation.token.id, creation.key.id]
        ids += [creation.project.id, *(app.id for app in apps), *(app.client_id for app in apps)]
    assert len(set(ids)) == len(ids) == 3 * 14
    assert all(len(text) >= 18 and text.isdecimal() for text in ids)


def test_generated_domains_and_tokens_differ_between_equal_requests() -> None:
    world = World()
    one, other = world.create(machine_with_credentials(), "one"), world.create(machine_with_credentials(), "two")
    assert one.receipt.domains != other.receipt.domains
    assert one.credentials.pat != other.credentials.pat


@pytest.mark.parametrize(
    ("request_", "journal"),
    [
        (machine(), ["instances.commit"]),
        (machine({"machine": {"personal_access_token": {}}}), ["vault.store", "instances.commit"]),
        (machine_with_credentials(), ["key_pairs.begin", "vault.store", "instances.commit"]),
        (human(), ["password_hashes.begin", "instances.commit"]),
    ],
    ids=["machine", "token", "both", "human"],
)
def test_the_secret_is_stored_before_the_records(request_: dict[str, Any], journal: list[str]) -> None:
    world = World()
    world.create(request_)
    assert world.journal == journal


@pytest.mark.parametrize(("key", "journal"), [(KEY, ["instances.receipt"]), (None, [])], ids=["a key", "no key"])
@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (machine_with_credentials({"instance_name": "a_b"}), errors.DOMAIN_CHARACTERS),
        (machine_with_credentials({"machine": {"name": ""}}), errors.MACHINE_NAME_EMPTY),
        (human({"human": {"password": {"password": "short"}}}), errors.PASSWORD_SHORT),
        (human({"human": {"profile": None}}), errors.FIRST_NAME_BLANK),
    ],
    ids=["domain", "machine", "password", "profile"],
)
def test_nothing_is_touched_before_every_rule_holds(
    request_: dict[str, Any], reason: Reason, key: str | None, journal: list[str]
) -> None:
    world = World()
    assert world.refusal(request_, key).reason is reason
    assert world.journal == journal, "only looked up, whether the key's request was good enough once"


def test_a_store_that_refuses_the_secret_stops_everything() -> None:
    class Unavailable(FakeVault):
        def store(self, instance_id: str, credentials: Credentials) -> str:
            raise Refused(errors.UNAVAILABLE, retry_after=1)

    world = World(vault=Unavailable())
    refusal = world.refusal(machine_with_credentials())
    assert (refusal.reason, refusal.retry_after) == (errors.UNAVAILABLE, 1)
    assert world.journal == ["key_pairs.begin", "vault.store"]


class SlowVault(FakeVault):
    """Takes ``seconds`` to store."""

    def __init__(self, clock: FixedClock, seconds: int) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def store(self, instance_id: str, credentials: Credentials) -> str:
        self._clock.forward(self._seconds)
        return super().store(instance_id, credentials)


def slow_world(seconds: int) -> World:
    clock = FixedClock()
    return World(vault=SlowVault(clock, seconds), clock=clock)


def test_the_last_moment_to_start() -> None:
    world = World()
    assert world.create(machine_with_credentials(), deadline=NOW.plus(SECONDS_TO_CREATE))
    late = World()
    refusal = late.refusal(machine_with_credentials(), deadline=replace(NOW.plus(SECONDS_TO_CREATE), nanos=0))
    assert (refusal.reason, refusal.retry_after) == (errors.OUT_OF_TIME, 1)
    assert late.journal == []


def test_the_last_moment_to_commit() -> None:
    world = slow_world(SECONDS_TO_CREATE - SECONDS_TO_COMMIT)
    assert world.create(machine_with_credentials(), deadline=NOW.plus(SECONDS_TO_CREATE))
    late = slow_world(SECONDS_TO_CREATE - SECONDS_TO_COMMIT + 1)
    refusal = late.refusal(machine_with_credentials(), deadline=NOW.plus(SECONDS_TO_CREATE))
    assert (refusal.reason, refusal.retry_after) == (errors.OUT_OF_TIME, 1)
    assert late.journal == ["key_pairs.begin", "vault.store", "vault.discard"]
    assert late.contents() == ((), {})


def test_a_broken_rule_is_told_whatever_the_time() -> None:
    assert World().refusal(machine({"machine": {"name": ""}}), deadline=NOW).reason is errors.MACHINE_NAME_EMPTY


def test_the_store_is_told_the_deadline() -> None:
    deadlines: list[Instant] = []

    class Listening(FakeInstances):
        def commit(self, creation: Creation, deadline: Instant) -> Outcome:
            deadlines.append(deadline)
            return super().commit(creation, deadline)

    World(Listening()).create(machine(), deadline=NOW.plus(20))
    assert deadlines == [NOW.plus(20)]
