"""SAM's command line, on what `make sam-local` has built."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local import lifeline
from local.program import NotListening, listening

COMMAND = lifeline.ROOT / ".tools" / "sam" / "bin" / "sam"
BUILT = lifeline.ROOT / "dist" / "sam-local" / "build" / "template.yaml"
INVOKE_SECONDS = 120


@dataclass(frozen=True)
class Sam:
    """`sam local` with an image of the runtime and an AWS behind its functions.

    ``variables`` are the functions', ``environment`` is that of SAM itself.
    """

    image: str
    architecture: str
    variables: Mapping[str, str]
    environment: Mapping[str, str]
    folder: Path
    logs: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._variables.write_text(json.dumps({"Parameters": dict(self.variables)}))

    @property
    def _variables(self) -> Path:
        return self.folder / "variables.json"

    def invoke(self, function: str, event: Path) -> Any:
        """What the function answers to the event."""
        log = self._log(f"invoke-{function}-{event.stem}")
        with log.open("wb") as output:
            done = subprocess.run(
                self._command("invoke", function, "--event", str(event)),
                stdout=subprocess.PIPE,
                stderr=output,
                env=self.environment,
                timeout=INVOKE_SECONDS,
                check=False,
            )
        assert done.returncode == 0, log.read_text(errors="replace")
        return json.loads(done.stdout)

    @contextmanager
    def serving(self, command: str, *options: str) -> Iterator[str]:
        """The URL of `sam local start-api` or `start-lambda`, which runs until the context ends."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        log = self._log(command)
        with log.open("wb") as output:
            running = self._command(command, "--port", str(port), *options)
            try:
                # It removes its containers when it is ended.
                with listening(running, port, environment=self.environment, output=output.fileno()):
                    yield f"http://127.0.0.1:{port}"
            except NotListening:
                pytest.fail(log.read_text(errors="replace"))

    def said(self) -> str:
        """Everything that SAM and the functions have logged so far."""
        return "".join(log.read_text(errors="replace") for log in self.logs)

    def _log(self, name: str) -> Path:
        log = self.folder / f"{name}-{len(self.logs)}.log"
        self.logs.append(log)
        return log

    def _command(self, command: str, *arguments: str) -> list[str]:
        options: Sequence[str] = (
            "--template-file", str(BUILT), "--skip-pull-image", "--invoke-image", self.image,
            "--parameter-overrides", f"Architecture={self.architecture}",
            "--env-vars", str(self._variables),
        )  # fmt: skip
        return [str(COMMAND), "local", command, *arguments, *options]


def environment(aws: Mapping[str, str]) -> dict[str, str]:
    """What SAM itself needs to know: where to find programs and Docker, an AWS, and to tell nobody that it is used."""
    kept = {name: os.environ[name] for name in lifeline.BASICS | {"DOCKER_HOST"} if name in os.environ}
    return {**kept, **aws, "SAM_CLI_TELEMETRY": "0", "AWS_MAX_ATTEMPTS": "1"}
