"""Memory: how much a function uses at its peak, and with which of Lambda's settings it works."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import control_group
from bench.stage import KINDS, OURS, Stage
from harness import processes

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Trial:
    """How a function fared with a setting, for the kinds of creation in their order.

    ``first`` and ``warm`` are seconds, None where the function died; ``peak`` is in MB. ``enforced`` tells whether the
    setting's share of memory and processor was all that there was.
    """

    memory_mb: int
    enforced: bool
    first: float | None
    warm: tuple[float | None, ...]
    peak: float | None

    @property
    def works(self) -> bool:
        """Whether every kind of creation succeeded."""
        return self.first is not None and None not in self.warm


def measure(stage: Stage, code: Path, settings: Sequence[int]) -> list[Trial]:
    """One environment for each setting, smallest first, and in it each kind of creation twice."""
    return [_trial(stage, code, setting) for setting in sorted(settings)]


def _trial(stage: Stage, code: Path, setting: int) -> Trial:
    with stage.environment(OURS, code, setting) as environment:

        def creation(number: int) -> float | None:
            started = time.perf_counter()
            answer = environment.invoke(stage.creation(KINDS[number]))
            took = time.perf_counter() - started
            return took if isinstance(answer, dict) and answer.get("statusCode") == 200 else None

        def creations() -> tuple[float | None, tuple[float | None, ...], float | None]:
            first = creation(0)
            warm = tuple(creation(number) for number in range(len(KINDS)) for _ in range(2))[1::2]
            peaks = [processes.peak_memory(pid) for pid in processes.children(environment.process.pid)]
            return first, warm, max(peaks) / MEGABYTE if peaks else None

        try:
            with control_group.limited(environment.process.pid, setting):
                return Trial(setting, True, *creations())  # noqa: FBT003 # named in the class
        except OSError:
            return Trial(setting, False, *creations())  # noqa: FBT003 # named in the class
