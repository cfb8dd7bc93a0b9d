"""Creations per second with ever more execution environments, beside a floor that sends the same bytes.

All of them share this machine, its AWS included, so that the numbers end where its processors do; the ratio tells what
is ours.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.stage import KINDS, PROBE, WARM_FLOOR, Stage, freshened, recorded
from bench.warm import WARM_UP, created
from harness.lambda_emulator import LambdaEmulator

KIND = KINDS[1]


def measure(stage: Stage, code: Path, workers: Sequence[int], seconds: float) -> dict[int, dict[str, float]]:
    """Creations per second by the number of workers, ``ours`` and the ``floor``'s."""
    found: dict[int, dict[str, float]] = {}
    with ExitStack() as opened:
        ours, floors = (
            [opened.enter_context(stage.environment(handler, code)) for _ in range(max(workers))]
            for handler in (PROBE, WARM_FLOOR)
        )
        answers = [created(each.invoke(stage.creation(KIND))) for each in ours for _ in range(WARM_UP)]
        recording = recorded(answers[-1]) | {"endpoint": stage.aws.endpoint, "work": ""}
        for each in floors:
            created(each.invoke(freshened(recording)))
        for count in workers:
            found[count] = {
                "ours": _rate(ours[:count], lambda: stage.creation(KIND), seconds),
                "floor": _rate(floors[:count], lambda: freshened(recording), seconds),
            }
    return found


def _rate(environments: Sequence[LambdaEmulator], event: Callable[[], Mapping[str, Any]], seconds: float) -> float:
    """Invocations per second, each environment being given the next as soon as it has answered."""
    counts = [0] * len(environments)
    failures: list[Exception] = []
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        try:
            while not counts[number] or time.perf_counter() < until:
                created(environments[number].invoke(event()))
                counts[number] += 1
        except Exception as error:  # noqa: BLE001 # raised below, in the thread that asked
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(environments))]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.perf_counter() - started)
