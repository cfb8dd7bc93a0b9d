"""What the tests of this folder share: a stand-in function, and a look at the processes of this machine."""

import os
import sys
import time
from pathlib import Path

import pytest

from local.lambda_pool import Function

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="session")
def stand_in():
    """Make a Function of this folder's ``stand_in`` module."""

    def make(handler="stand_in.handler", timeout=10.0, **variables):
        path = os.pathsep.join(map(str, (ROOT / "src", ROOT, HERE)))
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, **variables}
        return Function(handler, environment, name="stand-in", timeout=timeout, memory_mb=512)

    return make


@pytest.fixture(scope="session")
def children():
    """The process ids of a process's children, for as long as it lives."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs Linux's /proc")

    def of(pid):
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid:
                found.append(int(stat.parent.name))
        return found

    return of


@pytest.fixture(scope="session")
def gone():
    """Wait until none of the processes runs; False if one still does after ten seconds."""

    def wait(pids):
        deadline = time.monotonic() + 10
        while any(map(running, pids)):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return wait


def running(pid):
    if sys.platform == "linux":  # a zombie that nobody reaps is not running
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
