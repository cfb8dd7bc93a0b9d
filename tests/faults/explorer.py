"""Histories: what callers ask for, which of their calls to AWS go wrong and how, and what came of it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.clock import SystemClock
from adapters.dynamodb import ATTEMPTS
from bootstrap import application
from domain.command import parse
from domain.create_instance import Call, Created, Foundry, create_instance
from domain.errors import Refused
from domain.instant import Instant
from domain.sweep_secrets import SAFE_AGE_SECONDS, sweep_secrets
from fakes.key_pairs import CannedKeyPairs
from fakes.password_hashes import FakePasswordHashes
from faults.aws_faults import FAULTS, Died, Fault, Injector, Schedule
from faults.checker import Defects, judge, orphans
from harness import moto_store
from harness.creations import FAR_AWAY, MACHINE
from unit.domain.test_creation import HUMAN

TRIES = 6
"""How often a caller repeats an unsuccessful call; no schedule has so many faults for one caller."""

CALLS = 8
"""The calls of one caller that faults are placed at: a creation with repeats and a replay makes no more that matter."""

REQUESTS: Mapping[str, dict[str, Any]] = {
    "both credentials, custom domain": {**MACHINE, "custom_domain": "Login.Acme.example"},
    "a token": {**MACHINE, "machine": {"user_name": "u", "name": "n", "personal_access_token": {}}},
    "a person": HUMAN,
}
_FIRST = "both credentials, custom domain"
_COMMITS = {_FIRST: 1, "a token": 1, "a person": 0}
"""Which call of a fresh creation is the first attempt at the commit."""

_UNDECIDED = tuple(
    fault
    for fault in FAULTS
    if fault.name in {"lost before", "lost after", "lost, late", "lost, very late", "conflict", "in progress"}
)
"""After these the store tries again; after enough of them the outcome is unknown."""


@dataclass(frozen=True)
class History:
    """One history; ``callers`` at once ask for ``request``, all under one key or each without one."""

    number: int
    request: str
    schedule: Schedule
    callers: int = 1
    keyed: bool = True

    def __str__(self) -> str:
        faults = ", ".join(f"caller {who} call {call}: {fault.name}" for (who, call), fault in self.schedule.items())
        key = "one key" if self.keyed else "no key"
        return f"history {self.number}: {self.request}, {self.callers} at once, {key}; {faults or 'no faults'}"


@dataclass
class Tally:
    """What exploring came to."""

    histories: int = 0
    defects: Defects = field(default_factory=Defects)
    met: set[tuple[str, str]] = field(default_factory=set)
    operations: set[str] = field(default_factory=set)
    failing: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count what another process found."""
        self.histories += other.histories
        self.met |= other.met
        self.operations |= other.operations
        self.failing += other.failing
        for name, found in vars(other.defects).items():
            getattr(self.defects, name).extend(found)

    @property
    def points(self) -> int:
        """How many fault points there are: every fault at every operation it can happen to."""
        return sum(fault.only in {None, operation} for operation in self.operations for fault in FAULTS)

    def __str__(self) -> str:
        defects = self.defects
        return (
            f"{self.histories} histories, {len(self.met)} of {self.points} fault points, {len(defects.twins)} twins, "
            f"{len(defects.lost_credentials)} lost credentials, {len(defects.orphans)} orphans after the sweep, "
            f"{len(defects.half_written)} half-written instances"
        )


def histories(total: int, seed: int) -> Iterator[History]:
    """``total`` histories, the same ones for the same seed.

    First every single fault for every request, with a key and without; then, for every attempt at one commit and with
    and without a failing look-up, every undecided ending; then every pair for the richest request; and then at random:
    more faults, other requests, up to 50 callers at once.
    """
    numbers = itertools.count()
    return itertools.islice(
        (replace(history, number=next(numbers)) for history in itertools.chain(_enumerated(), _drawn(seed))), total
    )


