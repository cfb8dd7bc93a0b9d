"""The image of the Lambda runtime for `sam local`: AWS's own where it can be had, else a stand-in."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from local import lambda_stand_in

PULL_SECONDS = 120.0

_AWS = "public.ecr.aws/lambda/python"


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the Lambda runtime: its name, and in words what it is."""

    name: str
    description: str


def runtime_image(architecture: str, log: Path) -> Image:
    """The image for functions of this machine's architecture, "x86_64" or "arm64".

    What is said while it is made goes to ``log``. Raises ``ImageMissing`` or ``EngineMissing``.
    """
    original = f"{_AWS}:{lambda_stand_in.PYTHON}-{architecture}"
    if _pulled(original):
        return Image(original, f"AWS's own, {original}")
    name = lambda_stand_in.prepare(architecture, log)
    return Image(name, f"a stand-in, {name}: {lambda_stand_in.CONTENT}; {original} cannot be pulled here")


def _pulled(name: str) -> bool:
    if subprocess.run(["docker", "image", "inspect", name], capture_output=True, check=False).returncode == 0:
        return True
    try:
        pull = subprocess.run(["docker", "pull", "-q", name], capture_output=True, timeout=PULL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return pull.returncode == 0
