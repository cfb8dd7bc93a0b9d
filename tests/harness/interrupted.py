"""The orchestration's handler, with mishaps that a test ordered for a key; each happens once.

A Lambda handler, run by ``harness.lambda_service`` with the variable ``MISHAPS`` naming a folder.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from bootstrap import application
from handlers import orchestration

HANDLER = "harness.interrupted.handler"

DIES_AT_ONCE = "dies at once"
DIES_BEFORE_THE_COMMIT = "dies between the secret and the commit"
DIES_AFTER_THE_COMMIT = "dies after the commit, its answer is lost"
HANGS = "does not answer in time"


def order(folder: Path, key: str, *mishaps: str) -> None:
    """Let the next invocations with this key meet these mishaps, one each: one of the above, or an error's name."""
    for number, mishap in enumerate(mishaps):
        (folder / f"{_name(key)}.{number}").write_text(mishap)


def handler(event: Any, context: Any) -> Any:
    """Meet the next mishap, or carry out the task."""
    mishap = "" if event.get("validateOnly") else _next(event.get("idempotencyKey", ""))
    if mishap == DIES_AT_ONCE:
        os._exit(1)
    if mishap == DIES_BEFORE_THE_COMMIT:
        application.instances().commit = lambda *_: os._exit(1)  # type: ignore[method-assign] # the process ends in it
    if mishap == DIES_AFTER_THE_COMMIT:
        orchestration.handler(event, context)
        os._exit(1)
    if mishap == HANGS:
        time.sleep(3600)
    if mishap and " " not in mishap:
        raise type(mishap, (Exception,), {})("ordered")
    return orchestration.handler(event, context)


def _next(key: str) -> str:
    for path in sorted(Path(os.environ["MISHAPS"]).glob(f"{_name(key)}.*")):
        mishap = path.read_text()
        path.unlink()
        return mishap
    return ""


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
