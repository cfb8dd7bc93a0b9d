"""make bench: its statistics, its judgement, and that it runs."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import charts, report
from bench.flatness import Flatness
from bench.memory import Trial
from bench.spread import median_difference, median_ratio, quantile, slope, spread
from bench.stage import freshened
from bench.warm import Samples
from harness.artefact import ROOT, make


def noisy(around: float, n: int = 200) -> list[float]:
    draw = random.Random(around)
    return [around * draw.uniform(0.9, 1.1) for _ in range(n)]


def samples(seconds: list[float], work: float = 0.0) -> Samples:
    return Samples([one + work for one in seconds], [work] * len(seconds), [0.0] * len(seconds))


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 10), (0.95, 19), (1.0, 20)])
def test_a_quantile_is_a_sample(share: float, expected: int) -> None:
    assert quantile([*range(20, 0, -1)], share) == expected


def test_a_spread_says_how_many_samples_it_is_of() -> None:
    assert spread([3.0, 1.0, 2.0]).n == 3


def test_bounds_hold_the_truth_and_narrow_with_more_samples() -> None:
    few, many = (median_ratio(noisy(3.0, n), noisy(2.0, n)) for n in (10, 1000))
    for ratio in (few, many):
        assert ratio.low <= 1.5 <= ratio.high or abs(ratio.value - 1.5) < 0.1
    assert many.high - many.low < few.high - few.low
    assert median_difference(noisy(3.0), noisy(2.0)).value == pytest.approx(1.0, abs=0.1)


def test_a_slope_is_found_and_none_is_not() -> None:
    rising = slope({x: [y + 0.001 * x for y in noisy(1.0)] for x in (0, 100, 1000)})
    assert rising.low < 0.001 < rising.high
    assert rising.low > 0
    level = slope({x: noisy(1.0) for x in (0, 100, 1000)})
    assert level.low <= 0 <= level.high


def test_a_key_counts_neither_for_nor_against_us() -> None:
    """How long a key takes is chance; what is ours is what is left without it."""
    rows = {("machine, token, key", "JSON"): {"now": samples(noisy(0.012), 0.2), "floor": samples(noisy(0.004), 0.05)}}
    overhead = report.of_warm(rows)["machine, token, key, JSON"]["now"]["overhead"]
    assert overhead["value"] == pytest.approx(0.008, abs=0.001)


def a_run(slow: float = 1.0) -> dict[str, object]:
    cold = {
        name: {what: noisy(by * factor) for what, factor in (("init", 1.0), ("init and first creation", 1.5))}
        for name, by in (("now", 0.4 * slow), ("floor", 0.4))
    }
    kinds = ("machine", "machine, token, key")
    warm = {
        (kind, "JSON"): {"now": samples(noisy(0.01 * slow), 0.1), "floor": samples(noisy(0.005), 0.1)} for kind in kinds
    }
    ours = {size: samples(noisy(0.01 + slow_by)) for size, slow_by in ((0, 0.0), (1000, 0.01 * (slow - 1)))}
    return {
        "machine": {"processor": "p", "cores": 2, "system": "s", "python": "3", "at": "now", "load": [0.1, 0.1, 0.1]},
        "cold start": report.of_cold_start(cold),
        "warm": report.of_warm(warm),
        "flatness": report.of_flatness(Flatness(ours, {size: samples(noisy(0.005)) for size in (0, 1000)})),
        "throughput": {"1": {"ours": 50.0, "floor": 100.0}},
        "memory": report.of_memory(
            [Trial(128, True, None, (None, 0.1), None), Trial(512, True, 1.5, (0.01, 0.2), 120.0)]
        ),
    }


def test_a_fast_run_meets_every_target() -> None:
    run = a_run()
    assert report.missed(run) == []
    text = "\n".join(report.lines(run))
    assert "50%" in text
    assert "smallest setting that works: 512 MB" in text


def test_a_slow_run_is_told_target_by_target() -> None:
    missed = "\n".join(report.missed(a_run(slow=3.0)))
    for target in ("init and first creation", "machine, JSON", "machine, token, key, JSON", "95th percentile"):
        assert target in missed


def test_charts_are_xml_with_a_bar_for_each_number() -> None:
    found = charts.of_run(a_run())
    assert set(found) == {"cold-start.svg", "warm.svg", "flatness.svg"}
    for svg in found.values():
        root = ElementTree.fromstring(svg)
        assert len([each for each in root if each.tag.endswith("rect")]) > 3


def test_a_recording_is_sent_again_under_other_names() -> None:
    recording = {"calls": [], "fresh": {name: name for name in ("1" * 27, "acme-1234.localhost", "ab" * 32)}}
    fresh = freshened(recording)["fresh"]
    assert all(new != old and len(new) == len(old) for old, new in fresh.items())
    assert fresh["1" * 27].isdigit()
    assert fresh["acme-1234.localhost"].endswith(".localhost")


@pytest.mark.usefixtures("built", "runtime")
def test_it_runs_and_leaves_its_results(tmp_path: Path) -> None:
    make(".tools/sam/.installed")
    command = [sys.executable, "-m", "bench", "--quick", "--only", "bill", "--results", tmp_path]
    variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "src:.:tests", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"1 sections measured, 0 targets missed; {tmp_path}/latest.json"
    bill = json.loads((tmp_path / "latest.json").read_text())["bill"]
    assert {kind: one["calls"] for kind, one in bill.items()} == {
        "machine": ["TransactWriteItems"],
        "machine, token": ["CreateSecret", "TransactWriteItems"],
        "machine, token, key": ["CreateSecret", "TransactWriteItems"],
        "human, password": ["TransactWriteItems"],
    }
