"""An AWS on this machine: ministack, on a free port of loopback, for as long as the context lasts.

It is for trying things out and for tests. Nothing survives it, its KMS does not authenticate what it encrypts, and it
accepts any credentials.

ministack's own command would bind every interface by default, open more ports and, where it finds a Docker socket,
remove containers that it takes for its own. So the socket is bound here and handed over, and the child gets an
environment in which the rest is off, instead of the developer's.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from local import lifeline

REGION = "us-east-1"
START_SECONDS = 60.0

_QUIET = {
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "DOCKER_HOST": "unix:///dev/null/docker.sock",
}


class StartFailed(Exception):
    """The embedded AWS did not come up; its log says why."""


class EmbeddedAws:
    """A context manager; inside it, ``endpoint`` answers for every AWS service. What it says goes to ``log``.

    ``host`` is an address of this machine: loopback, or a bridge that containers reach and nobody else. It accepts any
    credentials; with ``checks_permissions`` only those it knows, for what their policies allow. A key of twelve digits
    then is the account of that number, which may do everything.
    """

    def __init__(self, log: Path, host: str = "127.0.0.1", *, checks_permissions: bool = False) -> None:
        self._log = log
        self._authorization = {"AUTH": "true"} if checks_permissions else {}
        self._host = host
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = ""

    @property
    def endpoint(self) -> str:
        """Its URL, as for ``AWS_ENDPOINT_URL``."""
        return f"http://{self._host}:{self._port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None:
            raise RuntimeError("the embedded AWS is not running")
        return self._process.pid

    def __enter__(self) -> Self:
        """Start it and wait until it answers. Raises StartFailed when it does not."""
        self._scratch = tempfile.mkdtemp(prefix="embedded-aws-")
        try:
            self._start()
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """``base`` with every AWS setting replaced, so that no client can reach a real account or send real keys."""
        others = base.get("no_proxy") or base.get("NO_PROXY")
        unproxied = ",".join(filter(None, dict.fromkeys((others, self._host, "127.0.0.1", "localhost"))))
        return {name: value for name, value in base.items() if not name.startswith("AWS_")} | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "embedded",
            "AWS_SECRET_ACCESS_KEY": "embedded",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
            "NO_PROXY": unproxied,
            "no_proxy": unproxied,
        }

    def adopt(self) -> None:
        """Point this process, and what it starts from now on, at this AWS and no other."""
        environment = self.environment(os.environ)
        os.environ.clear()
        os.environ.update(environment)

    def _start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with socket.create_server((self._host, 0)) as listener, self._log.open("wb") as log:
            self._port = listener.getsockname()[1]
            kept = {name: os.environ[name] for name in lifeline.BASICS if name in os.environ}
            own = {"GATEWAY_PORT": str(self._port), "TMPDIR": self._scratch, "MINISTACK_REGION": REGION}
            self._process = lifeline.start(
                "local.embedded_aws",
                str(listener.fileno()),
                environment=kept | _QUIET | own | self._authorization,
                output=log.fileno(),
                pass_fds=(listener.fileno(),),
            )

    def _wait(self) -> None:
        """The socket listens already, so a request waits in its queue until the child answers it or dies."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=deadline - time.monotonic())
            try:
                connection.request("GET", "/_ministack/ready")
                if connection.getresponse().status == http.client.OK:
                    return
            except OSError as error:
                raise StartFailed(f"the embedded AWS ended: see {self._log}") from error
            finally:
                connection.close()
            time.sleep(0.02)
        raise StartFailed(f"the embedded AWS was not ready within {START_SECONDS:.0f} s: see {self._log}")

    def _end(self) -> None:
        if self._process is not None:
            lifeline.end(self._process)
        shutil.rmtree(self._scratch, ignore_errors=True)


def _serve(fd: int) -> None:
    """In the child: ministack's application on the socket that the parent bound."""
    from hypercorn.asyncio import serve  # noqa: PLC0415 - the parent needs neither, and both are slow to import
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # type: ignore[import-untyped]  # noqa: PLC0415

    config = Config()
    config.bind = [f"fd://{fd}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    lifeline.hold()
    _serve(int(sys.argv[1]))
