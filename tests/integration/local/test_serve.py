"""`make serve` and `make demo` as a developer runs them, with the real handler."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from harness.server import Server
from local import demo, serve, token
from local.demo import event
from local.embedded_aws import EmbeddedAws
from local.lifeline import ROOT
from local.serve import audiences

EVENTS = sorted((ROOT / "events").glob("*.json"))


def ask(port, method, target, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def create(port, bearer, **machine):
    machine = {"userName": "admin", "name": "Admin", **machine}
    body = json.dumps({"instanceName": "Acme", "machine": machine})
    return ask(
        port, "POST", "/system/v1/instances/_create", body,
        Authorization=f"Bearer {bearer}", Content_Type="application/json",
    )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory, children, gone):
    server = Server(tmp_path_factory.mktemp("serve"))
    server.port()
    family = children(server.process.pid)
    assert len(family) == 3  # the AWS and two environments
    yield server
    assert server.end(signal.SIGTERM) == 0
    assert gone(family)


@pytest.fixture(scope="module")
def bearer(server):
    return token.sign("local-admin", server.key, audiences(server.port())[0])


def test_it_is_ready_when_it_says_so(server):
    assert ask(server.port(), "GET", "/healthz") == (200, {})
    assert (server.state / "system-user.pem").stat().st_mode & 0o777 == 0o600


def test_it_has_a_page_that_loads_nothing_from_elsewhere(server):
    status, headers, html = fetch(server.port(), "/docs")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["content-security-policy"].startswith("default-src 'self'; ")
    loaded = re.findall(r'(?:src|href)="([^"]*)"', html.decode())
    assert len(loaded) == 4
    for path in [*loaded, "/docs/openapi.json"]:
        status, headers, body = fetch(server.port(), path)
        assert (status, len(body) > 0) == (200, True), path
        assert headers["content-type"].startswith(("text/css", "text/javascript", "image/png", "application/json"))


def fetch(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_it_listens_on_loopback_alone(server):
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", server.port())) != 0


def test_it_creates_an_instance_with_credentials(server, bearer):
    status, answer = create(server.port(), bearer, personalAccessToken={}, machineKey={"type": "KEY_TYPE_JSON"})
    assert status == 200
    assert answer.keys() == {"instanceId", "details", "pat", "machineKey"}


def test_it_takes_tokens_for_each_of_its_addresses_and_no_others(server):
    port = server.port()
    for audience in (f"http://127.0.0.1:{port}", "http://127.0.0.1:8080", f"http://localhost:{port}"):
        assert create(port, token.sign("local-admin", server.key, audience))[0] == 200
    assert create(port, token.sign("local-admin", server.key, "http://127.0.0.1:1"))[0] == 401
    assert create(port, token.sign("local-admin", token.make_key_pair()[0], audiences(port)[0]))[0] == 401


def test_many_at_once_get_an_instance_each(server, bearer):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: create(server.port(), bearer), range(8)))
    assert [status for status, _ in answers] == [200] * 8
    assert len({answer["instanceId"] for _, answer in answers}) == 8


@pytest.fixture
def signals(monkeypatch):
    """Leave this process's own signal handlers alone."""
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)


def test_the_port_in_use_is_said_clearly(server, signals, monkeypatch, capsys):
    monkeypatch.setenv("PORT", str(server.port()))
    assert serve.main([]) == 1
    assert f"port {server.port()} of 127.0.0.1 is in use" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("PORT", "70000"), ("WORKERS", "-1")])
def test_a_wrong_setting_is_said_clearly(signals, monkeypatch, capsys, name, value):
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv(name, value)
    assert serve.main([]) == 1
    assert f"{name}='{value}'" in capsys.readouterr().err


def test_the_function_gets_no_more_of_the_environment_than_on_lambda():
    given = {"PATH": "/bin", "AWS_PROFILE": "p", "https_proxy": "x", "TABLE_NAME": "mine", "GITHUB_TOKEN": "t"}
    kept = serve.process_environment(given)
    assert kept == {"PATH": "/bin", "AWS_PROFILE": "p", "https_proxy": "x", "PYTHONPATH": f"{ROOT}/src:{ROOT}"}


def test_it_leaves_no_child_behind_even_when_killed(tmp_path, children, gone):
    server = Server(tmp_path)
    port = server.port()
    family = children(server.process.pid)
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    assert gone(family)
    with socket.socket() as connection:
        assert connection.connect_ex(("127.0.0.1", port)) != 0


def test_a_signal_while_it_starts_ends_it_cleanly(tmp_path, children, gone):
    server = Server(tmp_path)
    deadline = time.monotonic() + 60
    while not (family := children(server.process.pid)) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert family
    assert server.end() == 0
    assert gone(family)


def test_the_aws_of_the_environment_is_used(tmp_path, children):
    with EmbeddedAws(tmp_path / "aws.log") as aws:
        server = Server(tmp_path, **aws.environment({}))
        port = server.port()
        assert len(children(server.process.pid)) == 2  # no AWS of its own
        assert create(port, token.sign("local-admin", server.key, audiences(port)[0]))[0] == 200
        assert server.end(signal.SIGINT) == 0
        client = boto3.client(
            "dynamodb", endpoint_url=aws.endpoint, region_name="us-east-1",
            aws_access_key_id="x", aws_secret_access_key="x",
        )  # fmt: skip
        assert client.scan(TableName="instance-foundry-local", Select="COUNT")["Count"] > 0
        client.close()


def test_the_demo_prints_the_answer_alone():
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    state = Path(ROOT / ".local" / "system-user.pem")
    before = state.stat() if state.exists() else None
    ran = subprocess.run(
        [sys.executable, "-m", "local.demo"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout).keys() == {"instanceId", "details", "pat", "machineKey"}
    assert (state.stat() if state.exists() else None) == before


def test_the_demo_fails_when_no_instance_was_created(monkeypatch, capsys):
    monkeypatch.setattr(demo, "answer", lambda file: {"statusCode": 400, "body": "why"})
    assert demo.main() == 1
    assert capsys.readouterr() == ("", "make demo: no instance was created: 400 why\n")


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_each_event_is_what_the_gateway_sends(file):
    loaded = event(file, "a.b.c")
    headers, http_context = loaded["headers"], loaded["requestContext"]["http"]
    assert loaded["version"] == "2.0"
    assert headers["authorization"] == "Bearer a.b.c"
    assert headers["content-length"] == str(len(loaded["body"].encode()))
    assert headers["host"] == loaded["requestContext"]["domainName"]
    assert all(name == name.lower() for name in headers)
    assert loaded["rawPath"] == http_context["path"] == "/system/v1/instances/_create"
    assert json.loads(loaded["body"])
    assert not loaded["isBase64Encoded"]


def test_the_events_are_answered_as_their_names_say(server, bearer):
    for file in EVENTS:
        loaded = event(file, bearer)
        kept = {
            name: loaded["headers"][name] for name in loaded["headers"] if name in {"authorization", "idempotency-key"}
        }
        status, _ = ask(server.port(), "POST", loaded["rawPath"], loaded["body"], **kept)
        assert status == (400 if file.stem == "create-invalid" else 200), file
