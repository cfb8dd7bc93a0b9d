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
from fakes.requests import human, machine, machine_with_credentials
from faults.aws_faults import FAULTS, NAMES, NOBODY, SWEEPER, Died, Fault, Injector, Schedule
from faults.checker import Defects, judge, orphans
from harness import moto_store
from harness.creations import FAR_AWAY

HISTORIES = 12_000
"""How many make a whole exploration: those that are enumerated, and a quarter as many at random."""

TRIES = 6
"""How often a caller repeats an unsuccessful call; no schedule makes so many of one caller's tries fail."""

CALLS = 8
"""The calls of one caller that faults are placed at: a creation with repeats and a replay makes no more that matter."""

MANY = 50
"""The most callers at once."""

REQUESTS: Mapping[str, dict[str, Any]] = {
    "both credentials, custom domain": machine_with_credentials({"custom_domain": "Login.Acme.example"}),
    "a token": machine({"machine": {"personal_access_token": {}}}),
    "a person": human({"custom_domain": "Login.acme.example"}),
}
_FIRST = "both credentials, custom domain"
_COMMITS = {_FIRST: 1, "a token": 1, "a person": 0}
"""Which call of a fresh creation is the first attempt at the commit."""

_NAMED = {fault.name: fault for fault in FAULTS}
_UNDECIDED = tuple(
    _NAMED[name] for name in ("lost before", "lost after", "lost, late", "lost, very late", "conflict", "in progress")
)
"""After these the store tries again; after enough of them the outcome is unknown."""

_LOST, _DIED = _NAMED["lost before"], _NAMED["dies after"]
_WAYS: Sequence[tuple[str, Schedule, tuple[int, int]]] = (
    ("CreateSecret", {}, (0, 0)),
    ("TransactWriteItems", {}, (0, 1)),
    ("GetItem", {(0, 1): _LOST, (0, 2): _LOST, (0, 3): _LOST}, (0, 4)),
    ("DeleteSecret", {(0, 1): _DIED}, (0, 4)),
    ("GetSecretValue", {(0, 1): _DIED}, (0, 5)),
    ("ListSecrets", {(0, 0): _DIED}, (SWEEPER, 0)),
    ("BatchGetItem", {(0, 0): _DIED}, (SWEEPER, 1)),
    ("DeleteSecret", {(0, 0): _DIED}, (SWEEPER, 2)),
)
"""Each operation, what must go wrong before it is called for a machine's credentials, and which call it is then."""


@dataclass(frozen=True)
class History:
    """One history; ``callers`` at once ask for ``request``, all under one key or each without one."""

    number: int
    request: str
    schedule: Schedule
    callers: int = 1
    keyed: bool = True

    def __str__(self) -> str:
        faults = ", ".join(
            f"{NAMES.get(who, who)} call {call}: {fault.name}" for (who, call), fault in self.schedule.items()
        )
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
    megabytes: int = 0
    """The most memory that one process had."""

    def add(self, other: Tally) -> None:
        """Count what another process found."""
        self.histories += other.histories
        self.met |= other.met
        self.operations |= other.operations
        self.failing += other.failing
        self.megabytes = max(self.megabytes, other.megabytes)
        for name, found in vars(other.defects).items():
            getattr(self.defects, name).extend(found)

    @property
    def points(self) -> set[tuple[str, str]]:
        """The fault points: every operation that is called, with every fault that it can meet."""
        return {(called, fault.name) for called in self.operations for fault in FAULTS if fault.can_meet(called)}

    def __str__(self) -> str:
        defects = self.defects
        return (
            f"{self.histories} histories, {len(self.met)} of {len(self.points)} fault points, {len(defects.twins)} twins, "
            f"{len(defects.lost_credentials)} lost credentials, {len(defects.orphans)} orphans after the sweep, "
            f"{len(defects.half_written)} half-written instances"
        )


def histories(total: int, seed: int) -> Iterator[History]:
    """``total`` histories, the same ones for the same seed.

    First every fault of every operation; then every single fault at any call for every request, with a key and without;
    then, for every attempt at one commit, every undecided ending, and every fault of the look-up that follows; then
    every pair for the richest request; and then at random: more faults, other requests, up to 50 callers at once.
    """
    numbers = itertools.count()
    return itertools.islice(
        (replace(history, number=next(numbers)) for history in itertools.chain(_enumerated(), _drawn(seed))), total
    )


