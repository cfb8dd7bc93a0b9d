"""The orchestration's Lambda function, called in this process as a state machine's task calls it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from handlers.orchestration import handler
from handlers.task import Failure
from harness.api import Context


@dataclass(frozen=True)
class Failed:
    """What Step Functions learns of a task that failed: the error's name, and the message in its cause."""

    error: str
    cause: dict[str, Any]


def invoke(event: Any, context: Context | None = None) -> Any:
    """The answer as it reaches the execution, or how the task failed; both are JSON on the way."""
    try:
        return json.loads(json.dumps(handler(json.loads(json.dumps(event)), context or Context())))
    except Failure as failure:
        return Failed(type(failure).__name__, json.loads(str(failure)))
