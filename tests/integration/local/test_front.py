"""The HTTP front over a real socket, with a stand-in function behind it."""

import base64
import contextlib
import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from local import gateway
from local.front import Front
from local.lambda_pool import LambdaPool
from local.serve import http_server, listen

SIZE = 3


@contextlib.contextmanager
def serving(function, integration_seconds=60.0):
    """A server with as many environments as SIZE, and its port."""
    with listen(0) as listener, LambdaPool(function, SIZE) as pool:
        port = listener.getsockname()[1]
        server = http_server(Front(pool, size=SIZE, port=port, integration_seconds=integration_seconds))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield server, port
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def served(stand_in):
    with serving(stand_in()) as served:
        yield served


@pytest.fixture(scope="module")
def port(served):
    return served[1]


def connected(port):
    return contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=90))


@pytest.fixture
def client(port):
    with connected(port) as connection:
        yield connection


def ask(client, method, target, body=None, headers=None):
    client.request(method, target, body, headers or {})
    response = client.getresponse()
    return response, response.read()


def raw(port, request):
    """What the server answers to these very bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_health_is_answered_by_the_front_itself(client):
    response, body = ask(client, "GET", "/healthz")
    assert (response.status, body) == (200, b"{}")
    assert response.headers["apigw-requestid"] is None
    for method, target in [("POST", "/healthz"), ("GET", "/healthz/"), ("GET", "/system/v1/healthz")]:
        response, body = ask(client, method, target)
        assert json.loads(body)["event"]["rawPath"] == target


def test_a_request_reaches_the_function_as_an_event(client, port):
    response, body = ask(
        client, "POST", "/a%20b?x=1&x=%C3%A9", b'{"a":"\xc3\xa9"}', {"Content-Type": "application/json"}
    )
    event = json.loads(body)["event"]
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert event["rawPath"] == "/a b"
    assert event["rawQueryString"] == "x=1&x=%C3%A9"
    assert event["queryStringParameters"] == {"x": "1,é"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"a":"é"}', False)
    assert event["headers"]["host"] == f"127.0.0.1:{port}"
    assert event["headers"]["x-forwarded-port"] == str(port)
    assert event["requestContext"]["requestId"] == response.headers["apigw-requestid"]
    assert abs(event["requestContext"]["timeEpoch"] / 1000 - time.time()) < 60
    assert event["requestContext"]["http"]["protocol"] == "HTTP/1.1"


def test_bytes_pass_both_ways(client):
    sent = bytes(range(256)) * 40
    response, body = ask(client, "POST", "/body", sent, {"Content-Type": "application/grpc-web+proto"})
    assert (response.status, response.headers["content-type"], body) == (200, "application/octet-stream", sent)


def test_a_chunked_body_arrives_whole(client):
    chunks = iter([b"one ", b"two ", b"x" * 70_000])
    client.request("POST", "/echo", chunks, {"Content-Type": "text/plain"}, encode_chunked=True)
    event = json.loads(client.getresponse().read())["event"]
    assert event["body"] == "one two " + "x" * 70_000
    assert event["headers"]["content-length"] == "70008"
    assert "transfer-encoding" not in event["headers"]


def test_repeated_headers_and_cookies(port):
    request = b"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1; b=2\r\nConnection: close\r\n\r\n"
    event = json.loads(raw(port, request).partition(b"\r\n\r\n")[2])["event"]
    assert event["headers"]["x-a"] == "1,2"
    assert event["cookies"] == ["a=1", "b=2"]


def test_a_connection_serves_many_requests(client):
    ask(client, "GET", "/echo")
    local = client.sock.getsockname()
    for target in ("/missing", "/echo", "/raise", "/cookies", "/echo"):
        ask(client, "GET", target)
        assert client.sock is not None
        assert client.sock.getsockname() == local


def test_an_answer_waits_for_no_acknowledgement(client, served):
    ask(client, "GET", "/healthz")
    connections = served[0].server_state.connections.copy()
    (ours,) = (each.transport for each in connections if each.client == client.sock.getsockname())
    assert ours.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_requests_on_one_connection_are_answered_in_their_order(port):
    one = b"GET /echo?%d HTTP/1.1\r\nHost: h\r\n%s\r\n"
    answer = raw(port, one % (1, b"") + one % (2, b"") + one % (3, b"Connection: close\r\n"))
    assert [found in answer for found in (b'"rawQueryString": "1"', b'"rawQueryString": "3"')] == [True, True]
    assert answer.index(b'"rawQueryString": "1"') < answer.index(b'"rawQueryString": "2"')


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "POST"])
def test_every_method_reaches_the_function(client, method):
    response, body = ask(client, method, "/echo")
    assert response.status == 200
    if method == "HEAD":
        assert body == b""
    else:
        assert json.loads(body)["event"]["requestContext"]["http"]["method"] == method


def test_what_the_function_answers_is_what_the_client_gets(client):
    response, body = ask(client, "GET", "/missing")
    assert (response.status, body) == (404, b'{"code":5}')
    response, body = ask(client, "GET", "/cookies")
    assert (response.status, body) == (204, b"")
    assert response.headers.get_all("set-cookie") == ["a=1", "b=2; Path=/"]
    assert response.headers.get_all("x-many") == ["1", "2"]
    assert response.headers["content-length"] is None


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        ("/raise", 500, "Internal Server Error"),
        ("/exit", 500, "Internal Server Error"),
        ("/malformed", 500, "Internal Server Error"),
        ("/unserializable", 500, "Internal Server Error"),
    ],
)
def test_a_function_that_fails_is_answered_by_the_gateway(client, target, status, message):
    response, body = ask(client, "GET", target)
    assert (response.status, json.loads(body)) == (status, {"message": message})
    response, _ = ask(client, "GET", "/echo")
    assert response.status == 200


def test_requests_run_at_the_same_time(port, tmp_path):
    with ThreadPoolExecutor(SIZE) as threads:
        statuses = list(threads.map(get(port), [f"/meet?number={SIZE}&folder={quote(str(tmp_path))}"] * SIZE))
    assert statuses == [200] * SIZE


def test_a_function_that_takes_too_long_is_answered_by_the_gateway(stand_in):
    with serving(stand_in(timeout=2.0)) as (_, port), connected(port) as client:
        response, body = ask(client, "GET", "/sleep?600")
        assert (response.status, json.loads(body)) == (503, {"message": "Service Unavailable"})
        assert ask(client, "GET", "/echo")[0].status == 200


def test_a_client_does_not_wait_longer_than_the_gateway_does(stand_in, tmp_path):
    """Neither for a function that is at work nor for one that is not free yet."""
    with serving(stand_in(), integration_seconds=2.0) as (_, port), ThreadPoolExecutor(2 * SIZE) as threads:
        meeting = f"/meet?number={SIZE + 1}&folder={quote(str(tmp_path))}"
        assert list(threads.map(get(port), [meeting] * 2 * SIZE)) == [503] * 2 * SIZE
        (tmp_path / "the other").touch()
        assert 200 in (get(port)("/echo") for _ in range(20))


def get(port):
    """Request a target on a connection of its own; the status."""

    def status(target):
        with connected(port) as client:
            return ask(client, "GET", target)[0].status

    return status


def test_a_server_that_ends_finishes_what_it_has_begun(stand_in, tmp_path):
    with serving(stand_in()) as (server, port), ThreadPoolExecutor(1) as threads:
        begun = threads.submit(get(port), f"/meet?number=2&folder={quote(str(tmp_path))}")
        while not any(tmp_path.iterdir()):
            assert not begun.done()
            time.sleep(0.01)
        server.should_exit = True
        (tmp_path / "the other").touch()
        assert begun.result() == 200


def test_a_body_above_the_quota_is_refused_before_the_function(client, port):
    response, body = ask(client, "POST", "/body", b"x" * (gateway.BODY_LIMIT + 1))
    assert (response.status, json.loads(body)) == (413, {"message": "Request Entity Too Large"})
    head = f"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: {gateway.BODY_LIMIT + 1}\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_exactly_the_quota_passes(client):
    sent = b"x" * gateway.BODY_LIMIT
    response, body = ask(client, "POST", "/body", sent)
    assert response.status == 200
    assert len(body) == len(sent)


def test_a_client_that_goes_away_before_it_has_sent_everything_harms_nobody(client, port):
    with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
    assert ask(client, "GET", "/echo")[0].status == 200


def test_what_is_no_http_is_refused(port):
    assert raw(port, b"\x16\x03\x01\x02\x00").startswith(b"HTTP/1.1 400 ")


def test_base64_text_stays_text(client):
    text = base64.b64encode(b"\x00\xff").decode()
    _, body = ask(client, "POST", "/echo", text, {"Content-Type": "text/plain"})
    event = json.loads(body)["event"]
    assert (event["body"], event["isBase64Encoded"]) == (text, False)
