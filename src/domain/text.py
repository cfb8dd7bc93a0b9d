"""Trimming and lower-casing as Go does it, since stored names and uniqueness depend on it (spec 4.5)."""

from __future__ import annotations

import unicodedata

# Unicode White_Space as Go's strings.TrimSpace sees it; Python's str.strip() would also take U+001C to U+001F.
_SPACE = (
    "\t\n\v\f\r \u0085\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)  # fmt: skip


def trim(text: str) -> str:
    """``text`` without leading and trailing white space."""
    return text.strip(_SPACE)


def lower(text: str) -> str:
    """``text`` with each character lower-cased by itself.

    Python's ``str.lower`` looks at neighbours (final sigma) and lets one character become two (``İ``); Go does neither.
    """
    return "".join(char.lower()[0] for char in text)


def is_letter_or_mark(char: str) -> bool:
    r"""Whether ``char`` is in the regular-expression classes ``\p{L}`` or ``\p{M}``."""
    return unicodedata.category(char)[0] in "LM"
