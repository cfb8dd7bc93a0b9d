"""All rules that need no state, in ZITADEL's order (spec 4.1, 4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from domain import errors
from domain.command import parse
from domain.draft import Draft, draft_instance
from domain.errors import Reason
from domain.instance import InstanceDomain
from domain.instant import NEVER, Instant
from domain.settings import patched
from domain.user import HumanDraft, MachineDraft
from fakes.foundry import EXTERNAL, defaults
from fakes.requests import human, machine_with_credentials
from harness.refusals import outcome

NOW = Instant(1_800_000_000)
PAST = NOW.plus(-1)
LABEL = "k3x09a"
GENERATED = f"acme-{LABEL}.foundry.example"

# In the order in which they are found: each is a change to a request that keeps all rules, and what it is refused with.
OF_THE_ORGANIZATION: list[tuple[dict[str, Any], Reason]] = [
    ({"first_org_name": " "}, errors.ORG_NAME_BLANK),
    ({"first_org_name": "."}, errors.ORG_DOMAIN_EMPTY),
]
OF_THE_DOMAINS: list[tuple[dict[str, Any], Reason]] = [
    ({"instance_name": "a_b"}, errors.DOMAIN_CHARACTERS),
    ({"custom_domain": " "}, errors.DOMAIN_BLANK),
    ({"custom_domain": "a_b"}, errors.DOMAIN_CHARACTERS),
]
OF_A_HUMAN: list[tuple[dict[str, Any], Reason]] = [
    ({"human": {"email": {"email": "Grace <grace@acme.example>"}}}, errors.EMAIL_INVALID),
    ({"human": {"user_name": " "}}, errors.USERNAME_BLANK),
    ({"human": {"profile": {"first_name": " "}}}, errors.FIRST_NAME_BLANK),
    ({"human": {"profile": {"last_name": " "}}}, errors.LAST_NAME_BLANK),
]
OF_A_PASSWORD: list[tuple[dict[str, Any], Reason]] = [
    ({"human": {"password": {"password": "Aa1!"}}}, errors.PASSWORD_SHORT),
    ({"human": {"password": {"password": "AAAA111!"}}}, errors.PASSWORD_LOWER),
    ({"human": {"password": {"password": "aaaa111!"}}}, errors.PASSWORD_UPPER),
    ({"human": {"password": {"password": "AAAAaaa!"}}}, errors.PASSWORD_NUMBER),
    ({"human": {"password": {"password": "AAAAaaa1"}}}, errors.PASSWORD_SYMBOL),
]
OF_A_MACHINE: list[tuple[dict[str, Any], Reason]] = [
    ({"machine": {"name": "", "user_name": ""}}, errors.OWNER_MISSING),
    ({"machine": {"name": ""}}, errors.MACHINE_NAME_EMPTY),
    ({"machine": {"user_name": ""}}, errors.MACHINE_USERNAME_EMPTY),
    ({"machine": {"personal_access_token": {"expiration_date": PAST}}}, errors.EXPIRATION_PAST),
    ({"machine": {"machine_key": {"expiration_date": PAST}}}, errors.EXPIRATION_PAST),
]
OF_A_CLASH: list[tuple[dict[str, Any], Reason]] = [
    ({"custom_domain": GENERATED}, errors.DOMAIN_OWN),
    ({"custom_domain": GENERATED.upper()}, errors.DOMAIN_TAKEN),
]
HUMAN_RULES = [*OF_THE_ORGANIZATION, *OF_A_HUMAN, *OF_THE_DOMAINS, *OF_A_PASSWORD, *OF_A_CLASH]
MACHINE_RULES = [*OF_THE_ORGANIZATION, *OF_A_MACHINE, *OF_THE_DOMAINS, *OF_A_CLASH]


def drafted(request: dict[str, Any]) -> Draft | Reason:
    return outcome(draft_instance, parse(request), LABEL, NOW, defaults(), EXTERNAL)


def a_human(*changes: dict[str, Any]) -> dict[str, Any]:
    """The organization has a name of its own, so that the instance's can break its rule alone."""
    return human({"first_org_name": "Acme"}, *changes)


