"""ProtoJSON against spec 2.1 and 2.2. The tables were checked, case by case, against Go's protojson (buf convert)."""

from __future__ import annotations

import base64
import json
import re
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import example, given
from hypothesis import strategies as st

from wire.generated.foundry.rpc.status_pb2 import Status
from wire.generated.zitadel.object_pb2 import ObjectDetails
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest as Request
from wire.generated.zitadel.system_pb2 import CreateInstanceResponse as Response
from wire.json_object import MAX_DEPTH, read_object
from wire.protojson import Undecodable, decode, encode

Machine, MachineKey, Pat = Request.Machine, Request.MachineKey, Request.PersonalAccessToken


def key_type(number: int) -> Request:
    return Request(machine=Machine(machine_key=MachineKey(type=number)))  # type: ignore[arg-type]


# body, the message that Go makes of it
REQUESTS: dict[str, tuple[bytes, Request]] = {
    "camel case": (b'{"instanceName":"a","firstOrgName":"b"}', Request(instance_name="a", first_org_name="b")),
    "original names": (b'{"instance_name":"a","first_org_name":"b"}', Request(instance_name="a", first_org_name="b")),
    "whitespace": (b' \t\r\n{ "instanceName" :\n"a" }\r\n', Request(instance_name="a")),
    "no members": (b"{}", Request()),
    "unknown, any depth": (
        b'{"x":{"y":[1,{"z":null}]},"machine":{"q":true,"name":"n"}}',
        Request(machine=Machine(name="n")),
    ),
    "unknown, twice": (b'{"x":1,"x":{"y":1,"y":2}}', Request()),
    "unknown, an extension's form": (b'{"[a.b]":1,"@type":"t"}', Request()),
    "other case is unknown": (b'{"InstanceName":"a","INSTANCE_NAME":"b","instanceNAME":"c"}', Request()),
    "null is unset": (b'{"instanceName":null,"machine":null,"defaultLanguage":null}', Request()),
    "null deeper": (
        b'{"machine":{"name":null,"machineKey":{"type":null,"expirationDate":null},"personalAccessToken":null}}',
        key_type(0),
    ),
    "null beside the other owner": (b'{"human":null,"machine":{}}', Request(machine=Machine())),
    "null after the other owner": (b'{"machine":{},"human":null}', Request(machine=Machine())),
    "empty owner is present": (b'{"machine":{}}', Request(machine=Machine())),
    "empty token is present": (
        b'{"machine":{"personalAccessToken":{}}}',
        Request(machine=Machine(personal_access_token=Pat())),
    ),
    "zero values": (
        b'{"instanceName":"","human":{"email":{"isEmailVerified":false}}}',
        Request(human=Request.Human(email=Request.Email())),
    ),
    "bool": (
        b'{"human":{"email":{"isEmailVerified":true}}}',
        Request(human=Request.Human(email=Request.Email(is_email_verified=True))),
    ),
    "escapes": (rb'{"instanceName":"\"\\\/\b\f\n\r\t\u00e9\u20AC"}', Request(instance_name='"\\/\b\f\n\r\té€')),
    "escaped name": (rb'{"instance\u004eame":"a"}', Request(instance_name="a")),
    "pair": (rb'{"instanceName":"\ud83d\ude00"}', Request(instance_name="😀")),
    "pair, upper case": (rb'{"instanceName":"\uD83D\uDE00"}', Request(instance_name="😀")),
    "pair after an escaped backslash": (rb'{"instanceName":"\\\ud83d\ude00"}', Request(instance_name="\\😀")),
    "what looks like half a pair": (rb'{"instanceName":"\\ud83d"}', Request(instance_name=r"\ud83d")),
    "raw UTF-8": ('{"instanceName":"é€😀\u2028\x7f\ufeff"}'.encode(), Request(instance_name="é€😀\u2028\x7f\ufeff")),
    "NUL": (rb'{"instanceName":"a\u0000b"}', Request(instance_name="a\0b")),
    "noncharacter": ('{"instanceName":"\uffff\U0010ffff"}'.encode(), Request(instance_name="\uffff\U0010ffff")),
    "brackets in strings": (b'{"instanceName":"}]{[","x":"\\"}"}', Request(instance_name="}]{[")),
    "huge number nobody asked for": (b'{"x":' + b"9" * 100_000 + b',"instanceName":"a"}', Request(instance_name="a")),
    "huge exponent nobody asked for": (b'{"x":1e99999999999,"y":-0.0E-0}', Request()),
    "enum name": (b'{"machine":{"machineKey":{"type":"KEY_TYPE_JSON"}}}', key_type(1)),
    "enum number": (b'{"machine":{"machineKey":{"type":1}}}', key_type(1)),
    "enum number with a fraction": (b'{"machine":{"machineKey":{"type":1.0}}}', key_type(1)),
    "enum number with an exponent": (b'{"machine":{"machineKey":{"type":0.1e1}}}', key_type(1)),
    "enum, unknown name": (b'{"machine":{"machineKey":{"type":"KEY_TYPE_XML"}}}', key_type(0)),
    "enum, name in other case": (b'{"machine":{"machineKey":{"type":"key_type_json"}}}', key_type(0)),
    "enum, number as string": (b'{"machine":{"machineKey":{"type":"1"}}}', key_type(0)),
    "enum, unknown number": (b'{"machine":{"machineKey":{"type":7}}}', key_type(7)),
    "enum, negative number": (b'{"machine":{"machineKey":{"type":-2147483648}}}', key_type(-(2**31))),
}

