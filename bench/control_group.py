"""The limits that Lambda's memory setting means, put on processes by Linux's control groups; needs root."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

ONE_PROCESSOR_MB = 1769
"""The memory setting at which a function gets one whole vCPU; others get their share of it (AWS Lambda's guide)."""

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_MICROSECONDS = 20_000


@contextlib.contextmanager
def limited(pid: int, memory_mb: int) -> Iterator[None]:
    """A process, and what it starts from now on, gets as much memory and processor as Lambda gives for the setting.

    Raises OSError where this machine does not let us.
    """
    quota = str(_PERIOD_MICROSECONDS * memory_mb // ONE_PROCESSOR_MB)
    limit = str(memory_mb * 1024 * 1024)
    if (_ROOT / "cgroup.controllers").exists():
        settings = {_ROOT: {"memory.max": limit, "memory.swap.max": "0", "cpu.max": f"{quota} {_PERIOD_MICROSECONDS}"}}
    else:
        settings = {
            _ROOT / "memory": {"memory.limit_in_bytes": limit},
            _ROOT / "cpu": {"cpu.cfs_period_us": str(_PERIOD_MICROSECONDS), "cpu.cfs_quota_us": quota},
        }
    name = f"bench-{uuid.uuid4().hex}"
    try:
        for hierarchy, values in settings.items():
            group = hierarchy / name
            group.mkdir()
            for file, value in values.items():
                (group / file).write_text(value)
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for hierarchy in settings:
            _remove(hierarchy / name)


def _remove(group: Path) -> None:
    """Let go of whatever is left in a group, and remove it."""
    if not group.exists():
        return
    for pid in (group / "cgroup.procs").read_text().split():
        with contextlib.suppress(OSError):
            (group.parent / "cgroup.procs").write_text(pid)
    for _ in range(50):
        with contextlib.suppress(OSError):
            os.rmdir(group)  # noqa: PTH106 # a control group is no empty folder, but is removed as one
            return
        time.sleep(0.02)
