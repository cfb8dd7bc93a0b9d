"""What is fed with hostile bytes, where the bytes come from, and what must hold whatever they are."""

from __future__ import annotations

import base64
import gzip
import json
import random
from contextlib import suppress
from functools import cache

from adapters.clock import SystemClock
from adapters.system_tokens import SystemTokens, load_users
from domain.errors import TOKEN_INVALID, Refused
from domain.instant import Instant
from fakes.foundry import SYSTEM_ROLES
from local import token
from wire import protojson
from wire.frames import frame, from_text, to_text, trailer_frame, unframe
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest
from wire.grpc_status import MalformedCall

LIMIT = 4096
"""The largest message for the frame decoder here: its memory shows sooner against a small one."""

PASSWORD = "Canary-Passw0rd-9d1f"
REQUESTS = [
    {"instanceName": "Acme", "customDomain": "login.acme.example", "defaultLanguage": "de",
     "machine": {"userName": "u", "name": "n", "personalAccessToken": {"expirationDate": "2040-01-01T00:00:00Z"},
                 "machineKey": {"type": "KEY_TYPE_JSON"}}},
    {"instanceName": "Acme", "firstOrgName": "Acme Inc.",
     "human": {"userName": "ada", "email": {"email": "ada@acme.example", "isEmailVerified": True},
               "profile": {"firstName": "Ada", "lastName": "Lovelace", "preferredLanguage": "en"},
               "password": {"password": PASSWORD, "passwordChangeRequired": False}}},
]  # fmt: skip
BODIES = [json.dumps(request).encode() for request in REQUESTS]
FRAMES = [
    frame(b"\x0a\x04Acme"),
    b"\x01" + frame(gzip.compress(b"\x0a\x04Acme" * 9))[1:],
    b"\x01" + frame(gzip.compress(bytes(200_000)))[1:],
    frame(b"\x0a\x04Acme") + trailer_frame({"grpc-status": "0"}),
    to_text(frame(b"\x0a\x04Acme") + trailer_frame({"grpc-status": "0"})),
]

HOSTILE = [
    *(b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"-", b".", b"e", b"=", b"_", b"%", b"\r\n"),
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\x80\x00\x00\x00\x05"),
    *(b"\\u0000", b"\\ud800", b"\\udfff\\ud800", b"\\ud83d\\ude00", b"1e999999999", b"-0", b"9" * 400, b"0" * 400),
    *(b"[" * 150, b'{"a":' * 150, b"]" * 20, b"a" * 300, b'"instanceName":1,', b'"machine":{},', b'"human":{},'),
    *(text.encode() for text in ("аcme.example", "İ", "ß", "ﬀ", "\u202e", "\u2028", "\ufeff", "e\u0301" * 99, "👩‍👩‍👧")),
    *(b"\xff\xff\xff\xff", b"\x00\x10\x00\x01", b"\x1f\x8b\x08", b'"alg":"none"', b'"exp":1e400', b'"aud":[[]]'),
]  # fmt: skip
"""What breaks decoders: structure, bytes that are no UTF-8, surrogates, huge numbers, depth, look-alike letters."""


def mutated(chance: random.Random, sample: bytes) -> bytes:
    """The sample with a few pieces cut out of it and put into it."""
    data = bytearray(sample)
    for _ in range(chance.randint(1, 4)):
        position = chance.randint(0, len(data))
        cut = chance.choice((0, 0, 1, 2, 9, 60))
        piece = chance.choice(HOSTILE) if chance.random() < 0.6 else chance.randbytes(chance.randint(0, 4))
        data[position : position + cut] = piece
    if chance.random() < 0.1:
        del data[chance.randint(0, len(data)) :]
    return bytes(data)


# --- gRPC frames ------------------------------------------------------------------------------------------------------


def a_frame(chance: random.Random) -> bytes:
    """A mutated body; its first byte chooses the compression."""
    return chance.randbytes(1) + mutated(chance, chance.choice(FRAMES))


def check_frames(data: bytes) -> None:
    """One message of at most LIMIT bytes, or MalformedCall."""
    encoding = (None, "identity", "gzip", "br")[data[0] % 4] if data else None
    body = data[1:]
    with suppress(MalformedCall):
        assert len(unframe(body, encoding, LIMIT)) <= LIMIT
    with suppress(MalformedCall):
        assert len(from_text(body)) <= len(body)


# --- ProtoJSON --------------------------------------------------------------------------------------------------------


def a_body(chance: random.Random) -> bytes:
    """A mutated request."""
    return mutated(chance, chance.choice(BODIES))


def check_json(data: bytes) -> None:
    """A message that survives being written and read, or Undecodable without anything of the body in it."""
    try:
        message = protojson.decode(data, CreateInstanceRequest)
    except protojson.Undecodable as error:
        said = str(error)
    else:
        said = ""
        assert protojson.decode(protojson.encode(message).encode(), CreateInstanceRequest) == message
    assert PASSWORD not in said
    assert len(said) < 200


# --- tokens -----------------------------------------------------------------------------------------------------------

AUDIENCE = "https://foundry.example"


class StoppedClock:
    """Always the same time: the good token stays good however long the run is."""

    def __init__(self, at: Instant) -> None:
        self._at = at

    def now(self) -> Instant:
        """The present instant."""
        return self._at


@cache
def a_good_token() -> tuple[str, SystemTokens]:
    """A token, and what accepts it and nothing else."""
    private_key, public_key = token.make_key_pair()
    users = load_users(token.configuration_entry("tester", public_key))
    good = token.sign("tester", private_key, AUDIENCE)
    clock = StoppedClock(SystemClock().now())
    return good, SystemTokens(users, frozenset({AUDIENCE}), SYSTEM_ROLES, clock)


def a_token(chance: random.Random) -> bytes:
    """The good token mutated: as text, or in the JSON of its header or claims, under its old signature."""
    good, _ = a_good_token()
    if chance.random() < 0.3:
        return mutated(chance, good.encode())
    segments = good.split(".")
    number = chance.randint(0, 1)
    decoded = base64.urlsafe_b64decode(segments[number] + "==")
    segments[number] = base64.urlsafe_b64encode(mutated(chance, decoded)).rstrip(b"=").decode()
    return ".".join(segments).encode()


def check_token(data: bytes) -> None:
    """Refused as TOKEN_INVALID, unless it is the good token to the letter."""
    good, tokens = a_good_token()
    text = data.decode("latin-1")
    try:
        tokens.verify(text)
    except Refused as refused:
        reason = refused.reason
    else:
        reason = None
    assert reason is (None if text == good else TOKEN_INVALID)


# --- all of it --------------------------------------------------------------------------------------------------------

DECODERS = {"frames": check_frames, "json": check_json}
"""Those that are pure, for the guided run."""