def _enumerated() -> Iterator[History]:
    yield from at_every_point()
    yield from _with_one_fault()
    yield from _with_undecided_commits()
    for (one, first), (other, second) in itertools.combinations(itertools.product(range(CALLS), FAULTS), 2):
        if one < other:
            yield History(0, _FIRST, {(0, one): first, (0, other): second})


def at_every_point() -> Iterator[History]:
    """Every fault of every operation, met."""
    for request, (operation, before, place) in itertools.product((_FIRST, "a token"), _WAYS):
        for fault in FAULTS:
            if fault.can_meet(operation):
                yield History(0, request, {**before, place: fault})


def _with_one_fault() -> Iterator[History]:
    for request in REQUESTS:
        yield History(0, request, {})
        for call, fault in itertools.product(range(CALLS), FAULTS):
            yield History(0, request, {(0, call): fault})
            yield History(0, request, {(0, call): fault}, keyed=False)


def _with_undecided_commits() -> Iterator[History]:
    for request, first_commit in _COMMITS.items():
        look_up = first_commit + ATTEMPTS
        for faults in itertools.product(_UNDECIDED, repeat=ATTEMPTS):
            undecided = {(0, first_commit + attempt): fault for attempt, fault in enumerate(faults)}
            yield History(0, request, undecided)
            yield History(0, request, undecided | {(0, look_up): _NAMED["lost before"]})
        for lost, fault in itertools.product((_NAMED["lost before"], _NAMED["lost after"]), FAULTS):
            undecided = {(0, first_commit + attempt): lost for attempt in range(ATTEMPTS)}
            for failing in (1, ATTEMPTS):
                yield History(0, request, undecided | {(0, look_up + attempt): fault for attempt in range(failing)})


def _drawn(seed: int) -> Iterator[History]:
    chance = random.Random(seed)
    for number in itertools.count():
        callers = MANY if number % 100 == 99 else chance.choice((1, 1, 2, 2, 3, 8))
        schedule: dict[tuple[int, int], Fault] = {}
        for caller in (SWEEPER, *range(callers)):
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
    answers = _all_insist(history, foundry_, injector)
    injector.settle()
    injector.become(NOBODY)
    if history.keyed:
        answers += _insist(history, foundry_)
    defects = judge(answers, keyed=history.keyed)
    if history.keyed and not answers:
        defects.lost_credentials.append("nobody ever got an answer")
    injector.become(SWEEPER)
    _sweep()
    injector.settle()
    defects.orphans += orphans()
    after = judge(answers, keyed=history.keyed)
    defects.lost_credentials += [f"after the sweep: {found}" for found in after.lost_credentials]
    return defects


def _all_insist(history: History, foundry_: Foundry, injector: Injector) -> list[Created]:
    """All callers at once: their calls to AWS come in an order that is the same each time the history happens."""
    with injector.turns(history.callers, str(history)) as turns, ThreadPoolExecutor(history.callers) as threads:

        def insist(caller: int) -> list[Created]:
            injector.become(caller)
            try:
                return _insist(history, foundry_)
            finally:
                turns.leave()

        return [answer for answers in threads.map(insist, range(history.callers)) for answer in answers]


def _insist(history: History, foundry_: Foundry) -> list[Created]:
    """What a caller does: repeat until there is an answer, and give up some time."""
    command = parse(REQUESTS[history.request])
    call = Call("tester", "the key" if history.keyed else None, FAR_AWAY)
    for _ in range(TRIES):
        try:
            return [create_instance(foundry_, command, call)]
        except (Refused, Died):
            continue
    return []


def _sweep() -> None:
    """Sweep, and where that fails again, as the schedule does."""
    for _ in range(TRIES):
        try:
            sweep_secrets(application.stored_secrets(), application.instances(), _Later(), FAR_AWAY, dry_run=False)
        except (Refused, Died):
            continue
        return


class _Later(SystemClock):
    """When every secret of a history is old enough to be swept."""

    def now(self) -> Instant:
        return super().now().plus(2 * SAFE_AGE_SECONDS)