REFUSED_REQUESTS: dict[str, bytes] = {
    "null": b"null",
    "array": b"[]",
    "array of the message": b'[{"instanceName":"a"}]',
    "string": b'"a"',
    "number": b"1",
    "true": b"true",
    "word": b"instance",
    "only a comma": b",",
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"instanceName":"a"}'.encode("utf-16"),
    "other whitespace": b"\x0b{}",
    "non-breaking space": b"\xc2\xa0{}",
    "other whitespace within": b'{\x0c"instanceName":"a"}',
    "unclosed": b'{"instanceName":"a"',
    "unclosed string": b'{"instanceName":"a}',
    "unclosed escape": b'{"instanceName":"\\',
    "only a brace": b"{",
    "wrong bracket": b'{"x":[}',
    "wrong last bracket": b"{]",
    "trailing comma": b'{"instanceName":"a",}',
    "trailing comma in a list": b'{"x":[1,]}',
    "missing comma": b'{"instanceName":"a" "x":1}',
    "missing colon": b'{"instanceName" "a"}',
    "missing value": b'{"instanceName":}',
    "missing name": b'{:"a"}',
    "bare name": b'{instanceName:"a"}',
    "single quotes": b"{'instanceName':'a'}",
    "comment": b'{/**/"instanceName":"a"}',
    "NaN": b'{"x":NaN}',
    "Infinity": b'{"x":Infinity}',
    "negative infinity": b'{"x":[-Infinity]}',
    "wrong literal": b'{"x":True}',
    "literal run on": b'{"x":truefalse}',
    "leading zero": b'{"x":01}',
    "leading plus": b'{"x":+1}',
    "leading point": b'{"x":.5}',
    "trailing point": b'{"x":1.}',
    "empty exponent": b'{"x":1e}',
    "only a minus": b'{"x":-}',
    "hexadecimal": b'{"x":0x1}',
    "Arabic digits": '{"x":١}'.encode(),
    "raw control character": b'{"instanceName":"a\nb"}',
    "raw NUL": b'{"instanceName":"a\0b"}',
    "raw control character in an unknown name": b'{"a\x1f":1}',
    "unknown escape": rb'{"instanceName":"\x41"}',
    "short escape": rb'{"instanceName":"\u00e"}',
    "escape with a sign": rb'{"instanceName":"\u+0e9"}',
    "backslash outside strings": b'{\\"instanceName":"a"}',
    "high surrogate alone": rb'{"instanceName":"\ud83d"}',
    "low surrogate alone": rb'{"instanceName":"\ude00"}',
    "pair in the wrong order": rb'{"instanceName":"\ude00\ud83d"}',
    "high surrogate twice": rb'{"instanceName":"\ud83d\ud83d\ude00"}',
    "high surrogate and another escape": rb'{"instanceName":"\ud83d\u0041"}',
    "high surrogate and a backslash": rb'{"instanceName":"\ud83d\\ude00"}',
    "lone surrogate in an unknown field": rb'{"x":{"y":["\ud800"]}}',
    "lone surrogate in an unknown name": rb'{"\udfff":1}',
    "invalid UTF-8": b'{"instanceName":"\xff"}',
    "cut UTF-8": b'{"instanceName":"\xe2\x82"}',
    "overlong UTF-8": b'{"instanceName":"\xc0\xaf"}',
    "UTF-8 surrogate": b'{"instanceName":"\xed\xa0\x80"}',
    "UTF-8 beyond Unicode": b'{"instanceName":"\xf4\x90\x80\x80"}',
    "invalid UTF-8 in an unknown field": b'{"x":{"y":["\xff"]}}',
    "invalid UTF-8 in an unknown name": b'{"\xff":1}',
    "invalid UTF-8 outside strings": b'{"instanceName":"a"\xff}',
    "twice": b'{"instanceName":"a","instanceName":"a"}',
    "twice, camel and original": b'{"instanceName":"a","instance_name":"a"}',
    "twice, the first null": b'{"instanceName":null,"instanceName":"a"}',
    "twice, both null": b'{"machine":null,"machine":null}',
    "twice, escaped": rb'{"instanceName":"a","instance\u004eame":"a"}',
    "twice, deeper": b'{"machine":{"userName":"a","user_name":"b"}}',
    "message twice": b'{"machine":{},"machine":{}}',
    "both owners": b'{"machine":{},"human":{}}',
    "string: number": b'{"instanceName":1}',
    "string: true": b'{"instanceName":true}',
    "string: list": b'{"instanceName":["a"]}',
    "string: object": b'{"instanceName":{}}',
    "message: string": b'{"machine":"x"}',
    "message: empty list": b'{"machine":[]}',
    "message: list": b'{"machine":[{}]}',
    "message: number": b'{"machine":0}',
    "message: false": b'{"machine":false}',
    "bool: string": b'{"human":{"email":{"isEmailVerified":"true"}}}',
    "bool: number": b'{"human":{"email":{"isEmailVerified":1}}}',
    "enum: true": b'{"machine":{"machineKey":{"type":true}}}',
    "enum: fraction": b'{"machine":{"machineKey":{"type":1.5}}}',
    "enum: too large": b'{"machine":{"machineKey":{"type":2147483648}}}',
    "enum: object": b'{"machine":{"machineKey":{"type":{}}}}',
    "timestamp: number": b'{"machine":{"personalAccessToken":{"expirationDate":1}}}',
    "timestamp: object": b'{"machine":{"personalAccessToken":{"expirationDate":{"seconds":1}}}}',
    "timestamp: list": b'{"machine":{"personalAccessToken":{"expirationDate":[]}}}',
}

