"""`sam local start-api`: SAM in API Gateway's place, one container for all requests."""

from __future__ import annotations

import base64
import http.client
import json
import struct
import subprocess
import time
import uuid
from urllib.parse import urlsplit

import pytest

from harness.api import MACHINE
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest, CreateInstanceResponse

JSON_PATH = "/system/v1/instances/_create"
GRPC_PATH = "/zitadel.system.v1.SystemService/CreateInstance"


@pytest.fixture(scope="module")
def api(sam):
    with sam.serving("start-api", "--warm-containers", "LAZY") as url:
        yield url


def curl(url, *arguments):
    """The status, the headers with names in lower case, and the body."""
    command = ["curl", "--silent", "--show-error", "--max-time", "60", "--include", *arguments, url]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    head, _, body = said.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, body


@pytest.fixture
def create(api, bearer):
    """Create an instance with curl and JSON."""

    def create(request, *headers):
        given = [f"Authorization: Bearer {bearer}", "Content-Type: application/json", *headers]
        arguments = [part for header in given for part in ("--header", header)]
        status, answered, body = curl(f"{api}{JSON_PATH}", *arguments, "--data", json.dumps(request))
        return status, answered, json.loads(body)

    return create


def test_an_instance_exists_and_its_credentials_are_kept(create, aws):
    status, _, created = create(MACHINE)
    assert status == 200, created
    key = json.loads(base64.b64decode(created["machineKey"]))
    assert key["type"] == "serviceaccount"
    secret = aws.client("secretsmanager").get_secret_value(
        SecretId=f"instance-foundry/local/instances/{created['instanceId']}"
    )
    assert json.loads(secret["SecretString"])["pat"] == created["pat"]
    dynamodb, table = aws.client("dynamodb"), "instance-foundry-local"
    key = {"pk": {"S": f"INSTANCE#{created['instanceId']}"}, "sk": {"S": "INSTANCE"}}
    assert "Item" in dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
    assert created["pat"] not in repr(dynamodb.scan(TableName=table, ConsistentRead=True)["Items"])


def test_a_repeat_is_answered_with_the_same(create):
    key = f"Idempotency-Key: {uuid.uuid4()}"
    (_, _, first), (_, headers, second) = create(MACHINE, key), create(MACHINE, key)
    assert first == second
    assert headers["idempotent-replayed"] == "true"


def test_a_domain_is_taken_once(create):
    request = {**MACHINE, "customDomain": f"{uuid.uuid4().hex}.example"}
    assert create(request)[0] == 200
    status, _, refusal = create(request)
    assert (status, refusal["code"]) == (409, 6)
    assert refusal["details"][0]["id"] == "V3-DKcYh"


def test_a_caller_without_a_token_is_refused(api):
    status, _, body = curl(f"{api}{JSON_PATH}", "--data", "{}")
    assert (status, json.loads(body)["code"]) == (401, 16)


def framed(message):
    return struct.pack(">BI", 0, len(message)) + message


class GrpcWeb:
    """A client of gRPC-Web, written from the protocol's description: it shares no code with the service's own framing."""

    def __init__(self, url, bearer):
        self._address = urlsplit(url).netloc
        self._bearer = bearer

    def call(self, message, content_type="application/grpc-web+proto"):
        """The status, the answer if there is one, and the trailers, from the body or, where there is none, the headers."""
        body = framed(message)
        if "-text" in content_type:
            body = base64.b64encode(body)
        connection = http.client.HTTPConnection(self._address, timeout=60)
        headers = {"Content-Type": content_type, "Accept": content_type, "Authorization": f"Bearer {self._bearer}"}
        connection.request("POST", GRPC_PATH, body, headers)
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["Content-Type"] == content_type
        answer = response.read()
        connection.close()
        if "-text" in content_type:
            answer = base64.b64decode(answer)
        if not answer:
            return int(response.headers["grpc-status"]), None, response.headers
        flag, length = struct.unpack(">BI", answer[:5])
        payload, rest = answer[5 : 5 + length], answer[5 + length :]
        trailer_flag, trailer_length = struct.unpack(">BI", rest[:5])
        assert (flag, trailer_flag, trailer_length) == (0, 0x80, len(rest) - 5)
        trailers = dict(line.split(":", 1) for line in rest[5:].decode().split("\r\n") if line)
        return int(trailers["grpc-status"]), payload, trailers


@pytest.fixture
def grpc_web(api, bearer):
    return GrpcWeb(api, bearer)


@pytest.mark.parametrize(
    "content_type", ["application/grpc-web+proto", "application/grpc-web", "application/grpc-web-text"]
)
def test_grpc_web_carries_bytes_both_ways(grpc_web, content_type):
    message = CreateInstanceRequest(instance_name="Acme", machine={"user_name": "admin", "name": "Ünï" * 40})
    message.machine.machine_key.type = 1
    request = message.SerializeToString()
    with pytest.raises(UnicodeDecodeError):
        framed(request).decode()
    status, payload, trailers = grpc_web.call(request, content_type)
    assert status == 0, trailers
    answer = CreateInstanceResponse.FromString(payload)
    assert answer.instance_id.isdecimal()
    assert json.loads(answer.machine_key)["type"] == "serviceaccount"


def test_grpc_web_says_what_is_wrong(grpc_web):
    status, payload, trailers = grpc_web.call(CreateInstanceRequest().SerializeToString())
    assert (status, payload) == (3, None)
    assert trailers["grpc-message"].startswith("invalid CreateInstanceRequest.InstanceName")


def test_nothing_secret_is_logged(create, sam, bearer):
    _, _, created = create(MACHINE)
    deadline = time.monotonic() + 60  # SAM passes on what a container says, some time
    while created["instanceId"] not in (said := sam.said()):
        assert time.monotonic() < deadline, "it does log"
        time.sleep(0.05)
    assert created["pat"] not in said
    assert created["machineKey"][:40] not in said
    assert bearer not in said
