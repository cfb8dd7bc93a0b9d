"""The deployment under test: an embedded AWS with the service's resources, and functions in AWS's own runtime.

A function runs on one processor, as with 1,769 MB on Lambda, and its AWS on the others, where the machine has several.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from harness.api import SystemUser, event
from harness.lambda_emulator import LambdaEmulator
from local.embedded_aws import EmbeddedAws
from local.lambda_pool import Function
from local.provision import provision
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest

PORT = 8080
AUDIENCE = f"http://localhost:{PORT}"
OURS, PROBE, WARM_FLOOR, COLD_FLOOR = (
    "handlers.api.handler",
    "probe.handler",
    "warm_floor.handler",
    "cold_floor.handler",
)
_FUNCTIONS = Path(__file__).parent / "function"

_MACHINE = {"userName": "admin", "name": "Admin"}
_PAT, _KEY = {"personalAccessToken": {}}, {"machineKey": {"type": "KEY_TYPE_JSON"}}
_HUMAN = {
    "email": {"email": "ada@acme.example"},
    "profile": {"firstName": "Ada", "lastName": "Lovelace"},
    "password": {"password": "A-long-passw0rd"},
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of creation: the request, and what besides calls to AWS has to be computed for it."""

    name: str
    owner: Mapping[str, Any]
    work: str

    def body(self) -> dict[str, Any]:
        """A request that nobody else makes."""
        return {"instanceName": f"Acme {secrets.token_hex(4)}", **self.owner}


KINDS = (
    Kind("machine", {"machine": _MACHINE}, ""),
    Kind("machine, token", {"machine": _MACHINE | _PAT}, ""),
    Kind("machine, token, key", {"machine": _MACHINE | _PAT | _KEY}, "key"),
    Kind("human, password", {"human": _HUMAN}, "hash"),
)
WIRES = ("JSON", "gRPC-Web")


class Stage:
    """An AWS with the service deployed into it."""

    def __init__(self, aws: EmbeddedAws, caller: SystemUser, function: Function, scratch: Path) -> None:
        self.aws = aws
        self._caller, self._function, self._scratch = caller, function, scratch
        self._token = caller.token(AUDIENCE)

    @property
    def table(self) -> str:
        """The table's name."""
        return self._function.environment["TABLE_NAME"]

    @contextlib.contextmanager
    def environment(self, handler: str, code: Path, memory_mb: int | None = None) -> Iterator[LambdaEmulator]:
        """An execution environment of one of the functions, which is imported by its first invocation."""
        variables = {**self._function.environment, "PYTHONPATH": str(_FUNCTIONS)}
        function = replace(self._function, handler=handler, environment=variables)
        if memory_mb:
            function = replace(function, memory_mb=memory_mb)
        folder = self._scratch / uuid.uuid4().hex
        folder.mkdir()
        emulator = LambdaEmulator(function, code, folder / "log")
        with _inherited_processors(last=True):
            emulator.__enter__()
        try:
            yield emulator
        finally:
            emulator.__exit__(None, None, None)

    def creation(self, kind: Kind, wire: str = "JSON") -> dict[str, Any]:
        """The event of a creation of that kind."""
        headers = {"authorization": f"Bearer {self._token}", "idempotency-key": uuid.uuid4().hex}
        if wire == "JSON":
            return event(kind.body(), headers | {"content-type": "application/json"})
        message = json_format.ParseDict(kind.body(), CreateInstanceRequest()).SerializeToString()
        framed = b"\0" + len(message).to_bytes(4, "big") + message
        call = event("", headers | {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"})
        call["rawPath"] = call["requestContext"]["http"]["path"] = "/zitadel.system.v1.SystemService/CreateInstance"
        return call | {"body": base64.b64encode(framed).decode(), "isBase64Encoded": True}


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """The service, deployed into a new AWS; both are gone afterwards."""
    caller = SystemUser.make()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        _inherited_processors(last=False),
        EmbeddedAws(Path(scratch) / "aws.log") as aws,
    ):
        aws.adopt()
        deployment = provision(caller.configuration, port=PORT, endpoint=aws.endpoint)
        function = deployment.function({"PATH": os.environ["PATH"], **aws.environment({})})
        yield Stage(aws, caller, function, Path(scratch))


def recorded(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An event for ``warm_floor`` that sends what a creation through ``probe`` sent, again and again."""
    calls = [{"headers": call["headers"], "body": call["body"]} for call in answer["aws"]]
    return {"calls": calls, "fresh": {key: key for key in _unique(answer)}}


def freshened(recording: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded event with keys that nobody has taken, in place of those that were."""
    return {**recording, "fresh": {old: _alike(old) for old in recording["fresh"]}}


def _unique(answer: Mapping[str, Any]) -> list[str]:
    """What occurs in one creation only: the ids, hashes and names in the keys of its items."""
    commit = json.loads(base64.b64decode(answer["aws"][-1]["body"]))
    keys = {item["Put"]["Item"]["pk"]["S"].partition("#")[2] for item in commit["TransactItems"]}
    return sorted(keys)


def _alike(text: str) -> str:
    """A text of the same length and kind that is another one."""
    if text.isdigit():
        return "1" + "".join(secrets.choice("0123456789") for _ in text[1:])
    first, dot, rest = text.partition(".")
    return secrets.token_hex(len(first))[: len(first)] + dot + rest


@contextlib.contextmanager
def _inherited_processors(*, last: bool) -> Iterator[None]:
    """What is started inside runs on the last processor, or on all others."""
    if not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2:
        yield
        return
    before = os.sched_getaffinity(0)
    *others, chosen = sorted(before)
    os.sched_setaffinity(0, {chosen} if last else others)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
