"""The texts of errors in the languages that callers accept (spec 2.6, 4.6).

A language is a file in ``locales``, named by its tag: i18n key to text. A key has a text only where ZITADEL has one, or
where the key is ours. As in ZITADEL there is no falling back from one language to another: a key that the caller's
language lacks is shown as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

LONGEST_HEADER = 1000
"""Characters of an Accept-Language header; what no browser sends is not worth reading."""

_LOCALES = Path(__file__).parent / "locales"
_LANGUAGE_RANGE = re.compile(
    r"\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)\s*)?", re.ASCII | re.IGNORECASE
)


def translate(key: str, accept_language: str | None) -> str:
    """The key's text in the language of the header that is preferred among those there are, else the key itself.

    The highest ``q`` comes first, equals in the order given; ``de-CH`` is satisfied by ``de`` (RFC 4647, section 3.4).
    What is malformed in the header is passed over, as is ``*``, and a header longer than LONGEST_HEADER as a whole.
    """
    if accept_language and len(accept_language) <= LONGEST_HEADER:
        for tag in _by_preference(accept_language):
            if tag in _languages():
                return _texts(tag).get(key, key)
    return key


def _by_preference(header: str) -> Iterator[str]:
    """Each tag the caller accepts, followed by its ever shorter forms."""
    qualities: dict[str, float] = {}
    for part in header.split(","):
        if language_range := _LANGUAGE_RANGE.fullmatch(part):
            tag, quality = language_range.groups(default="1")
            qualities.setdefault(tag.lower(), float(quality))
    for tag in sorted(qualities, key=qualities.__getitem__, reverse=True):
        subtags = tag.split("-") if qualities[tag] else []
        for length in range(len(subtags), 0, -1):
            yield "-".join(subtags[:length])


@cache
def _languages() -> Mapping[str, Path]:
    return {path.stem.lower(): path for path in _LOCALES.glob("*.json")}


@cache
def _texts(language: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = json.loads(_languages()[language].read_text("utf-8"))
    return texts
