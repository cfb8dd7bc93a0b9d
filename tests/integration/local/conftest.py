"""What the tests of this folder share: a stand-in function, and a look at the processes of this machine."""

import os
from pathlib import Path

import pytest

from harness import processes
from local.lambda_pool import Function

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="session")
def stand_in():
    """Make a Function of this folder's ``stand_in`` module."""

    def make(handler="stand_in.handler", timeout=60.0, **variables):
        path = os.pathsep.join(map(str, (ROOT / "src", ROOT, HERE)))
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, **variables}
        return Function(handler, environment, name="stand-in", timeout=timeout, memory_mb=512)

    return make


@pytest.fixture(scope="session")
def children():
    """The process ids of a process's children, for as long as it lives."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs Linux's /proc")
    return processes.children


@pytest.fixture(scope="session")
def gone():
    """Wait until none of the processes runs; False if one still does after a minute."""
    return processes.gone
