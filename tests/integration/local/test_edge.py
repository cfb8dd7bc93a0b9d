"""The edge, as deployed, between a real gRPC client and whatever may stand behind it."""

import contextlib
import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import pytest

from local import edge
from local.program import listening
from wire.frames import frame

FRAMED = frame(b"\n\x011")


class Upstream(BaseHTTPRequestHandler):
    """Answers as the test says, chunked where there is no length."""

    protocol_version = "HTTP/1.1"
    answer = (200, {}, b"")
    asked = None
    given_up = threading.Event()

    def do_POST(self):
        if "chunked" in self.headers.get("transfer-encoding", ""):
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        else:
            self.rfile.read(int(self.headers.get("content-length", 0)))
        type(self).asked = {name.lower(): value for name, value in self.headers.items()}
        status, headers, body = self.answer
        if status == 0:
            self.given_up.wait(60)
            return
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def upstream():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def port(upstream, tmp_path_factory):
    port = free_port()
    with listening(edge.envoy(port, upstream, tmp_path_factory.mktemp("edge")), port):
        yield port


@pytest.fixture(scope="module")
def call(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:

        def ask(status, headers, body=b"", timeout=60.0, metadata=()):
            Upstream.answer = (status, headers, body)
            method = channel.unary_unary("/s/M", None, None)
            try:
                answer, ended = method.with_call(b"x", timeout=timeout, metadata=metadata)
            except grpc.RpcError as error:
                return error.code().value[0], error.details(), dict(error.trailing_metadata())
            return ended.code().value[0], answer, dict(ended.initial_metadata())

        yield ask


GRPC = {"content-type": "application/grpc"}


def test_a_message_arrives_with_its_metadata(call):
    code, message, metadata = call(200, {**GRPC, "grpc-status": "0", "idempotent-replayed": "true"}, FRAMED)
    assert (code, message, metadata["idempotent-replayed"]) == (0, b"\n\x011", "true")


def test_success_is_told_after_the_message_only(port):
    Upstream.answer = (200, {**GRPC, "grpc-status": "0"}, FRAMED)
    # grpcio shows no status in the headers, so they are looked at without it.
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/s/M", b"x", GRPC)
        answer = connection.getresponse()
        assert answer.read() == FRAMED
    assert answer.getheader("grpc-status") is None, "Grpc.Net.Client takes it for an answer without a message"


def test_success_without_a_message_is_none(call):
    assert call(200, {**GRPC, "grpc-status": "0"})[0] == 2


def test_metadata_that_http_does_not_like_is_left_out(call):
    code, message, _ = call(200, {**GRPC, "grpc-status": "0"}, FRAMED, metadata=[("with_underscore", "1")])
    assert (code, message) == (0, b"\n\x011")
    assert not {"with_underscore", "with-underscore"} & Upstream.asked.keys()


def test_the_service_gets_metadata_as_headers_and_the_deadline(call):
    call(
        200, {**GRPC, "grpc-status": "0"}, FRAMED, metadata=[("idempotency-key", "key"), ("authorization", "Bearer x")]
    )
    assert (Upstream.asked["idempotency-key"], Upstream.asked["authorization"]) == ("key", "Bearer x")
    assert Upstream.asked["content-type"] == "application/grpc"
    assert "grpc-timeout" in Upstream.asked


def test_a_refusal_arrives_exactly(call):
    refusal = {**GRPC, "grpc-status": "6", "grpc-message": "%C3%A9 100%25 (V3)", "grpc-status-details-bin": "CAY"}
    code, text, trailing = call(200, refusal)
    assert (code, text, trailing["grpc-status-details-bin"]) == (6, "é 100% (V3)", b"\x08\x06")


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 13), (401, 16), (403, 7), (404, 12), (408, 4), (413, 8), (418, 2), (429, 14), (500, 13), (502, 14), (503, 14), (504, 14)],
)  # fmt: skip
def test_an_error_of_api_gateway_becomes_a_status(call, status, code):
    body = b'{"message":"100% \xc3\xa9"}'
    text = f'HTTP {status}: {{"message":"100% é"}}'
    assert call(status, {"content-type": "application/json"}, body)[:2] == (code, text)


def test_an_answer_that_is_not_grpc_is_no_success(call):
    assert call(200, {"content-type": "application/json"}, b"{}")[0] == 2


def test_a_deadline_is_kept_by_the_edge(call):
    try:
        assert call(0, {}, timeout=0.3)[0] == 4
    finally:
        Upstream.given_up.set()


def test_a_service_that_is_down_is_unavailable(tmp_path):
    port = free_port()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        with (
            listening(edge.envoy(port, deaf.getsockname()[1], tmp_path), port),
            grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
            pytest.raises(grpc.RpcError) as failed,
        ):
            channel.unary_unary("/s/M", None, None)(b"x", timeout=60)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE


def test_every_place_of_the_configuration_has_to_be_filled():
    with pytest.raises(KeyError):
        edge.configured("${LISTEN_PORT}", {})
