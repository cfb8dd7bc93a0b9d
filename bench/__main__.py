"""`make bench`: measure everything, print a table, write JSON and charts.

QUICK=1 takes so few samples that the numbers mean nothing; it shows that everything still runs. BEFORE=<commit>
measures that commit's artefact beside this one's, in the same run. ONLY=warm,bill takes only those sections.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import artefacts, bill, charts, cold_start, flatness, machine, memory, report, throughput, warm
from bench.stage import KINDS, PROBE, Stage, stage

RESULTS = Path(__file__).parent / "results"
MEMORY_MB = 1769


@dataclass(frozen=True, slots=True)
class Effort:
    """How many samples are taken."""

    cold_starts: int
    creations: int
    sizes: tuple[int, ...]
    seconds: float
    workers: tuple[int, ...]
    settings: tuple[int, ...]


FULL = Effort(20, 100, (0, 1_000, 10_000, 100_000), 10.0, (1, 2, 4, 8), (128, 256, 512, MEMORY_MB))
QUICK = Effort(1, 2, (0, 20), 0.2, (1,), (MEMORY_MB,))


def run(effort: Effort, code: Mapping[str, Path], sections: set[str]) -> dict[str, Any]:
    """Measure; ``code`` are the artefacts by name, this checkout's first. Each section has an AWS of its own."""
    current = next(iter(code.values()))
    measures: dict[str, Callable[[], Any]] = {
        "cold start": lambda: _staged(
            lambda on: report.of_cold_start(cold_start.measure(on, code, effort.cold_starts))
        ),
        "warm": lambda: _staged(lambda on: report.of_warm(warm.measure(on, code, effort.creations))),
        "bill": lambda: _staged(lambda on: dict(row for name, each in code.items() for row in _bill(on, name, each))),
        "flatness": lambda: report.of_flatness(flatness.measure(current, effort.sizes, effort.creations)),
        "throughput": lambda: _staged(
            lambda on: report.of_throughput(throughput.measure(on, current, effort.workers, effort.seconds))
        ),
        "memory": lambda: _staged(lambda on: report.of_memory(memory.measure(on, current, effort.settings))),
    }
    found: dict[str, Any] = {"machine": machine.describe()}
    for name, measure in measures.items():
        if name in sections:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            found[name] = measure()
    return found


def _staged(measure: Callable[[Stage], dict[str, Any]]) -> dict[str, Any]:
    with stage() as fresh:
        return measure(fresh)


def _bill(on: Stage, name: str, code: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each kind's second creation costs, by the calls that it made."""
    with on.environment(PROBE, code) as environment:
        for kind in KINDS:
            answers = [warm.created(environment.invoke(on.creation(kind))) for _ in range(2)]
            calls = [bill.call(one["operation"], base64.b64decode(one["body"])) for one in answers[-1]["aws"]]
            row = kind.name if name == "now" else f"{kind.name}: {name}"
            yield row, report.of_bill(calls, answers[-1]["seconds"], MEMORY_MB)


SECTIONS = ("cold start", "warm", "bill", "flatness", "throughput", "memory")


def main(arguments: list[str]) -> int:
    """Run the command; its exit status does not judge the numbers, which depend on the machine."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--before", metavar="COMMIT")
    parser.add_argument("--only", default=",".join(SECTIONS), metavar="SECTIONS")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    given = parser.parse_args(arguments)
    sections = {name.strip() for name in given.only.split(",")}
    if unknown := sections - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    code = {"now": artefacts.current()}
    if given.before:
        code["before"] = artefacts.of_commit(given.before)
    found = run(QUICK if given.quick else FULL, code, sections)
    given.results.mkdir(parents=True, exist_ok=True)
    (given.results / "latest.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, svg in charts.of_run(found).items():
        (given.results / name).write_text(svg, encoding="utf-8")
    print("\n".join(report.lines(found)))
    missed = report.missed(found)
    print(f"\n{len(sections)} sections measured, {len(missed)} targets missed; {given.results}/latest.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
