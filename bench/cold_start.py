"""Cold starts: a new execution environment until it answers anything, and until its first creation is answered."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.stage import COLD_FLOOR, KINDS, OURS, PROBE, Stage, freshened, recorded
from harness import processes
from harness.api import event

INIT, FIRST = "init", "init and first creation"
CPU = ", processor"


def measure(stage: Stage, artefacts: Mapping[str, Path], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds by artefact, and of the floor as ``floor``, by what was asked for; all of them take turns.

    What is measured starts when the running emulator gets its first event: starting the emulator is not ours. Besides
    what a clock shows it is the processor's time, which other work on the machine changes less.
    """
    current = next(iter(artefacts.values()))
    creation, nothing = stage.creation(KINDS[0]), event(method="OPTIONS", path="/nothing")
    with stage.environment(PROBE, current) as probe:
        probe.invoke(creation)
        recording = recorded(probe.invoke(stage.creation(KINDS[0])))
    commit = base64.b64decode(recording["calls"][-1]["body"]).decode()

    def floor_creation() -> dict[str, Any]:
        return stage.creation(KINDS[0]) | {"commit": commit, "fresh": freshened(recording)["fresh"]}

    seconds: dict[str, dict[str, list[float]]] = {
        name: {what: [] for what in (INIT, FIRST, INIT + CPU, FIRST + CPU)} for name in (*artefacts, "floor")
    }
    order = random.Random(7)  # noqa: S311 # repeatable, guards nothing
    for turn in range(rounds + 1):
        starts = [(name, what) for name in seconds for what in (INIT, FIRST)]
        for name, what in order.sample(starts, len(starts)):  # what has just been read starts faster
            handler, code = (COLD_FLOOR, current) if name == "floor" else (OURS, artefacts[name])
            first = nothing if what == INIT else floor_creation() if name == "floor" else stage.creation(KINDS[0])
            took, computed = _first_answer(stage, handler, code, first)
            if turn:  # the first round fills the machine's own caches
                seconds[name][what].append(took)
                seconds[name][what + CPU].append(computed)
    return seconds


def _first_answer(stage: Stage, handler: str, code: Path, first: Mapping[str, Any]) -> tuple[float, float]:
    with stage.environment(handler, code) as environment:
        started = time.perf_counter()
        answer = environment.invoke(first)
        took = time.perf_counter() - started
        computed = sum(processes.processor_seconds(pid) for pid in processes.children(environment.process.pid))
    if "authorization" in first["headers"] and answer.get("statusCode") != 200:
        raise RuntimeError(f"{handler} did not create: {answer}")
    return took, computed
