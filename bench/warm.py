"""Warm creations: how long the handler takes, beside a floor that sends the same bytes and computes the same key."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.stage import KINDS, PROBE, WARM_FLOOR, WIRES, Stage, freshened, recorded

WARM_UP = 5
"""Creations before the first that counts: connections are open, caches filled, and code specialized by then."""


@dataclass(slots=True)
class Samples:
    """Seconds of invocations, and of each how much was a key or a hash, and how much it waited for AWS."""

    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def add(self, answer: Mapping[str, Any]) -> None:
        """Take an invocation's answer in."""
        self.seconds.append(answer["seconds"])
        self.work.append(answer["work"])
        self.waited.append(sum(call["seconds"] for call in answer["aws"]))

    @property
    def without_work(self) -> list[float]:
        """Seconds less those of the key or hash, pair by pair: how long a key takes is chance, and differs tenfold."""
        return [seconds - work for seconds, work in zip(self.seconds, self.work, strict=True)]


Row = tuple[str, str]
"""A kind of creation and the wire it came over."""


def measure(stage: Stage, artefacts: Mapping[str, Path], rounds: int) -> dict[Row, dict[str, Samples]]:
    """Samples of each artefact, and of the floor as ``floor``, by kind and wire; all of them take turns."""
    rows = [(kind, wire) for kind in KINDS for wire in WIRES]
    found = {(kind.name, wire): {name: Samples() for name in (*artefacts, "floor")} for kind, wire in rows}
    with ExitStack() as opened:
        ours = {name: opened.enter_context(stage.environment(PROBE, code)) for name, code in artefacts.items()}
        floor = opened.enter_context(stage.environment(WARM_FLOOR, next(iter(artefacts.values()))))
        floors = {}
        for kind, wire in rows:
            for environment in ours.values():
                for _ in range(WARM_UP):
                    answer = created(environment.invoke(stage.creation(kind, wire)))
            floors[kind.name, wire] = recorded(answer) | {"endpoint": stage.aws.endpoint, "work": kind.work}
            for _ in range(WARM_UP):
                created(floor.invoke(freshened(floors[kind.name, wire])))
        for _ in range(rounds):
            for kind, wire in rows:
                samples = found[kind.name, wire]
                for name, environment in ours.items():
                    samples[name].add(created(environment.invoke(stage.creation(kind, wire))))
                samples["floor"].add(created(floor.invoke(freshened(floors[kind.name, wire]))))
    return found


def created(answer: Any) -> Mapping[str, Any]:
    """The answer of an invocation. Raises RuntimeError where it says that nothing was created."""
    if not isinstance(answer, dict) or answer.get("answer", {}).get("statusCode") != 200:
        raise RuntimeError(f"nothing was created: {answer}")
    return answer
