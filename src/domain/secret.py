"""Text that must never be seen by chance."""

from __future__ import annotations

import hmac
from typing import Any, NoReturn

from pydantic_core import core_schema


class Secret:
    """Holds a password, token or private key; every accidental way of printing it gives ``***``.

    It does not pickle and does not serialize to JSON: the value leaves only through :meth:`reveal`, which is easy to
    find in a review.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret does not pickle")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Accept a string in a pydantic model and hold it as a Secret; a rule for its text must come before that."""
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(strict=True),
            # Dumped as itself: a dump to JSON then fails instead of showing the value.
            serialization=core_schema.plain_serializer_function_ser_schema(lambda secret: secret),
        )
