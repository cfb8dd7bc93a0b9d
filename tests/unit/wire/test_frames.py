"""gRPC and gRPC-Web bodies: what is read, what is refused with which code, and that nothing makes it grow."""

from __future__ import annotations

import base64
import gzip
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.frames import MAX_MESSAGE_BYTES, frame, from_text, to_text, trailer_frame, unframe
from wire.grpc_status import Code, MalformedCall

MESSAGE = b"\x0a\x05slow2"


def framed(flags: int, payload: bytes) -> bytes:
    return bytes([flags]) + len(payload).to_bytes(4, "big") + payload


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


class TestUnframe:
    @pytest.mark.parametrize(
        ("body", "encoding"),
        [
            (framed(0, MESSAGE), None),
            (framed(0, MESSAGE), "identity"),
            (framed(0, MESSAGE), "gzip"),
            (framed(0, MESSAGE), "br"),
            (framed(1, gzip.compress(MESSAGE)), "gzip"),
            (framed(0, MESSAGE) + framed(0x80, b"a: b\r\n"), None),
            (framed(0, MESSAGE) + framed(0x81, b"\xff"), "gzip"),
            (framed(0x80, b"") + framed(0, MESSAGE), None),
        ],
        ids=[
            "plain",
            "identity",
            "not shrunk",
            "not compressed",
            "gzip",
            "trailers",
            "packed trailers",
            "first trailers",
        ],
    )
    def test_message(self, body: bytes, encoding: str | None) -> None:
        assert unframe(body, encoding) == MESSAGE

    @pytest.mark.parametrize("encoding", [None, "gzip"])
    def test_empty_message_is_a_message(self, encoding: str | None) -> None:
        assert unframe(framed(1, gzip.compress(b"")) if encoding else framed(0, b""), encoding) == b""

    @pytest.mark.parametrize(
        ("body", "encoding", "code"),
        [
            (b"", None, Code.UNIMPLEMENTED),
            (framed(0x80, b"grpc-status: 0\r\n"), None, Code.UNIMPLEMENTED),
            (framed(0, MESSAGE) * 2, None, Code.UNIMPLEMENTED),
            (framed(0, b"") * 2, None, Code.UNIMPLEMENTED),
            (framed(1, b"x"), "br", Code.UNIMPLEMENTED),
            (framed(1, b"x"), "deflate", Code.UNIMPLEMENTED),
            (framed(1, b"x"), "GZIP", Code.UNIMPLEMENTED),
            (framed(1, gzip.compress(MESSAGE)), None, Code.INTERNAL),
            (framed(1, gzip.compress(MESSAGE)), "", Code.INTERNAL),
            (framed(1, gzip.compress(MESSAGE)), "identity", Code.INTERNAL),
            (b"\x00", None, Code.INTERNAL),
            (b"\x00\x00\x00\x00", None, Code.INTERNAL),
            (framed(0, MESSAGE)[:-1], None, Code.INTERNAL),
            (framed(0, MESSAGE) + b"\x00", None, Code.INTERNAL),
            (b"\x00\x00\x00\x00\x01", None, Code.INTERNAL),
            (b"\x80\x00\x00\x00\x01", None, Code.INTERNAL),
            (framed(2, MESSAGE), None, Code.INTERNAL),
            (framed(0x40, MESSAGE), None, Code.INTERNAL),
            (framed(0xFF, MESSAGE), None, Code.INTERNAL),
            (b'{"instanceName":"a"}', None, Code.INTERNAL),
            (framed(1, b""), "gzip", Code.INTERNAL),
            (framed(1, MESSAGE), "gzip", Code.INTERNAL),
            (framed(1, zlib.compress(MESSAGE)), "gzip", Code.INTERNAL),
            (framed(1, raw_deflate(MESSAGE)), "gzip", Code.INTERNAL),
            (framed(1, gzip.compress(MESSAGE)[:-1]), "gzip", Code.INTERNAL),
            (framed(1, gzip.compress(MESSAGE)[:-8] + b"\0" * 8), "gzip", Code.INTERNAL),
            (framed(1, gzip.compress(MESSAGE) + b"\0"), "gzip", Code.INTERNAL),
            (framed(1, gzip.compress(MESSAGE) * 2), "gzip", Code.INTERNAL),
            (b"\x00\xff\xff\xff\xff", None, Code.RESOURCE_EXHAUSTED),
            (framed(0, b"\0" * (MAX_MESSAGE_BYTES + 1)), None, Code.RESOURCE_EXHAUSTED),
            (framed(1, gzip.compress(b"\0" * (MAX_MESSAGE_BYTES + 1))), "gzip", Code.RESOURCE_EXHAUSTED),
        ],
        ids=lambda value: ascii(value)[:30],
    )
    def test_refused(self, body: bytes, encoding: str | None, code: Code) -> None:
        with pytest.raises(MalformedCall) as refusal:
            unframe(body, encoding)

        assert refusal.value.code is code
        assert refusal.value.text == str(refusal.value)

    @pytest.mark.parametrize("size", [9, 10])
    def test_limit_is_inclusive(self, size: int) -> None:
        message = b"m" * size

        assert unframe(framed(0, message), limit=10) == message
        assert unframe(framed(1, gzip.compress(message)), "gzip", limit=30) == message

    def test_limit_holds_before_and_after_decompression(self) -> None:
        for body, encoding in ((framed(0, b"m" * 31), None), (framed(1, gzip.compress(b"m" * 31)), "gzip")):
            with pytest.raises(MalformedCall, match="30 bytes"):
                unframe(body, encoding, limit=30)

    def test_a_gzip_bomb_stays_small(self) -> None:
        bomb = framed(1, gzip.compress(b"\0" * 200_000_000))
        tracemalloc.start()
        try:
            with pytest.raises(MalformedCall):
                unframe(bomb, "gzip")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert peak < 4 * MAX_MESSAGE_BYTES + len(bomb)

    @pytest.mark.parametrize(
        "body", [framed(0x80, b"") * 200_000, framed(1, gzip.compress(b"") * 50_000)], ids=["trailers", "gzip members"]
    )
    def test_a_mebibyte_of_nothing_takes_bounded_time(self, body: bytes) -> None:
        started = time.process_time()
        with pytest.raises(MalformedCall):
            unframe(body, "gzip")

        assert time.process_time() - started < 2


