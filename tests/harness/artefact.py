"""The artefact for this machine, as `make` builds it: once, and again only when something that goes into it changed."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
"""This machine's processor, as Lambda calls it."""

BUILT = ROOT / "dist" / ARCHITECTURE
"""The folder ``code`` that the function runs, ``code.zip``, ``sbom.json``."""


def make(*targets: str) -> None:
    """Bring targets of the Makefile up to date; one test process at a time. Raises CalledProcessError."""
    (ROOT / "dist").mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with (ROOT / "dist" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", *targets], cwd=ROOT, env=inherited, check=True)


def tool(name: str) -> ModuleType:
    """A program of tools/ that has no ``.py`` to its name, as a module."""
    loader = SourceFileLoader(name, str(ROOT / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module
