"""What a creation claims within its instance, and what it tells other systems."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.creation import SEQUENCE, Claim
from fakes.foundry import creation_of
from fakes.requests import MACHINE
from fakes.vault import FakeVault

HUMAN = {
    "instance_name": "Acme",
    "first_org_name": " Äcme Ltd ",
    "custom_domain": "Login.acme.example",
    "human": {
        "user_name": "ADA",
        "email": {"email": "ada@acme.example", "is_email_verified": True},
        "profile": {"first_name": "Ada", "last_name": "L"},
        "password": {"password": "Correct-h0rse"},
    },
}


def test_claims_are_lower_cased() -> None:
    creation = creation_of(HUMAN)
    assert creation.claims() == (
        Claim("org_name", "äcme ltd"),
        Claim("org_domain", "äcme-ltd.foundry.example"),
        Claim("username", "ada"),
        Claim("project_name", f"zitadel:{creation.organization.id}"),
    )


def test_the_event_names_what_was_created_and_where_the_secret_is() -> None:
    creation = creation_of({**MACHINE, "custom_domain": "a.example"})
    event = creation.event()
    generated = creation.instance.domains[0].name
    assert (event.id, event.occurred_at) == (creation.instance.id, creation.instance.created_at)
    assert (event.TYPE, SEQUENCE) == ("instance.created", 1)
    assert event.payload == {
        "instanceId": creation.instance.id,
        "instanceName": "Acme",
        "organizationId": creation.organization.id,
        "domains": [
            {"domain": generated, "generated": True, "primary": False},
            {"domain": "a.example", "generated": False, "primary": True},
        ],
        "admin": {"userId": creation.user.id, "type": "machine"},
        "createdAt": creation.instance.created_at.rfc3339(),
        "secretArn": creation.instance.secret_arn,
    }


def test_the_event_of_a_person_has_no_secret() -> None:
    creation = creation_of(HUMAN)
    payload = creation.event().payload
    assert payload["admin"]["type"] == "human"
    assert "secretArn" not in payload
    assert "Correct-h0rse" not in json.dumps(payload)
    assert "ada@acme.example" not in json.dumps(payload)


@pytest.mark.parametrize("request_", [HUMAN, MACHINE], ids=["human", "machine"])
def test_nothing_of_an_event_opens_anything_or_names_a_person(request_: dict[str, Any]) -> None:
    vault = FakeVault()
    creation = creation_of(request_, vault=vault)
    told = json.dumps(creation.event().payload)
    secrets = [secret for kept in vault.contents.values() for secret in (kept.pat, kept.machine_key)]
    hidden = {
        *(secret.reveal() for secret in secrets if secret),
        *(getattr(creation.user, name, None) for name in ("password_hash", "email", "first_name")),
        creation.token and creation.token.sha256,
        creation.receipt.fingerprint,
        creation.receipt.identity,
    } - {None}
    assert len(hidden) >= 5
    assert not [text for text in hidden if text in told]
    assert "PRIVATE KEY" not in told


@pytest.mark.parametrize("request_", [HUMAN, MACHINE], ids=["human", "machine"])
def test_no_record_shows_a_secret(request_: dict[str, Any]) -> None:
    vault = FakeVault()
    recorded = repr(creation_of(request_, vault=vault))
    for kept in vault.contents.values():
        assert kept.pat
        assert kept.machine_key
        assert kept.pat.reveal() not in recorded
        assert json.loads(kept.machine_key.reveal())["key"][40:80] not in recorded
    assert "PRIVATE KEY" not in recorded
    assert "Correct-h0rse" not in recorded
