"""Judges what a history left behind, from the records and secrets themselves and from what the callers were told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from cryptography.hazmat.primitives import serialization

from domain.create_instance import Created
from harness import moto_store

_deserialize = TypeDeserializer().deserialize

_ALWAYS = {
    "receipt": 1, "instance": 1, "settings": 1, "organization": 1, "user": 1, "membership": 2, "project": 1, "claim": 4,
    "event": 1,
}  # fmt: skip


@dataclass
class Defects:
    """What is wrong, by promise; empty lists are what everybody wants."""

    twins: list[str] = field(default_factory=list)
    lost_credentials: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    half_written: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.twins or self.lost_credentials or self.orphans or self.half_written)


class State:
    """The table and the secrets at one moment: items as plain values, and the text of each secret by its ARN."""

    def __init__(self, items: Iterable[Mapping[str, Any]], secrets: Mapping[str, str]) -> None:
        self.items, self.secrets = list(items), secrets
        self.instances = {_instance_of(item): item for item in self.items if item["type"] == "instance"}
        self._of: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for item in self.items:
            self._of[_instance_of(item)].append(item)

    def of(self, instance_id: str) -> list[Mapping[str, Any]]:
        """Every record of an instance."""
        return self._of[instance_id]


def _instance_of(item: Mapping[str, Any]) -> str:
    return str(item.get("instance_id") or item["pk"].removeprefix("INSTANCE#"))


def moto_state() -> State:
    """What moto holds now."""
    items = ({name: _deserialize(value) for name, value in item.items()} for item in moto_store.items())
    return State(items, moto_store.secrets())


def judge(answers: Sequence[Created], *, keyed: bool, state: State | None = None) -> Defects:
    """Everything that must hold of the state, by default moto's, and of the answers.

    ``keyed``: all answers are to one key.
    """
    state, defects = state or moto_state(), Defects()
    if keyed and len(state.instances) > 1:
        defects.twins.append(f"{len(state.instances)} instances for one key")
    _check_records(state, defects)
    _check_secrets(state, defects)
    for answer in answers:
        _check_answer(state, answer, defects)
    if keyed and len({_shown(answer) for answer in answers}) > 1:
        defects.lost_credentials.append("two answers to one key differ")
    return defects


def orphans() -> list[str]:
    """Secrets to which no instance refers."""
    state = moto_state()
    used = {instance.get("secret_arn") for instance in state.instances.values()}
    return sorted(set(state.secrets) - used)


def _check_records(state: State, defects: Defects) -> None:
    for item in state.items:
        if _instance_of(item) not in state.instances:
            defects.half_written.append(f"{item['type']} of no instance")
    for instance_id, instance in state.instances.items():
        found = Counter(item["type"] for item in state.of(instance_id))
        expected = {**_ALWAYS, "domain": len(instance["domains"])}
        missing = [kind for kind, count in expected.items() if found[kind] != count]
        if missing:
            defects.half_written.append(f"{instance_id} lacks {missing}")
        held = {item["domain"] for item in state.of(instance_id) if item["type"] == "domain"}
        if held != {domain["name"] for domain in instance["domains"]}:
            defects.half_written.append(f"{instance_id} and its domains disagree")


def _check_secrets(state: State, defects: Defects) -> None:
    for instance_id, instance in state.instances.items():
        records = {item["type"]: item for item in state.of(instance_id)}
        token, key = records.get("access_token"), records.get("machine_key")
        arn = instance.get("secret_arn")
        if (arn is None) != (token is None and key is None):
            defects.half_written.append(f"{instance_id} and its secret disagree")
        if arn is None:
            continue
        kept: Mapping[str, str] = json.loads(state.secrets.get(arn, "{}"))
        if not _work(kept.get("pat"), kept.get("machineKey"), token, key):
            defects.lost_credentials.append(f"{instance_id}: what is kept does not work")


def _check_answer(state: State, answer: Created, defects: Defects) -> None:
    instance_id = answer.receipt.instance_id
    if instance_id not in state.instances:
        defects.lost_credentials.append(f"{instance_id} was answered and does not exist")
        return
    records = {item["type"]: item for item in state.of(instance_id)}
    pat, machine_key = (
        secret and secret.reveal() for secret in (answer.credentials.pat, answer.credentials.machine_key)
    )
    if not _work(pat, machine_key, records.get("access_token"), records.get("machine_key")):
        defects.lost_credentials.append(f"{instance_id}: what was answered does not work")


def _work(pat: str | None, machine_key: str | None, token: Any, key: Any) -> bool:
    """Whether credentials are those whose hash and public half are recorded."""
    if (pat is None) != (token is None) or (machine_key is None) != (key is None):
        return False
    if pat is not None and token["pk"] != f"TOKEN#{hashlib.sha256(pat.encode()).hexdigest()}":
        return False
    if machine_key is None:
        return True
    document = json.loads(machine_key)
    same_ids = (document["keyId"], document["userId"]) == (key["key_id"], key["user_id"])
    return same_ids and _public_half(document["key"]) == key["public_key"]


@cache
def _public_half(private_key: str) -> str:
    public = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def _shown(answer: Created) -> tuple[Any, ...]:
    pat, key = answer.credentials.pat, answer.credentials.machine_key
    return answer.receipt, pat and pat.reveal(), key and key.reveal()
