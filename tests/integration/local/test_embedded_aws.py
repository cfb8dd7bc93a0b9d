"""The embedded AWS is reachable from this machine alone, and never outlives who started it."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from local import lifeline
from local.embedded_aws import EmbeddedAws, StartFailed


@pytest.fixture
def log(tmp_path):
    return tmp_path / "logs" / "aws.log"


def listening(pid):
    """Local addresses of the TCP sockets on which the process listens, as /proc/net prints them."""
    if not Path("/proc/net/tcp").exists():
        pytest.skip("needs Linux's /proc")
    links = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            links.append(str(fd.readlink()))
    inodes = {found[1] for found in (re.fullmatch(r"socket:\[(\d+)]", link) for link in links) if found}
    rows = [
        row.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for row in Path(table).read_text().splitlines()[1:]
    ]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]


def test_it_listens_on_one_port_of_loopback_and_nowhere_else(log):
    with EmbeddedAws(log) as aws:
        port = int(aws.endpoint.rpartition(":")[2])
        assert listening(aws.pid) == [f"0100007F:{port:04X}"]


def test_it_answers_while_the_context_lasts_and_then_is_gone(log, gone):
    with EmbeddedAws(log) as aws:
        pid, port = aws.pid, int(aws.endpoint.rpartition(":")[2])
        client = boto3.client(
            "dynamodb", endpoint_url=aws.endpoint, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}),
            aws_access_key_id="x", aws_secret_access_key="x",
        )  # fmt: skip
        assert client.list_tables()["TableNames"] == []
        client.close()
    assert gone([pid])
    with socket.socket() as connection:
        assert connection.connect_ex(("127.0.0.1", port)) != 0
    assert log.read_text()
    with pytest.raises(RuntimeError, match="not running"):
        _ = EmbeddedAws(log).pid


PARENT = """
import sys
from pathlib import Path
from local.embedded_aws import EmbeddedAws
with EmbeddedAws(Path(sys.argv[1])) as aws:
    print(aws.pid, flush=True)
    sys.stdin.read()
"""


def test_it_dies_with_a_parent_that_is_killed(log, gone):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(log)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=lifeline.ROOT
    )
    with parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone([pid])


def test_one_that_does_not_start_says_where_to_look(log, monkeypatch, children):
    before = children(os.getpid())
    start = lifeline.start
    monkeypatch.setattr(lifeline, "start", lambda module, *rest, **kept: start("no_such_module", *rest, **kept))
    with pytest.raises(StartFailed, match=str(log)), EmbeddedAws(log):
        pytest.fail("it started")
    assert "no_such_module" in log.read_text()
    assert set(children(os.getpid())) <= set(before)


def test_nothing_of_the_developers_reaches_it(log, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-developers")
    monkeypatch.setenv("PERSIST_STATE", "1")
    with EmbeddedAws(log) as aws:
        environment = Path(f"/proc/{aws.pid}/environ").read_bytes()
    assert b"the-developers" not in environment
    assert b"PERSIST_STATE" not in environment
    assert b"DOCKER_HOST=unix:///dev/null/" in environment


def test_clients_can_reach_no_other_aws(monkeypatch, log):
    developers = {
        "AWS_ENDPOINT_URL_DYNAMODB": "https://real.example",
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_SECRET_ACCESS_KEY": "real",
        "HTTP_PROXY": "http://proxy.example",
        "NO_PROXY": "corp.example",
        "PATH": "/bin",
    }
    seen = EmbeddedAws(log).environment(developers)
    assert {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE", "AWS_SESSION_TOKEN"}.isdisjoint(seen)
    assert "real" not in seen.values()
    assert seen["NO_PROXY"] == seen["no_proxy"] == "corp.example,127.0.0.1,localhost"
    assert seen["AWS_CONFIG_FILE"] == seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert seen["PATH"] == "/bin"


def test_adopting_it_changes_this_process(monkeypatch, log):
    monkeypatch.setattr(os, "environ", {"AWS_PROFILE": "production", "PATH": "/bin"})
    with EmbeddedAws(log) as aws:
        aws.adopt()
        assert os.environ["AWS_ENDPOINT_URL"] == aws.endpoint
        assert "AWS_PROFILE" not in os.environ
