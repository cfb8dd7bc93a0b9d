"""A run's measurements as JSON, and as lines for people: ours, the floor, their ratio, and whether it suffices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench import bill, cold_start
from bench.flatness import Flatness
from bench.memory import Trial
from bench.spread import Interval, median_difference, median_ratio, spread
from bench.warm import Row, Samples

Summary = dict[str, Any]
"""Plain values only; times are seconds."""

COLD_RATIO, OVERHEAD_SECONDS, OVERHEAD_SHARE, TAIL_RATIO = 1.3, 0.010, 0.10, 1.10
"""What is promised (docs/benchmarks.md)."""


def of_cold_start(seconds: Mapping[str, Mapping[str, Sequence[float]]]) -> Summary:
    """Each artefact's cold starts, with their ratios to the floor's."""
    return {
        name: {
            what: asdict(spread(samples)) | {"ratio": asdict(median_ratio(samples, seconds["floor"][what]))}
            for what, samples in found.items()
        }
        for name, found in seconds.items()
    }


def of_warm(found: Mapping[Row, Mapping[str, Samples]]) -> Summary:
    """Each kind's creations over each wire, with what they take beyond the floor."""
    return {
        f"{kind}, {wire}": {
            name: asdict(spread(samples.seconds))
            | {"work": asdict(spread(samples.work)), "waited": asdict(spread(samples.waited))}
            | {"ratio": asdict(median_ratio(samples.seconds, by_name["floor"].seconds))}
            | {"overhead": asdict(median_difference(samples.without_work, by_name["floor"].without_work))}
            for name, samples in by_name.items()
        }
        for (kind, wire), by_name in found.items()
    }


def of_bill(calls: Sequence[bill.AwsCall], seconds: float, memory_mb: int) -> Summary:
    """What a creation asks of AWS and costs."""
    return {
        "calls": [call.operation for call in calls],
        "items": sum(call.items for call in calls),
        "write units": sum(call.write_units for call in calls),
        "bytes": sum(call.sent for call in calls),
        "dollars": bill.dollars(calls, seconds=seconds, memory_mb=memory_mb),
    }


def of_flatness(found: Flatness) -> Summary:
    """Creations by the number of instances that exist, and what each instance adds."""
    ours, floor = found.slopes()
    return {
        "ours": {str(size): asdict(spread(samples.seconds)) for size, samples in found.ours.items()},
        "floor": {str(size): asdict(spread(samples.seconds)) for size, samples in found.floor.items()},
        "slope": {"ours": asdict(ours), "floor": asdict(floor)},
        "p95 ratio": asdict(found.tail_ratio()),
    }


def of_throughput(found: Mapping[int, Mapping[str, float]]) -> Summary:
    """Creations per second by the number of workers."""
    return {str(workers): dict(rates) for workers, rates in found.items()}


def of_memory(trials: Sequence[Trial]) -> Summary:
    """Each setting's peak and times."""
    return {str(trial.memory_mb): asdict(trial) | {"works": trial.works} for trial in trials}


def lines(run: Mapping[str, Any]) -> Iterator[str]:
    """The whole run for people."""
    machine = run["machine"]
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    yield f"{machine['at']}, load {machine['load'][0]} before the run; [low, high] is where 95 of 100 runs would end"
    for section, of in _SECTIONS.items():
        if section in run:
            yield ""
            yield from of(run[section])


def _cold(found: Summary) -> Iterator[str]:
    yield "Cold start of the artefact                          median      p95   x floor"
    for name, by_what in found.items():
        for what, one in by_what.items():
            limit = COLD_RATIO if name != "floor" and what == cold_start.FIRST else None
            verdict = f"  limit {limit}: {_met(one['ratio']['value'] <= limit)}" if limit else ""
            yield f"  {name + ', ' + what:<46}{_ms(one['median'])}{_ms(one['p95'])}   {_ratio(one['ratio'])}{verdict}"


