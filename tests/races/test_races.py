"""Many callers at once, each a thread, with the real use case and the real adapters on the embedded AWS.

``make races`` lets a thousand run; fewer are part of ``make test``.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bootstrap import application, clients
from domain import errors
from domain.command import parse
from domain.create_instance import Call, Created, Foundry, create_instance
from domain.errors import Refused
from fakes.key_pairs import CannedKeyPairs
from fakes.requests import MACHINE
from faults.checker import State, judge
from handlers.errors import TABLE
from harness.creations import FAR_AWAY
from harness.emulated_aws import all_items, all_secrets, aws_at

RACERS = int(os.environ.get("RACERS", "100"))
PATIENCE_SECONDS = 300
"""How long an answer of the embedded AWS may take: it is one process, and all racers queue for it."""

SPELLINGS = ("login.acme.example", "LOGIN.ACME.EXAMPLE", "Login.Acme.Example", "lOGIN.aCME.eXAMPLE")
BLANKS = ("", " ", "\t", "\n", "  \r\n", "\u00a0", "\u3000")
"""What may follow a domain and is no part of it (spec 4.4); a trailing dot makes another one, as in ZITADEL."""


@pytest.fixture
def foundry(embedded_aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Foundry]:
    for limit in ("CONNECT_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(clients, limit, PATIENCE_SECONDS)
    key_pairs = CannedKeyPairs()
    key_pairs.begin()  # made here once, and not by all racers at the same time
    with aws_at(embedded_aws):
        yield replace(application.foundry(), key_pairs=key_pairs)


def race(
    foundry: Foundry, request_of: Callable[[int], Mapping[str, Any]], key_of: Callable[[int], str] = str
) -> list[Created | Refused]:
    """What all get who ask at once, by default each under a key of their own."""

    def run(number: int) -> Created | Refused:
        command, call = parse(request_of(number)), Call("racer", key_of(number), FAR_AWAY)
        while True:
            try:
                return create_instance(foundry, command, call)
            except Refused as refused:
                if refused.retry_after is None:
                    return refused
                time.sleep(refused.retry_after)

    with ThreadPoolExecutor(RACERS) as threads:
        return list(threads.map(run, range(RACERS)))


def status(answer: Created | Refused) -> int:
    return 200 if isinstance(answer, Created) else TABLE[answer.reason.kind].http


def test_of_all_who_want_one_domain_one_gets_it_and_the_others_leave_nothing(foundry: Foundry) -> None:
    spellings = [spelling + blank for spelling, blank in itertools.product(SPELLINGS, BLANKS)]
    answers = race(foundry, lambda number: {**MACHINE, "custom_domain": spellings[number % len(spellings)]})
    assert Counter(map(status, answers)) == {200: 1, 409: RACERS - 1}
    assert {answer.reason for answer in answers if isinstance(answer, Refused)} == {errors.DOMAIN_TAKEN}
    (winner,) = (answer for answer in answers if isinstance(answer, Created))
    state = State(all_items(), all_secrets())
    assert list(state.instances) == [winner.receipt.instance_id]
    assert list(state.secrets) == [winner.receipt.secret_arn]
    assert not judge([winner], keyed=True, state=state)


def test_all_who_want_different_ones_get_an_instance_each(foundry: Foundry) -> None:
    answers = race(foundry, lambda _number: MACHINE)
    assert Counter(map(status, answers)) == {200: RACERS}
    created = [answer for answer in answers if isinstance(answer, Created)]
    state = State(all_items(), all_secrets())
    assert state.instances.keys() == {answer.receipt.instance_id for answer in created}
    assert len(state.instances) == len(state.secrets) == RACERS
    assert not judge(created, keyed=False, state=state)


def test_all_who_share_a_key_get_the_same_answer(foundry: Foundry) -> None:
    answers = race(foundry, lambda _number: MACHINE, key_of=lambda _number: "the key")
    assert Counter(map(status, answers)) == {200: RACERS}
    created = [answer for answer in answers if isinstance(answer, Created)]
    assert sum(not answer.replayed for answer in created) == 1
    state = State(all_items(), all_secrets())
    assert len(state.instances) == len(state.secrets) == 1
    assert not judge(created, keyed=True, state=state)
