"""The service with all the callers of the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance import records
from conformance.callers import Callers
from conformance.grpc_transport import GRPC, WEB, WEB_TEXT, GrpcTransport
from conformance.json_transport import JsonTransport
from harness.api import Api, SystemUser
from harness.emulated_aws import forget_application


@pytest.fixture(scope="session")
def callers(caller: SystemUser) -> Callers:
    """The system users of the table."""
    return Callers(caller.private_key)


@pytest.fixture(scope="module")
def known_callers(shared_api: Api, callers: Callers) -> Iterator[Callers]:
    """The same, once the deployment knows them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYSTEM_USERS", callers.configuration)
        forget_application()
        yield callers


@pytest.fixture(scope="module")
def json_transport(shared_api: Api, known_callers: Callers) -> JsonTransport:
    """The service over JSON."""
    return JsonTransport(shared_api, known_callers)


@pytest.fixture(scope="module", params=[GRPC, WEB, WEB_TEXT])
def grpc_transport(request: pytest.FixtureRequest, known_callers: Callers) -> GrpcTransport:
    """The service over each form of gRPC."""
    return GrpcTransport(known_callers, request.param)


@pytest.fixture
def nothing_stored() -> Iterator[None]:
    """An AWS without instances, and one after the test."""
    yield
    records.empty()
