"""A program that listens on a port of this machine, for as long as the context lasts."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local import lifeline

START_SECONDS = 90.0
STOP_SECONDS = 30.0


class NotListening(Exception):
    """The program ended, or did not listen in time; what it said may tell why."""


def listens(port: int) -> bool:
    """Whether anybody listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def listening(
    command: list[str], port: int, *, environment: Mapping[str, str] | None = None, output: int = 2
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, once it listens on the port of 127.0.0.1; in the end it gets SIGTERM, and time to clean up.

    What it says goes to the file descriptor ``output``, by default our stderr. It gets our environment, or the one
    given. Raises NotListening.
    """
    process = subprocess.Popen(
        lifeline.bound(command),
        cwd=lifeline.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=dict(os.environ if environment is None else environment),
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotListening(f"{Path(command[0]).name} did not start")
            time.sleep(0.05)
        yield process
    finally:
        lifeline.terminate(process, STOP_SECONDS)