def _warm(found: Summary) -> Iterator[str]:
    yield "Warm creation                                       median      p95  of it work   x floor   beyond the floor"
    for row, by_name in found.items():
        for name, one in by_name.items():
            beyond = one["overhead"]
            text = f"  {row + ': ' + name:<46}{_ms(one['median'])}{_ms(one['p95'])} {_ms(one['work']['median'])}"
            if name != "floor":
                share = beyond["value"] / one["median"]
                enough = beyond["value"] <= OVERHEAD_SECONDS and (share <= OVERHEAD_SHARE or "key" not in row)
                text += f"   {_ratio(one['ratio'])}  {_interval_ms(beyond)} = {share:.0%}: {_met(enough)}"
            yield text


def _bill(found: Summary) -> Iterator[str]:
    yield "Bill of a creation                calls  items  write units  bytes sent    USD a million"
    for kind, one in found.items():
        million = 1e6 * sum(one["dollars"].values())
        yield (
            f"  {kind:<32}{len(one['calls']):>5}{one['items']:>7}{one['write units']:>13}{one['bytes']:>12}"
            f"{million:>17.2f}  {', '.join(one['calls'])}"
        )


def _flatness(found: Summary) -> Iterator[str]:
    yield "Creation by the number of instances                 median      p95     floor's median      p95"
    for size, one in found["ours"].items():
        floor = found["floor"][size]
        yield f"  {size:<46}{_ms(one['median'])}{_ms(one['p95'])}           {_ms(floor['median'])}{_ms(floor['p95'])}"
    for name, slope in found["slope"].items():
        each, low, high = (1e9 * slope[bound] for bound in ("value", "low", "high"))
        yield f"  {name}: {each:.2f} ns for each instance [{low:.2f}, {high:.2f}]"
    ratio = found["p95 ratio"]
    enough = _met(ratio["value"] <= TAIL_RATIO)
    yield f"  95th percentile, fullest over empty: {_ratio(ratio)}  limit {TAIL_RATIO}: {enough}"


def _throughput(found: Summary) -> Iterator[str]:
    yield "Creations per second              ours    floor    share of the floor"
    for workers, one in found.items():
        share = one["ours"] / one["floor"]
        yield f"  {workers + ' workers':<28}{one['ours']:>8.1f}{one['floor']:>9.1f}{share:>12.0%}"


def _memory(found: Summary) -> Iterator[str]:
    yield "Memory setting        peak     first creation   warm: machine, token, key, person"
    for setting, one in found.items():
        warm = "  ".join("failed" if seconds is None else _ms(seconds).strip() for seconds in one["warm"])
        first = "failed" if one["first"] is None else _ms(one["first"])
        peak = "" if one["peak"] is None else f"{one['peak']:.0f} MB"
        limited = "" if one["enforced"] else "  (not enforced)"
        yield f"  {setting + ' MB':<14}{peak:>12}{first:>19}   {warm}{limited}"
    working = [int(setting) for setting, one in found.items() if one["works"]]
    yield f"  smallest setting that works: {min(working, default='none')} MB"


_SECTIONS = {
    "cold start": _cold,
    "warm": _warm,
    "bill": _bill,
    "flatness": _flatness,
    "throughput": _throughput,
    "memory": _memory,
}


def missed(run: Mapping[str, Any]) -> list[str]:
    """The lines of the report that say that something does not suffice."""
    return [line.strip() for line in lines(run) if line.endswith("MISSED")]


def _met(enough: bool) -> str:  # noqa: FBT001 # reads as it is called
    return "met" if enough else "MISSED"


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:>7.1f} ms" if seconds < 1 else f"{seconds:>8.2f} s"


def _ratio(ratio: Mapping[str, float]) -> str:
    return f"{ratio['value']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]"


def _interval_ms(one: Mapping[str, float]) -> str:
    interval = Interval(**one)
    return f"{1e3 * interval.value:.1f} ms [{1e3 * interval.low:.1f}, {1e3 * interval.high:.1f}]"
