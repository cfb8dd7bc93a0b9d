"""Fixtures that every suite may use."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from harness.artefact import ARCHITECTURE, BUILT, ROOT, make
from harness.emulated_aws import ENVIRONMENT, moto_aws

os.environ.update(ENVIRONMENT)
for leftover in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
    os.environ.pop(leftover, None)

from bootstrap import observability  # noqa: E402 # as the next line
from harness.api import Api, SystemUser  # noqa: E402 # the handler reads the environment when it is imported
from local.embedded_aws import EmbeddedAws  # noqa: E402 # as the line before

# A shared machine may stop any example for longer than hypothesis allows one to take: that is no failure of ours. The
# same commit gets the same examples each time; `make fuzz` is there to look for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def caller() -> SystemUser:
    """A system user who may create instances; the application knows it for the whole session."""
    user = SystemUser.make()
    os.environ["SYSTEM_USERS"] = user.configuration
    return user


@pytest.fixture
def aws() -> Iterator[None]:
    """An emulated AWS of its own for one test."""
    with moto_aws():
        yield


@pytest.fixture
def api(aws: None, caller: SystemUser) -> Api:
    """The API on an empty AWS."""
    return Api(caller)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the service logs, as it is written."""
    lines = io.StringIO()
    for name in (observability.logger.name, "adapters"):
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, logging.StreamHandler):
                monkeypatch.setattr(handler, "stream", lines)
    return lines


@pytest.fixture(scope="module")
def shared_api(caller: SystemUser) -> Iterator[Api]:
    """The API on an AWS that all tests of a module share, for tests that only look at answers."""
    with moto_aws():
        yield Api(caller)


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of the embedded AWS, one per test process."""
    log: Path = tmp_path_factory.mktemp("embedded-aws") / "log"
    with EmbeddedAws(log) as aws:
        yield aws.endpoint


@pytest.fixture(scope="session")
def built() -> Path:
    """The artefact's folder, with all that a build makes, built at most once."""
    make(f"dist/{ARCHITECTURE}/.built")
    return BUILT


@pytest.fixture(scope="session")
def runtime() -> Path:
    """A Python as Lambda has it, with nothing but what its runtime brings."""
    make(".tools/runtime/.installed")
    python = ROOT / ".tools" / "runtime" / "bin" / "python"
    said = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    if sys.platform != "linux" or not said.startswith("Python 3.13"):
        pytest.skip(f"the artefact is for Python 3.13 on Linux, this is {said.strip()} on {sys.platform}")
    return python
