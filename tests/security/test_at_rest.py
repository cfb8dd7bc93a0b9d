"""What is kept, byte for byte: every record and every secret of a run, and in which form each secret is in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from domain.command import parse
from harness.api import MACHINE, Answer, Api
from harness.emulated_aws import FINGERPRINT_KEY, all_items, all_secrets

PASSWORD = "Canary-Passw0rd-2e9c"
HUMAN = {
    "instanceName": "Acme",
    "human": {
        "email": {"email": "ada@acme.example"},
        "profile": {"firstName": "Ada", "lastName": "Lovelace"},
        "password": {"password": PASSWORD},
    },
}
IDEMPOTENCY_KEY = "canary-idempotency-key"

FIELDS = {
    "receipt": "created_nanos created_seconds domains expires_at fingerprint instance_id org_id secret_arn?",
    "domain": "created_at domain generated instance_id primary",
    "instance": "console_app_id console_client_id created_at default_language default_org_id domains iam_project_id "
    "name secret_arn? sequence state",
    "settings": "created_at settings",
    "organization": "created_at domains name org_id state",
    "user": "created_at kind org_id state user_id username "
    "access_token_type? name? "
    "display_name? email? email_verified? first_name? last_name? password_change_required? password_hash? "
    "preferred_language?",
    "membership": "aggregate_id aggregate_type created_at roles user_id",
    "project": "apps created_at name org_id project_id",
    "claim": "created_at",
    "machine_key": "created_at expires key_id key_type public_key user_id",
    "access_token": "created_at expires instance_id scopes token_id user_id",
    "event": "created_at event_id event_type payload",
}
"""Every attribute that a record may have besides its keys and its type; with ``?`` those that it need not have."""


@dataclass(frozen=True)
class Run:
    """A person, a service account with a token and a key, and what they left in the table and in Secrets Manager."""

    human: Answer
    machine: Answer
    items: list[dict[str, Any]]
    secrets: Mapping[str, str]

    def records(self, kind: str, answer: Answer) -> list[dict[str, Any]]:
        instance_id = answer.json["instanceId"]
        return [
            item
            for item in self.items
            if item["type"] == kind and instance_id in (item.get("instance_id"), item["pk"].removeprefix("INSTANCE#"))
        ]

    def record(self, kind: str, answer: Answer) -> dict[str, Any]:
        (item,) = self.records(kind, answer)
        return item


@pytest.fixture(scope="module")
def run(shared_api: Api) -> Run:
    human = shared_api.create(HUMAN)
    machine = shared_api.create(MACHINE, idempotency_key=IDEMPOTENCY_KEY)
    again = shared_api.create(MACHINE, idempotency_key=IDEMPOTENCY_KEY)
    assert (human.status, machine.status, again.text) == (200, 200, machine.text)
    return Run(human, machine, all_items(), all_secrets())


def test_no_record_has_an_attribute_that_nobody_thought_about(run: Run) -> None:
    assert {item["type"] for item in run.items} == set(FIELDS)
    for item in run.items:
        required = {name for name in FIELDS[item["type"]].split() if not name.endswith("?")}
        allowed = {name.removesuffix("?") for name in FIELDS[item["type"]].split()}
        assert required <= item.keys() - {"pk", "sk", "type"} <= allowed, item["type"]


def test_a_password_is_argon2id_with_rfc_9106s_second_recommended_option(run: Run) -> None:
    phc = run.record("user", run.human)["password_hash"]
    form = r"\$argon2id\$v=19\$m=65536,t=3,p=4\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})"
    (found,) = re.finditer(f"^{form}$", phc)
    salt, digest = found.groups()
    assert len(base64.b64decode(salt + "==")) == 16
    assert len(base64.b64decode(digest + "=")) == 32
    Argon2id.verify_phc_encoded(PASSWORD.encode(), phc)
    with pytest.raises(InvalidKey):
        Argon2id.verify_phc_encoded(PASSWORD[:-1].encode(), phc)


def test_of_a_token_only_its_sha256_is_recorded(run: Run) -> None:
    token = run.record("access_token", run.machine)
    pat = run.machine.json["pat"]
    assert token["pk"] == f"TOKEN#{hashlib.sha256(pat.encode()).hexdigest()}"
    random_part = pat.removeprefix("ifpat_")[:20]
    assert random_part not in json.dumps(run.items, default=str)


def test_of_a_machine_key_only_the_public_half_is_recorded(run: Run) -> None:
    recorded = run.record("machine_key", run.machine)["public_key"]
    assert recorded.startswith("-----BEGIN PUBLIC KEY-----")
    private = load_pem_private_key(json.loads(base64.b64decode(run.machine.json["machineKey"]))["key"].encode(), None)
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    signature = private.sign(b"x", padding.PKCS1v15(), hashes.SHA256())
    load_pem_public_key(recorded.encode()).verify(signature, b"x", padding.PKCS1v15(), hashes.SHA256())
    assert "PRIVATE" not in json.dumps(run.items, default=str)


def test_of_a_request_only_its_keyed_hash_is_recorded(run: Run) -> None:
    """Without the deployment's key nobody can test guesses at a request, or at the password in it."""
    receipt = run.record("receipt", run.human)
    body = parse(
        {
            "instance_name": "Acme",
            "human": {
                "email": {"email": "ada@acme.example"},
                "profile": {"first_name": "Ada", "last_name": "Lovelace"},
                "password": {"password": PASSWORD},
            },
        }
    ).canonical()
    assert receipt["fingerprint"] == hmac.new(FINGERPRINT_KEY.encode(), body, "sha256").hexdigest()
    assert receipt["fingerprint"] != hashlib.sha256(body).hexdigest()