# the JSON value of a uint64 field, what it means
INTEGERS: dict[str, int] = {
    "5": 5,
    '"5"': 5,
    "5.0": 5,
    "5.000000000000000000000000": 5,
    "0.5e1": 5,
    "0.05e2": 5,
    "50e-1": 5,
    "50E-1": 5,
    '"0.5e+1"': 5,
    "5e0": 5,
    "5e+000000000000000000": 5,
    "1e19": 10**19,
    "-0": 0,
    '"-0"': 0,
    "-0.0": 0,
    "0e99999999999999": 0,
    "18446744073709551615": 2**64 - 1,
    '"18446744073709551615"': 2**64 - 1,
    "184467440737095516150e-1": 2**64 - 1,
    "1.8446744073709551615e19": 2**64 - 1,
}
REFUSED_INTEGERS: list[str] = [
    "true",
    "[]",
    "{}",
    "-1",
    "1.5",
    "0.1",
    "1e-1",
    "100e-3",
    "1e20",
    "1e99999999999999",
    "1e-99999999999999",
    "18446744073709551616",
    "9" * 100_000,
    "1." + "0" * 50_000 + "1",
    '""',
    '" 5"',
    '"5 "',
    '"5 6"',
    '"5,"',
    '"5]"',
    '"+5"',
    '"05"',
    '"1_0"',
    '"0x5"',
    '"5."',
    '"1e"',
    '"five"',
    '"٥"',
    '"NaN"',
    '"null"',
    '"5\\n"',
    f'"{"9" * 100_000}"',
]

