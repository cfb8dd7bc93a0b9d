"""A Lambda function that does what its event asks for, to see how the machinery around a handler takes it.

The request is in the event's ``do`` or, behind the HTTP front, in its path; anything unknown is an echo.
"""

import itertools
import json
import os
import pathlib
import sys
import time

INVOCATIONS = itertools.count(1)


def sleep(event):
    time.sleep(float(event.get("seconds") or event.get("rawQueryString") or 0))


def meet(event):
    """Wait until as many invocations as asked for are here at the same time."""
    asked = event.get("queryStringParameters", event)
    folder = pathlib.Path(asked["folder"])
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 60
    while len(list(folder.iterdir())) < int(asked["number"]):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


def fail(event):
    raise ValueError("boom")


def unserializable(event):
    return {"a": {1, 2}}


def write(event):
    sys.stdout.write("a line of the function\n")
    sys.stdout.flush()


def malformed(event):
    return {"statusCode": "no"}


def return_the_body(event):
    headers = {"content-type": "application/octet-stream"}
    return {"statusCode": 200, "headers": headers, "body": event["body"], "isBase64Encoded": event["isBase64Encoded"]}


def cookies(event):
    return {"statusCode": 204, "cookies": ["a=1", "b=2; Path=/"], "multiValueHeaders": {"X-Many": ["1", "2"]}}


def missing(event):
    return {"statusCode": 404, "headers": {"Content-Type": "application/json"}, "body": '{"code":5}'}


def large(event):
    """An answer of so many bytes, as JSON."""
    return "x" * (event["bytes"] - 2)


ACTIONS = {
    "large": large,
    "sleep": sleep,
    "meet": meet,
    "raise": fail,
    "exit": lambda event: sys.exit(3),
    "die": lambda event: os._exit(9),
    "unserializable": unserializable,
    "print": write,
    "malformed": malformed,
    "body": return_the_body,
    "cookies": cookies,
    "missing": missing,
}


def handler(event, context):
    started = time.time()
    action = ACTIONS.get(event.get("do") or event.get("rawPath", "").removeprefix("/"), lambda event: None)
    answer = action(event)
    if answer is not None:
        return answer
    seen = {
        "started": started,
        "ended": time.time(),
        "pid": os.getpid(),
        "invocation": next(INVOCATIONS),
        "event": event,
        "function": context.function_name,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "request": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "variables": sorted(os.environ),
    }
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(seen)}
