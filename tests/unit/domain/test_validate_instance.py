"""Validate only: it says what the real call does, does nothing, and misses nothing."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import errors
from domain.create_instance import Call
from domain.errors import Reason, Refused
from domain.instant import LATEST
from domain.validate_instance import Assessment, DomainOutlook, Plan, validate_instance
from fakes.clock import NOW
from fakes.instances import FakeInstances
from fakes.requests import PASSWORD, human, machine, machine_with_credentials
from fakes.world import KEY, World
from harness.refusals import outcome

PLACE = "a place"
LONG = "x" * 201
STORES = {"vault.store", "vault.discard", "instances.commit", "key_pairs.begin", "password_hashes.begin"}


def assess(world: World, request: dict[str, Any], key: str | None = KEY, *, reveal: bool = True) -> Assessment:
    """The assessment, having checked that nothing was stored for it and no time was spent."""
    before = world.contents()
    world.journal.clear()
    assessment = validate_instance(world.foundry, request, Call("tester", key, LATEST, reveal))
    assert not STORES & set(world.journal)
    assert world.contents() == before
    return assessment


def told(assessment: Assessment) -> list[tuple[Reason | str, str]]:
    """Each violation by its reason, a field rule by the end of its text, and its field."""
    return [
        (violation.reason if violation.reason.id else violation.reason.key.rpartition(": ")[2], violation.field)
        for violation in assessment.violations
    ]


def pick(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def mostly(good: Any, *bad: Any) -> st.SearchStrategy[Any]:
    """So that requests are drawn which break one rule, or none."""
    return pick(*[good] * 12, *bad)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


EXPIRATION = mostly(NOW.plus(99_999), NOW.plus(-1), NOW.plus(60), NOW.plus(60))
EMAIL = mostly("a@b.test", "", "Ada <a@b.test>", "nobody")
PASSWORDS = pick(
    *[{"password": PASSWORD}, {"kept_at": PLACE}, {}] * 4,
    {"password": "short"},
    {"password": "A1" * 4},
    {"password": LONG},
)
HUMAN = st.fixed_dictionaries(
    {
        "email": st.fixed_dictionaries({"email": EMAIL}, optional={"is_email_verified": st.booleans()}),
        "profile": st.fixed_dictionaries(
            {"first_name": mostly("Ada", " "), "last_name": mostly("L", "", LONG)},
            optional={"preferred_language": mostly("de", LONG)},
        ),
        "password": PASSWORDS,
    },
    optional={"user_name": mostly("ada", " ", LONG)},
)
MACHINE = st.fixed_dictionaries(
    {"user_name": mostly("u", "", LONG), "name": mostly("n", "")},
    optional={
        "personal_access_token": optional(expiration_date=EXPIRATION),
        "machine_key": st.fixed_dictionaries({"type": mostly(1, 0, 7)}, optional={"expiration_date": EXPIRATION}),
    },
)
REQUESTS = st.fixed_dictionaries(
    {"instance_name": mostly("Acme", "", "a_b", " ", "_", LONG)},
    optional={
        "first_org_name": mostly("Acme Inc", " ", ".", LONG),
        "custom_domain": pick(*["id.acme.test", "TAKEN.test"] * 4, " ", "a_b", LONG),
        "default_language": mostly("de", LONG),
    },
)
OWNERS = st.one_of(
    *(st.fixed_dictionaries({"human": HUMAN}), st.fixed_dictionaries({"machine": MACHINE})) * 4,
    pick({}, {"human": {}}, {"machine": {}}),
)


@given(
    request=st.builds(lambda plain, owner: {**plain, **owner}, REQUESTS, OWNERS),
    key=pick(*[None, "used", "again", "again", "fresh"] * 3, "", " "),
    kept=mostly(PASSWORD, None, "short", LONG),
    removed=st.booleans(),
    reveal=st.booleans(),
)
def test_its_verdict_is_that_of_the_real_call(
    request: dict[str, Any], key: str | None, kept: str | None, removed: bool, reveal: bool
) -> None:
    world = World()
    world.passwords.contents[PLACE] = PASSWORD
    world.create(machine({"custom_domain": "taken.test"}), "used")
    with contextlib.suppress(Refused):
        world.create(request, "again")
    world.clock.forward(3600)
    world.passwords.contents = {PLACE: kept} if kept else {}
    if removed:
        world.vault.contents.clear()

    assessment = assess(world, request, key, reveal=reveal)
    real = outcome(lambda: world.create(request, key, reveal=reveal))
    if isinstance(real, Reason):
        assert [violation.reason for violation in assessment.violations[:1]] == [real]
        assert assessment.plan is None
        return
    assert assessment.valid
    assert assessment.replayed == real.replayed
    assert (assessment.plan is None) == real.replayed
    if assessment.plan:
        assert assessment.plan.records == world.instances.rehearse(world.creation_of(real))
        assert bool(assessment.plan.credentials) == bool(real.receipt.secret_arn)
        assert [domain.name[-8:] for domain in assessment.domains] == [name[-8:] for name in real.receipt.domains]


def test_what_was_created_is_answered_though_it_could_not_be_created_now() -> None:
    world = World()
    request = machine_with_credentials({"machine": {"machine_key": {"expiration_date": NOW.plus(60)}}})
    world.create(request)
    world.clock.forward(61)
    assert assess(world, request) == Assessment((), replayed=True)
    assert told(assess(world, request, "another")) == [(errors.EXPIRATION_PAST, "machine.machine_key.expiration_date")]


def test_everything_that_is_wrong_with_a_person_is_told_at_once() -> None:
    world = World()
    world.create(machine({"custom_domain": "taken.test"}), "used")
    request = {
        "instance_name": f"_{LONG}",
        "first_org_name": ".",
        "custom_domain": "Taken.test",
        "default_language": LONG,
        "human": {
            "user_name": " ",
            "email": {"email": "Ada <a@b.test>"},
            "profile": {"first_name": LONG},
            "password": {"password": "short"},
        },
    }
    assert told(assess(world, request, "used")) == [
        ("value length must be between 1 and 200 runes, inclusive", "instance_name"),
        ("value length must be at most 10 runes", "default_language"),
        ("value length must be at most 200 runes", "human.profile.first_name"),
        (errors.ORG_DOMAIN_EMPTY, "first_org_name"),
        (errors.EMAIL_INVALID, "human.email.email"),
        (errors.USERNAME_BLANK, "human.user_name"),
        (errors.LAST_NAME_BLANK, "human.profile.last_name"),
        (errors.DOMAIN_CHARACTERS, "instance_name"),
        (errors.PASSWORD_SHORT, "human.password.password"),
        (errors.PASSWORD_UPPER, "human.password.password"),
        (errors.PASSWORD_NUMBER, "human.password.password"),
        (errors.PASSWORD_SYMBOL, "human.password.password"),
        (errors.IDEMPOTENCY_KEY_REUSED, ""),
        (errors.DOMAIN_TAKEN, "custom_domain"),
    ]


def test_everything_that_is_wrong_with_a_machine_is_told_at_once() -> None:
    past = {"expiration_date": NOW.plus(-1)}
    request = {
        "instance_name": "Acme",
        "custom_domain": " ",
        "machine": {"name": "n", "personal_access_token": past, "machine_key": {"type": 7, **past}},
    }
    assert told(assess(World(), request, " ")) == [
        ("value must be one of the defined enum values", "machine.machine_key.type"),
        (errors.IDEMPOTENCY_KEY_INVALID, ""),
        (errors.MACHINE_USERNAME_EMPTY, "machine.user_name"),
        (errors.EXPIRATION_PAST, "machine.personal_access_token.expiration_date"),
        (errors.EXPIRATION_PAST, "machine.machine_key.expiration_date"),
        (errors.DOMAIN_BLANK, "custom_domain"),
    ]


def test_a_missing_owner_hides_nothing_else() -> None:
    assert told(assess(World(), {"instance_name": "a_b", "custom_domain": "a_b"})) == [
        ("value is required", "owner"),
        (errors.OWNER_MISSING, "machine"),
        (errors.DOMAIN_CHARACTERS, "instance_name"),
        (errors.DOMAIN_CHARACTERS, "custom_domain"),
    ]


def test_a_missing_message_is_told_as_such() -> None:
    request = human({"human": {"email": None}})
    assert told(assess(World(), request))[0] == ("value is required", "human.email")


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (None, [(errors.PASSWORD_UNREADABLE, "human.password")]),
        (LONG, [("value length must be at most 200 runes", "human.password.password")]),
        ("Abcdefg1", [(errors.PASSWORD_SYMBOL, "human.password.password")]),
    ],
)
def test_a_password_that_is_kept_elsewhere_is_looked_at(kept: str | None, expected: list[Any]) -> None:
    world = World()
    world.passwords.contents |= {PLACE: kept} if kept else {}
    request = human({"human": {"password": {"password": None, "kept_at": PLACE}}})
    assert told(assess(world, request))[: len(expected)] == expected


def test_the_plan_says_what_would_come_to_be() -> None:
    assessment = assess(World(), machine_with_credentials({"custom_domain": "Id.Acme.test"}))
    assert assessment.domains == (
        DomainOutlook("acme-??????.foundry.example", generated=True, primary=False, available=True),
        DomainOutlook("Id.Acme.test", generated=False, primary=True, available=True),
    )
    assert assessment.plan == Plan({"receipt": 1, "instance": 1, "domain": 2, "token": 1}, ("pat", "machineKey"), 2)


def test_reading_a_password_is_a_call_of_its_own() -> None:
    world = World()
    world.passwords.contents[PLACE] = PASSWORD
    plan = assess(world, human({"human": {"password": {"password": None, "kept_at": PLACE}}})).plan
    assert plan
    assert (plan.calls, plan.credentials) == (2, ())
    plan = assess(world, human()).plan
    assert plan
    assert plan.calls == 1


def test_a_domain_that_breaks_the_rule_of_its_field_is_not_looked_up() -> None:
    """It could be longer than any key may be."""
    world = World()
    assert len(assess(world, machine({"custom_domain": LONG})).domains) == 1
    assert "instances.has_domain" not in world.journal


def test_a_request_without_a_key_has_no_receipt_to_look_for() -> None:
    world = World()
    assess(world, machine(), None)
    assert world.journal == ["instances.rehearse"]


def test_what_cannot_be_found_out_is_no_verdict() -> None:
    class Unreadable(FakeInstances):
        def has_domain(self, name: str) -> bool:
            raise Refused(errors.THROTTLED, retry_after=1)

    with pytest.raises(Refused) as refused:
        assess(World(Unreadable()), machine({"custom_domain": "id.acme.test"}))
    assert refused.value.reason is errors.THROTTLED


def test_credentials_that_cannot_be_read_are_no_verdict_either(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.create(machine_with_credentials())

    def fail(_arn: str) -> None:
        raise Refused(errors.UNAVAILABLE, retry_after=1)

    monkeypatch.setattr(world.vault, "read", fail)
    with pytest.raises(Refused) as refused:
        assess(world, machine_with_credentials())
    assert refused.value.reason is errors.UNAVAILABLE
    assert assess(world, machine_with_credentials(), reveal=False).replayed
