"""Threads for work that leaves Python's lock alone: it runs while the caller waits for something else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

_T = TypeVar("_T")


def begin(work: Callable[[], _T]) -> Future[_T]:
    """Start ``work`` in a thread."""
    return _threads().submit(work)


@cache
def _threads() -> ThreadPoolExecutor:
    # Made on first use: a thread that exists when a snapshot is taken does not exist when it is restored.
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="background")
