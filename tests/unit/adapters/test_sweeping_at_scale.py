"""A sweep of ten thousand secrets, in pages as Secrets Manager makes them: full, short and empty."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from adapters.clock import SystemClock
from adapters.secrets_manager import PAGE_SIZE
from bootstrap import application, clients
from domain.sweep_secrets import Sweep, sweep_secrets
from harness.creations import FAR_AWAY
from harness.emulated_aws import SECRETS_PREFIX, TABLE, forget_application

SECRETS = 10_000
ORPHANED = range(7, SECRETS, 20)
LONG_AGO = 1_700_000_000


class Aws:
    """What the sweeper calls, behind botocore's wire; every twentieth secret belongs to no instance."""

    def __init__(self) -> None:
        self.secrets = {f"arn:{number}": f"{SECRETS_PREFIX}/{number:027}" for number in range(SECRETS)}
        self.pages = 0
        self.looked_up = 0
        self._sizes = itertools.cycle((PAGE_SIZE, 0, PAGE_SIZE - 1, 1))

    def __call__(self, request: Any, **_event: object) -> AWSResponse:
        operation = bytes(request.headers["X-Amz-Target"]).decode().rsplit(".")[-1]
        answer = json.dumps(getattr(self, operation)(json.loads(request.body))).encode()
        raw: Any = HTTPResponse(io.BytesIO(answer), preload_content=False)
        return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.1"}, raw)

    def ListSecrets(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 # AWS's name
        first = int(request.get("NextToken", "0").split(" ")[0])
        size = next(self._sizes)
        assert size <= request["MaxResults"] == PAGE_SIZE
        assert request["SortOrder"] == "desc", "the newest first"
        self.pages += 1
        page = list(self.secrets.items())[first : first + size]
        more = {"NextToken": f"{first + size} {self.pages}"} if first + size < len(self.secrets) else {}
        return {"SecretList": [{"ARN": arn, "Name": name, "CreatedDate": LONG_AGO} for arn, name in page], **more}

    def BatchGetItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 # AWS's name
        keys = request["RequestItems"][TABLE]["Keys"]
        assert len(keys) <= 100
        self.looked_up += len(keys)
        numbers = [int(key["pk"]["S"].removeprefix("INSTANCE#")) for key in keys]
        items = [
            {"pk": key["pk"], "secret_arn": {"S": f"arn:{number}"}}
            for key, number in zip(keys, numbers, strict=True)
            if number not in ORPHANED
        ]
        return {"Responses": {TABLE: items}, "UnprocessedKeys": {}}

    def DeleteSecret(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 # AWS's name
        del self.secrets[request["SecretId"]]
        return {}


@pytest.fixture
def aws() -> Iterator[Aws]:
    forget_application()
    result = Aws()
    for client in (clients.dynamodb(), clients.secretsmanager()):
        client.meta.events.register("before-send", result)
    yield result
    forget_application()


def sweep() -> Sweep:
    return sweep_secrets(application.stored_secrets(), application.instances(), SystemClock(), FAR_AWAY, dry_run=False)


def test_ten_thousand_secrets_are_swept_page_by_page(aws: Aws) -> None:
    orphans = tuple(f"arn:{number}" for number in ORPHANED)
    assert sweep() == Sweep(SECRETS, orphans, len(orphans), complete=True)
    assert aws.looked_up == SECRETS
    assert aws.pages == 2 * SECRETS / PAGE_SIZE
    assert not aws.secrets.keys() & set(orphans)
    assert sweep() == Sweep(SECRETS - len(orphans), (), 0, complete=True)