# the JSON value of a bytes field, what it means
BYTES: dict[str, bytes] = {
    '""': b"",
    '"YQ=="': b"a",
    '"YQ"': b"a",
    '"YWI="': b"ab",
    '"YWI"': b"ab",
    '"YWJj"': b"abc",
    '"-_-_"': b"\xfb\xff\xbf",
    '"+/+/"': b"\xfb\xff\xbf",
    '"-_8"': b"\xfb\xff",
    '"-_8="': b"\xfb\xff",
    '"YR=="': b"a",
    '"YR"': b"a",
    '"YWJj\\nYWI=\\n\\r\\n"': b"abcab",
    '"YWJj\\nYW"': b"abca",
    '"Y\\n\\n\\n\\nQ=="': b"a",
    '"YQ=\\n\\r\\n\\n="': b"a",
    '"\\n"': b"",
}
REFUSED_BYTES: list[str] = [
    "1",
    "true",
    "[]",
    "{}",
    '"Y"',
    '"YWJjY"',
    '"="',
    '"===="',
    '"Y==="',
    '"YQ="',
    '"YQ==="',
    '"YWI=="',
    '"YWJj="',
    '"YQ==YQ=="',
    '"YQ==YQ"',
    '"Y=Q="',
    '"+_AA"',
    '"YQ ="',
    '"YQ\\t="',
    '"é"',
    '"YQ!="',
    '"YQ==\\n"',
    '"YWJj\\nYWI"',
    '"YWJj\\r\\nYW"',
    '"YQ\\n\\n"',
    '"YWI\\n"',
    '"\\u0000"',
]

# an RFC 3339 text, seconds and nanoseconds
TIMESTAMPS: dict[str, tuple[int, int]] = {
    "1970-01-01T00:00:00Z": (0, 0),
    "2025-01-01T08:00:00Z": (1735718400, 0),
    "2025-01-01T08:00:00.5Z": (1735718400, 500_000_000),
    "2025-01-01T08:00:00.123456789Z": (1735718400, 123_456_789),
    "2025-01-01T08:00:00.000000001+01:30": (1735713000, 1),
    "2025-01-01T08:00:00-01:30": (1735723800, 0),
    "2025-01-01T08:00:00-00:00": (1735718400, 0),
    "2025-01-01T08:00:00+23:59": (1735632060, 0),
    "2024-02-29T23:59:59Z": (1709251199, 0),
    "1969-12-31T23:59:59.999999999Z": (-1, 999_999_999),
    "0001-01-01T00:00:00Z": (-62135596800, 0),
    "0000-12-31T23:00:00-01:00": (-62135596800, 0),
    "0000-12-31T23:00:00-02:00": (-62135593200, 0),
    "9999-12-31T23:59:59.999999999Z": (253402300799, 999_999_999),
    "9999-12-31T23:59:59+23:59": (253402214459, 0),
}
REFUSED_TIMESTAMPS: list[str] = [
    "",
    "now",
    "0001-01-01T00:00:00+00:01",
    "0000-12-31T23:00:00Z",
    "0000-02-29T00:00:00-01:00",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    "10000-01-01T00:00:00+23:00",
    "-001-01-01T00:00:00Z",
    "2025-01-01T00:00:00",
    "2025-01-01",
    "2025-01-01T00:00Z",
    "2025-01-01 00:00:00Z",
    "2025-01-01t00:00:00Z",
    "2025-01-01T00:00:00z",
    "2025-01-01T00:00:00 Z",
    " 2025-01-01T00:00:00Z",
    "2025-01-01T00:00:00Z\\n",
    "2025-01-01T00:00:00ZZ",
    "2025-1-1T00:00:00Z",
    "2025-00-01T00:00:00Z",
    "2025-13-01T00:00:00Z",
    "2025-01-00T00:00:00Z",
    "2025-01-32T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2025-01-01T24:00:00Z",
    "2025-01-01T00:60:00Z",
    "2025-12-31T23:59:60Z",
    "2025-01-01T00:00:00.Z",
    "2025-01-01T00:00:00.1234567890Z",
    "2025-01-01T00:00:00+25:00",
    "2025-01-01T00:00:00+0100",
    "2025-01-01T00:00:00+01",
    "2025-01-01T00:00:00+1:00",
    "2025-01-01T00:00:00+01:00Z",
    "2025-01-01T00:00:00UTC",
    "٢025-01-01T00:00:00Z",
    "2025-01-01T00:00:0٢Z",
]
# Go's time.Parse takes these; RFC 3339 does not have them, and neither do we.
LAXER_IN_GO: list[str] = [
    "2025-01-01T8:00:00Z",
    "2025-01-01T08:00:00,5Z",
    "2025-01-01T08:00:00+24:00",
    "2025-01-01T08:00:00+23:60",
]


def sequence(value: str) -> bytes:
    return f'{{"sequence":{value}}}'.encode()


def machine_key(value: str) -> bytes:
    return f'{{"machineKey":{value}}}'.encode()


def creation_date(text: str) -> bytes:
    return f'{{"creationDate":"{text}"}}'.encode()


def short(value: object) -> str:
    return ascii(value)[:40]


