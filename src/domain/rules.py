"""Rules that can tell everything that is wrong with a request, or only what is wrong first.

A rule of one value is a function that raises Refused. A rule made of several is a generator: it yields each violation,
in ZITADEL's order, and returns what it makes of the request. Who wants the first violation takes one and stops; who
wants all of them goes on, and must not use what is returned after a violation for anything but looking further.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from domain.errors import Reason, Refused

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, and the field that breaks it: proto names joined by dots, empty where it is no field."""

    reason: Reason
    field: str


Rule: TypeAlias = Generator[Violation, None, T]


def enforce(rule: Rule[T]) -> T:
    """What the rule makes of the request. Raises Refused with the first violation."""
    try:
        first = next(rule)
    except StopIteration as end:
        result: T = end.value
        return result
    raise Refused(first.reason)


def examine(rule: Rule[T]) -> tuple[list[Violation], T]:
    """Every violation, and what the rule makes of the request in spite of them."""
    found = []
    while True:
        try:
            found.append(next(rule))
        except StopIteration as end:
            return found, end.value


def single(field: str, check: Callable[[], T], otherwise: T) -> Rule[T]:
    """The rule of one value as part of a larger one; ``otherwise`` stands in for a result."""
    try:
        return check()
    except Refused as refusal:
        reason = refusal.reason
    yield Violation(reason, field)
    return otherwise
