"""What no implementation can avoid: the same bytes to AWS in the same order, and one key or hash before them.

No SDK, no signature, no validation, nothing decoded: one connection, kept open. The event is what ``probe`` recorded,
``{"endpoint": …, "work": "key" | "hash" | "", "calls": [{"headers", "body"}], "fresh": {old: new}}``; ``fresh`` keeps
keys from being taken. The answer is probe's.
"""

from __future__ import annotations

import base64
import http.client
import secrets
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_connections: dict[str, http.client.HTTPConnection] = {}


def _hash() -> None:
    Argon2id(salt=secrets.token_bytes(16), length=32, iterations=3, lanes=4, memory_cost=65_536).derive_phc_encoded(
        b"x"
    )


WORK = {"": lambda: None, "key": lambda: rsa.generate_private_key(65537, 2048), "hash": _hash}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send what is to be sent."""
    del context
    bodies = [base64.b64decode(call["body"]) for call in event["calls"]]
    for old, new in event["fresh"].items():
        bodies = [body.replace(old.encode(), new.encode()) for body in bodies]
    started = time.perf_counter()
    WORK[event["work"]]()
    worked = time.perf_counter() - started
    statuses = [_sent(event["endpoint"], call, body) for call, body in zip(event["calls"], bodies, strict=True)]
    seconds = time.perf_counter() - started
    return {"answer": {"statusCode": max(statuses, default=200)}, "seconds": seconds, "work": worked, "aws": []}


def _sent(endpoint: str, call: dict[str, Any], body: bytes) -> int:
    connection = _connections.setdefault(endpoint, http.client.HTTPConnection(endpoint.removeprefix("http://")))
    headers = {name: value for name, value in call["headers"].items() if name.lower() != "content-length"}
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
    except ConnectionError:  # nobody used it for longer than the other end keeps it
        connection.close()
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
    response.read()
    return response.status
