"""`make serve-grpc`: native gRPC on 127.0.0.1:8081 in front of `make serve`; ``GRPC_PORT`` and ``PORT`` change it.

The edge is the Envoy that is deployed, with the same filters (edge/envoy.yaml). Where nothing listens on ``PORT``,
`make serve` is started too, and ends with it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

from local.lifeline import ROOT
from local.program import NotListening, listening, listens

CONFIGURATION = ROOT / "edge" / "envoy.yaml"
DEFAULT_PORT = 8081

_PLACE = re.compile(r"\$\{([A-Z_]+)\}")


class EdgeFailed(Exception):
    """The edge cannot run here, or has ended."""


def configured(template: str, values: Mapping[str, str]) -> str:
    """The configuration with ``${NAME}`` replaced. Raises ``KeyError`` for a name without a value."""
    return _PLACE.sub(lambda place: values[place[1]], template)


def envoy(port: int, api_port: int, folder: Path) -> list[str]:
    """The command that runs the edge, its configuration written to the folder. Raises EdgeFailed."""
    program = shutil.which("envoy", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if program is None:
        raise EdgeFailed("envoy is not installed; the dependency group `edge` has it")
    values = {
        "LISTEN_ADDRESS": "127.0.0.1",
        "LISTEN_PORT": str(port),
        "API_SCHEME": "http",
        "API_HOST": "127.0.0.1",
        "API_PORT": str(api_port),
    }
    file = folder / "envoy.yaml"
    file.write_text(configured(CONFIGURATION.read_text(encoding="utf-8"), values), encoding="utf-8")
    return [program, "-c", str(file), "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]


def serve(port: int, api_port: int) -> None:
    """Serve until interrupted, or until one of the two programs ends. Raises EdgeFailed or ``NotListening``."""
    if listens(port):
        raise EdgeFailed(f"port {port} of 127.0.0.1 is in use; choose another with GRPC_PORT=…")
    with ExitStack() as stack:
        running = []
        if not listens(api_port):
            command = [sys.executable, "-m", "local.serve"]
            service = listening(command, api_port, environment={**os.environ, "PORT": str(api_port)})
            running.append(stack.enter_context(service))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edge-")))
        running.append(stack.enter_context(listening(envoy(port, api_port, folder), port)))
        print(
            f"gRPC answers at 127.0.0.1:{port}, in front of http://127.0.0.1:{api_port}.", file=sys.stderr, flush=True
        )
        while all(process.poll() is None for process in running):
            time.sleep(0.2)
        raise EdgeFailed("a part of it ended")


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def main() -> int:
    """Run the command: 0 when interrupted, 1 with a message on stderr when it cannot serve."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        serve(int(os.environ.get("GRPC_PORT") or DEFAULT_PORT), int(os.environ.get("PORT") or 8080))
    except (ValueError, EdgeFailed, NotListening) as error:
        print(f"make serve-grpc: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
