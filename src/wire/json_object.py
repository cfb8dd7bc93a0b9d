"""One JSON object out of a request body, read as grpc-gateway reads it: Go's ``encoding/json`` stream decoder.

The decoder takes the first value and never looks at what follows it, and an empty body is an empty object (spec 2.1).
The syntax is RFC 8259 with nothing added: no NaN, no byte order mark, no lone surrogate. What the standard library
would turn into Python objects at a price, or with a loss, is left as it was written: numbers stay literals, and an
object keeps every member, also one whose name it has seen before.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias, Union

MAX_DEPTH = 100
"""How deeply values may nest: as far as protobuf's own binary parsers go. Go's JSON would go on to 10,000."""


class Undecodable(ValueError):
    """The body is not JSON, or not a message of the expected type.

    The text may be shown to the caller and logged: it names positions and fields of ours, never what the body holds.
    """


class Number:
    """A number as it was written: a hundred thousand digits that nobody asked for cost nothing."""

    __slots__ = ("literal",)

    def __init__(self, literal: str) -> None:
        self.literal = literal


class Members(list[tuple[str, "Value"]]):
    """An object's members in the order in which they were written."""

    __slots__ = ()


Value: TypeAlias = Union[Members, "list[Value]", str, Number, bool, None]

_WHITESPACE = b" \t\r\n"
_MARKS = re.compile(rb'\\.|["{}\[\]]', re.DOTALL)
# A pair comes first, so that its second half is not taken for a lone one; any other escape is skipped with the
# character that it escapes, which may be a backslash.
_ESCAPES = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F])|.)", re.DOTALL
)


def read_object(body: bytes) -> Members:
    """The members of the object that ``body`` begins with; none if it is empty or only whitespace.

    Raises Undecodable for any other value, bad syntax, invalid UTF-8 within the object, half a surrogate pair, or more
    than MAX_DEPTH levels. Takes time and memory in proportion to the body.
    """
    start = len(body) - len(body.lstrip(_WHITESPACE))
    if start == len(body):
        return Members()
    if not body.startswith(b"{", start):
        raise Undecodable("the body is not a JSON object")
    try:
        text = body[start : _end_of_value(body, start)].decode()
        members = json.loads(
            text, object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise Undecodable(f"invalid UTF-8 at offset {start + error.start}") from None
    except json.JSONDecodeError as error:
        raise Undecodable(f"invalid JSON at offset {start + len(text[: error.pos].encode())}") from None
    if any(escape["lone"] for escape in _ESCAPES.finditer(text)):
        raise Undecodable("invalid escape: half a surrogate pair")
    assert isinstance(members, Members)  # noqa: S101 - the text begins with a brace
    return members


def _end_of_value(body: bytes, start: int) -> int:
    """Where the brackets that open at ``start`` are closed again.

    Only brackets outside strings count; whether they are the right ones is the parser's business. Finding the end first
    keeps what follows out of the decoding, and the depth is known before a parser recurses into it.
    """
    depth = 0
    quoted = False
    for mark in _MARKS.finditer(body, start):
        sign = mark[0]
        if sign == b'"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise Undecodable(f"exceeded max depth of {MAX_DEPTH}")
        elif sign in b"}]":
            depth -= 1
            if not depth:
                return mark.end()
    raise Undecodable("unexpected EOF")


def _refuse_constant(_literal: str) -> NoReturn:
    raise Undecodable("invalid JSON: NaN and Infinity are no numbers")
