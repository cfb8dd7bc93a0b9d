"""The use case on fakes: what happens in which order, and what is left behind when it does not work out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain import errors
from domain.command import parse
from domain.create_instance import SECONDS_TO_COMMIT, SECONDS_TO_CREATE, Call, Created, Foundry, create_instance
from domain.creation import Creation, Receipt
from domain.credentials import Credentials, is_access_token, token_digest
from domain.errors import Reason, Refused
from domain.instant import NEVER, Instant
from domain.ports import Outcome, Verdict
from domain.user import HumanUser, MachineUser
from fakes.clock import NOW, FixedClock
from fakes.foundry import creation_of, fake_foundry
from fakes.instances import FakeInstances
from fakes.requests import MACHINE, PASSWORD, human
from fakes.vault import FakeVault
from harness.creations import FAR_AWAY


class Journal(FakeVault):
    """A vault that writes down what is done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def store(self, instance_id: str, credentials: Credentials) -> str:
        self.events.append("store")
        return super().store(instance_id, credentials)

    def read(self, arn: str) -> Credentials | None:
        self.events.append("read")
        return super().read(arn)

    def discard(self, arn: str) -> None:
        self.events.append("discard")
        super().discard(arn)


class Scripted(FakeInstances):
    """A store whose commit and look-up end as told."""

    def __init__(self, outcome: Outcome, found: Receipt | Refused | None = None) -> None:
        super().__init__()
        self._outcome = outcome
        self._found = found
        self.attempted: list[Creation] = []

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        self.attempted.append(creation)
        return self._outcome

    def receipt(self, identity: str) -> Receipt | None:
        if isinstance(self._found, Refused):
            raise self._found
        return self._found


def create(foundry: Foundry, request: dict[str, Any] = MACHINE, **call: Any) -> Created:
    return create_instance(
        foundry, parse(request), Call(**{"caller": "c", "idempotency_key": None, "deadline": FAR_AWAY} | call)
    )


