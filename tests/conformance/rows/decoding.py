"""How a JSON body is read, before anybody asks who sent it (spec 2.1).

A body that is understood is mostly one that a later rule refuses: whose refusal it is shows what arrived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from conformance.callers import Bearer
from conformance.refusals import (
    DOMAIN_CHARACTERS,
    EXPIRED,
    FIRST_NAME_EMPTY,
    INVALID_TOKEN,
    MACHINE_NAME_EMPTY,
    NO_HEADER,
    NO_PERMISSION,
    ORG_DOMAIN_EMPTY,
    OWNER_MISSING,
    TOO_LARGE,
    UNDECODABLE,
    violation,
)
from conformance.rows.field_rules import FROM_1_TO_200, REQUIRED, UNDEFINED, UNSPECIFIED
from conformance.table import Created, Refused, Row

SECTION = "2.1"

_NO_NAME = violation("InstanceName", reason=FROM_1_TO_200)
_NO_OWNER = violation("Owner", reason=REQUIRED)
_NO_EMAIL = violation("Human", "Email", reason=REQUIRED)
_NO_TYPE = violation("Machine", "MachineKey", "Type", reason=UNSPECIFIED)
_ODD_TYPE = violation("Machine", "MachineKey", "Type", reason=UNDEFINED)

LARGEST = 1_048_576


def _second_owner(second: str) -> Refused:
    """A oneof that is set twice; only this part of the text is certain."""
    oneof = "zitadel.system.v1.CreateInstanceRequest.owner"
    return UNDECODABLE.saying(re.compile(rf'.*error parsing "{second}", oneof {re.escape(oneof)} is already set.*'))


def _nobody(more: bytes = b"") -> bytes:
    return b'{"instanceName":"Acme","machine":{}' + (b"," + more if more else b"") + b"}"


def _machine(more: bytes) -> bytes:
    """A machine whose custom domain is refused last of all."""
    return b'{"instanceName":"Acme","customDomain":"_","machine":{"userName":"root","name":"Root",' + more + b"}}"


def _expiring(date: str) -> bytes:
    return _machine(b'"personalAccessToken":{"expirationDate":' + date.encode() + b"}")


def _nested(depth: int, opening: bytes, innermost: bytes, closing: bytes) -> bytes:
    """A body of ``depth`` levels, two of which are the body itself and the innermost object."""
    return _nobody(b'"unknown":' + opening * (depth - 2) + innermost + closing * (depth - 2))


def _of_size(size: int) -> bytes:
    frame = _nobody(b'"unknown":""')
    return frame.replace(b'""', b'"' + b"x" * (size - len(frame)) + b'"')


def _refused(cases: Mapping[str, bytes]) -> Iterator[Row]:
    for name, body in cases.items():
        yield Row(f"undecodable: {name}", SECTION, body, UNDECODABLE)


def _understood(cases: Mapping[str, tuple[bytes, Refused]]) -> Iterator[Row]:
    for name, (body, expected) in cases.items():
        yield Row(f"decodable: {name}", SECTION, body, expected)


_NAMES = {
    "snake_case at the top": (b'{"instance_name":"Acme","first_org_name":"-","machine":{}}', ORG_DOMAIN_EMPTY),
    "snake_case in a nested message": (
        b'{"instance_name":"Acme","machine":{"user_name":"root","name":"Root",%s}}'
        % b'"personal_access_token":{"expiration_date":"1970-01-01T00:00:00Z"}',
        EXPIRED,
    ),
    "snake_case in a human": (
        b'{"instance_name":"Acme","human":{%s,"profile":{"last_name":"Doe"}}}'
        % b'"email":{"email":"jane@acme.example","is_email_verified":true}',
        FIRST_NAME_EMPTY,
    ),
    "camelCase and snake_case side by side": (
        b'{"instanceName":"Acme","first_org_name":"-","machine":{}}',
        ORG_DOMAIN_EMPTY,
    ),
    "another case is another name": (b'{"InstanceName":"Acme","machine":{}}', _NO_NAME),
    "names are not folded": (b'{"instancename":"Acme","machine":{}}', _NO_NAME),
    "an escaped name is the same name": (b'{"instance\\u004eame":"Acme","machine":{}}', OWNER_MISSING),
}

_UNKNOWN = {
    "unknown field at the top": (_nobody(b'"extra":1'), OWNER_MISSING),
    "unknown field in the machine": (b'{"instanceName":"Acme","machine":{"extra":{"a":[1,{}]}}}', OWNER_MISSING),
    "unknown field in a message of the machine": (_machine(b'"machineKey":{"type":1,"extra":null}'), DOMAIN_CHARACTERS),
    "unknown field in the e-mail": (
        b'{"instanceName":"Acme","human":{"email":{"email":"jane@acme.example","extra":true}}}',
        FIRST_NAME_EMPTY,
    ),
    "unknown field given twice": (_nobody(b'"extra":1,"extra":2'), OWNER_MISSING),
    "unknown object with a member given twice": (_nobody(b'"extra":{"a":1,"a":2}'), OWNER_MISSING),
    "unknown number beyond any range": (_nobody(b'"extra":1e999999'), OWNER_MISSING),
    "empty name": (_nobody(b'"":1'), OWNER_MISSING),
}

_NULLS = {
    "null for the instance name": (b'{"instanceName":null,"machine":{}}', _NO_NAME),
    "null for the org name": (_nobody(b'"firstOrgName":null'), OWNER_MISSING),
    "null for every other text": (_nobody(b'"customDomain":null,"defaultLanguage":null'), OWNER_MISSING),
    "null for the machine": (b'{"instanceName":"Acme","machine":null}', _NO_OWNER),
    "null for both owners": (b'{"instanceName":"Acme","human":null,"machine":null}', _NO_OWNER),
    "null for the human beside a machine": (b'{"instanceName":"Acme","human":null,"machine":{}}', OWNER_MISSING),
    "null for the machine beside a human": (b'{"instanceName":"Acme","human":{},"machine":null}', _NO_EMAIL),
    "null for the e-mail": (b'{"instanceName":"Acme","human":{"email":null}}', _NO_EMAIL),
    "null for the address": (
        b'{"instanceName":"Acme","human":{"email":{"email":null}}}',
        violation("Human", "Email", "Email", reason=FROM_1_TO_200),
    ),
    "null for a flag": (
        b'{"instanceName":"Acme","human":{"email":{"email":"jane@acme.example","isEmailVerified":null}}}',
        FIRST_NAME_EMPTY,
    ),
    "null for the profile and the password": (
        b'{"instanceName":"Acme","human":{"email":{"email":"jane@acme.example"},"profile":null,"password":null}}',
        FIRST_NAME_EMPTY,
    ),
    "null for the key": (_machine(b'"machineKey":null'), DOMAIN_CHARACTERS),
    "null for the key's type": (_machine(b'"machineKey":{"type":null}'), _NO_TYPE),
    "null for a date": (_expiring("null"), DOMAIN_CHARACTERS),
}

_TWICE = {
    "field given twice": b'{"instanceName":"Acme","instanceName":"Acme","machine":{}}',
    "field given under both its names": b'{"instanceName":"Acme","instance_name":"Acme","machine":{}}',
    "field given as null and again": b'{"instanceName":null,"instanceName":"Acme","machine":{}}',
    "message given twice": b'{"instanceName":"Acme","machine":{},"machine":{}}',
    "nested field given twice": b'{"instanceName":"Acme","machine":{"name":"a","name":"b"}}',
    "nested field given under both its names": b'{"instanceName":"Acme","machine":{"userName":"a","user_name":"a"}}',
}

_TYPES = {
    "number for a text": b'{"instanceName":1,"machine":{}}',
    "flag for a text": b'{"instanceName":true,"machine":{}}',
    "array for a text": b'{"instanceName":["Acme"],"machine":{}}',
    "object for a text": b'{"instanceName":{},"machine":{}}',
    "array for a message": b'{"instanceName":"Acme","machine":[]}',
    "text for a message": b'{"instanceName":"Acme","machine":""}',
    "number for a message": b'{"instanceName":"Acme","human":0}',
    "flag for a message": b'{"instanceName":"Acme","human":false}',
    "text for a flag": b'{"instanceName":"Acme","human":{"email":{"isEmailVerified":"true"}}}',
    "number for a flag": b'{"instanceName":"Acme","human":{"email":{"isEmailVerified":1}}}',
    "flag for an enum": _machine(b'"machineKey":{"type":true}'),
    "array for an enum": _machine(b'"machineKey":{"type":[]}'),
    "fraction for an enum": _machine(b'"machineKey":{"type":1.5}'),
    "enum number beyond 32 bits": _machine(b'"machineKey":{"type":2147483648}'),
}

_ENUMS = {
    "unknown enum name is dropped": (_machine(b'"machineKey":{"type":"FOO"}'), _NO_TYPE),
    "enum name in lower case is dropped": (_machine(b'"machineKey":{"type":"key_type_json"}'), _NO_TYPE),
    "enum number as a text is dropped": (_machine(b'"machineKey":{"type":"1"}'), _NO_TYPE),
    "empty enum name is dropped": (_machine(b'"machineKey":{"type":""}'), _NO_TYPE),
    "unknown enum number is kept": (_machine(b'"machineKey":{"type":7}'), _ODD_TYPE),
    "enum number with an empty fraction": (_machine(b'"machineKey":{"type":1.0}'), DOMAIN_CHARACTERS),
    "enum number with an exponent": (_machine(b'"machineKey":{"type":0.1e1}'), DOMAIN_CHARACTERS),
    "negative enum number": (_machine(b'"machineKey":{"type":-1}'), _ODD_TYPE),
}

_NO_DATES = {
    "empty": '""',
    "a number": "1700000000",
    "an object": '{"seconds":1700000000}',
    "a day only": '"2999-01-01"',
    "without offset": '"2999-01-01T00:00:00"',
    "with a blank for the T": '"2999-01-01 00:00:00Z"',
    "with a lower-case t": '"2999-01-01t00:00:00Z"',
    "with a lower-case z": '"2999-01-01T00:00:00z"',
    "with an offset without colon": '"2999-01-01T00:00:00+0000"',
    "without seconds": '"2999-01-01T00:00Z"',
    "with ten fraction digits": '"2999-01-01T00:00:00.0000000000Z"',
    "with an empty fraction": '"2999-01-01T00:00:00.Z"',
    "in month 13": '"2999-13-01T00:00:00Z"',
    "on 29 February of no leap year": '"2999-02-29T00:00:00Z"',
    "at 24 o'clock": '"2999-01-01T24:00:00Z"',
    "in a leap second": '"2998-12-31T23:59:60Z"',
    "in the year 0": '"0000-12-31T23:59:59Z"',
    "in the year 10000": '"10000-01-01T00:00:00Z"',
    "in the year 0 by its offset": '"0001-01-01T00:00:00+00:01"',
    "in the year 10000 by its offset": '"9999-12-31T23:59:59-00:01"',
    "with blanks around it": '" 2999-01-01T00:00:00Z "',
}

_DATES = {
    "with nine fraction digits": ('"2999-01-01T00:00:00.123456789Z"', DOMAIN_CHARACTERS),
    "with one fraction digit": ('"2999-01-01T00:00:00.1Z"', DOMAIN_CHARACTERS),
    "with an offset to the east": ('"2999-01-01T00:00:00+14:00"', DOMAIN_CHARACTERS),
    "with an offset to the west": ('"2999-01-01T00:00:00-12:00"', DOMAIN_CHARACTERS),
    "at the end of time": ('"9999-12-31T23:59:59.999999999Z"', DOMAIN_CHARACTERS),
    "on 29 February of a leap year": ('"2996-02-29T00:00:00Z"', DOMAIN_CHARACTERS),
    "in the year 1, which is no date": ('"0001-01-01T00:00:00Z"', DOMAIN_CHARACTERS),
    "in the year 1 by its offset": ('"0000-12-31T23:59:00-00:01"', DOMAIN_CHARACTERS),
    "at the epoch, which is past": ('"1970-01-01T00:00:00Z"', EXPIRED),
}

_SYNTAX = {
    "null": b"null",
    "an array": b"[]",
    "a text": b'"Acme"',
    "a number": b"1",
    "a flag": b"true",
    "words": b"instanceName=Acme",
    "an opened object": b"{",
    "an object that stops within": b'{"instanceName":"Acme","machine":{',
    "a closing brace": b"}",
    "a comma too many": b'{"instanceName":"Acme","machine":{},}',
    "a comma too few": b'{"instanceName":"Acme" "machine":{}}',
    "a name without quotes": b'{instanceName:"Acme","machine":{}}',
    "single quotes": b"{'instanceName':'Acme','machine':{}}",
    "a comment": b'{"instanceName":"Acme","machine":{}/* */}',
    "the wrong bracket": b'{"instanceName":"Acme","machine":{]}',
    "NaN": _nobody(b'"unknown":NaN'),
    "a number with a leading zero": _nobody(b'"unknown":01'),
    "a line break within a text": b'{"instanceName":"Ac\nme","machine":{}}',
    "an unknown escape": b'{"instanceName":"Ac\\me","machine":{}}',
    "a byte order mark": b"\xef\xbb\xbf" + _nobody(),
    "UTF-16": _nobody().decode().encode("utf-16-le"),
    "invalid UTF-8 in a text": b'{"instanceName":"Ac\xffme","machine":{}}',
    "an overlong encoding": b'{"instanceName":"Ac\xc0\xafme","machine":{}}',
    "invalid UTF-8 in an unknown field": _nobody(b'"unknown":"\xff"'),
    "a surrogate in UTF-8": b'{"instanceName":"\xed\xa0\x80","machine":{}}',
    "half a surrogate pair, the first": b'{"instanceName":"\\ud83d","machine":{}}',
    "half a surrogate pair, the second": b'{"instanceName":"\\ude00","machine":{}}',
    "a surrogate pair the wrong way round": b'{"instanceName":"\\ude00\\ud83d","machine":{}}',
    "half a surrogate pair in an unknown field": _nobody(b'"unknown":"\\ud83d"'),
    "half a surrogate pair in a name": _nobody(b'"\\ud83d":1'),
}

_FORMS = {
    "white space everywhere": (b' \t\r\n{ "instanceName" : "Acme" ,\n"machine" : { } } \n', OWNER_MISSING),
    "escapes": (b'{"instanceName":"Acme","firstOrgName":"\\u002d","machine":{}}', ORG_DOMAIN_EMPTY),
    "a surrogate pair": (b'{"instanceName":"\\ud835\\udd18","machine":{}}', OWNER_MISSING),
    "a NUL in a text": (
        b'{"instanceName":"A\\u0000","customDomain":"a","machine":{"userName":"root","name":"Root"}}',
        DOMAIN_CHARACTERS,
    ),
    "words after the value": (_nobody() + b" and more", OWNER_MISSING),
    "another value after the value": (_nobody() + b'{"instanceName":1}', OWNER_MISSING),
    "invalid UTF-8 after the value": (_nobody() + b"\xff\xfe", OWNER_MISSING),
    "an unopened brace after the value": (_nobody() + b"}", OWNER_MISSING),
    "an empty body": (b"", _NO_NAME),
    "a body of white space": (b" \t\r\n", _NO_NAME),
    "an empty object": (b"{}", _NO_NAME),
    "a machine with only a user name": (b'{"instanceName":"Acme","machine":{"userName":"root"}}', MACHINE_NAME_EMPTY),
}

_TYPES_OF_CONTENT = ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "nonsense")
_OTHER_ACCEPTED = ("text/html", "application/xml", "")

ROWS = (
    *_understood(_NAMES),
    *_understood(_UNKNOWN),
    *_understood(_NULLS),
    *_refused(_TWICE),
    *_refused(_TYPES),
    *_understood(_ENUMS),
    *(Row(f"undecodable: date {name}", SECTION, _expiring(date), UNDECODABLE) for name, date in _NO_DATES.items()),
    *(Row(f"decodable: date {name}", SECTION, _expiring(date), expected) for name, (date, expected) in _DATES.items()),
    Row(
        "undecodable: date with a comma before the fraction",
        SECTION,
        _expiring('"2999-01-01T00:00:00,5Z"'),
        UNDECODABLE,
        departure="Go's time parser also takes a comma; RFC 3339 does not, and no client writes one",
    ),
    Row(
        "both owners, human first",
        SECTION,
        b'{"instanceName":"Acme","human":{},"machine":{}}',
        _second_owner("machine"),
    ),
    Row(
        "both owners, machine first",
        SECTION,
        b'{"instanceName":"Acme","machine":{},"human":{}}',
        _second_owner("human"),
    ),
    *_refused(_SYNTAX),
    *_understood(_FORMS),
    # How deep and how large
    Row("objects nested 100 deep", SECTION, _nested(100, b'{"a":', b"{}", b"}"), OWNER_MISSING),
    Row("arrays nested 100 deep", SECTION, _nested(100, b"[", b"[]", b"]"), OWNER_MISSING),
    Row(
        "objects nested 101 deep",
        SECTION,
        _nested(101, b'{"a":', b"{}", b"}"),
        UNDECODABLE,
        departure="Go would read up to 10,000 levels; 100 are as many as binary messages may have",
    ),
    Row("brackets nested 100,000 deep", SECTION, _nobody(b'"unknown":' + b"[" * 100_000), UNDECODABLE),
    Row("body of exactly 1 MiB", "design 11", _of_size(LARGEST), OWNER_MISSING),
    Row(
        "body of one byte more than 1 MiB",
        "design 11",
        _of_size(LARGEST + 1),
        TOO_LARGE,
        departure="grpc-gateway has no limit of its own, its gRPC server takes 4 MiB; Lambda's events end at 6 MB",
    ),
    Row("body of white space of one byte more than 1 MiB", "design 11", b" " * (LARGEST + 1), TOO_LARGE),
    Row("too large is told before who asks", "design 11", _of_size(LARGEST + 1), TOO_LARGE, authorization=None),
    # Content-Type and Accept say nothing
    *(
        Row(f"content type {name}", SECTION, _nobody(), OWNER_MISSING, headers={"content-type": name})
        for name in _TYPES_OF_CONTENT
    ),
    *(
        Row(f"accept {name or 'nothing'}", SECTION, _nobody(), OWNER_MISSING, headers={"accept": name})
        for name in _OTHER_ACCEPTED
    ),
    # Before the caller is known, after which field rules come
    Row("undecodable is told before a missing header", "2.5", b"{", UNDECODABLE, authorization=None),
    Row("undecodable is told before an invalid token", "2.5", b"{", UNDECODABLE, authorization="Bearer x"),
    Row("undecodable is told before a missing permission", "2.5", b"{", UNDECODABLE, authorization=Bearer("viewer")),
    Row(
        "both owners are told before a missing header",
        "2.5",
        b'{"human":{},"machine":{}}',
        _second_owner("machine"),
        authorization=None,
    ),
    Row("an empty body without a header is a missing header", "2.5", b"", NO_HEADER, authorization=None),
    Row("an empty body with an invalid token is an invalid token", "2.5", b"", INVALID_TOKEN, authorization="Bearer x"),
    Row(
        "an empty body without permission is a missing permission",
        "2.5",
        b"",
        NO_PERMISSION,
        authorization=Bearer("viewer"),
    ),
    # And once more to the end
    Row(
        "a request in snake_case creates an instance",
        SECTION,
        b'{"instance_name":"Acme","first_org_name":"Acme Org","custom_domain":"login.acme.example","default_language":"de",'
        b'"machine":{"user_name":"root","name":"Root","personal_access_token":{"expiration_date":"2999-01-01T01:00:00+01:00"}}}',
        Created(
            pat=True,
            records={
                "instance": {"name": "Acme", "default_language": "de"},
                "organization": {"name": "Acme Org"},
                "user": {"username": "root", "name": "Root"},
                "access_token": {"expires": "2999-01-01T00:00:00Z"},
            },
        ),
    ),
)
