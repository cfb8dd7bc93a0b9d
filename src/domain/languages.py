"""Language tags as golang.org/x/text/language v0.28 reads them (spec 3.1 "Language parsing").

ZITADEL stores whatever that library understood of a tag, so the rules here are the library's own reading of BCP 47
(RFC 5646): case does not matter, ``_`` separates like ``-``, 3-letter codes become 2-letter ones (``ger``, ``de``), an
extended language replaces its prefix (``zh-yue``, ``yue``). A tag understood to its end is also made canonical:
deprecated languages, scripts and regions give way to their successors. Which subtags exist is data recorded from the
library, ``domain.language_subtags``, loaded with the first tag read. docs/adr/0007-language-tags.md says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

UNDETERMINED = "und"
"""The tag of no language at all, BCP 47's root."""

LONGEST = 10
"""Runes in a tag; the field rules refuse longer ones (spec 1.1), so what needs more room is not read here.

That is: two variants or two extensions in one tag, and keywords with values in its ``u`` or ``t`` extension.
"""

# Shapes of subtags, as strings, so that only a request with a language pays for compiling them.
_SUBTAG = r"[A-Za-z0-9]{1,8}"
_EXTENDED_LANGUAGE = r"[a-z].."
_SCRIPT = r"[a-z]..."
_REGION = r"...?"
_VARIANT = r"....+"
_SINGLETON = r"."
_EXTENSION_CONTENT = r"..+"
_TRANSFORMED_LANGUAGE = r".[a-z].?"
_TRANSFORM_FIELD = r".[0-9]"


def canonical(text: str) -> str | None:
    """What ``language.Make`` keeps of the text, or None if that is nothing: how an instance's default language is read.

    Malformed and unknown subtags are dropped: ``en-zzz`` is ``en``, ``xx-DE`` is ``und-DE``. A tag that lost a part
    is not made canonical, as in the library: ``iw`` is ``he``, but ``iw-`` stays ``iw``.
    """
    tag, _ = _read(text)
    return None if tag == UNDETERMINED else tag


def strict(text: str) -> str:
    """What ``language.Parse`` makes of the text, or ``und`` if anything is wrong: a human's preferred language."""
    tag, understood = _read(text)
    return tag if understood else UNDETERMINED


def _read(text: str) -> tuple[str, bool]:
    """The tag as far as it was understood, and whether that was to its end."""
    if not text or len(text) > LONGEST:
        return UNDETERMINED, False
    pieces = text.replace("_", "-").split("-")
    subtags = [piece.lower() for piece in pieces if re.fullmatch(_SUBTAG, piece)]
    understood = len(subtags) == len(pieces)
    if understood and (modern := _registry().grandfathered.get("-".join(subtags))):
        return modern, True
    if subtags[:1] == ["x"] and len(subtags) > 1:
        return "-".join(subtags), understood
    if not subtags or len(subtags[0]) not in {2, 3}:
        return UNDETERMINED, False
    return _Reader(subtags, understood=understood).tag()


class _Reader:
    """Takes subtags from the front; one that is malformed, unknown or out of place is dropped and noted."""

    def __init__(self, subtags: list[str], *, understood: bool) -> None:
        self._rest = subtags
        self._understood = understood
        self._registry = _registry()

    def tag(self) -> tuple[str, bool]:
        """The whole tag: language, script, region, variant, extensions."""
        core = self._core()
        if self._rest and not self._next_is(_SINGLETON):
            self._understood = False
        extensions = self._extensions()
        if self._understood:
            core = self._replace_deprecated(*core)
        return "-".join(filter(None, [*core, *extensions])), self._understood

    def _core(self) -> tuple[str, str, str, str]:
        """Language, script, region and variant, the last three possibly empty."""
        registry = self._registry
        language = self._known(self._rest.pop(0), registry.languages) or UNDETERMINED
        while extended := self._next(_EXTENDED_LANGUAGE):
            found = self._known(extended, registry.languages)
            language = language if found in {"", UNDETERMINED} else found
        script = self._known(self._next(_SCRIPT).title(), registry.scripts)
        region = self._known(self._next(_REGION).upper(), registry.regions)
        variant = ""
        while candidate := self._next(_VARIANT):
            variant = self._known(candidate, registry.variants) or variant
        return language, script, region, variant

    def _extensions(self) -> list[str]:
        extensions = []
        while singleton := self._next(_SINGLETON):
            if content := self._content(singleton):
                extensions.append("-".join([singleton, *content]))
            else:
                self._understood = False
        return extensions

    def _content(self, singleton: str) -> list[str]:
        match singleton:
            case "x":
                content, self._rest = self._rest, []
            case "u":
                content = sorted(set(self._run(_EXTENSION_CONTENT)))
            case "t":
                language = self._core() if self._next_is(_TRANSFORMED_LANGUAGE) else ()
                content = [part.lower() for part in language if part] + self._run(_TRANSFORM_FIELD)
            case _:
                content = self._run(_EXTENSION_CONTENT)
        return content

    def _replace_deprecated(self, language: str, script: str, region: str, variant: str) -> tuple[str, str, str, str]:
        """Two retired languages say more than their successors, ``sr`` and ``ro``; the rest are plain renamings."""
        if language == "sh":
            script = script or "Latn"
        if language == "mo":
            region = region or "MD"
        successors = self._registry.successors
        return (
            successors.get(language, language),
            successors.get(script, script),
            successors.get(region, region),
            variant,
        )

    def _next_is(self, shape: str) -> bool:
        return bool(self._rest) and re.fullmatch(shape, self._rest[0]) is not None

    def _next(self, shape: str) -> str:
        return self._rest.pop(0) if self._next_is(shape) else ""

    def _run(self, shape: str) -> list[str]:
        run = []
        while subtag := self._next(shape):
            run.append(subtag)
        return run

    def _known(self, subtag: str, names: Mapping[str, str]) -> str:
        """The registered spelling of the subtag, empty if there is none or nothing was to be found."""
        name = names.get(subtag, "")
        if subtag and not name:
            self._understood = False
        return name


class _Registry:
    """Each table leads from a subtag, in the case usual for its kind, to the spelling that the library prints."""

    def __init__(self) -> None:
        from domain import language_subtags as data  # noqa: PLC0415 - most requests name no language

        self.languages = _table(data.LANGUAGES)
        self.scripts = _table(data.SCRIPTS)
        self.regions = _table(data.REGIONS)
        self.variants = _table(data.VARIANTS)
        self.grandfathered = _table(data.GRANDFATHERED)
        self.successors = _table(data.SUCCESSORS)


@cache
def _registry() -> _Registry:
    return _Registry()


def _table(entries: str) -> Mapping[str, str]:
    return {key: value or key for key, _, value in (entry.partition(":") for entry in entries.split())}