class TestReading:
    @pytest.mark.parametrize(("body", "message"), REQUESTS.values(), ids=REQUESTS.keys())
    def test_request(self, body: bytes, message: Request) -> None:
        decoded = decode(body, Request)

        assert decoded == message
        assert decoded.WhichOneof("owner") == message.WhichOneof("owner")

    @pytest.mark.parametrize("body", REFUSED_REQUESTS.values(), ids=REFUSED_REQUESTS.keys())
    def test_refused(self, body: bytes) -> None:
        with pytest.raises(Undecodable):
            decode(body, Request)

    @pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t "], ids=repr)
    def test_empty_body_is_an_empty_message(self, body: bytes) -> None:
        assert decode(body, Request) == Request()

    @pytest.mark.parametrize("rest", [b" ", b"}", b"{}", b"garbage", b"\xff\xfe", b'"', b"[" * 200_000], ids=short)
    def test_what_follows_the_value_is_not_looked_at(self, rest: bytes) -> None:
        assert decode(b' {"instanceName":"a"}' + rest, Request) == Request(instance_name="a")

    @pytest.mark.parametrize(("value", "meant"), INTEGERS.items(), ids=short)
    def test_uint64(self, value: str, meant: int) -> None:
        assert decode(sequence(value), ObjectDetails).sequence == meant

    @pytest.mark.parametrize("value", REFUSED_INTEGERS, ids=short)
    def test_uint64_refused(self, value: str) -> None:
        with pytest.raises(Undecodable, match=r"^proto: invalid value for integer field sequence$"):
            decode(sequence(value), ObjectDetails)

    @pytest.mark.parametrize(("value", "meant"), BYTES.items(), ids=short)
    def test_bytes(self, value: str, meant: bytes) -> None:
        assert decode(machine_key(value), Response).machine_key == meant

    @pytest.mark.parametrize("value", REFUSED_BYTES, ids=short)
    def test_bytes_refused(self, value: str) -> None:
        with pytest.raises(Undecodable, match=r"^proto: invalid value for bytes field machineKey$"):
            decode(machine_key(value), Response)

    @pytest.mark.parametrize(("text", "meant"), TIMESTAMPS.items(), ids=short)
    def test_timestamp(self, text: str, meant: tuple[int, int]) -> None:
        decoded = decode(creation_date(text), ObjectDetails)

        assert (decoded.creation_date.seconds, decoded.creation_date.nanos) == meant
        assert decoded.HasField("creation_date")

    @pytest.mark.parametrize("text", REFUSED_TIMESTAMPS + LAXER_IN_GO, ids=short)
    def test_timestamp_refused(self, text: str) -> None:
        with pytest.raises(
            Undecodable, match=r"^proto: invalid google\.protobuf\.Timestamp value for field creationDate$"
        ):
            decode(creation_date(text), ObjectDetails)

    @pytest.mark.parametrize(
        ("body", "name"), [(b'{"human":{},"machine":{}}', "machine"), (b'{"machine":{"name":"n"},"human":{}}', "human")]
    )
    def test_both_owners_names_the_second(self, body: bytes, name: str) -> None:
        with pytest.raises(Undecodable) as refusal:
            decode(body, Request)

        assert f'error parsing "{name}", oneof zitadel.system.v1.CreateInstanceRequest.owner is already set' in str(
            refusal.value
        )


