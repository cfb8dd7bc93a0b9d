"""Length-prefixed messages of gRPC and gRPC-Web, as the body of one request or response.

A frame is a flag byte, a big-endian length of four bytes, and that many bytes (PROTOCOL-HTTP2.md). Flag 0x01 marks a
message compressed as ``grpc-encoding`` says. gRPC-Web ends a body with its trailers in a frame of flag 0x80, and its
text form wraps the whole body in base64 (PROTOCOL-WEB.md). Whatever is wrong with a body ends in MalformedCall, with
the code that grpc-go gives.
"""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping

from wire.grpc_status import Code, MalformedCall

MAX_MESSAGE_BYTES = 1_048_576
"""How large a message may be, before and after it is decompressed."""

ACCEPTED_ENCODINGS = "identity,gzip"
"""The value of ``grpc-accept-encoding``, for callers whose compression is not known here."""

_HEADER_BYTES = 5
_COMPRESSED = 0x01
_TRAILERS = 0x80
_TEXT_CHUNK = re.compile(rb"[^=]*={0,2}")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib's way to say: a gzip header, and nothing else
_LINE_BREAKS = re.compile(r"[\r\n]")


def unframe(body: bytes, encoding: str | None = None, limit: int = MAX_MESSAGE_BYTES) -> bytes:
    """The one message of a unary call; trailer frames are skipped.

    ``encoding`` is the value of ``grpc-encoding``. Raises MalformedCall: UNIMPLEMENTED for none or several messages and
    for an unknown compression, RESOURCE_EXHAUSTED above ``limit``, INTERNAL for bytes that are not frames. Never holds
    more than the body and ``limit`` bytes.
    """
    message: bytes | None = None
    position = 0
    while position < len(body):
        start = position + _HEADER_BYTES
        if start > len(body):
            raise MalformedCall(Code.INTERNAL, "unexpected end of the body within a frame header")
        flags = body[position]
        length = int.from_bytes(body[position + 1 : start], "big")
        if flags & ~(_COMPRESSED | _TRAILERS):
            raise MalformedCall(Code.INTERNAL, "unexpected frame flags")
        if length > limit:
            raise MalformedCall(Code.RESOURCE_EXHAUSTED, f"message is larger than {limit} bytes")
        position = start + length
        if position > len(body):
            raise MalformedCall(Code.INTERNAL, "unexpected end of the body within a message")
        if flags & _TRAILERS:
            continue
        if message is not None:
            raise MalformedCall(Code.UNIMPLEMENTED, "unary call with more than one message")
        payload = body[start:position]
        message = _decompressed(payload, encoding, limit) if flags & _COMPRESSED else payload
    if message is None:
        raise MalformedCall(Code.UNIMPLEMENTED, "unary call without a message")
    return message


def _decompressed(payload: bytes, encoding: str | None, limit: int) -> bytes:
    if encoding in {None, "", "identity"}:
        raise MalformedCall(Code.INTERNAL, "compressed message without a grpc-encoding")
    if encoding != "gzip":
        raise MalformedCall(Code.UNIMPLEMENTED, f"grpc-encoding is not one of {ACCEPTED_ENCODINGS}")
    stream = zlib.decompressobj(_GZIP_WINDOW)
    try:
        message = stream.decompress(payload, limit + 1)
    except zlib.error:
        raise MalformedCall(Code.INTERNAL, "message is not gzip") from None
    if len(message) > limit:
        raise MalformedCall(Code.RESOURCE_EXHAUSTED, f"decompressed message is larger than {limit} bytes")
    # gzip allows several members in a row; no client sends them, and a body of nothing else would take long.
    if not stream.eof or stream.unused_data:
        raise MalformedCall(Code.INTERNAL, "message is not one gzip member")
    return message


def frame(message: bytes) -> bytes:
    """A message as an uncompressed frame."""
    return _framed(0, message)


def trailer_frame(trailers: Mapping[str, str]) -> bytes:
    """The trailers that end a gRPC-Web body: lines like HTTP/1 headers, without the empty line.

    Raises ValueError for a line break within a name or a value, which would forge a trailer.
    """
    for name, value in trailers.items():
        if _LINE_BREAKS.search(name + value):
            raise ValueError(f"line break in the trailer {name!r}")
    return _framed(_TRAILERS, "".join(f"{name}: {value}\r\n" for name, value in trailers.items()).encode("ascii"))


def _framed(flags: int, payload: bytes) -> bytes:
    return bytes([flags]) + len(payload).to_bytes(_HEADER_BYTES - 1, "big") + payload


def from_text(body: bytes) -> bytes:
    """The frames in a ``grpc-web-text`` body.

    A sender may encode piece by piece, so padding can end any piece, not only the last. Raises MalformedCall.
    """
    try:
        return b"".join(map(_decoded_chunk, _TEXT_CHUNK.findall(body)))
    except binascii.Error:
        raise MalformedCall(Code.INTERNAL, "grpc-web-text body is not base64") from None


def _decoded_chunk(chunk: bytes) -> bytes:
    # Python before 3.13 overlooks padding after a complete quantum.
    if len(chunk) % 4:
        raise binascii.Error("incomplete")
    return binascii.a2b_base64(chunk, strict_mode=True)


def to_text(frames: bytes) -> bytes:
    """Frames as a ``grpc-web-text`` body, in one piece."""
    return b64encode(frames)
