"""Envoy with the very command of its container: only the address, and whom it trusts, are this machine's."""

from __future__ import annotations

import contextlib
import datetime
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.program import listening
from wire.frames import frame

ENVOY = Path(sys.executable).parent / "envoy"
SYSTEM_TRUST = "/etc/ssl/certs/ca-certificates.crt"


class Api(BaseHTTPRequestHandler):
    """An HTTP API behind TLS that notes what it was asked, and by which name."""

    protocol_version = "HTTP/1.1"
    asked = None

    def do_POST(self):
        while size := int(self.rfile.readline(), 16):
            self.rfile.read(size + 2)
        self.rfile.readline()
        type(self).asked = self.headers
        body = frame(b"\n\x011")
        self.send_response(200)
        for name, value in {
            "content-type": "application/grpc",
            "grpc-status": "0",
            "content-length": str(len(body)),
            "apigw-requestid": "request-1",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def certificate(host: str, file: Path) -> Path:
    """A key and a certificate for the host that is its own issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now, hour = datetime.datetime.now(datetime.UTC), datetime.timedelta(hours=1)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - hour, now + hour)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@contextlib.contextmanager
def api(pem: Path):
    """The API with this certificate; gives its port and the names that it was greeted with."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, names
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def deployed(arguments, api_port: int, trusted: Path, log: Path):
    """The edge as a task runs it, in front of the API at that port; gives a channel to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    *options, configuration = arguments(
        LISTEN_ADDRESS="127.0.0.1", LISTEN_PORT=str(port), API_HOST="localhost", API_PORT=str(api_port)
    )
    assert configuration.count(SYSTEM_TRUST) == 1
    command = [str(ENVOY), *options, configuration.replace(SYSTEM_TRUST, str(trusted))]
    with (
        log.open("wb") as output,
        listening(command, port, output=output.fileno()),
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield channel


def create(channel: grpc.Channel):
    method = channel.unary_unary("/zitadel.system.v1.SystemService/CreateInstance", None, None)
    return method(b"x", timeout=60, metadata=[("authorization", "Bearer secret-1"), ("idempotency-key", "secret-2")])


def health(channel: grpc.Channel) -> grpc.StatusCode:
    """What the load balancer is told; an error whatever it is, as ALB's path is no method of ours."""
    with pytest.raises(grpc.RpcError) as answered:
        channel.unary_unary("/AWS.ALB/healthcheck", None, None)(b"", timeout=60)
    return answered.value.code()


def test_envoy_accepts_the_command(arguments):
    assert ENVOY.exists(), "the dependency group `edge` has it"
    if not Path(SYSTEM_TRUST).exists():
        pytest.skip("this machine keeps the certificates it trusts elsewhere than Envoy's image")
    validated = subprocess.run([ENVOY, "--mode", "validate", *arguments()], capture_output=True, text=True, check=False)
    assert validated.returncode == 0, validated.stderr


@pytest.fixture(scope="module")
def running(arguments, tmp_path_factory):
    """The edge in front of the API it trusts: a channel, the log, and the names by which the API was greeted."""
    folder = tmp_path_factory.mktemp("running")
    pem, log = certificate("localhost", folder / "api.pem"), folder / "log"
    with api(pem) as (port, greeted), deployed(arguments, port, pem, log) as channel:
        yield channel, log, greeted


def test_the_load_balancer_finds_a_task_healthy_without_asking_the_api(running):
    Api.asked = None
    assert health(running[0]) is grpc.StatusCode.UNIMPLEMENTED
    assert Api.asked is None


def test_a_call_reaches_the_api_over_tls_by_its_own_name(running):
    channel, _, greeted = running
    assert create(channel) == b"\n\x011"
    assert set(greeted) == {"localhost"}
    assert Api.asked["host"] == "localhost"
    assert Api.asked["authorization"] == "Bearer secret-1"


def test_a_call_is_logged_without_anything_secret(running):
    channel, log, _ = running
    health(channel)
    create(channel)
    deadline = time.monotonic() + 60  # Envoy writes what it has every ten seconds, and when it ends
    while not (lines := [line for line in log.read_text().split("\n")[:-1] if line.startswith("{")]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    line = lines[-1]
    assert "healthcheck" not in log.read_text()
    told = json.loads(line)
    assert (told["method"], told["path"]) == ("POST", "/zitadel.system.v1.SystemService/CreateInstance")
    assert (told["status"], told["grpcStatus"], told["apiRequestId"]) == (200, 0, "request-1")
    assert "secret-" not in line


@pytest.mark.parametrize("impostor", ["of another name", "of an unknown issuer"])
def test_an_impostor_gets_no_call(arguments, tmp_path, impostor):
    shown = certificate("elsewhere" if impostor == "of another name" else "localhost", tmp_path / "shown.pem")
    trusted = shown if impostor == "of another name" else certificate("localhost", tmp_path / "trusted.pem")
    Api.asked = None
    with (
        api(shown) as (port, _),
        deployed(arguments, port, trusted, tmp_path / "log") as channel,
        pytest.raises(grpc.RpcError) as failed,
    ):
        create(channel)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    assert Api.asked is None


def test_nobody_can_administrate_envoy(arguments):
    configuration = yaml.safe_load(arguments()[-1])
    assert "admin" not in configuration
    assert len(configuration["static_resources"]["listeners"]) == 1
