"""The Lambda side of an invocation: what AWS's runtime does around a handler, in a process of its own.

Run as ``python -m local.lambda_runtime FD module.function`` by :mod:`local.lambda_pool`, FD being our end of a
``multiprocessing`` connection. Each message is one JSON document:

* ours, once the handler's module is imported: ``{"ready": true}`` or ``{"error": "text"}``;
* theirs, per invocation: ``{"requestId", "deadline" (milliseconds since the epoch), "trace", "event"}``;
* ours, per invocation: ``{"answer": ...}`` or ``{"error": "text"}``.

A handler that ends the process (``sys.exit``) ends it here too, as on AWS (Runtime.ExitError).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from local import lifeline

Handler = Callable[[Any, "LambdaContext"], Any]


@dataclass(frozen=True, slots=True)
class CognitoIdentity:
    """Who called through a mobile SDK: nobody, here and behind API Gateway."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What a handler learns of its invocation: the attributes and types of AWS's own object for Python."""

    aws_request_id: str
    epoch_deadline_time_in_ms: int
    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    client_context: None = None
    identity: CognitoIdentity = field(default_factory=CognitoIdentity)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is killed; never negative."""
        return max(0, self.epoch_deadline_time_in_ms - int(time.time() * 1000))


def load(handler: str) -> Handler:
    """Import a handler given as in a template, ``package.module.function``. Raises whatever the import raises."""
    module, _, function = handler.rpartition(".")
    loaded: Handler = getattr(importlib.import_module(module), function)
    return loaded


def context(request_id: str, deadline: int, environment: Mapping[str, str]) -> LambdaContext:
    """The context of one invocation, from the variables that Lambda sets for every function."""
    name = environment["AWS_LAMBDA_FUNCTION_NAME"]
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    return LambdaContext(
        aws_request_id=request_id,
        epoch_deadline_time_in_ms=deadline,
        function_name=name,
        function_version=environment["AWS_LAMBDA_FUNCTION_VERSION"],
        invoked_function_arn=f"arn:aws:lambda:{region}:000000000000:function:{name}",
        memory_limit_in_mb=environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=environment["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=environment["AWS_LAMBDA_LOG_STREAM_NAME"],
    )


def _error(error: BaseException) -> bytes:
    traceback.print_exception(error)
    return _document({"error": f"{type(error).__name__}: {error}"})


def _document(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


def _invoke(handler: Handler, message: dict[str, Any]) -> bytes:
    os.environ["_X_AMZN_TRACE_ID"] = message["trace"]
    try:
        answer = handler(message["event"], context(message["requestId"], message["deadline"], os.environ))
        return _document({"answer": answer})
    except Exception as error:  # noqa: BLE001 - a runtime reports whatever a handler raises, unserializable answers too
        return _error(error)


def serve(connection: Connection, handler_name: str) -> None:
    """Load the handler, then answer invocations one by one until the other end closes the connection."""
    try:
        handler = load(handler_name)
    except Exception as error:  # noqa: BLE001 - whatever an import raises is the function's init error
        connection.send_bytes(_error(error))
        return
    connection.send_bytes(_document({"ready": True}))
    while True:
        try:
            message = json.loads(connection.recv_bytes())
        except EOFError:
            return
        connection.send_bytes(_invoke(handler, message))


if __name__ == "__main__":
    lifeline.hold()
    serve(Connection(int(sys.argv[1])), sys.argv[2])
