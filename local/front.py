"""The front of `make serve`, an ASGI application: HTTP in, an invocation of the function, HTTP out.

:mod:`local.gateway` knows what API Gateway makes of a request and of an answer; here is when and in which thread.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local import gateway
from local.lambda_pool import FunctionError, FunctionTimeout, LambdaPool

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEALTH = {"/healthz": gateway.Response(200, [("content-type", "application/json")], b"{}")}
"""Answered here, for whoever waits for the server; ZITADEL's own ``/system/v1/healthz`` is the function's."""


class Front:
    """Serves HTTP requests as API Gateway would, as many at once as the pool has environments; more of them wait.

    ``integration_seconds`` is how long a client waits, its time in the queue included, before it gets 503. ``pages``
    are answers by path, which the function does not get to see.
    """

    def __init__(
        self,
        pool: LambdaPool,
        *,
        size: int,
        port: int,
        integration_seconds: float,
        pages: Mapping[str, gateway.Response] = HEALTH,
    ) -> None:
        self._pool = pool
        self._threads = ThreadPoolExecutor(max_workers=size, thread_name_prefix="invocation")
        self._port = port
        self._integration_seconds = integration_seconds
        self._pages = pages

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request; uvicorn's contract (ASGI 3, HTTP only)."""
        page = self._pages.get(scope["raw_path"].decode("latin-1"))
        if page and scope["method"] in {"GET", "HEAD"}:
            await _answer(send, page)
            return
        request_id = base64.b64encode(secrets.token_bytes(11)).decode()
        try:
            body = await _body(scope, receive)
        except ConnectionError:
            return
        if body is None:
            await _answer(send, gateway.failure(413), request_id)
            return
        request = gateway.Request(
            method=scope["method"],
            target=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
            body=body,
            request_id=request_id,
            trace_id=f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}",
            source_ip=(scope.get("client") or ("127.0.0.1", 0))[0],
            port=self._port,
            protocol=f"HTTP/{scope['http_version']}",
        )
        await _answer(send, await self._integrate(gateway.event(request)), request_id)

    async def _integrate(self, event: dict[str, Any]) -> gateway.Response:
        invocation = asyncio.get_running_loop().run_in_executor(self._threads, self._pool.invoke, event)
        try:
            return gateway.response(await asyncio.wait_for(invocation, self._integration_seconds))
        except (FunctionError, gateway.MalformedAnswer):
            return gateway.failure(500)
        except (FunctionTimeout, TimeoutError):
            return gateway.failure(503)


async def _body(scope: Message, receive: Receive) -> bytes | None:
    """The body, whole, as API Gateway buffers it; None where it is too large.

    Raises ``ConnectionError`` when the client goes away before it has sent everything.
    """
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    announced = int(length) if length.isdigit() else 0
    if announced > gateway.BODY_LIMIT and headers.get(b"expect", b"").lower() == b"100-continue":
        return None  # the client asks before it sends
    body = bytearray()
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= gateway.BODY_LIMIT:
            body += chunk
        more = message.get("more_body", False)
    # A large body is read to its end all the same: a client that is still sending would not see the answer.
    return bytes(body) if size <= gateway.BODY_LIMIT else None


async def _answer(send: Send, response: gateway.Response, request_id: str | None = None) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    if response.status not in {204, 304}:
        headers.append((b"content-length", str(len(response.body)).encode()))
    if request_id is not None:
        headers.append((b"apigw-requestid", request_id.encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if response.status in {204, 304} else response.body})
