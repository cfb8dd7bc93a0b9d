"""A look at the processes of this machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection
from pathlib import Path


def children(pid: int) -> list[int]:
    """The process ids of a process's children, for as long as it lives; needs Linux's /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def processor_seconds(pid: int) -> float:
    """What a process has computed, in user and kernel mode; needs Linux's /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def gone(pids: Collection[int]) -> bool:
    """Wait until none of the processes runs; False if one still does after a minute."""
    deadline = time.monotonic() + 60
    while any(map(running, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def running(pid: int) -> bool:
    """Whether there is such a process; one that nobody reaps does not run."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def peak_memory(pid: int) -> int:
    """The most memory in bytes that a process has had resident; needs Linux's /proc."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
