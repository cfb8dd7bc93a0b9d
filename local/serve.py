"""`make serve`: the service on http://127.0.0.1:8080 until interrupted; ``PORT`` and ``WORKERS`` change it.

The same function as on Lambda runs in processes as on Lambda, behind a front that speaks API Gateway's format. It uses
the AWS of ``AWS_ENDPOINT_URL`` if that is set, and the account of the developer's own credentials if it is set and
empty; otherwise an embedded one, which forgets everything at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn
from botocore.exceptions import BotoCoreError, ClientError

from local import api_page, system_user
from local.embedded_aws import EmbeddedAws, StartFailed
from local.front import HEALTH, Front
from local.lambda_pool import FunctionError, LambdaPool
from local.lifeline import BASICS, ROOT
from local.provision import provision

STATE = ROOT / ".local"
DEFAULT_PORT = 8080

# Besides the basics, what clients of AWS heed: credentials and region, proxies, private certificate authorities.
_CLIENT = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "REQUESTS_CA_BUNDLE"}
)

EXAMPLE = (
    '{"instanceName": "Acme", "machine": {"userName": "admin", "name": "Admin", '
    '"personalAccessToken": {}, "machineKey": {"type": "KEY_TYPE_JSON"}}}'
)


def audiences(port: int) -> list[str]:
    """The audiences that tokens may name: this server's addresses, and the standard one whatever the port."""
    return list(
        dict.fromkeys(f"http://{host}" for host in (f"127.0.0.1:{port}", "127.0.0.1:8080", f"localhost:{port}"))
    )


def process_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Of our environment, what the function's process may have: like on Lambda, nothing else of this machine."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in BASICS or name in _CLIENT or name.startswith("AWS_")
    }
    return kept | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}


@contextlib.contextmanager
def aws(log: Path) -> Iterator[str]:
    """The endpoint of the AWS to use, to which this process's environment points then; "" is AWS itself."""
    given = os.environ.get("AWS_ENDPOINT_URL")
    if given is not None:
        yield given
        return
    with EmbeddedAws(log) as embedded:
        embedded.adopt()
        yield embedded.endpoint


def listen(port: int) -> socket.socket:
    """A socket that listens on loopback alone; port 0 is any free one. Raises ``OSError`` where it cannot."""
    # The protocol is named, although there is no other: asyncio turns off Nagle's algorithm only where it is, and with
    # it every answer waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def http_server(front: Front) -> uvicorn.Server:
    """The HTTP/1.1 server before the front; it takes signals while it runs and gives them to us when it is done."""
    return uvicorn.Server(
        uvicorn.Config(
            front,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
        )
    )


def serve(listener: socket.socket, workers: int, state: Path) -> None:
    """Serve on the socket until interrupted.

    Raises ``StartFailed`` or ``FunctionError`` when the AWS or the function does not start, and what
    :func:`local.provision.provision` raises.
    """
    port: int = listener.getsockname()[1]
    log = state / f"embedded-aws-{port}.log"
    with aws(log) as endpoint:
        users = system_user.configuration(system_user.private_key(state / "system-user.pem"))
        deployment = provision(users, port=port, audiences=audiences(port), endpoint=endpoint)
        function = deployment.function(process_environment(os.environ))
        with LambdaPool(function, workers) as pool:
            front = Front(
                pool,
                size=workers,
                port=port,
                integration_seconds=deployment.integration_seconds,
                pages={**HEALTH, **api_page.pages()},
            )
            print(banner(port, endpoint), file=sys.stderr, flush=True)
            http_server(front).run(sockets=[listener])


def banner(port: int, endpoint: str) -> str:
    """What to do with the server, for the person who started it."""
    where = endpoint or f"AWS itself, with your credentials, region {os.environ.get('AWS_REGION', 'of your profile')}"
    make = "make -s token" if port == DEFAULT_PORT else f"make -s token PORT={port}"
    return f"""
Instance Foundry answers at http://127.0.0.1:{port} (AWS: {where}). Ctrl-C ends it.

  {make}    prints a token of system user {system_user.USER_ID}, valid for an hour

  http://127.0.0.1:{port}{api_page.PATH} is a page to try it on

  curl http://127.0.0.1:{port}/system/v1/instances/_create \\
    -H "Authorization: Bearer $({make})" -H "Content-Type: application/json" \\
    -d '{EXAMPLE}'
"""


def _number(name: str, default: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) > highest:
        raise ValueError(f"{name}={text!r} is not a number up to {highest}")
    return int(text)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End the program by way of every ``finally`` and ``with``, which no second signal may cut short."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def main(argv: list[str] | None = None) -> int:
    """Run the command: 0 when interrupted, 1 with a message on stderr when it cannot serve."""
    parser = argparse.ArgumentParser(prog="python -m local.serve", description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path, default=STATE, metavar="DIR", help="for the system user's key and logs")
    state = parser.parse_args(argv).state
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        port = _number("PORT", DEFAULT_PORT, 65535)
        workers = _number("WORKERS", 4, 64) or 1
        with listen(port) as listener:
            serve(listener, workers, state)
    except (ValueError, StartFailed, FunctionError, BotoCoreError, ClientError) as error:
        print(f"make serve: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"make serve: port {port} of 127.0.0.1 is in use; choose another with PORT=…", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