class TestFrame:
    def test_bytes(self) -> None:
        assert frame(MESSAGE) == b"\x00\x00\x00\x00\x07\x0a\x05slow2"
        assert frame(b"") == b"\0\0\0\0\0"
        assert frame(b"\0" * 258)[:5] == b"\0\0\0\x01\x02"

    def test_trailers(self) -> None:
        trailers = {"grpc-status": "6", "grpc-message": "dup %E2"}

        assert trailer_frame(trailers) == b"\x80\x00\x00\x00\x27grpc-status: 6\r\ngrpc-message: dup %E2\r\n"

    @pytest.mark.parametrize(("name", "value"), [("a", "b\r\ngrpc-status: 0"), ("a", "b\n"), ("a\r", "b")], ids=ascii)
    def test_a_line_break_cannot_forge_a_trailer(self, name: str, value: str) -> None:
        with pytest.raises(ValueError, match="line break"):
            trailer_frame({name: value})

    @given(st.binary(max_size=300))
    def test_unframe_undoes_frame(self, message: bytes) -> None:
        assert unframe(frame(message)) == message
        assert unframe(frame(message) + trailer_frame({"a": "b"})) == message
        assert unframe(framed(1, gzip.compress(message)), "gzip") == message


class TestText:
    @pytest.mark.parametrize(
        ("text", "frames"),
        [
            (b"", b""),
            (b"AAAAAAA=", b"\0" * 5),
            (b"AAAAAAA=" * 2, b"\0" * 10),
            (b"YQ==YWI=YWJjYQ==", b"aababca"),
            (b"+/+/", b"\xfb\xff\xbf"),
        ],
    )
    def test_read(self, text: bytes, frames: bytes) -> None:
        assert from_text(text) == frames

    @pytest.mark.parametrize(
        "text",
        [
            b"A",
            b"YQ",
            b"YWI",
            b"YQ=",
            b"YQ===",
            b"YWJj=",
            b"YWJj==",
            b"YWJj====",
            b"YWJjYWI==",
            b"=",
            b"====",
            b"A===",
            b"YQ==A",
            b"YQ==\n",
            b"YW Jj",
            b"-_-_",
            b"\xff\xff\xff\xff",
            b"\0\0\0\0",
        ],
    )
    def test_refused(self, text: bytes) -> None:
        with pytest.raises(MalformedCall) as refusal:
            from_text(text)

        assert refusal.value.code is Code.INTERNAL

    @given(st.lists(st.binary(max_size=20)))
    def test_pieces_are_put_together(self, pieces: list[bytes]) -> None:
        assert from_text(b"".join(map(base64.b64encode, pieces))) == b"".join(pieces)

    @given(st.binary(max_size=100))
    def test_reading_undoes_printing(self, frames: bytes) -> None:
        assert from_text(to_text(frames)) == frames

    @pytest.mark.parametrize("unit", [b"YQ==", b"====", b"YWI=", b"AAAA", b"=A"])
    def test_a_mebibyte_of_anything_takes_bounded_time(self, unit: bytes) -> None:
        started = time.process_time()
        try:
            from_text(unit * (2**20 // len(unit)))
        except MalformedCall as refusal:
            assert refusal.code is Code.INTERNAL  # noqa: PT017 # some units are base64, others are not

        assert time.process_time() - started < 2


class TestRules:
    @given(st.binary(max_size=100), st.sampled_from([None, "gzip", "identity", "br"]), st.integers(0, 100))
    def test_any_bytes(self, body: bytes, encoding: str | None, limit: int) -> None:
        assert_read_or_refused(body, encoding, limit)

    @given(
        st.lists(st.tuples(st.sampled_from([0, 1, 2, 0x80, 0x81]), st.binary(max_size=30), st.booleans()), max_size=4),
        st.sampled_from([None, "gzip"]),
        st.integers(0, 60),
        st.data(),
    )
    def test_any_frames(
        self, parts: list[tuple[int, bytes, bool]], encoding: str | None, limit: int, data: st.DataObject
    ) -> None:
        body = bytearray(
            b"".join(framed(flags, gzip.compress(payload) if packed else payload) for flags, payload, packed in parts)
        )
        if body and data.draw(st.booleans()):
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
        assert_read_or_refused(bytes(body), encoding, limit)

    @given(st.binary(max_size=60) | st.text("AZaz09+/=", max_size=60).map(str.encode))
    def test_any_text(self, text: bytes) -> None:
        try:
            frames = from_text(text)
        except MalformedCall as refusal:
            assert refusal.code is Code.INTERNAL  # noqa: PT017 # either way is right
        else:
            assert len(frames) <= len(text)


def assert_read_or_refused(body: bytes, encoding: str | None, limit: int) -> None:
    try:
        message = unframe(body, encoding, limit)
    except MalformedCall as refusal:
        assert refusal.code in {Code.INTERNAL, Code.UNIMPLEMENTED, Code.RESOURCE_EXHAUSTED}  # noqa: PT017 # either way
    else:
        assert len(message) <= limit