def _enumerated() -> Iterator[History]:
    singles = list(itertools.product(range(CALLS), FAULTS))
    for request in REQUESTS:
        yield History(0, request, {})
        for call, fault in singles:
            yield History(0, request, {(0, call): fault})
            yield History(0, request, {(0, call): fault}, keyed=False)
    for request, first_commit in _COMMITS.items():
        for faults in itertools.product(_UNDECIDED, repeat=ATTEMPTS):
            schedule = {(0, first_commit + attempt): fault for attempt, fault in enumerate(faults)}
            yield History(0, request, schedule)
            yield History(0, request, {**schedule, (0, first_commit + ATTEMPTS): _UNDECIDED[0]})
    for (one, first), (other, second) in itertools.combinations(singles, 2):
        if one < other:
            yield History(0, _FIRST, {(0, one): first, (0, other): second})


def _drawn(seed: int) -> Iterator[History]:
    chance = random.Random(seed)
    for number in itertools.count():
        callers = 50 if number % 500 == 499 else chance.choice((1, 1, 2, 2, 3, 8))
        schedule: dict[tuple[int, int], Fault] = {}
        for caller in range(callers):
            for call in chance.sample(range(CALLS), chance.randint(0, 3)):
                schedule[caller, call] = chance.choice(FAULTS)
        yield History(0, chance.choice(list(REQUESTS)), schedule, callers, keyed=chance.random() < 0.8)


def foundry() -> Foundry:
    """The real foundry, real adapters included; keys and hashes cost nothing, and settings are short.

    What the settings say takes no part in whether they are stored, but moto copies the table for each transaction.
    """
    real = application.foundry()
    short = real.defaults.model_copy(update={"settings": {"short": True}})
    return replace(real, key_pairs=CannedKeyPairs(), password_hashes=FakePasswordHashes(), defaults=short)


def explore(chosen: Sequence[History], injector: Injector, make: Callable[[], Foundry] = foundry) -> Tally:
    """Let histories happen and judge each; the injector must be in place."""
    tally = Tally()
    for history in chosen:
        defects = _happen(history, injector, make())
        tally.histories += 1
        if defects:
            tally.failing.append(f"{history}: {defects}")
            for name, found in vars(defects).items():
                getattr(tally.defects, name).extend(found)
    tally.met, tally.operations = injector.met, injector.operations
    return tally


def _happen(history: History, injector: Injector, foundry_: Foundry) -> Defects:
    moto_store.empty()
    injector.arm(history.schedule)
    if history.callers == 1:
        answers = _insist(history, foundry_, injector, 0)
    else:
        with ThreadPoolExecutor(history.callers) as threads:
            several = threads.map(lambda caller: _insist(history, foundry_, injector, caller), range(history.callers))
            answers = [answer for one in several for answer in one]
    injector.disarm()
    if history.keyed:
        answers += _insist(history, foundry_, injector, 0)
    defects = judge(answers, keyed=history.keyed)
    if history.keyed and not answers:
        defects.lost_credentials.append("nobody ever got an answer")
    sweep_secrets(application.stored_secrets(), application.instances(), _Later(), FAR_AWAY, dry_run=False)
    defects.orphans += orphans()
    after = judge(answers, keyed=history.keyed)
    defects.lost_credentials += [f"after the sweep: {found}" for found in after.lost_credentials]
    return defects


def _insist(history: History, foundry_: Foundry, injector: Injector, caller: int) -> list[Created]:
    """What a caller does: repeat until there is an answer, and give up some time."""
    injector.become(caller)
    command = parse(REQUESTS[history.request])
    call = Call("tester", "the key" if history.keyed else None, FAR_AWAY)
    for _ in range(TRIES):
        try:
            return [create_instance(foundry_, command, call)]
        except (Refused, Died):
            continue
    return []


class _Later(SystemClock):
    """When every secret of a history is old enough to be swept."""

    def now(self) -> Instant:
        return super().now().plus(2 * SAFE_AGE_SECONDS)
