"""A child process that cannot outlive its parent, however the parent ends.

The child's standard input is a pipe to which nobody ever writes. The kernel closes the writing end when the parent is
gone, also after SIGKILL, and a thread in the child takes the end of the file as its order to stop. Linux's
``PR_SET_PDEATHSIG`` would do for Linux only, and acts when the *thread* that started the child ends, which is wrong
for children started from a pool of threads.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: children start here, so that ``python -m local.…`` finds this package."""

BASICS = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "SSL_CERT_FILE", "PYTHONDONTWRITEBYTECODE"}
)
"""Variables that any Python process may need; children get no other of a developer's by default."""


def start(
    module: str, *arguments: str, environment: Mapping[str, str], output: int, pass_fds: Collection[int] = ()
) -> subprocess.Popen[bytes]:
    """Run ``module`` with this Python, its stdout and stderr going to the file descriptor ``output``.

    It gets a session of its own: a Ctrl-C in the terminal reaches only us, and we decide when and how children end.
    The module has to call :func:`hold` first thing.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=dict(environment),
        cwd=ROOT,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )


def end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and whatever it started, at once, and reap it. Ending it twice is harmless."""
    if child.returncode is None:  # not reaped: the process id is still the child's
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin is not None:
        child.stdin.close()


def terminate(child: subprocess.Popen[bytes], patience_seconds: float) -> None:
    """Ask the child to end, let it clean up, and kill it when that takes longer; reap it."""
    child.terminate()
    try:
        child.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def hold() -> None:
    """In the child: from now on, die when the parent does."""
    threading.Thread(target=_die_with_the_parent, name="lifeline", daemon=True).start()


def _die_with_the_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def bound(command: list[str]) -> list[str]:
    """``command`` for a program that cannot :func:`hold`: where the system can, SIGTERM ends it when we are gone.

    Only for programs started by the main thread, whose end is ours. A shell becomes the program only if we are still
    there once the kernel knows: had we ended before, nothing would ever tell it (prctl(2), ``PR_SET_PDEATHSIG``).
    """
    if not shutil.which("setpriv"):
        return command
    unless_orphaned = 'test "$PPID" = "$0" && exec "$@"'
    return ["setpriv", "--pdeathsig", "TERM", "sh", "-c", unless_orphaned, str(os.getpid()), *command]
