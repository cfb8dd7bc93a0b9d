"""The first admin's rules, and what of a request becomes of the user (spec 3.1, 4.2 rows 6 to 11, 5.6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain import errors
from domain.command import Human, Machine, parse
from domain.errors import Reason
from domain.instant import EARLIEST, NEVER, Instant
from domain.secret import Secret
from domain.user import HumanDraft, HumanUser, MachineDraft, draft_human, draft_machine
from fakes.requests import PASSWORD, human, machine
from harness.refusals import outcome

NOW = Instant(1_800_000_000)
PAST, FUTURE = NOW.plus(-1), NOW.plus(3600)


# Machines


def machine_outcome(**changes: Any) -> MachineDraft | Reason:
    owner = parse(machine({"machine": changes})).owner
    assert isinstance(owner, Machine)
    return outcome(draft_machine, owner, NOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, MachineDraft("robot", "Robot", None, None)),
        ({"name": "  R2 ", "user_name": "\t"}, MachineDraft("\t", "  R2 ", None, None)),  # nothing is trimmed
        ({"name": None, "user_name": None}, errors.OWNER_MISSING),
        ({"name": None, "user_name": None, "personal_access_token": {"expiration_date": PAST}}, errors.OWNER_MISSING),
        ({"name": ""}, errors.MACHINE_NAME_EMPTY),
        ({"user_name": ""}, errors.MACHINE_USERNAME_EMPTY),
        ({"name": "", "personal_access_token": {"expiration_date": PAST}}, errors.MACHINE_NAME_EMPTY),
        ({"personal_access_token": {}}, MachineDraft("robot", "Robot", NEVER, None)),
        ({"machine_key": {"type": 1}}, MachineDraft("robot", "Robot", None, NEVER)),
        (
            {
                "personal_access_token": {"expiration_date": FUTURE},
                "machine_key": {"type": 1, "expiration_date": EARLIEST},
            },
            MachineDraft("robot", "Robot", FUTURE, NEVER),
        ),
        (
            {"personal_access_token": {"expiration_date": NOW}, "machine_key": {"type": 1, "expiration_date": FUTURE}},
            MachineDraft("robot", "Robot", NOW, FUTURE),
        ),
        ({"personal_access_token": {"expiration_date": PAST}}, errors.EXPIRATION_PAST),
        ({"machine_key": {"type": 1, "expiration_date": Instant(0)}}, errors.EXPIRATION_PAST),
    ],
)
def test_machine(changes: dict[str, Any], expected: MachineDraft | Reason) -> None:
    assert machine_outcome(**changes) == expected


# People


def human_outcome(**changes: Any) -> HumanDraft | Reason:
    owner = parse(human({"human": changes})).owner
    assert isinstance(owner, Human)
    return outcome(draft_human, owner, "acme.foundry.example")


def test_human() -> None:
    assert human_outcome() == HumanDraft(
        username="grace",
        first_name="Grace",
        last_name="Hopper",
        preferred_language="en",
        email="grace@acme.example",
        email_verified=True,
        password=Secret(PASSWORD),
        password_change_required=False,
    )


@pytest.mark.parametrize(
    ("changes", "attribute", "value"),
    [
        ({"user_name": " grace\u00a0"}, "username", "grace"),
        ({"user_name": "grace@other.test"}, "username", "grace@other.test"),
        ({"user_name": None}, "username", "@acme.foundry.example"),  # spec 3.1
        ({"profile": {"first_name": "\u3000Grace\n"}}, "first_name", "Grace"),
        ({"profile": {"last_name": " Hopper "}}, "last_name", "Hopper"),
        ({"profile": {"preferred_language": "de-CH"}}, "preferred_language", "de-CH"),
        ({"profile": {"preferred_language": None}}, "preferred_language", "und"),
        ({"profile": {"preferred_language": "?"}}, "preferred_language", "und"),
        ({"email": {"email": "GRACE@Acme.example"}}, "email", "GRACE@Acme.example"),
        ({"email": {"is_email_verified": None}}, "email_verified", False),
        ({"password": None}, "password", Secret("")),
        ({"password": {"password": "x"}}, "password", Secret("x")),  # its policy is another rule's
        ({"password": {"password_change_required": True}}, "password_change_required", True),
    ],
)
def test_what_becomes_of_a_field(changes: dict[str, Any], attribute: str, value: Any) -> None:
    assert getattr(human_outcome(**changes), attribute) == value


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": {"email": "Grace <grace@acme.example>"}}, errors.EMAIL_INVALID),  # the field rule lets it pass
        ({"email": {"email": " grace@acme.example"}}, errors.EMAIL_INVALID),
        ({"user_name": " "}, errors.USERNAME_BLANK),
        ({"user_name": "\u0085"}, errors.USERNAME_BLANK),
        ({"profile": {"first_name": None}}, errors.FIRST_NAME_BLANK),
        ({"profile": {"first_name": "\t"}}, errors.FIRST_NAME_BLANK),
        ({"profile": {"last_name": None}}, errors.LAST_NAME_BLANK),
        ({"profile": {"last_name": "\u2003"}}, errors.LAST_NAME_BLANK),
        ({"profile": None}, errors.FIRST_NAME_BLANK),
        ({"email": {"email": " a@b"}, "user_name": " ", "profile": None}, errors.EMAIL_INVALID),
        ({"user_name": " ", "profile": None}, errors.USERNAME_BLANK),
    ],
)
def test_a_person_who_is_refused(changes: dict[str, Any], reason: Reason) -> None:
    assert human_outcome(**changes) is reason


@pytest.mark.parametrize(
    ("verified", "password_hash", "state"),
    [
        (True, "$argon2id$", "active"),
        (True, None, "initial"),
        (False, "$argon2id$", "initial"),
        (False, None, "initial"),
    ],
)
def test_a_person_is_active_once_nothing_is_left_to_confirm(
    verified: bool, password_hash: str | None, state: str
) -> None:
    user = HumanUser("1", "2", "grace", "Grace", "Hopper", "en", "grace@acme.example", verified, password_hash, False)
    assert user.state == state
    assert user.display_name == "Grace Hopper"
