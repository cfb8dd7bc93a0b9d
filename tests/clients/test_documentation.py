"""Every snippet of docs/clients.md runs as it stands and prints what the document says it prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clients.lambda_api import lambda_api
from clients.programs import HERE, PROTO, generated
from local.lifeline import ROOT

DOCUMENT = ROOT / "docs" / "clients.md"
_HEADINGS = re.compile(r"^## (.+)$", re.MULTILINE)
_PARTS = re.compile(_HEADINGS.pattern + r"|^```(\S+)(?: (\w+))?\n((?:.*\n)*?)```$", re.MULTILINE)
_COMMANDS = {
    ("bash", ""): ["bash", "-euo", "pipefail"],
    ("python", ""): [sys.executable],
    ("js", ""): ["node"],
    ("js", "page"): ["node", "run_page.mjs"],
}


def snippets():
    """Each snippet's section, kind and text, with what it prints; a block of text belongs to the one before it."""
    section, found = "", []
    for heading, language, where, text in _PARTS.findall(DOCUMENT.read_text(encoding="utf-8")):
        if heading:
            section = heading
        elif language == "text":
            found[-1][3] = text
        elif language != "console":
            found.append([section, (language, where), text, ""])
    return found


SNIPPETS = snippets()
SECTIONS_WITHOUT = {"A page to try it", "What a call may carry", "Server reflection"}


def test_every_section_has_a_snippet():
    headings = set(_HEADINGS.findall(DOCUMENT.read_text(encoding="utf-8")))
    assert headings - SECTIONS_WITHOUT == {section for section, *_ in SNIPPETS}


@pytest.fixture(scope="module")
def checkout(service, tmp_path_factory):
    """A folder that looks like a checkout with `make serve` running and everything installed."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "proto").symlink_to(PROTO)
    (folder / ".local").symlink_to(service.state)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    (folder / "run_page.mjs").symlink_to(HERE / "run_page.mjs")
    generated(folder)
    return folder


@pytest.fixture(scope="module")
def environment(service, checkout):
    """The reader's shell: the token, Python with the generated code, and where boto3 finds the orchestration function."""
    with lambda_api() as endpoint:
        yield {
            **os.environ,
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "PYTHONPATH": str(checkout),
            "TOKEN": service.bearer,
            "FUNCTION": "arn:aws:lambda:eu-central-1:123456789012:function:orchestration:live",
            "AWS_ENDPOINT_URL_LAMBDA": endpoint,
        }


@pytest.mark.parametrize(
    "snippet",
    [pytest.param(snippet, id=f"{number} {section}") for number, (section, *snippet) in enumerate(SNIPPETS, 1)],
)
def test_a_snippet(service, checkout, environment, snippet):
    kind, text, printed = snippet
    here = text.replace("127.0.0.1:8080", service.url.removeprefix("http://"))
    here = here.replace("127.0.0.1:8081", f"127.0.0.1:{service.grpc_port}")
    file = checkout / ("snippet.mjs" if kind[0] == "js" else "snippet")
    file.write_text(here, encoding="utf-8")
    command = [*_COMMANDS[kind], str(file)]
    ran = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert not ran.stderr
    pattern = re.escape(printed.strip()).replace("…", r"\S+")
    assert re.fullmatch(pattern, ran.stdout.strip()), ran.stdout
