"""Real clients create instances, read refusals and keep deadlines, each over each transport that it speaks."""

import json
import time
import uuid

import pytest

from bootstrap import clients as service_clients
from clients.programs import Wanted
from local.lifeline import ROOT

CLIENTS = [
    "curl JSON",
    "grpcio (Python) gRPC",
    "connect-node gRPC",
    "connect-node gRPC-Web",
    "connect-web (Chromium) gRPC-Web",
    "grpc-web (Chromium) gRPC-Web",
    "grpc-web (Chromium) gRPC-Web-text",
    "buf curl gRPC",
    "buf curl gRPC-Web",
]

FRENCH = ROOT / "src" / "handlers" / "locales" / "fr.json"

HELD_SECONDS = service_clients.READ_SECONDS - 0.25
"""Longer, and the service gives up by itself."""
DEADLINE_SECONDS = HELD_SECONDS - 0.25
"""In whole milliseconds: connect sends a fraction, which `grpc-timeout` cannot have, as it is."""


@pytest.fixture(params=CLIENTS)
def client(request, clients):
    return clients[request.param]


def wanted(service, **differences):
    call = {
        "request": {
            "instanceName": "Acme",
            "customDomain": f"{uuid.uuid4()}.example",
            "machine": {"userName": "admin", "name": "Zoë – 100 % €", "personalAccessToken": {}},
        },
        "metadata": {"authorization": f"Bearer {service.bearer}"},
    }
    return Wanted(**call | differences)


def test_success(client, service):
    """An instance with its token, and the same answer again for the same key, marked in the response's headers."""
    first = wanted(service)
    keyed = wanted(service, request=first.request, metadata=first.metadata | {"idempotency-key": str(uuid.uuid4())})
    created, replayed = client.call(keyed), client.call(keyed)
    assert (created.code, created.message) == (0, "")
    assert created.response["pat"].startswith("ifpat_")
    assert created.response.keys() == {"instanceId", "details", "pat"}
    assert replayed.response == created.response
    assert ("idempotent-replayed" in created.headers, replayed.headers["idempotent-replayed"]) == (False, "true")
    assert "TransactWriteItems" in service.aws.operations


def test_error(client, service):
    """Refusals with their ErrorDetail, one of them in letters that HTTP headers cannot hold, and one without."""
    first = wanted(service)
    keyed = first.metadata | {"idempotency-key": str(uuid.uuid4())}
    assert client.call(wanted(service, request=first.request, metadata=keyed)).code == 0

    taken = client.call(first)
    text = "Errors.Instance.Domain.AlreadyExists"
    assert (taken.code, taken.message) == (6, f"{text} (V3-DKcYh)")
    assert taken.details == [{"id": "V3-DKcYh", "message": text}]

    reused = client.call(wanted(service, metadata=keyed | {"accept-language": "fr"}))
    text = json.loads(FRENCH.read_text(encoding="utf-8"))["Errors.Idempotency.KeyReused"]
    assert "é" in text
    assert (reused.code, reused.message) == (9, f"{text} (IDEMP-r3use)")
    assert reused.details == [{"id": "IDEMP-r3use", "message": text}]

    anonymous = client.call(wanted(service, metadata={}))
    assert (anonymous.code, anonymous.message, anonymous.details) == (16, "auth header missing", [])


def test_deadline(client, service):
    """The client gives up while the service is at work, and then no instance comes to exist."""
    begun = len(service.aws.operations)
    with service.aws.holding("CreateSecret", HELD_SECONDS):
        assert client.call(wanted(service, seconds=DEADLINE_SECONDS)).code == 4
        ended = time.monotonic() + 60
        while "DeleteSecret" not in service.aws.operations[begun:] and time.monotonic() < ended:
            time.sleep(0.02)
    operations = service.aws.operations[begun:]
    assert "DeleteSecret" in operations
    assert "TransactWriteItems" not in operations