class TestHostileBodies:
    @pytest.mark.parametrize("levels", [MAX_DEPTH, 1_000, 10_001, 200_000])
    @pytest.mark.parametrize("level", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"":', b"}]")], ids=["[", "{", "[{"])
    def test_deep_nesting_is_refused(self, level: tuple[bytes, bytes], levels: int) -> None:
        started = time.process_time()
        for close in (level[1] * levels, b""):
            with pytest.raises(Undecodable):
                decode(b'{"x":' + level[0] * levels + b"1" + close + b"}", Request)

        assert time.process_time() - started < 2

    def test_depth_up_to_the_limit_is_read(self) -> None:
        inner = MAX_DEPTH - 1

        assert decode(b'{"x":' + b"[" * inner + b"]" * inner + b"}", Request) == Request()

    def test_nesting_is_not_what_is_in_strings_or_side_by_side(self) -> None:
        body = b'{"instanceName":"' + b"[" * 1_000 + b'","x":[' + b"[{}]," * 1_000 + b"0]}"

        assert decode(body, Request) == Request(instance_name="[" * 1_000)

    @pytest.mark.parametrize(
        "unit",
        [b"[],", b"{},", b'"",', b"1,", b'"\\\\",', b'{"":{}},', b'"\\ud83d\\ude00",', b"1e999999,"],
        ids=short,
    )
    def test_a_mebibyte_of_anything_takes_bounded_time(self, unit: bytes) -> None:
        body = b'{"x":[' + unit * (2**20 // len(unit)) + b"0]}"
        started = time.process_time()

        assert decode(body, Request) == Request()
        assert time.process_time() - started < 5

    @pytest.mark.parametrize("unit", [b'"', b'\\"', b'"\\', b"\\", b"[}", b'":', b'{"a":"'], ids=short)
    def test_a_mebibyte_of_nonsense_takes_bounded_time(self, unit: bytes) -> None:
        started = time.process_time()
        with pytest.raises(Undecodable):
            decode(b"{" + unit * (2**20 // len(unit)), Request)

        assert time.process_time() - started < 5

    def test_huge_numbers_stay_text(self) -> None:
        ((_, number),) = read_object(b'{"x":-' + b"9" * 100_000 + b"}")

        assert number.literal == "-" + "9" * 100_000  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        "body",
        [
            b'{"human":{"password":{"password":"S3cret","password":"S3cret"}}}',
            b'{"human":{"password":{"password":"S3cret\n"}}}',
            b'{"human":{"password":{"password":"S3cret\\x"}}}',
            b'{"human":{"password":{"password":"S3cret\\ud800"}}}',
            b'{"human":{"password":{"password":"S3cret\xff"}}}',
            b'{"human":{"password":"S3cret"}}',
            b'{"human":{"password":{"passwordChangeRequired":"S3cret"}}}',
            b'{"human":{"password":{"password":["S3cret"]}}}',
            b'{"human":{"password":{"password":"S3cret"',
            b'{"S3cret":NaN}',
            b'{"machine":{"machineKey":{"type":["S3cret"]}}}',
            b'{"machine":{"machineKey":{"expirationDate":"S3cret"}}}',
            b'"S3cret"',
            b"S3cret",
        ],
    )
    def test_no_value_is_in_the_text_or_its_traceback(self, body: bytes) -> None:
        with pytest.raises(Undecodable) as refusal:
            decode(body, Request)

        assert "S3cret" not in "".join(traceback.format_exception(refusal.value))
        assert len(str(refusal.value)) < 120

    def test_positions_are_bytes_of_the_body(self) -> None:
        with pytest.raises(Undecodable, match=r"^invalid JSON at offset 7$"):
            decode(' {"é":,}'.encode(), Request)
        with pytest.raises(Undecodable, match=r"^invalid UTF-8 at offset 7$"):
            decode(b' {"x":"\xff"}', Request)


class TestPrinting:
    def test_full_response(self) -> None:
        response = Response(
            instance_id="345678901234567890",
            details=ObjectDetails(
                sequence=2**64 - 1,
                creation_date=Timestamp(seconds=1762377304, nanos=123_456_000),
                resource_owner='a"\\/\n\x01é😀<&>\u2028',
            ),
            pat="p",
            machine_key=b"\xfb\xff\xbfa",
        )

        assert encode(response) == (
            '{"instanceId":"345678901234567890","details":{"sequence":"18446744073709551615",'
            '"creationDate":"2025-11-05T21:15:04.123456Z","resourceOwner":"a\\"\\\\/\\n\\u0001é😀<&>\u2028"},'
            '"pat":"p","machineKey":"+/+/YQ=="}'
        )

    @pytest.mark.parametrize(
        ("message", "text"),
        [
            (Response(), "{}"),
            (Response(details=ObjectDetails(sequence=0)), '{"details":{}}'),
            (Response(instance_id="", pat="", machine_key=b""), "{}"),
            (key_type(1), '{"machine":{"machineKey":{"type":"KEY_TYPE_JSON"}}}'),
            (key_type(7), '{"machine":{"machineKey":{"type":7}}}'),
            (Request(human=Request.Human(user_name="u")), '{"human":{"userName":"u"}}'),
            (ObjectDetails(creation_date=Timestamp()), '{"creationDate":"1970-01-01T00:00:00Z"}'),
            (ObjectDetails(creation_date=Timestamp(nanos=5_000_000)), '{"creationDate":"1970-01-01T00:00:00.005Z"}'),
            (ObjectDetails(creation_date=Timestamp(nanos=7)), '{"creationDate":"1970-01-01T00:00:00.000000007Z"}'),
            (ObjectDetails(creation_date=Timestamp(seconds=-62135596800)), '{"creationDate":"0001-01-01T00:00:00Z"}'),
        ],
        ids=short,
    )
    def test_text(self, message: Message, text: str) -> None:
        assert encode(message) == text


def every_kind() -> type[Message]:
    """A message of kinds that CreateInstance does not have but the other methods of the service do."""
    file = descriptor_pb2.FileDescriptorProto(name="every_kind.proto", package="test", syntax="proto3")
    message = file.message_type.add(name="EveryKind")
    kinds = descriptor_pb2.FieldDescriptorProto

    def add(name: str, kind: int, *, repeated: bool = False, **more: Any) -> None:
        label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
        message.field.add(name=name, number=len(message.field) + 1, type=kind, label=label, **more)

    add("int32", kinds.TYPE_INT32)
    add("uint32", kinds.TYPE_UINT32)
    add("int64", kinds.TYPE_SINT64)
    add("ids", kinds.TYPE_STRING, repeated=True)
    add("numbers", kinds.TYPE_FIXED64, repeated=True)
    add("kinds", kinds.TYPE_ENUM, repeated=True, type_name=".test.Kind")
    add("parts", kinds.TYPE_MESSAGE, repeated=True, type_name=".test.EveryKind")
    add("block", kinds.TYPE_BOOL, proto3_optional=True, oneof_index=0)
    add("odd_name", kinds.TYPE_STRING, json_name="@other")
    message.oneof_decl.add(name="_block")
    kind = file.enum_type.add(name="Kind")
    kind.value.add(name="NONE", number=0)
    kind.value.add(name="SOME", number=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("test.EveryKind"))


EveryKind: Callable[..., Any] = every_kind()


class TestOtherMethods:
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b'{"int32":-2147483648,"uint32":"4294967295"}', EveryKind(int32=-(2**31), uint32=2**32 - 1)),
            (b'{"int64":-9223372036854775808}', EveryKind(int64=-(2**63))),
            (b'{"ids":["a","b"],"numbers":[1,"2"]}', EveryKind(ids=["a", "b"], numbers=[1, 2])),
            (b'{"ids":[],"numbers":null}', EveryKind()),
            (b'{"kinds":["SOME","OTHER",5,"NONE"]}', EveryKind(kinds=[1, 5, 0])),
            (b'{"parts":[{"ids":["a"]},{}]}', EveryKind(parts=[EveryKind(ids=["a"]), EveryKind()])),
            (b'{"block":false}', EveryKind(block=False)),
            (b'{"@other":"a"}', EveryKind(odd_name="a")),
        ],
        ids=short,
    )
    def test_read(self, body: bytes, message: Message) -> None:
        decoded = decode(body, EveryKind)  # type: ignore[arg-type]

        assert decoded == message
        assert decode(encode(decoded).encode(), EveryKind) == message  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "body",
        [
            b'{"int32":2147483648}',
            b'{"uint32":4294967296}',
            b'{"uint32":-1}',
            b'{"int64":9223372036854775808}',
            b'{"ids":"a"}',
            b'{"ids":{}}',
            b'{"ids":[null]}',
            b'{"ids":[1]}',
            b'{"ids":[["a"]]}',
            b'{"numbers":["x"]}',
            b'{"kinds":[null]}',
            b'{"parts":[null]}',
            b'{"parts":{}}',
            b'{"parts":[[]]}',
            b'{"oddName":"a","odd_name":"b","@other":"c"}',
        ],
        ids=short,
    )
    def test_refused(self, body: bytes) -> None:
        with pytest.raises(Undecodable):
            decode(body, EveryKind)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("message_type", "field"),
        [(Status, "foundry.rpc.Status.details"), (Struct, "google.protobuf.Struct.fields"), (Value, "number_value")],
        ids=["Any", "map", "double"],
    )
    def test_a_message_that_is_not_read_here_fails_whatever_the_body(
        self, message_type: type[Message], field: str
    ) -> None:
        with pytest.raises(TypeError, match=re.escape(field)):
            decode(b"{}", message_type)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
