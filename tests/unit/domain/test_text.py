"""Trimming and lower-casing as Go does them, where Python differs (spec 4.5)."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import is_letter_or_mark, lower, trim

EVERY_CHARACTER = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        ("", ""),
        (" \t\r\n\v\f a b \u3000", "a b"),
        ("\u0085a\u00a0", "a"),
        ("\u2028a\u2029", "a"),
        # Python's str.strip takes these four, Go's strings.TrimSpace does not
        ("\x1ca\x1d", "\x1ca\x1d"),
        ("\x1ea\x1f", "\x1ea\x1f"),
        # and neither takes what only looks empty
        ("\u200ba\ufeff", "\u200ba\ufeff"),
        ("\u180ea", "\u180ea"),
    ],
)
def test_trim(text: str, trimmed: str) -> None:
    assert trim(text) == trimmed


def test_white_space_is_the_property_of_that_name() -> None:
    """Python's own idea of space is Unicode's White_Space and the four separators U+001C to U+001F."""
    trimmed_away = {character for character in EVERY_CHARACTER if not trim(character)}
    assert trimmed_away == {character for character in EVERY_CHARACTER if character.isspace()} - set("\x1c\x1d\x1e\x1f")


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("ACME", "acme"),
        ("İstanbul", "istanbul"),  # Python: i and a dot above, two characters
        ("ΟΔΟΣ", "οδοσ"),  # Python: a final sigma, ς
        ("ÀÉ", "àé"),
        ("ẞ", "ß"),
        ("ǅ", "ǆ"),
        ("\u212aelvin", "kelvin"),
        ("Ⓐ", "ⓐ"),
        ("漢字 1_.", "漢字 1_."),
    ],
)
def test_lower(text: str, lowered: str) -> None:
    assert lower(text) == lowered


def test_lower_maps_each_character_to_one_that_stays() -> None:
    lowered = lower("".join(EVERY_CHARACTER))
    assert len(lowered) == len(EVERY_CHARACTER)
    assert lower(lowered) == lowered


@given(st.text(), st.text())
def test_lower_looks_at_no_neighbours(one: str, other: str) -> None:
    assert lower(one + other) == lower(one) + lower(other)


@given(st.text())
def test_trim_is_python_s_where_the_four_separators_are_absent(text: str) -> None:
    cleaned = "".join(character for character in text if character not in "\x1c\x1d\x1e\x1f")
    assert trim(cleaned) == cleaned.strip()
    assert trim(trim(text)) == trim(text)


@pytest.mark.parametrize(
    ("characters", "expected"),
    [("azAZéßяあ漢ªʰ", True), ("\u0301\u0903\u20dd", True), ("09٣Ⅷ½_-.· @$+\u200d\x00", False)],
)
def test_letters_and_marks(characters: str, expected: bool) -> None:
    for character in characters:
        assert is_letter_or_mark(character) is expected, unicodedata.name(character, repr(character))
