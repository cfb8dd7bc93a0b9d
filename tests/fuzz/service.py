"""The API's function as the fuzzers call it: on moto, with keys and hashes that cost nothing."""

from __future__ import annotations

import base64
import itertools
import json
import logging
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from fuzz.targets import PASSWORD
from harness.emulated_aws import ENVIRONMENT, moto_aws

os.environ.update(ENVIRONMENT)

from bootstrap import application, observability  # the handler reads the environment when it is imported
from fakes.key_pairs import CannedKeyPairs
from fakes.password_hashes import FakePasswordHashes
from handlers import api
from harness import moto_store
from harness.api import Context, SystemUser, event

Call = Callable[[bytes, Mapping[str, str]], dict[str, Any]]

EMPTIED_EVERY = 100
"""Calls after which the instances that were created are forgotten: moto slows down with each."""


HEADERS = [
    *({"idempotency-key": value} for value in ("", " ", "k", "k" * 256, "ä", "\x00", "a\r\nb: c")),
    *(
        {"accept-language": value}
        for value in ("de", "*;q=x", "en;q=9e99", "-" * 4000, ",".join(["de"] * 900), "\ud800")
    ),
    *({"x-credential-delivery": value} for value in ("reference", "INLINE", "")),
    *({"grpc-timeout": value} for value in ("1H", "99999999H", "1", "-1S", "１S")),
    *(
        {"content-type": value}
        for value in ("application/json", "application/grpc-web+json", "application/grpc", "\x00")
    ),
    *({"origin": value} for value in ("null", "https://a.example", "a\r\nb: c")),
    *({"x-zitadel-orgid": value} for value in ("", "1")),
    {},
]


@contextmanager
def checking_service() -> Iterator[Call]:
    """Gives what calls CreateInstance with a body, and headers besides a good token, and returns Lambda's answer."""
    user, faults = SystemUser.make(), list[Exception]()
    replaced = [
        patch.dict(os.environ, SYSTEM_USERS=user.configuration),
        patch.object(application, "RsaKeyPairs", CannedKeyPairs),
        patch.object(application, "Argon2idHashes", FakePasswordHashes),
        patch.object(observability, "_count", lambda *_, **__: None),
        patch.object(observability, "failed", faults.append),
        patch.object(api, "failed", faults.append),
    ]
    before = logging.root.manager.disable
    for each in replaced:
        each.start()
    logging.disable(logging.CRITICAL)
    numbers = itertools.count()
    bearer = f"Bearer {user.token()}"

    def call(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        if next(numbers) % EMPTIED_EVERY == 0:
            moto_store.empty()
        request = event(base64.b64encode(body).decode(), {"authorization": bearer, **headers})
        response = api.handler({**request, "isBase64Encoded": True}, Context())
        assert not faults, "a fault of ours, however it was answered"
        return response

    try:
        with moto_aws():
            yield call
    finally:
        logging.disable(before)
        for each in replaced:
            each.stop()


@contextmanager
def checking_handler() -> Iterator[Callable[[bytes], None]]:
    """Gives a check of the whole function: whatever the body, and the headers that go with it, no 5xx and no echo."""
    with checking_service() as call:

        def check(data: bytes) -> None:
            response = call(data, HEADERS[zlib.crc32(data) % len(HEADERS)])
            assert response["statusCode"] < 500, response
            assert PASSWORD not in json.dumps(response)
            if not response["isBase64Encoded"]:
                json.loads(response["body"])

        yield check
