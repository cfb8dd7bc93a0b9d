"""The clients as they are called here: each makes one call and says how it ended."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from local.lifeline import ROOT

HERE = Path(__file__).parent
PROTO = ROOT / "proto"
METHOD = "/zitadel.system.v1.SystemService/CreateInstance"


@dataclass(frozen=True)
class Wanted:
    """A call: the request in ProtoJSON, metadata, and a deadline in seconds."""

    request: Mapping[str, Any]
    metadata: Mapping[str, str]
    seconds: float | None = None


@dataclass(frozen=True)
class Outcome:
    """How a call ended, as the client's own API tells: 0 and a response, or an error and its ErrorDetails."""

    code: int
    message: str = ""
    details: list[dict[str, str]] = field(default_factory=list)
    response: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Client(Protocol):
    """A client of the service."""

    def call(self, wanted: Wanted) -> Outcome:
        """Make the call."""
        ...


class Program(AbstractContextManager["Program"]):
    """A program that takes a call per line on its stdin and prints an outcome for each."""

    def __init__(self, *command: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=HERE,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, call: Mapping[str, Any]) -> Outcome:
        """Pass the call on. Fails where the program ended instead of answering."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{self._process.args!r} ended with {self._process.wait(10)}"
        return Outcome(**json.loads(answer))

    def call(self, wanted: Wanted) -> Outcome:
        """As a Client."""
        return self.ask(vars(wanted))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=120)


def generated(folder: Path) -> Path:
    """What grpcio's compiler makes of proto/, as a Python caller would."""
    files = map(str, sorted((PROTO / "zitadel").glob("*.proto")))
    out = [f"--python_out={folder}", f"--grpc_python_out={folder}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", *out, *files], check=True)
    return folder


@dataclass(frozen=True)
class OnPage:
    """One of the clients of the page that a program drives."""

    page: Program
    client: str

    def call(self, wanted: Wanted) -> Outcome:
        """As a Client."""
        return self.page.ask({**vars(wanted), "client": self.client})


@dataclass(frozen=True)
class Curl:
    """`curl`, started for each call of the JSON form; a deadline goes into the header ``grpc-timeout``."""

    url: str

    def call(self, wanted: Wanted) -> Outcome:
        """As a Client."""
        deadline = {"grpc-timeout": f"{round(wanted.seconds * 1000)}m"} if wanted.seconds else {}
        metadata = {"content-type": "application/json", **wanted.metadata, **deadline}
        ran = subprocess.run(
            [
                "curl", "--silent", "--show-error", "--dump-header", "-", "--data", json.dumps(wanted.request),
                *(part for name, value in metadata.items() for part in ("--header", f"{name}: {value}")),
                f"{self.url}/system/v1/instances/_create",
            ],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        head, _, body = ran.stdout.partition("\n\n")
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:])
        answer = json.loads(body)
        if head.split()[1] == "200":
            return Outcome(0, response=answer, headers=headers)
        details = [{name: detail[name] for name in ("id", "message")} for detail in answer.get("details", [])]
        return Outcome(answer["code"], answer["message"], details)


@dataclass(frozen=True)
class BufCurl:
    """`buf curl`, started for each call: its exit status is the code times eight, its stderr the log and the error."""

    protocol: str
    url: str

    def call(self, wanted: Wanted) -> Outcome:
        """As a Client."""
        ran = _buf(
            "curl", "--verbose", "--schema", str(PROTO), "--protocol", self.protocol,
            "--data", json.dumps(wanted.request),
            *(part for name, value in wanted.metadata.items() for part in ("--header", f"{name}: {value}")),
            *(["--timeout", f"{wanted.seconds}s"] if wanted.seconds else []),
            self.url + METHOD,
        )  # fmt: skip
        if ran.returncode == 0:
            return Outcome(0, response=json.loads(ran.stdout), headers=_headers(ran.stderr))
        return self._refused(ran.returncode, ran.stderr.decode())

    def _refused(self, status: int, log: str) -> Outcome:
        error = json.loads(log[log.index("\n{") :])
        details = [self._detail(detail) for detail in error.get("details", [])]
        return Outcome(status // 8, error["message"], details)

    def _detail(self, detail: Mapping[str, str]) -> dict[str, str]:
        binary = base64.b64decode(detail["value"] + "=" * (-len(detail["value"]) % 4))
        ran = _buf("convert", str(PROTO), "--type", detail["type"], "--from", "-#format=binpb", given=binary)
        decoded: dict[str, str] = json.loads(ran.stdout)
        return decoded


def _buf(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = str(Path(sys.executable).with_name("buf"))
    return subprocess.run([program, *arguments], input=given, capture_output=True, timeout=60, check=False)


def _headers(log: bytes) -> dict[str, str]:
    """The response's headers and trailers in what --verbose says."""
    lines = re.findall(r"^buf: < \(#1\) ([\w-]+): (.*)$", log.decode(), re.MULTILINE)
    return {name.lower(): value for name, value in lines}
