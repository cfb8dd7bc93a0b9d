"""What a rule says to its arguments, as a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from domain.errors import Reason, Refused

_T = TypeVar("_T")


def outcome(rule: Callable[..., _T], *arguments: Any) -> _T | Reason:
    """The rule's result, or the reason with which it refuses."""
    try:
        return rule(*arguments)
    except Refused as refused:
        return refused.reason
