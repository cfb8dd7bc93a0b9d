"""The service with its edge, every client before it, and the matrix of how they fared."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients.held_aws import HeldAws
from clients.programs import BufCurl, Client, Curl, OnPage, Program, generated
from harness.server import Server
from local import edge, token
from local.embedded_aws import EmbeddedAws
from local.program import listening

SCENARIOS = ("success", "error", "deadline")


@dataclass(frozen=True)
class Service:
    """A running `make serve` with the gRPC edge before it, a token for it, the AWS behind it, and its folder."""

    url: str
    grpc_port: int
    bearer: str
    aws: HeldAws
    state: Path

    @property
    def grpc_url(self) -> str:
        """Where the edge takes gRPC, HTTP/2 without TLS."""
        return f"http://127.0.0.1:{self.grpc_port}"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service that all clients call."""
    folder = tmp_path_factory.mktemp("service")
    with ExitStack() as stack:
        embedded = stack.enter_context(EmbeddedAws(folder / "aws.log"))
        aws = stack.enter_context(HeldAws(embedded.endpoint))
        server = Server(folder, **embedded.environment({}) | {"AWS_ENDPOINT_URL": aws.endpoint})
        stack.callback(server.end)
        port, grpc_port = server.port(), _free_port()
        stack.enter_context(listening(edge.envoy(grpc_port, port, folder), grpc_port))
        url = f"http://127.0.0.1:{port}"
        yield Service(url, grpc_port, token.sign("local-admin", server.key, url), aws, folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def clients(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    """Every client by its name and transport, ready to call."""
    with ExitStack() as stack:

        def started(*command: str, **environment: str) -> Program:
            return stack.enter_context(Program(*command, **environment))

        page = started("node", "page_driver.mjs", service.url)
        yield {
            "curl JSON": Curl(service.url),
            "grpcio (Python) gRPC": started(
                sys.executable, "grpcio_client.py", f"127.0.0.1:{service.grpc_port}",
                PYTHONPATH=str(generated(tmp_path_factory.mktemp("generated"))),
            ),
            "connect-node gRPC": started("node", "node_client.mjs", "grpc", service.grpc_url),
            "connect-node gRPC-Web": started("node", "node_client.mjs", "grpc-web", service.url),
            "connect-web (Chromium) gRPC-Web": OnPage(page, "connect-web"),
            "grpc-web (Chromium) gRPC-Web": OnPage(page, "grpc-web"),
            "grpc-web (Chromium) gRPC-Web-text": OnPage(page, "grpc-web-text"),
            "buf curl gRPC": BufCurl("grpc", service.grpc_url),
            "buf curl gRPC-Web": BufCurl("grpcweb", service.url),
        }  # fmt: skip


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print client × transport × scenario, read off the names of the tests."""
    cells: dict[str, dict[str, str]] = {}
    for word, verdict in (("passed", "right"), ("failed", "WRONG"), ("error", "WRONG")):
        for report in terminalreporter.getreports(word):
            name, _, parameter = report.nodeid.partition("::test_")[2].removesuffix("]").partition("[")
            if name in SCENARIOS:
                cells.setdefault(parameter, {})[name] = verdict
    if cells:
        terminalreporter.write_sep("=", "clients")
        terminalreporter.write_line(_row("client", "transport", *SCENARIOS))
    for parameter, verdicts in cells.items():
        client, _, transport = parameter.rpartition(" ")
        terminalreporter.write_line(_row(client, transport, *(verdicts.get(scenario, "-") for scenario in SCENARIOS)))


def _row(client: str, transport: str, *verdicts: str) -> str:
    return f"{client:<28}{transport:<16}" + "".join(f"{verdict:<10}" for verdict in verdicts)
