"""The artefact of this machine, built at most once."""

import subprocess
import sys

import pytest

from harness.artefact import ARCHITECTURE, BUILT, ROOT, make


@pytest.fixture(scope="session")
def built():
    """The folder with all that a build makes."""
    make(f"dist/{ARCHITECTURE}/.built")
    return BUILT


@pytest.fixture(scope="session")
def runtime():
    """A Python as Lambda has it, with nothing but what its runtime brings."""
    make(".tools/runtime/.installed")
    python = ROOT / ".tools" / "runtime" / "bin" / "python"
    said = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    if sys.platform != "linux" or not said.startswith("Python 3.13"):
        pytest.skip(f"the artefact is for Python 3.13 on Linux, this is {said.strip()} on {sys.platform}")
    return python