instants = st.builds(
    Timestamp, seconds=st.integers(-62_135_596_800, 253_402_300_799), nanos=st.integers(0, 999_999_999)
)
maybe = lambda part: st.none() | part  # noqa: E731
humans = st.builds(
    Request.Human,
    user_name=texts,
    email=maybe(st.builds(Request.Email, email=texts, is_email_verified=st.booleans())),
    profile=maybe(st.builds(Request.Profile, first_name=texts, last_name=texts, preferred_language=texts)),
    password=maybe(st.builds(Request.Password, password=texts, password_change_required=st.booleans())),
)
machines = st.builds(
    Machine,
    user_name=texts,
    name=texts,
    personal_access_token=maybe(st.builds(Pat, expiration_date=maybe(instants))),
    machine_key=maybe(st.builds(MachineKey, type=st.integers(-(2**31), 2**31 - 1), expiration_date=maybe(instants))),
)
requests = st.builds(
    lambda owner, **fields: Request(**fields, **owner),
    owner=st.just({}) | st.builds(dict, human=humans) | st.builds(dict, machine=machines),
    instance_name=texts,
    first_org_name=texts,
    custom_domain=texts,
    default_language=texts,
)
responses = st.builds(
    Response,
    instance_id=texts,
    details=maybe(
        st.builds(
            ObjectDetails,
            sequence=st.integers(0, 2**64 - 1),
            creation_date=maybe(instants),
            change_date=maybe(instants),
            resource_owner=texts,
        )
    ),
    pat=texts,
    machine_key=st.binary(max_size=50),
)