def a_machine(*changes: dict[str, Any]) -> dict[str, Any]:
    return machine_with_credentials({"first_org_name": "Acme"}, *changes)


CASES = [*((a_human, *rule) for rule in HUMAN_RULES), *((a_machine, *rule) for rule in MACHINE_RULES)]


@pytest.mark.parametrize(("request_with", "change", "reason"), CASES)
def test_a_broken_rule(request_with: Any, change: dict[str, Any], reason: Reason) -> None:
    assert drafted(request_with(change)) is reason


@pytest.mark.parametrize(("request_with", "rules"), [(a_human, HUMAN_RULES), (a_machine, MACHINE_RULES)])
def test_of_two_broken_rules_the_first_is_told(request_with: Any, rules: list[tuple[dict[str, Any], Reason]]) -> None:
    pairs = 0
    for index, (first, reason) in enumerate(rules):
        for second, _ in rules[index + 1 :]:
            # Only what touches different fields can be combined; a machine without both names is another rule's.
            both = patched(first, second)
            if both == patched(second, first) and both != {"machine": {"name": "", "user_name": ""}}:
                assert drafted(request_with(both)) is reason, both
                pairs += 1
    assert pairs > 40


def test_a_name_of_the_organization_s_own_is_not_needed() -> None:
    assert drafted(human({"instance_name": " Acme "})).org_name == "Acme"  # type: ignore[union-attr]
    assert drafted(human({"instance_name": " "})) is errors.ORG_NAME_BLANK
    assert drafted(human({"instance_name": "_"})) is errors.ORG_DOMAIN_EMPTY
    assert drafted(human({"instance_name": "_a"})) is errors.DOMAIN_CHARACTERS


def test_the_draft_of_a_human_s_instance() -> None:
    draft = drafted(
        human({"first_org_name": " Acme Inc ", "custom_domain": " ID.Acme.test ", "default_language": "de_ch"})
    )
    assert isinstance(draft, Draft)
    assert isinstance(draft.admin, HumanDraft)
    assert (draft.instance_name, draft.org_name, draft.org_domain) == ("Acme", "Acme Inc", "acme-inc.foundry.example")
    assert draft.default_language == "de-CH"
    assert draft.domains == (
        InstanceDomain(GENERATED, generated=True, primary=False),
        InstanceDomain("ID.Acme.test", generated=False, primary=True),
    )


def test_the_draft_of_a_machine_s_instance() -> None:
    draft = drafted(machine_with_credentials({"instance_name": " Acme ", "machine": {"machine_key": None}}))
    assert isinstance(draft, Draft)
    assert draft.admin == MachineDraft("robot", "Robot", NEVER, None)
    assert draft.instance_name == " Acme "  # not trimmed (spec 4.5)
    assert draft.domains == (InstanceDomain(GENERATED, generated=True, primary=True),)


@pytest.mark.parametrize(
    ("language", "kept"), [("", "en"), ("de", "de"), ("und", "en"), ("xx", "en"), ("en-zzz", "en"), ("?", "en")]
)
def test_a_language_that_is_not_understood_is_the_default_one(language: str, kept: str) -> None:
    assert drafted(human({"default_language": language})).default_language == kept  # type: ignore[union-attr]


def test_no_password_breaks_no_policy() -> None:
    draft = drafted(human({"human": {"password": None}}))
    assert isinstance(draft, Draft)


def test_the_username_of_a_person_who_gave_none_has_the_organization_s_domain() -> None:
    draft = drafted(human({"first_org_name": "Other Org", "human": {"user_name": None}}))
    assert isinstance(draft, Draft)
    assert draft.admin.username == "@other-org.foundry.example"
