"""Time and back-pressure: an answer comes before Lambda ends the function, whatever AWS does, and says when to return."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber

from adapters import clock, dynamodb
from bootstrap import application, clients
from domain import create_instance as use_case
from fakes.key_pairs import CannedKeyPairs
from faults.aws_faults import Effect, Fault, Injector, injected
from faults.checker import judge
from handlers.deadline import RESERVE_MILLISECONDS
from harness import moto_store
from harness.api import MACHINE, Api, Context, SystemUser
from harness.emulated_aws import moto_aws
from local.cloudformation import load
from local.provision import TEMPLATE

REQUEST = {**MACHINE, "customDomain": "a.example"}
TIMEOUT = load(TEMPLATE)["Resources"]["ApiFunction"]["Properties"]["Timeout"]
GATEWAY = load(TEMPLATE)["Resources"]["ApiFunction"]["Properties"]["Events"]["AnyRequest"]["Properties"][
    "TimeoutInMillis"
]

OPERATIONS = ("GetParameter", "GetSecretValue", "CreateSecret", "TransactWriteItems", "GetItem", "DeleteSecret")
"""Everything that a creation may ask of AWS."""


def longest_attempt(client: Any) -> int:
    """Seconds, from the client's own configuration, with the wait before its next attempt if it makes one."""
    config = client.meta.config
    retries = config.retries["total_max_attempts"] - 1
    assert config.retries["mode"] == "standard"
    assert retries <= 1, "a second retry would wait twice as long"
    return int(config.connect_timeout + config.read_timeout + retries * clients.BACKOFF_SECONDS)


def test_no_attempt_outlives_the_function_nor_the_function_the_gateway(aws: None) -> None:
    attempts = [longest_attempt(client()) for client in (clients.dynamodb, clients.secretsmanager, clients.ssm)]
    assert max(attempts) + RESERVE_MILLISECONDS / 1000 < TIMEOUT < GATEWAY / 1000 < 30


def test_the_time_that_work_is_started_with_is_enough_for_it(aws: None) -> None:
    table, vault = longest_attempt(clients.dynamodb()), longest_attempt(clients.secretsmanager())
    assert clients.dynamodb().meta.config.retries["total_max_attempts"] == 1
    assert table == dynamodb.SECONDS_PER_ATTEMPT
    assert 2 * table <= use_case.SECONDS_TO_COMMIT, "an attempt at the commit, and a look at how it ended"
    assert vault + use_case.SECONDS_TO_COMMIT < use_case.SECONDS_TO_CREATE
    after_a_slow_start = TIMEOUT - RESERVE_MILLISECONDS / 1000 - 2 * (clients.CONNECT_SECONDS + clients.READ_SECONDS)
    assert after_a_slow_start > use_case.SECONDS_TO_CREATE, "a cold start whose two calls are slow still creates"


class SlowAws:
    """A clock, and an AWS whose calls take as long as they are told to; nobody really waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started = self.now = time.time()
        self.plan: dict[str, str] = {}
        self.called: list[str] = []
        stub = BotocoreStubber.__call__
        one_attempt = clients.CONNECT_SECONDS + clients.READ_SECONDS

        def answer(moto: Any, event_name: str, request: Any, **more: Any) -> Any:
            operation = event_name.rsplit(".", 1)[-1]
            self.called.append(operation)
            manner = self.plan.get(operation, "quick")
            if manner != "quick":
                self.now += one_attempt - (manner == "slow") / 1000
            response = None if manner == "lost before" else stub(moto, event_name, request, **more)
            if manner.startswith("lost"):
                raise ReadTimeoutError(endpoint_url="https://aws.example")
            return response

        monkeypatch.setattr(BotocoreStubber, "__call__", answer)
        monkeypatch.setattr(clock, "time", self)
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr("botocore.retries.standard.random.random", lambda: 1.0)

    def time_ns(self) -> int:
        return int(self.now * 1e9)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def invoke(self) -> Context:
        """What Lambda tells an invocation that starts now; tokens are made by the real clock, so not before it."""
        self.started = self.now = max(self.now, time.time())
        return Invocation(self)


@dataclass
class Invocation(Context):
    slow_aws: Any = None

    def __init__(self, slow_aws: SlowAws) -> None:
        super().__init__()
        self.slow_aws = slow_aws

    def get_remaining_time_in_millis(self) -> int:
        return int((self.slow_aws.started + TIMEOUT - self.slow_aws.now) * 1000)


def start_cold() -> None:
    """Forget what an execution environment has asked AWS for."""
    application.foundry.cache_clear()
    application._parameter.cache_clear()


@pytest.fixture
def service(caller: SystemUser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API with its callers in Parameter Store, so that a cold start asks AWS for all it needs."""
    monkeypatch.delenv("SYSTEM_USERS", raising=False)
    monkeypatch.setenv("SYSTEM_USERS_PARAMETER", "system-users")
    monkeypatch.setattr(application, "RsaKeyPairs", CannedKeyPairs)
    with moto_aws():
        boto3.client("ssm").put_parameter(Name="system-users", Value=caller.configuration, Type="String")
        yield Api(caller)


