"""What a cold start imports, by names and numbers, which are the same on every machine; and what it leaves behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

MODULES = 665
"""All modules after an import of the handler, the standard library's included; 653 when this was written."""

FORBIDDEN = {
    "aws_lambda_powertools.event_handler": "the wire is ours (ADR 8)",
    "aws_lambda_powertools.utilities.parser": "pydantic is used directly",
    "aws_xray_sdk": "no tracer (ADR 6)",
    "asyncio": "nothing is asynchronous",
    "boto3": "botocore's clients are enough (ADR 18)",
    "cryptography.fernet": "not used",
    "grpc": "framing is ours",
    "local": "never shipped",
    "multiprocessing": "came with s3transfer",
    "requests": "not used",
    "s3transfer": "came with boto3",
    "sqlite3": "not used",
    "unittest": "tests only",
}
"""Modules that a creation does not need, and why somebody might think otherwise."""

REPORT = """
import json, os, sys, threading
import handlers.api
from bootstrap import application, clients
caches = [f for module in (application, clients) for f in vars(module).values() if hasattr(f, "cache_info")]
descriptors = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
print(json.dumps({
    "modules": sorted(sys.modules),
    "threads": threading.active_count(),
    "sockets": [each for each in descriptors if each.startswith("socket:")],
    "made": [f.__name__ for f in caches if f.cache_info().currsize],
}))
"""


@pytest.fixture(scope="module")
def imported(built: Path, runtime: Path) -> Any:
    """The state of a process that has just imported the handler, in the artefact and with the runtime's libraries."""
    variables = {"AWS_REGION": "eu-central-1", "POWERTOOLS_SERVICE_NAME": "x", "POWERTOOLS_METRICS_NAMESPACE": "x"}
    command = [runtime, "-c", REPORT]
    done = subprocess.run(command, cwd=built / "code", env=variables, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_no_more_is_imported_than_was(imported: Any) -> None:
    """A new dependency of the request path has to be worth its start: raise MODULES with a reason in the commit."""
    assert 600 < len(imported["modules"]) <= MODULES


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_a_creation_does_not_need_is_not_imported(imported: Any, name: str) -> None:
    found = [module for module in imported["modules"] if module == name or module.startswith(f"{name}.")]
    assert found == [], FORBIDDEN[name]


def test_nothing_is_made_that_a_snapshot_must_not_hold(imported: Any) -> None:
    """No thread, connection, client, configuration or id exists before the first invocation (ADR 19)."""
    assert (imported["threads"], imported["sockets"], imported["made"]) == (1, [], [])
