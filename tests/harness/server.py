"""`make serve` as a process of a test's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.lifeline import ROOT


class Server:
    """A ``python -m local.serve`` on a free port, its state and its log in a folder of the test's own."""

    def __init__(self, state: Path, **variables: str) -> None:
        self.state = state
        self.log = state / "stderr"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.serve", "--state", str(state)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
                env=inherited | {"PORT": "0", "WORKERS": "2", "PYTHONPATH": f"{ROOT}/src:{ROOT}"} | variables,
            )  # fmt: skip

    @property
    def key(self) -> str:
        """The private key of its system user, in PEM."""
        return (self.state / "system-user.pem").read_text()

    def port(self) -> int:
        """The port it says it serves on, once it says so."""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if found := re.search(r"answers at http://127\.0\.0\.1:(\d+)", self.log.read_text()):
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        pytest.fail(f"it did not start: {self.log.read_text()}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit status after the signal, having checked that it wrote nothing to stdout."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=90)
        assert output == b""
        return self.process.returncode
