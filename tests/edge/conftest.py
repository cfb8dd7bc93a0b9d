"""The edge's stack as `make edge` writes it, and the command that its container runs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from local import cloudformation, edge

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def template_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("edge") / "dist" / "edge.yaml"
    subprocess.run([sys.executable, ROOT / "tools" / "edge-template", file], check=True, capture_output=True)
    return file


@pytest.fixture(scope="session")
def template(template_file) -> Any:
    return cloudformation.load(template_file)


@pytest.fixture(scope="session")
def resources(template) -> Any:
    """The properties of every resource, by name."""
    return {name: each.get("Properties", {}) for name, each in template["Resources"].items()}


@pytest.fixture(scope="session")
def container(resources) -> Any:
    (container,) = resources["TaskDefinition"]["ContainerDefinitions"]
    return container


@pytest.fixture(scope="session")
def arguments(container):
    """Envoy's arguments in a task, its configuration last: made with what this test wants to be different."""
    *options, configuration = container["Command"]
    text, values = configuration["Fn::Sub"]

    def arguments(**different: str) -> list[str]:
        return [*options, edge.configured(text, {**values, "API_HOST": "api.example", **different})]

    return arguments


@pytest.fixture(scope="session")
def pyproject() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
