"""``domain.languages`` against golang.org/x/text/language itself (spec 3.1 "Language parsing")."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import languages

GO_ANSWERS = json.loads((Path(__file__).parent / "go_answers/languages.json").read_text())
"""[text, what ``Make`` keeps or null, what ``Parse`` gives], as tools/go-oracle recorded it."""

TAGS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "de",
                "zh",
                "iw",
                "sh",
                "mo",
                "ger",
                "und",
                "xx",
                "Latn",
                "Qaai",
                "CH",
                "BU",
                "419",
                "1996",
                "rozaj",
                "x",
                "u",
                "t",
                "a",
                "co",
                "m0",
                "yue",
            ]
        ),
        st.text(st.sampled_from("abdxtu019 é*"), max_size=9),
    ),
    max_size=4,
).flatmap(lambda subtags: st.sampled_from("-_").map(lambda separator: separator.join(subtags)[: languages.LONGEST]))


@pytest.mark.parametrize(("text", "made", "parsed"), GO_ANSWERS)
def test_go_reads_the_same(text: str, made: str | None, parsed: str) -> None:
    assert languages.canonical(text) == made
    assert languages.strict(text) == parsed


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("de", "de"),
        ("de-CH", "de-CH"),
        ("de_CH", "de-CH"),
        ("en-", "en"),
        ("iw", "he"),
        ("ger", "de"),
        ("abc", "abc"),
        ("tlh", "tlh"),
        ("mul", "mul"),
        ("xx", None),
        ("english", None),
        ("und", None),
        ("*", None),
        ("", None),
    ],
)
def test_the_examples_of_the_specification(text: str, made: str | None) -> None:
    assert languages.canonical(text) == made


@pytest.mark.parametrize("text", ["en-", "en-zzz", "xx", "und", "english", "*", "", "de CH"])
def test_a_preferred_language_with_any_fault_is_undetermined(text: str) -> None:
    assert languages.strict(text) == "und"


@pytest.mark.parametrize("text", ["ca-valencia", "de-DE-u-co-phonebk", "x" * 1_000_000, "-" * 1_000_000])
def test_what_the_field_rules_refuse_is_not_read(text: str) -> None:
    assert languages.canonical(text) is None
    assert languages.strict(text) == "und"


@given(st.text() | TAGS)
@example("\ud800")
def test_every_text_has_an_answer(text: str) -> None:
    made, parsed = languages.canonical(text), languages.strict(text)
    assert made != "und"
    assert parsed in {made, "und"}


@given(TAGS)
def test_what_is_canonical_stays(text: str) -> None:
    parsed = languages.strict(text)
    if len(parsed) <= languages.LONGEST:
        assert languages.strict(parsed) == parsed
        assert languages.canonical(parsed) in {parsed, None}


@given(TAGS, st.sampled_from([str.upper, str.lower, str.title]))
def test_case_and_kind_of_separator_do_not_matter(text: str, recase) -> None:
    assert languages.strict(recase(text).replace("-", "_")) == languages.strict(text)


def test_the_subtags_are_loaded_with_the_first_tag() -> None:
    """A request that names no language must not pay for them."""
    program = (
        "import sys; from domain import languages; languages.canonical(''); languages.strict('');"
        "early = 'domain.language_subtags' in sys.modules; languages.canonical('de');"
        "print(early, 'domain.language_subtags' in sys.modules)"
    )
    source = str(Path(languages.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