def test_of_an_idempotency_key_only_its_hash_is_recorded(run: Run) -> None:
    receipt = run.record("receipt", run.machine)
    identity = hashlib.sha256(b"tester\0" + IDEMPOTENCY_KEY.encode()).hexdigest()
    assert receipt["pk"] == f"REQUEST#{identity}"


def test_a_secret_holds_the_credentials_of_the_answer_and_nothing_else(run: Run) -> None:
    (text,) = run.secrets.values()
    kept = json.loads(text)
    assert kept.keys() == {"pat", "machineKey"}
    assert kept["pat"] == run.machine.json["pat"]
    assert kept["machineKey"].encode() == base64.b64decode(run.machine.json["machineKey"])
    document = json.loads(kept["machineKey"])
    assert document.keys() == {"type", "keyId", "key", "expirationDate", "userId"}


def test_the_record_refers_to_the_secret_by_its_arn(run: Run) -> None:
    (arn,) = run.secrets
    assert run.record("instance", run.machine)["secret_arn"] == run.record("receipt", run.machine)["secret_arn"] == arn
    assert "secret_arn" not in run.record("instance", run.human)


def test_no_canary_is_anywhere_in_the_table(run: Run) -> None:
    (kept,) = run.secrets.values()
    key = json.loads(json.loads(kept)["machineKey"])["key"]
    canaries = [PASSWORD, IDEMPOTENCY_KEY, FINGERPRINT_KEY, run.machine.json["pat"], run.machine.json["machineKey"]]
    table = json.dumps(run.items, default=str, ensure_ascii=False)
    assert [canary[:10] for canary in [*canaries, *key.splitlines()[1:-1]] if canary in table] == []


def test_the_password_is_in_no_secret(run: Run) -> None:
    assert PASSWORD not in "".join(run.secrets.values())


def test_every_kind_of_record_was_seen_as_often_as_documented(run: Run) -> None:
    """docs/data-model.md"""
    expected = {"receipt": 2, "domain": 2, "membership": 4, "claim": 8, "machine_key": 1, "access_token": 1}
    assert Counter(item["type"] for item in run.items) == {kind: expected.get(kind, 2) for kind in FIELDS}