MANNERS = ("quick", "slow", "lost before", "lost after")
PLANS = [dict(zip(OPERATIONS, manners, strict=True)) for manners in itertools.product(MANNERS, repeat=len(OPERATIONS))]


@pytest.mark.parametrize("existing", ["nothing", "its own instance", "an instance with its domain"])
def test_an_answer_comes_in_time_however_slow_aws_is(
    service: Api, monkeypatch: pytest.MonkeyPatch, existing: str
) -> None:
    aws = SlowAws(monkeypatch)
    seen = set()
    for plan in PLANS[:: len(PLANS) // 24]:
        moto_store.empty()
        start_cold()
        if existing != "nothing":
            aws.plan = {}
            first_key = "key" if existing == "its own instance" else "another key"
            assert service.create(REQUEST, context=aws.invoke(), idempotency_key=first_key).status == 200
            start_cold()
        aws.plan = plan
        answer = service.create(REQUEST, context=aws.invoke(), idempotency_key="key")
        assert aws.now - aws.started < TIMEOUT, plan
        assert answer.status in {200, 409, 503}, (plan, answer.text)
        assert ("retry-after" in answer.headers) is (answer.status == 503), plan
        assert not judge([], keyed=existing != "an instance with its domain"), plan
        seen.add(answer.status)
    assert seen >= {503, 409 if existing.endswith("domain") else 200}


def test_without_the_time_limit_the_same_histories_would_not_end_in_time(
    service: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the test above proves nothing."""
    monkeypatch.setattr(clients, "until", lambda _deadline: contextlib.nullcontext())
    aws = SlowAws(monkeypatch)
    aws.plan = {
        "GetSecretValue": "slow",
        "CreateSecret": "slow",
        "TransactWriteItems": "lost before",
        "GetItem": "lost before",
    }
    service.create(REQUEST, context=aws.invoke(), idempotency_key="key")
    assert aws.now - aws.started > TIMEOUT


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("GetParameter", "ThrottlingException"),
        ("GetSecretValue", "ThrottlingException"),
        ("CreateSecret", "LimitExceededException"),
        ("TransactWriteItems", "ThrottlingException"),
        ("TransactWriteItems", "ProvisionedThroughputExceededException"),
    ],
)
def test_a_throttled_call_is_told_and_leaves_nothing(
    service: Api, monkeypatch: pytest.MonkeyPatch, operation: str, code: str
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    throttled = Fault("throttled", Effect.NONE, (400, code), only=frozenset({operation}))
    injector = Injector()
    with injected(injector):
        injector.become(0)
        injector.arm({(0, number): throttled for number in range(20)})
        answer = service.create(REQUEST, idempotency_key="key")
        assert injector.met == {(operation, "throttled")}
        assert (answer.status, answer.error_id) == (429, "PLATF-slow1")
        assert answer.headers["retry-after"] == "1"
        assert not list(moto_store.items())
        assert not moto_store.secrets()
        injector.arm({})
        assert service.create(REQUEST, idempotency_key="key").status == 200
