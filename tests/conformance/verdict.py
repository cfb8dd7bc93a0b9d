"""Whether an answer, and what it left behind, are what a row expects: the same judgement for every transport."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from conformance import records
from conformance.table import ABSENT, Created, Refused, Replayed, Row, differences
from conformance.transport import Answer

_ANY_TEXT = re.compile(r"(?s).+")
_ID = re.compile(r"[1-9][0-9]{17,}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6}|\.\d{9})?Z")
_KEY_FILE = ["type", "keyId", "key", "expirationDate", "userId"]


def problems(row: Row, answer: Answer, first: Answer | None, written: frozenset[tuple[str, ...]]) -> Iterator[str]:
    """What is wrong, in words; nothing if all is as expected.

    ``first`` is the answer of the row's first earlier call, ``written`` names what the row's own call stored.
    """
    match row.expected:
        case Refused() as refused:
            yield from _refusal(refused, answer)
            if written:
                yield f"a refused call wrote {sorted(written)}"
        case Created() as created:
            if not answer.code and first and answer.response.get("instanceId") == first.response.get("instanceId"):
                yield "the instance is that of an earlier call"
            yield from _creation(created, answer, replayed=False)
        case Replayed() as replayed:
            assert first is not None
            expected = Created(replayed.pat, replayed.key, replayed.delivered)
            yield from _creation(expected, answer, replayed=True)
            yield from differences(_without_credentials(first), _without_credentials(answer), "the replay")
            for name in {"pat", "machineKey"} & set(first.response) & set(answer.response):
                if first.response[name] != answer.response[name]:
                    yield f"{name} is not that of the first answer"
            if written:
                yield f"a replay wrote {sorted(written)}"


def _refusal(refused: Refused, answer: Answer) -> Iterator[str]:
    if answer.response:
        yield f"it was answered with {sorted(answer.response)}"
    if answer.code != refused.grpc:
        yield f"the code is {answer.code} instead of {refused.grpc}"
    details = []
    if refused.id:
        details = [{"@type": "type.googleapis.com/zitadel.v1.ErrorDetail", "id": refused.id, "message": refused.text}]
    yield from differences(details, answer.details, "details")
    text = answer.message
    if refused.id:
        suffix = f" ({refused.id})"
        if not text.endswith(suffix):
            yield f"the message {text!r} does not end in{suffix}"
        text = text.removesuffix(suffix)
    yield from differences(refused.text, text, "the message")


def _creation(created: Created, answer: Answer, *, replayed: bool) -> Iterator[str]:
    if answer.code or not answer.response:
        yield f"it was refused: {answer.code} {answer.message}"
        return
    response = answer.response
    stored = records.of_instance(response["instanceId"])
    yield from differences(_shape(created), response, "the answer")
    yield from differences(sorted(response), sorted(_shape(created, present=True)), "the answer's members")
    yield from differences(sorted(response["details"]), ["creationDate", "resourceOwner", "sequence"], "details")
    yield from differences(created.answer, response, "the answer")
    yield from _headers(created, answer, stored, replayed=replayed)
    yield from _records(response, stored)
    yield from differences(created.records, stored, "records")
    arn = answer.headers.get("x-credential-secret")
    kept = records.secret(arn) if arn else {}
    yield from _token(created, response, stored, kept)
    yield from _key(created, response, stored, kept)


def _shape(created: Created, *, present: bool = False) -> dict[str, Any]:
    """What every answer has: zero values are absent, 64-bit numbers are texts, times are in UTC (spec 2.2, 6.6)."""
    shape = {
        "instanceId": _ID,
        "details": {"sequence": re.compile("[1-9][0-9]*"), "creationDate": _DATE, "resourceOwner": _ID},
        "pat": _ANY_TEXT if created.pat and created.delivered else ABSENT,
        "machineKey": _ANY_TEXT if created.key and created.delivered else ABSENT,
    }
    return {name: value for name, value in shape.items() if not (present and value is ABSENT)}


def _headers(created: Created, answer: Answer, stored: Mapping[str, Any], *, replayed: bool) -> Iterator[str]:
    expected = {
        "idempotent-replayed": "true" if replayed else ABSENT,
        "x-credential-secret": stored["instance"].get("secret_arn", ABSENT),
    }
    yield from differences(expected, answer.headers, "headers")
    if (created.pat or created.key) != ("x-credential-secret" in answer.headers):
        yield "a secret goes with credentials, and only with them"


def _records(response: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[str]:
    """That the answer speaks of what was recorded, and that the records hang together (spec 6.4)."""
    details = response["details"]
    instance, organization, user, project = (stored[kind] for kind in ("instance", "organization", "user", "project"))
    if details["resourceOwner"] == response["instanceId"]:
        yield "the organization has the instance's id"
    expected = {
        "instance": {
            "created_at": details["creationDate"],
            "state": "active",
            "default_org_id": details["resourceOwner"],
            "iam_project_id": project["project_id"],
            "console_app_id": project["apps"][-1]["id"],
            "console_client_id": project["apps"][-1]["client_id"],
        },
        "organization": {"org_id": details["resourceOwner"], "state": "active"},
        "user": {"org_id": organization["org_id"]},
        "project": {"org_id": organization["org_id"]},
        "memberships": [
            {"aggregate_type": "instance", "aggregate_id": response["instanceId"], "user_id": user["user_id"]},
            {"aggregate_type": "org", "aggregate_id": organization["org_id"], "user_id": user["user_id"]},
        ],
    }
    yield from differences(expected, stored, "records")
    by_name = sorted(instance["domains"], key=lambda domain: str(domain["name"]).lower())
    yield from differences(
        [
            {"pk": f"DOMAIN#{domain['name'].lower()}", "domain": domain["name"], "primary": domain["primary"]}
            for domain in by_name
        ],
        stored["domains"],
        "records.domains",
    )
    if [domain["primary"] for domain in instance["domains"]].count(True) != 1:
        yield "not one domain is primary"


def _token(
    created: Created, response: Mapping[str, Any], stored: Mapping[str, Any], kept: Mapping[str, str]
) -> Iterator[str]:
    """The token: recorded as a digest, and the same in the answer and in the secret."""
    if not created.pat:
        return
    token = response["pat"] if created.delivered else kept["pat"]
    if token != kept["pat"]:
        yield "the answer's token is not the secret's"
    expected = {
        "pk": f"TOKEN#{hashlib.sha256(token.encode()).hexdigest()}",
        "user_id": stored["user"]["user_id"],
        "token_id": _ID,
        "expires": _DATE,
    }
    yield from differences(expected, stored.get("access_token"), "records.access_token")


def _key(
    created: Created, response: Mapping[str, Any], stored: Mapping[str, Any], kept: Mapping[str, str]
) -> Iterator[str]:
    """The key file (spec 5.7): padded standard base64 of compact JSON with a PKCS#1 key whose public half is recorded."""
    if not created.key:
        return
    text = kept["machineKey"]
    if created.delivered and base64.b64decode(response["machineKey"], validate=True).decode() != text:
        yield "the answer's key is not the secret's"
    document = json.loads(text)
    if list(document) != _KEY_FILE or text != json.dumps(document, separators=(",", ":")):
        yield f"the key file is not compact JSON with {_KEY_FILE}"
    record = stored["machine_key"]
    expected = {
        "type": "serviceaccount",
        "keyId": record["key_id"],
        "expirationDate": record["expires"],
        "userId": stored["user"]["user_id"],
        **created.key_file,
    }
    yield from differences(expected, document, "the key file")
    key = load_pem_private_key(document["key"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    pkcs1 = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    if document["key"] != pkcs1 or key.key_size != 2048 or key.public_key().public_numbers().e != 65537:
        yield "the key is not the PKCS#1 PEM of an RSA key of 2048 bits"
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    yield from differences({"public_key": public, "user_id": stored["user"]["user_id"]}, record, "records.machine_key")


def _without_credentials(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.response.items() if name not in {"pat", "machineKey"}}
