"""Our handler with a stopwatch: imported by the runtime in the artefact's folder, beside the artefact's own modules.

An invocation's answer is ``{"answer": …, "seconds": …, "work": …, "aws": […]}``: how long the handler took, how much
of that a key or a hash took, and for each attempt at an AWS call its operation, seconds, and what was sent.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

from botocore.httpsession import URLLib3Session

from adapters import background
from handlers.api import handler as ours

_work: list[float] = []
_calls: list[dict[str, Any]] = []
_begin, _send = background.begin, URLLib3Session.send


def _timed(work: Callable[[], Any]) -> Callable[[], Any]:
    def timed() -> Any:
        started = time.perf_counter()
        try:
            return work()
        finally:
            _work.append(time.perf_counter() - started)

    return timed


def _timed_send(session: URLLib3Session, request: Any) -> Any:
    started = time.perf_counter()
    try:
        return _send(session, request)
    finally:
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        _calls.append(
            {
                "operation": _text(request.headers.get("X-Amz-Target", "")).rpartition(".")[2],
                "seconds": time.perf_counter() - started,
                "headers": {name: _text(value) for name, value in request.headers.items()},
                "body": base64.b64encode(body).decode(),
            }
        )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


background.begin = lambda work: _begin(_timed(work))
URLLib3Session.send = _timed_send


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer as ours does, and tell how long that took."""
    _work.clear(), _calls.clear()
    started = time.perf_counter()
    answer = ours(event, context)
    seconds = time.perf_counter() - started
    return {"answer": answer, "seconds": seconds, "work": sum(_work), "aws": list(_calls)}
