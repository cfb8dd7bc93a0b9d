"""The artefacts to measure: the one of this checkout, which `make` built, and that of another commit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from harness.artefact import ARCHITECTURE, BUILT, ROOT


def current() -> Path:
    """The folder that this checkout's function runs."""
    return BUILT / "code"


def of_commit(revision: str) -> Path:
    """The same for another commit, packaged by that commit's own tools; kept for the next run.

    Raises CalledProcessError where there is no such commit or it cannot be packaged.
    """
    named = ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
    commit = subprocess.run(named, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    folder = ROOT / "dist" / "bench" / commit
    code = folder / "code"
    if code.exists():
        return code
    checkout = folder / "checkout"
    shutil.rmtree(folder, ignore_errors=True)
    checkout.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", checkout], input=archive, check=True)
    (checkout / ".tools").symlink_to(ROOT / ".tools")
    part = folder / "part"
    subprocess.run([sys.executable, checkout / "tools" / "package", part, ARCHITECTURE], check=True, stdout=sys.stderr)
    shutil.rmtree(checkout)
    part.rename(code)
    return code
