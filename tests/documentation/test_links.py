"""The documents: what they link to is there, and each decision has a number of its own."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
]
DECISIONS = sorted((ROOT / "docs" / "adr").iterdir())

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = _FENCED.sub("", document.read_text(encoding="utf-8"))
    targets = [match[1] for match in _LINK.finditer(text) if "://" not in match[1]]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_decisions_are_numbered_once_and_without_a_gap() -> None:
    numbers = [int(decision.name[:4]) for decision in DECISIONS]
    assert [number for number, count in Counter(numbers).items() if count > 1] == []
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_a_decision_has_its_number_and_says_how_to_reverse_it(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(decision.name[:4])}. ")
    assert "revers" in text