def refusal_of(foundry: Foundry, request: dict[str, Any] = MACHINE, **call: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        create(foundry, request, **call)
    return refusal.value


def without(request: dict[str, Any], *names: str) -> dict[str, Any]:
    machine = {name: value for name, value in request["machine"].items() if name not in names}
    return {**request, "machine": machine}


@pytest.mark.parametrize(
    ("request_", "token", "key"),
    [
        (MACHINE, True, True),
        (without(MACHINE, "machine_key"), True, False),
        (without(MACHINE, "personal_access_token"), False, True),
        (without(MACHINE, "machine_key", "personal_access_token"), False, False),
    ],
    ids=["both", "token", "key", "neither"],
)
def test_a_machine_gets_what_was_asked_for(request_: dict[str, Any], token: bool, key: bool) -> None:
    instances, vault = FakeInstances(), Journal()
    created = create(fake_foundry(instances=instances, vault=vault), request_)
    (creation,) = instances.creations
    assert isinstance(creation.user, MachineUser)
    assert (created.credentials.pat is not None, created.credentials.machine_key is not None) == (token, key)
    assert (creation.token is not None, creation.key is not None) == (token, key)
    assert vault.events == (["store"] if token or key else [])
    assert (created.receipt.secret_arn is not None) == (token or key)
    assert created.receipt == creation.receipt
    assert not created.replayed
    if created.credentials.pat and creation.token:
        assert is_access_token(created.credentials.pat.reveal())
        assert creation.token.sha256 == token_digest(created.credentials.pat)
        assert creation.token.expires_at == NEVER
        assert creation.token.user_id == creation.user.id


def test_a_person_has_a_hash_and_no_secret() -> None:
    instances, vault = FakeInstances(), Journal()
    created = create(fake_foundry(instances=instances, vault=vault), human())
    (creation,) = instances.creations
    assert isinstance(creation.user, HumanUser)
    assert creation.user.password_hash
    assert PASSWORD not in creation.user.password_hash
    assert creation.user.state == "active"
    assert not created.credentials
    assert vault.events == []


def test_a_person_without_password_need_not_change_it() -> None:
    request = human({"human": {"password": {"password": None, "password_change_required": True}}})
    creation = creation_of(request)
    assert isinstance(creation.user, HumanUser)
    assert (creation.user.password_hash, creation.user.password_change_required) == (None, False)
    assert creation.user.state == "initial"


def test_everything_of_a_creation_belongs_together() -> None:
    creation = creation_of({**MACHINE, "custom_domain": "a.example"})
    instance, org, user, project = creation.instance, creation.organization, creation.user, creation.project
    assert instance.default_org_id == org.id == user.org_id == project.org_id
    assert (instance.project_id, instance.console_app_id) == (project.id, project.console.id)
    assert instance.console_client_id == project.console.client_id
    assert [(member.aggregate_type, member.aggregate_id, member.roles) for member in creation.memberships] == [
        ("org", org.id, ("ORG_OWNER",)),
        ("instance", instance.id, ("IAM_OWNER",)),
    ]
    assert {member.user_id for member in creation.memberships} == {user.id}
    ids = [instance.id, org.id, user.id, project.id, project.console.id, project.console.client_id]
    ids += [app_id for app in project.api_apps for app_id in (app.id, app.client_id)]
    assert len(set(ids)) == len(ids)
    assert project.console.redirect_uris[1] == "https://a.example/ui/console/auth/callback"


@pytest.mark.parametrize(
    "request_",
    [{**MACHINE, "custom_domain": "a b"}, {**MACHINE, "instance_name": " "}, {**MACHINE, "machine": {}}],
)
def test_a_refused_request_changes_nothing(request_: dict[str, Any]) -> None:
    instances, vault = FakeInstances(), Journal()
    refusal_of(fake_foundry(instances=instances, vault=vault), request_)
    assert (instances.creations, vault.events) == ((), [])


def test_a_repeat_gives_the_first_answer() -> None:
    instances, vault = FakeInstances(), Journal()
    foundry = fake_foundry(instances=instances, vault=vault)
    first = create(foundry, idempotency_key="key")
    second = create(foundry, idempotency_key="key")
    assert second == replace(first, replayed=True)
    assert len(instances.creations) == 1
    assert vault.events == ["store", "store", "discard", "read"]


def test_a_repeat_by_reference_does_not_read_the_secret() -> None:
    vault = Journal()
    foundry = fake_foundry(vault=vault)
    first = create(foundry, idempotency_key="key", reveal=False)
    second = create(foundry, idempotency_key="key", reveal=False)
    assert first.receipt == second.receipt
    assert not first.credentials
    assert not second.credentials
    assert "read" not in vault.events


def test_a_repeat_for_a_person_has_no_credentials() -> None:
    foundry = fake_foundry()
    first = create(foundry, human(), idempotency_key="key")
    assert create(foundry, human(), idempotency_key="key") == replace(first, replayed=True)


def test_callers_do_not_share_keys() -> None:
    foundry = fake_foundry()
    one = create(foundry, caller="one", idempotency_key="key")
    other = create(foundry, caller="other", idempotency_key="key")
    assert one.receipt.instance_id != other.receipt.instance_id


def test_without_a_key_nothing_is_repeated() -> None:
    foundry = fake_foundry()
    assert create(foundry).receipt.instance_id != create(foundry).receipt.instance_id


def test_a_key_belongs_to_its_request() -> None:
    vault = Journal()
    foundry = fake_foundry(vault=vault)
    create(foundry, idempotency_key="key")
    refusal = refusal_of(foundry, {**MACHINE, "instance_name": "Other"}, idempotency_key="key")
    assert refusal.reason is errors.IDEMPOTENCY_KEY_REUSED
    assert vault.events == ["store", "store", "discard"]


@pytest.mark.parametrize("key", ["", " ", "   ", "k" * 256, "schlüssel", "a\n", "a\0"])
def test_a_key_has_a_form(key: str) -> None:
    assert refusal_of(fake_foundry(), idempotency_key=key).reason is errors.IDEMPOTENCY_KEY_INVALID


@pytest.mark.parametrize("key", ["k", "k" * 255, '"quoted, and with blanks"', "8e03978e-40d5-43e8-bc93-6894a57f9324"])
def test_a_key_is_free_text(key: str) -> None:
    foundry = fake_foundry()
    create(foundry, idempotency_key=key)
    assert create(foundry, idempotency_key=key).replayed


def test_a_secret_that_its_owner_removed_is_not_made_up() -> None:
    vault = FakeVault()
    foundry = fake_foundry(vault=vault)
    first = create(foundry, idempotency_key="key")
    vault.discard(str(first.receipt.secret_arn))
    assert refusal_of(foundry, idempotency_key="key").reason is errors.CREDENTIALS_REMOVED


def test_a_date_that_has_passed_since_is_no_obstacle_for_a_repeat() -> None:
    clock = FixedClock()
    foundry = fake_foundry(clock=clock)
    request = {**MACHINE, "machine": {**MACHINE["machine"], "personal_access_token": {"expiration_date": NOW.plus(60)}}}
    first = create(foundry, request, idempotency_key="key")
    clock.forward(61)
    assert create(foundry, request, idempotency_key="key") == replace(first, replayed=True)
    assert refusal_of(foundry, request, idempotency_key="new").reason is errors.EXPIRATION_PAST


def test_a_taken_domain_leaves_nothing() -> None:
    instances, vault = FakeInstances(), Journal()
    foundry = fake_foundry(instances=instances, vault=vault)
    create(foundry, {**MACHINE, "custom_domain": "a.example"})
    assert refusal_of(foundry, {**MACHINE, "custom_domain": "A.example"}).reason is errors.DOMAIN_TAKEN
    assert vault.events == ["store", "store", "discard"]
    assert len(instances.creations) == 1


FOREIGN = creation_of(MACHINE).receipt
UNKNOWN = Outcome(Verdict.UNKNOWN, final=False)


@pytest.mark.parametrize(
    ("outcome", "reason", "events"),
    [
        (Outcome(Verdict.REFUSED, reason=errors.THROTTLED, retry_after=3), errors.THROTTLED, ["store", "discard"]),
        (Outcome(Verdict.REFUSED, reason=errors.THROTTLED, final=False), errors.THROTTLED, ["store"]),
        (Outcome(Verdict.REFUSED), errors.INTERNAL, ["store", "discard"]),
        (Outcome(Verdict.DOMAIN_TAKEN, final=False), errors.DOMAIN_TAKEN, ["store"]),
        (UNKNOWN, errors.OUTCOME_UNKNOWN, ["store"]),
    ],
    ids=["refused", "refused, not for certain", "without a reason", "taken, not for certain", "unknown"],
)
def test_a_secret_is_removed_only_where_nothing_can_refer_to_it(
    outcome: Outcome, reason: Reason, events: list[str]
) -> None:
    vault = Journal()
    refusal = refusal_of(fake_foundry(vault=vault, instances=Scripted(outcome)))
    assert refusal.reason is reason
    assert vault.events == events
    if outcome.retry_after:
        assert refusal.retry_after == outcome.retry_after


def test_an_unknown_outcome_that_took_effect_is_a_creation() -> None:
    class Found(Scripted):
        def receipt(self, identity: str) -> Receipt | None:
            return self.attempted[0].receipt

    vault = Journal()
    created = create(fake_foundry(vault=vault, instances=Found(UNKNOWN)))
    assert not created.replayed
    assert created.credentials.pat
    assert vault.events == ["store"]


def test_a_repeat_that_meets_its_own_receipt_is_a_creation() -> None:
    class Own(Scripted):
        def commit(self, creation: Creation, deadline: Instant) -> Outcome:
            return Outcome(Verdict.REPEATED, receipt=creation.receipt)

    created = create(fake_foundry(instances=Own(UNKNOWN)))
    assert not created.replayed


@pytest.mark.parametrize("found_by", ["the commit", "the look-up"])
def test_the_loser_of_a_race_answers_with_the_winner(found_by: str) -> None:
    vault = Journal()
    foundry = fake_foundry(vault=vault)
    winner = create(foundry, idempotency_key="key")
    outcome = Outcome(Verdict.REPEATED, receipt=winner.receipt) if found_by == "the commit" else UNKNOWN
    loser = create(replace(foundry, instances=Scripted(outcome, winner.receipt)), idempotency_key="key")
    assert loser == replace(winner, replayed=True)
    assert vault.events == ["store", "store", "discard", "read"]


def test_a_look_up_that_fails_leaves_the_outcome_unknown() -> None:
    vault = Journal()
    instances = Scripted(UNKNOWN, Refused(errors.UNAVAILABLE))
    refusal = refusal_of(fake_foundry(vault=vault, instances=instances))
    assert refusal.reason is errors.OUTCOME_UNKNOWN
    assert refusal.retry_after
    assert vault.events == ["store"]


def test_nothing_is_started_without_the_time_for_all_of_it() -> None:
    vault = Journal()
    deadline = NOW.plus(SECONDS_TO_CREATE - 1)
    assert refusal_of(fake_foundry(vault=vault), deadline=deadline).reason is errors.OUT_OF_TIME
    assert vault.events == []


def test_a_secret_stored_too_slowly_is_removed() -> None:
    clock = FixedClock()

    class Slow(Journal):
        def store(self, instance_id: str, credentials: Credentials) -> str:
            clock.forward(SECONDS_TO_CREATE - SECONDS_TO_COMMIT + 1)
            return super().store(instance_id, credentials)

    vault, instances = Slow(), Scripted(Outcome(Verdict.COMMITTED))
    foundry = fake_foundry(clock=clock, vault=vault, instances=instances)
    assert refusal_of(foundry, deadline=NOW.plus(SECONDS_TO_CREATE)).reason is errors.OUT_OF_TIME
    assert vault.events == ["store", "discard"]
    assert instances.attempted == []


def test_a_person_has_no_secret_to_remove() -> None:
    vault = Journal()
    refusal_of(fake_foundry(vault=vault, instances=Scripted(Outcome(Verdict.DOMAIN_TAKEN))), human())
    assert vault.events == []
