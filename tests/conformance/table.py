"""What a row of the conformance table is: a call as data, and what the specification says of its answer.

A row knows nothing of transports. Its request is the typed message in JSON form, so it can be sent as JSON or as
protobuf; only rows about decoding hold bytes, and only rows about routes a method or a path (:attr:`Row.json_only`).
What is expected is said in gRPC's terms, with the HTTP status beside them for the transports that have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.callers import VALID, Bearer
from domain.instant import Instant

PATH = "/system/v1/instances/_create"

Text = str | re.Pattern[str]
"""An exact text, or a pattern for the whole of it where the specification leaves the wording open."""


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()
"""Expected of a member that must not be there at all."""


@dataclass(frozen=True)
class Refused:
    """A refusal: gRPC code, HTTP status, ZITADEL's id or None for a plain status, and the text without that id."""

    http: int
    grpc: int
    id: str | None
    text: Text

    def saying(self, text: Text) -> Refused:
        """The same refusal in other words, as a translation has them."""
        return replace(self, text=text)


@dataclass(frozen=True)
class Created:
    """An instance: the credentials that were asked for, and facts that must hold, each a part of the whole.

    ``answer`` is about the response in JSON form, ``records`` about the stored records by their kind
    (``conformance.records``), ``key_file`` about the machine key's JSON. ``delivered`` is False where the answer must
    only say where the credentials are.
    """

    pat: bool = False
    key: bool = False
    delivered: bool = True
    answer: Mapping[str, Any] = field(default_factory=dict)
    records: Mapping[str, Any] = field(default_factory=dict)
    key_file: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Replayed:
    """The answer of the first earlier call once more, marked as a replay, with nothing new stored.

    ``pat`` and ``key`` are the credentials that were asked for, ``delivered`` whether this answer holds them; the first
    one need not have.
    """

    pat: bool = False
    key: bool = False
    delivered: bool = True


@dataclass(frozen=True)
class Call:
    """One call; header names are in lower case.

    ``at`` is the time of day at which it is made and ``label`` what makes the generated domain unique, where that
    matters.
    """

    request: Mapping[str, Any] | bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: Bearer | str | None = VALID
    at: Instant | None = None
    label: str | None = None
    method: str = "POST"
    path: str = PATH


@dataclass(frozen=True)
class Row:
    """A line of the specification.

    ``section`` is the specification's, or ``design`` and the number of a decision for what only this service has.
    ``earlier`` are calls made before, whatever they are answered. ``doubt`` says why the specification may be wrong
    here; ``departure`` says why the service differs from ZITADEL on purpose, and what ZITADEL does.
    """

    name: str
    section: str
    request: Mapping[str, Any] | bytes
    expected: Refused | Created | Replayed
    headers: Mapping[str, str] = field(default_factory=dict)
    doubt: str | None = None
    departure: str | None = None
    authorization: Bearer | str | None = VALID
    at: Instant | None = None
    label: str | None = None
    method: str = "POST"
    path: str = PATH
    earlier: tuple[Call, ...] = ()

    def __str__(self) -> str:
        marks = [mark for mark in ("doubt", "departure") if getattr(self, mark)]
        return f"{self.section}: {self.name}{''.join(f' ({mark})' for mark in marks)}"

    @property
    def call(self) -> Call:
        """The call that the row is about."""
        return Call(self.request, self.headers, self.authorization, self.at, self.label, self.method, self.path)

    @property
    def json_only(self) -> bool:
        """Whether only the JSON transport can carry the row."""
        calls = (*self.earlier, self.call)
        return any(isinstance(call.request, bytes) or (call.method, call.path) != ("POST", PATH) for call in calls)


def differences(expected: Any, actual: Any, place: str) -> Iterator[str]:
    """Where ``actual`` is not as expected, in words; an expected mapping may leave members out, a list may not."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            yield from differences(value, actual.get(name, ABSENT), f"{place}.{name}")
    elif isinstance(expected, list | tuple) and isinstance(actual, list | tuple) and len(expected) == len(actual):
        for position, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{place}[{position}]")
    elif isinstance(expected, re.Pattern):
        if not (isinstance(actual, str) and expected.fullmatch(actual)):
            yield f"{place} is {actual!r}, which {expected.pattern!r} does not match"
    elif expected != actual:
        yield f"{place} is {actual!r} instead of {expected!r}"