FIELD_NAMES = ["machine", "human", "name", "userName", "user_name", "machineKey", "personalAccessToken", "type"]


def assert_read_or_refused(body: bytes) -> None:
    for message_type in (Request, Response):
        try:
            message = decode(body, message_type)
        except Undecodable:
            continue
        assert decode(encode(message).encode(), message_type) == message


class TestRules:
    @given(st.one_of(requests, responses))
    def test_reading_undoes_printing(self, message: Message) -> None:
        assert decode(encode(message).encode(), type(message)) == message

    @given(requests)
    def test_binary_and_json_are_one_message(self, message: Request) -> None:
        assert decode(encode(message).encode(), Request) == Request.FromString(message.SerializeToString())

    @given(requests)
    def test_printing_is_compact(self, message: Request) -> None:
        text = encode(message)

        assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))

    @given(requests, st.binary(max_size=20))
    def test_what_follows_never_matters(self, message: Request, rest: bytes) -> None:
        assert decode(encode(message).encode() + rest, Request) == message

    @given(st.binary(max_size=200))
    def test_any_bytes(self, body: bytes) -> None:
        assert_read_or_refused(body)

    @given(st.lists(st.sampled_from(list(b'{}[]",:\\/ \n-+.eE019uda\x00\xff\xc3truefalsn')), max_size=60).map(bytes))
    @example(b'{"a":-}')
    def test_any_bytes_that_look_like_json(self, body: bytes) -> None:
        assert_read_or_refused(b"{" + body)

    @given(st.one_of(requests, responses), st.data())
    def test_mutated_json(self, message: Message, data: st.DataObject) -> None:
        body = bytearray(encode(message).encode())
        for _ in range(data.draw(st.integers(1, 3))):
            position = data.draw(st.integers(0, len(body)))
            cut = data.draw(st.integers(0, 4))
            body[position : position + cut] = data.draw(
                st.binary(max_size=3)
                | st.sampled_from([b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"\\u", b"1e9"])
            )
        assert_read_or_refused(bytes(body))

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
            lambda values: st.lists(values) | st.dictionaries(texts | st.sampled_from(FIELD_NAMES), values),
            max_leaves=20,
        )
    )
    def test_any_json(self, value: Any) -> None:
        assert_read_or_refused(json.dumps({"machine": value} if isinstance(value, dict) else value).encode())

    @given(texts, st.integers(-(10**25), 10**25), st.integers(-30, 30))
    def test_unknown_values_never_matter(self, text: str, number: int, exponent: int) -> None:
        unknown = json.dumps({f"unknown{text}": [number, text, {"instanceName": number}]})[1:-1]

        assert decode(f'{{{unknown},"instanceName":"a","y":{number}e{exponent}}}'.encode(), Request) == Request(
            instance_name="a"
        )

    @given(st.integers(1, 2**64 - 1), st.integers(0, 25))
    def test_integers_however_written(self, number: int, shift: int) -> None:
        for text in (f"{number}", f"{number}.{'0' * shift}0", f"{number}{'0' * shift}e-{shift}"):
            assert decode(sequence(text), ObjectDetails).sequence == number
            assert decode(sequence(f'"{text}"'), ObjectDetails).sequence == number

    @given(st.binary(max_size=40))
    def test_bytes_in_either_alphabet_with_or_without_padding(self, data: bytes) -> None:
        for text in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
            for form in (text, text.rstrip(b"=")):
                assert decode(machine_key(f'"{form.decode()}"'), Response).machine_key == data
