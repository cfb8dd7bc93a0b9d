"""What a rule says to its arguments, as a value."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from domain.errors import Reason, Refused
from domain.rules import enforce

_T = TypeVar("_T")


def outcome(rule: Callable[..., _T | Generator[Any, None, _T]], *arguments: Any) -> _T | Reason:
    """The rule's result, or the reason with which it refuses, which of several is the first."""
    try:
        result = rule(*arguments)
        return enforce(result) if isinstance(result, Generator) else result
    except Refused as refused:
        return refused.reason
