"""Feeds a target, and stops at the first input that breaks a rule."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from fuzz.service import checking_handler
from fuzz.targets import a_body, a_frame, a_token, check_frames, check_json, check_token

MAX_CPU_SECONDS = 2
"""For one input, on any machine."""

MAX_GROWTH_KIB = 300_000
"""How much a process may grow while it is fed: libraries are loaded late, and Python keeps what it once had."""


Check = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """What is fed: ``checking`` makes what its check needs; ``long`` and ``short`` are how many inputs a run has."""

    name: str
    make: Callable[[random.Random], bytes]
    checking: Callable[[], AbstractContextManager[Check]]
    long: int
    short: int


TARGETS = (
    Target("frames", a_frame, lambda: nullcontext(check_frames), long=1_000_000, short=20_000),
    Target("json", a_body, lambda: nullcontext(check_json), long=100_000, short=2_000),
    Target("tokens", a_token, lambda: nullcontext(check_token), long=100_000, short=2_000),
    Target("handler", a_body, checking_handler, long=20_000, short=300),
)


class Defect(Exception):
    """An input that breaks a rule."""


def feed(name: str, seed: int, count: int, part: int = 0) -> int:
    """Check ``count`` inputs; how many there were. Raises Defect, which says how to have the input again."""
    target = next(each for each in TARGETS if each.name == name)
    chance = random.Random(f"{name} {seed} {part}")
    with target.checking() as check:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for number in range(count):
            _check_one(target, check, target.make(chance), f"{name}, seed {seed}, part {part}, input {number}")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown > MAX_GROWTH_KIB:
        raise Defect(f"{name}, seed {seed}, part {part}: the process grew by {grown} KiB")
    return count


def _check_one(target: Target, check: Check, data: bytes, where: str) -> None:
    started = time.process_time()
    try:
        check(data)
    except Exception as error:
        raise Defect(f"{where}: {type(error).__name__} {error!s:.300} for {data!r:.600}") from error
    if (taken := time.process_time() - started) > MAX_CPU_SECONDS:
        raise Defect(f"{where}: took {taken:.1f} s for {target.name} {data!r:.600}")
