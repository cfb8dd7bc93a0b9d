"""Samples of a quantity, summed up: the median, how far it may be off, and the tail."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

RESAMPLES = 400
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the bounds between which 95 of 100 repetitions of the experiment would find it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Of ``n`` samples the median, the 95th percentile, and the quartiles."""

    n: int
    median: float
    p95: float
    q1: float
    q3: float


def spread(samples: Sequence[float]) -> Spread:
    """The samples, summed up. Raises ValueError for none."""
    return Spread(len(samples), *(quantile(samples, share) for share in (0.5, 0.95, 0.25, 0.75)))


def quantile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that ``share`` of all samples do not exceed."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]


def median_ratio(samples: Sequence[float], floor: Sequence[float]) -> Interval:
    """How many times the floor's median the samples' median is."""
    return _bootstrapped(lambda a, b: statistics.median(a) / statistics.median(b), samples, floor)


def median_difference(samples: Sequence[float], floor: Sequence[float]) -> Interval:
    """By how much the samples' median exceeds the floor's."""
    return _bootstrapped(lambda a, b: statistics.median(a) - statistics.median(b), samples, floor)


def quantile_ratio(samples: Sequence[float], floor: Sequence[float], share: float) -> Interval:
    """How many times the floor's quantile the samples' quantile is."""
    return _bootstrapped(lambda a, b: quantile(a, share) / quantile(b, share), samples, floor)


def slope(by_x: Mapping[float, Sequence[float]]) -> Interval:
    """The least-squares slope of samples over what they were taken at; for the bounds they are drawn again at each."""

    def fitted(samples: Mapping[float, Sequence[float]]) -> float:
        points = [(x, y) for x, ys in samples.items() for y in ys]
        return statistics.linear_regression(*zip(*points, strict=True)).slope

    draw = random.Random(7)  # noqa: S311 # repeatable, guards nothing
    drawn = sorted(fitted({x: draw.choices(ys, k=len(ys)) for x, ys in by_x.items()}) for _ in range(RESAMPLES))
    return Interval(fitted(by_x), *_bounds(drawn))


def _bootstrapped(
    of: Callable[[Sequence[float], Sequence[float]], float], samples: Sequence[float], floor: Sequence[float]
) -> Interval:
    draw = random.Random(7)  # noqa: S311 # repeatable, guards nothing
    drawn = sorted(
        of(draw.choices(samples, k=len(samples)), draw.choices(floor, k=len(floor))) for _ in range(RESAMPLES)
    )
    return Interval(of(samples, floor), *_bounds(drawn))


def _bounds(drawn: Sequence[float]) -> tuple[float, float]:
    return quantile(drawn, (1 - _CONFIDENCE) / 2), quantile(drawn, (1 + _CONFIDENCE) / 2)
