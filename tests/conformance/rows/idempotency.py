"""Exactly once, and how credentials are delivered: what only this service has (design decisions 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.callers import NEIGHBOUR, Bearer
from conformance.refusals import (
    DELIVERY_UNKNOWN,
    DOMAIN_TAKEN,
    EXPIRED,
    INVALID_TOKEN,
    KEY_INVALID,
    KEY_REUSED,
    MACHINE_NAME_EMPTY,
    NO_PERMISSION,
    violation,
)
from conformance.rows.field_rules import FROM_1_TO_200
from conformance.samples import JSON_KEY, PASSWORD, human, machine
from conformance.table import Call, Created, Replayed, Row
from domain.instant import Instant

ONCE = "design 5"
DELIVERY = "design 6"

KEY = {"idempotency-key": "order-1"}
REFERENCE = {"x-credential-delivery": "reference"}
INLINE = {"x-credential-delivery": "inline"}

TOKEN = machine({"personalAccessToken": {"expirationDate": "2999-01-01T00:00:00Z"}})
BOTH = machine({"personalAccessToken": {}, "machineKey": JSON_KEY})
HUMAN = human({"password": {"password": PASSWORD}})

_FIRST = Call(TOKEN, KEY)

# The same request, however it is written

_SPELLINGS = {
    "in snake_case": (
        b'{"instance_name":"Acme","machine":{"user_name":"root","name":"Root",'
        b'"personal_access_token":{"expiration_date":"2999-01-01T00:00:00Z"}}}'
    ),
    "in another order, with white space": (
        b'{ "machine": {"personalAccessToken": {"expirationDate": "2999-01-01T00:00:00Z"}, '
        b'"name": "Root", "userName": "root"}, "instanceName": "Acme" }\n'
    ),
    "with an unknown field": (
        b'{"instanceName":"Acme","extra":1,"machine":{"userName":"root","name":"Root",'
        b'"personalAccessToken":{"expirationDate":"2999-01-01T00:00:00Z"}}}'
    ),
    "with empty texts and nulls": (
        b'{"instanceName":"Acme","customDomain":"","human":null,"machine":{"userName":"root","name":"Root",'
        b'"personalAccessToken":{"expirationDate":"2999-01-01T00:00:00Z"},"machineKey":null}}'
    ),
    "with escapes and another offset": (
        b'{"instanceName":"\\u0041cme","machine":{"userName":"root","name":"Root",'
        b'"personalAccessToken":{"expirationDate":"2999-01-01T01:00:00.000+01:00"}}}'
    ),
}

_OTHER_REQUESTS = {
    "another name": machine({"personalAccessToken": {"expirationDate": "2999-01-01T00:00:00Z"}}, instanceName="acme"),
    "a custom domain": {**TOKEN, "customDomain": "login.acme.example"},
    "another date": machine({"personalAccessToken": {"expirationDate": "2999-01-01T00:00:00.000000001Z"}}),
    "no token": machine(),
    "a key": machine({"personalAccessToken": {"expirationDate": "2999-01-01T00:00:00Z"}, "machineKey": JSON_KEY}),
    "a human": human(),
}

_KEYS_THAT_ARE_NONE = {
    "empty": "",
    "of blanks": "   ",
    "of 256 characters": "k" * 256,
    "with a letter beyond ASCII": "schlüssel",
    "with a tab": "order\t1",
    "with a line break": "order-1\n",
    "with a delete character": "order\x7f",
}

_KEYS = {
    "of one character": "k",
    "of 255 characters": "k" * 255,
    "with blanks": "order 1",
    "with every kind of sign": "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./",
}

_UNKNOWN_DELIVERIES = ("", "Reference", "INLINE", "email", "inline,reference", " inline")


def _with_key(value: str) -> Mapping[str, str]:
    return {"idempotency-key": value}


_REPLAYS = (
    Row(
        "replay of a machine with both credentials",
        ONCE,
        BOTH,
        Replayed(pat=True, key=True),
        headers=KEY,
        earlier=(Call(BOTH, KEY),),
    ),
    Row(
        "replay of a machine without credentials",
        ONCE,
        machine(),
        Replayed(),
        headers=KEY,
        earlier=(Call(machine(), KEY),),
    ),
    Row("replay of a human", ONCE, HUMAN, Replayed(), headers=KEY, earlier=(Call(HUMAN, KEY),)),
    Row(
        "replay with a custom domain, which is not taken but the caller's",
        ONCE,
        machine(customDomain="login.acme.example"),
        Replayed(),
        headers=KEY,
        earlier=(Call(machine(customDomain="login.acme.example"), KEY),),
    ),
    Row("replay a second time", ONCE, TOKEN, Replayed(pat=True), headers=KEY, earlier=(_FIRST, _FIRST)),
    Row(
        "replay of a key by number that was asked for by name",
        ONCE,
        machine({"machineKey": {"type": 1}}),
        Replayed(key=True),
        headers=KEY,
        earlier=(Call(machine({"machineKey": JSON_KEY}), KEY),),
    ),
    *(
        Row(f"replay of the same request {how}", ONCE, body, Replayed(pat=True), headers=KEY, earlier=(_FIRST,))
        for how, body in _SPELLINGS.items()
    ),
    Row(
        "replay when the token has expired since",
        ONCE,
        machine({"personalAccessToken": {"expirationDate": "2030-03-17T17:46:41Z"}}),
        Replayed(pat=True),
        headers=KEY,
        earlier=(
            Call(
                machine({"personalAccessToken": {"expirationDate": "2030-03-17T17:46:41Z"}}),
                KEY,
                at=Instant(1_900_000_000),
            ),
        ),
        at=Instant(1_900_000_100),
    ),
    Row(
        "replay with another token of the same caller",
        ONCE,
        TOKEN,
        Replayed(pat=True),
        headers=KEY,
        authorization=Bearer(algorithm="PS256"),
        earlier=(_FIRST,),
    ),
)

_REUSES = (
    *(
        Row(f"key reused with {what}", ONCE, request, KEY_REUSED, headers=KEY, earlier=(_FIRST,))
        for what, request in _OTHER_REQUESTS.items()
    ),
    Row(
        "key reused with another password",
        ONCE,
        human({"password": {"password": f"{PASSWORD}!"}}),
        KEY_REUSED,
        headers=KEY,
        earlier=(Call(HUMAN, KEY),),
    ),
    Row(
        "key reused with a date in the past: the date",
        ONCE,
        machine({"personalAccessToken": {"expirationDate": "1970-01-01T00:00:00Z"}}),
        EXPIRED,
        headers=KEY,
        earlier=(_FIRST,),
    ),
    Row(
        "key reused with a request that breaks a field rule: the rule",
        ONCE,
        machine(instanceName=""),
        violation("InstanceName", reason=FROM_1_TO_200),
        headers=KEY,
        earlier=(_FIRST,),
    ),
    Row(
        "key reused with a request that breaks another rule: the rule",
        ONCE,
        machine({"name": ""}),
        MACHINE_NAME_EMPTY,
        headers=KEY,
        earlier=(_FIRST,),
    ),
    Row(
        "key reused without a valid token: the token",
        ONCE,
        machine(),
        INVALID_TOKEN,
        headers=KEY,
        authorization="Bearer x",
        earlier=(_FIRST,),
    ),
)

_NEW = (
    Row("no key: the same request makes another instance", "6.7", TOKEN, Created(pat=True), earlier=(Call(TOKEN),)),
    Row(
        "no key: the same request with a custom domain finds it taken",
        "6.7",
        machine(customDomain="login.acme.example"),
        DOMAIN_TAKEN,
        earlier=(Call(machine(customDomain="login.acme.example")),),
    ),
    Row(
        "another key makes another instance",
        ONCE,
        TOKEN,
        Created(pat=True),
        headers=_with_key("order-2"),
        earlier=(_FIRST,),
    ),
    Row("another case is another key", ONCE, TOKEN, Created(pat=True), headers=_with_key("Order-1"), earlier=(_FIRST,)),
    Row(
        "another caller's key is another key",
        ONCE,
        TOKEN,
        Created(pat=True),
        headers=KEY,
        earlier=(replace(_FIRST, authorization=Bearer(NEIGHBOUR)),),
    ),
    Row(
        "a refused call does not use up its key",
        ONCE,
        TOKEN,
        Created(pat=True),
        headers=KEY,
        earlier=(Call(machine({"name": ""}), KEY), replace(_FIRST, authorization="Bearer x")),
    ),
    Row(
        "another key does not make a taken domain free",
        ONCE,
        machine(customDomain="login.acme.example"),
        DOMAIN_TAKEN,
        headers=_with_key("order-2"),
        earlier=(Call(machine(customDomain="login.acme.example"), KEY),),
    ),
)

_FORMS = (
    *(Row(f"key {how}", ONCE, machine(), Created(), headers=_with_key(value)) for how, value in _KEYS.items()),
    *(
        Row(f"bad key {how}", ONCE, machine(), KEY_INVALID, headers=_with_key(value))
        for how, value in _KEYS_THAT_ARE_NONE.items()
    ),
    Row(
        "a broken field rule before a bad key",
        ONCE,
        machine(instanceName=""),
        violation("InstanceName", reason=FROM_1_TO_200),
        headers=_with_key(""),
    ),
    Row(
        "a bad key before a broken rule of the domain", ONCE, machine({"name": ""}), KEY_INVALID, headers=_with_key("")
    ),
    Row(
        "a missing permission before a bad key",
        ONCE,
        machine(),
        NO_PERMISSION,
        headers=_with_key(""),
        authorization=Bearer("viewer"),
    ),
)

_DELIVERIES = (
    Row("delivery inline", DELIVERY, BOTH, Created(pat=True, key=True), headers=INLINE),
    Row(
        "delivery by reference of both credentials",
        DELIVERY,
        BOTH,
        Created(pat=True, key=True, delivered=False),
        headers=REFERENCE,
    ),
    Row("delivery by reference of a token", DELIVERY, TOKEN, Created(pat=True, delivered=False), headers=REFERENCE),
    Row("delivery by reference of nothing", DELIVERY, machine(), Created(), headers=REFERENCE),
    Row("delivery by reference for a human", DELIVERY, human(), Created(), headers=REFERENCE),
    *(
        Row(f"delivery {value!r}", DELIVERY, BOTH, DELIVERY_UNKNOWN, headers={"x-credential-delivery": value})
        for value in _UNKNOWN_DELIVERIES
    ),
    Row(
        "a broken field rule before an unknown delivery",
        DELIVERY,
        machine(instanceName=""),
        violation("InstanceName", reason=FROM_1_TO_200),
        headers={"x-credential-delivery": "email"},
    ),
    Row(
        "an unknown delivery before a broken rule of the domain",
        DELIVERY,
        machine({"personalAccessToken": {"expirationDate": "1970-01-01T00:00:00Z"}}),
        DELIVERY_UNKNOWN,
        headers={"x-credential-delivery": "email"},
    ),
    Row(
        "a missing permission before an unknown delivery",
        DELIVERY,
        machine(),
        NO_PERMISSION,
        headers={"x-credential-delivery": "email"},
        authorization=Bearer("viewer"),
    ),
    Row(
        "replay by reference after inline",
        DELIVERY,
        BOTH,
        Replayed(pat=True, key=True, delivered=False),
        headers={**KEY, **REFERENCE},
        earlier=(Call(BOTH, KEY),),
    ),
    Row(
        "replay inline after reference",
        DELIVERY,
        TOKEN,
        Replayed(pat=True),
        headers={**KEY, **INLINE},
        earlier=(replace(_FIRST, headers={**KEY, **REFERENCE}),),
    ),
    Row(
        "expired token by reference",
        DELIVERY,
        machine({"personalAccessToken": {"expirationDate": "1970-01-01T00:00:00Z"}}),
        EXPIRED,
        headers=REFERENCE,
    ),
)

ROWS = (*_REPLAYS, *_REUSES, *_NEW, *_FORMS, *_DELIVERIES)
