"""gRPC status metadata and deadlines, by PROTOCOL-HTTP2.md."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.generated.foundry.rpc.status_pb2 import RequestInfo, Status
from wire.generated.zitadel.message_pb2 import ErrorDetail
from wire.grpc_status import Code, MalformedCall, percent_encoded, status_details, timeout_seconds, trailers

TEXT = "Errors.Instance.Domain.AlreadyExists (V3-DKcYh)"
DETAIL = ("V3-DKcYh", "Errors.Instance.Domain.AlreadyExists")
# Written by googleapis-common-protos' google.rpc.Status and RequestInfo.
GOOGLES_BYTES = bytes.fromhex(
    "0806122f4572726f72732e496e7374616e63652e446f6d61696e2e416c7265616479457869737473202856332d444b635968"
    "291a5e0a2a747970652e676f6f676c65617069732e636f6d2f7a69746164656c2e76312e4572726f7244657461696c12300a"
    "0856332d444b63596812244572726f72732e496e7374616e63652e446f6d61696e2e416c72656164794578697374731a330a"
    "2a747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e52657175657374496e666f12050a03722d31"
)


class TestTrailers:
    def test_success(self) -> None:
        assert trailers(Code.OK) == {"grpc-status": "0"}

    def test_plain_status(self) -> None:
        assert trailers(16, "auth header missing") == {"grpc-status": "16", "grpc-message": "auth header missing"}

    def test_details(self) -> None:
        metadata = trailers(6, TEXT, detail=DETAIL, request_id="r-1")
        details = metadata.pop("grpc-status-details-bin")

        assert metadata == {"grpc-status": "6", "grpc-message": TEXT}
        assert not details.endswith("=")
        assert base64.b64decode(details + "=" * (-len(details) % 4)) == GOOGLES_BYTES

    def test_the_message_in_the_details_is_not_percent_encoded(self) -> None:
        details = Status.FromString(status_details(13, "100 % é", detail=None, request_id="r"))

        assert details.message == "100 % é"
        assert trailers(13, "100 % é")["grpc-message"] == "100 %25 %C3%A9"

    @pytest.mark.parametrize(
        ("detail", "request_id", "urls"),
        [
            (None, None, []),
            (DETAIL, None, ["type.googleapis.com/zitadel.v1.ErrorDetail"]),
            (None, "r", ["type.googleapis.com/google.rpc.RequestInfo"]),
        ],
    )
    def test_types_of_the_details(
        self, detail: tuple[str, str] | None, request_id: str | None, urls: list[str]
    ) -> None:
        status = Status.FromString(status_details(9, "t", detail=detail, request_id=request_id))

        assert [part.type_url for part in status.details] == urls

    @given(st.integers(1, 16), st.text(), st.none() | st.tuples(st.text(), st.text()), st.none() | st.text(min_size=1))
    def test_values_are_printable_ascii_and_say_everything(
        self, code: int, text: str, detail: tuple[str, str] | None, request_id: str | None
    ) -> None:
        metadata = trailers(code, text, detail=detail, request_id=request_id)

        assert all(re.fullmatch(r"[ -~]*", value) for value in metadata.values())
        assert metadata["grpc-status"] == str(code)
        assert unquote(metadata.get("grpc-message", "")) == text
        details = metadata.get("grpc-status-details-bin", "")
        status = Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
        parts = list(status.details)
        if request_id:
            assert RequestInfo.FromString(parts.pop().value).request_id == request_id
        if detail:
            assert ErrorDetail.FromString(parts.pop().value) == ErrorDetail(id=detail[0], message=detail[1])
        assert not parts


class TestPercentEncoding:
    @pytest.mark.parametrize(
        ("text", "encoded"),
        [
            ("", ""),
            ("plain text, (AUTH-7fs1e) | ~ {}\"'+/=&?", "plain text, (AUTH-7fs1e) | ~ {}\"'+/=&?"),
            ("100%", "100%25"),
            ("%41", "%2541"),
            ("a\r\nb\tc\0", "a%0D%0Ab%09c%00"),
            ("\x7f", "%7F"),
            ("– é €", "%E2%80%93 %C3%A9 %E2%82%AC"),
            ("😀", "%F0%9F%98%80"),
            ("\ud800", "?"),
        ],
        ids=ascii,
    )
    def test_text(self, text: str, encoded: str) -> None:
        assert percent_encoded(text) == encoded


class TestTimeout:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            (None, None),
            ("1H", 3600),
            ("2M", 120),
            ("29S", 29),
            ("0S", 0),
            ("497m", 0.497),
            ("29000m", 29),
            ("5u", 0.000005),
            ("7n", 0.000000007),
            ("00000001S", 1),
            ("99999999H", 359_999_996_400),
        ],
    )
    def test_seconds(self, header: str | None, seconds: float | None) -> None:
        assert timeout_seconds(header) == (None if seconds is None else pytest.approx(seconds))

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "S",
            "1",
            "1s",
            "1h",
            "-1S",
            "+1S",
            "1.5S",
            " 1S",
            "1S ",
            "1 S",
            "1S\n",
            "123456789S",
            "1SS",
            "٣S",
            "1ms",
            "0x1S",
        ],
        ids=ascii,
    )
    def test_refused(self, header: str) -> None:
        with pytest.raises(MalformedCall) as refusal:
            timeout_seconds(header)

        assert refusal.value.code is Code.INTERNAL

    @given(st.text())
    def test_any_text(self, header: str) -> None:
        try:
            seconds = timeout_seconds(header)
        except MalformedCall as refusal:
            assert refusal.text == "malformed grpc-timeout"  # noqa: PT017 # either way is right
        else:
            assert seconds is not None
            assert seconds >= 0
