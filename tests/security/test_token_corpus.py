"""Hundreds of tokens, each made for one purpose: the bad are all refused, in the same way; the good never are."""

from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.system_tokens import MAX_TOKEN_LENGTH, SystemTokens, load_users
from domain.access import Caller
from domain.errors import TOKEN_INVALID, Refused
from domain.instant import Instant
from fakes.foundry import SYSTEM_ROLES
from security.refused_tokens import REFUSED
from security.token_workshop import (
    ALIAS,
    AUDIENCE,
    NOW,
    Make,
    Workshop,
    as_bytes,
    b64,
    certificate,
    claims,
    header,
    jwk,
    padded,
    pem,
    pkcs1,
    pss,
)


class Verify(Protocol):
    def __call__(self, token: str, now: Instant = ...) -> Caller: ...


class FixedClock:
    def __init__(self, now: Instant) -> None:
        self._now = now

    def now(self) -> Instant:
        return self._now


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    with ThreadPoolExecutor() as threads:  # making a key releases the GIL
        sizes = (2048, 2048, 2048, 2048, 4096, 2048)
        return Workshop(*threads.map(lambda size: rsa.generate_private_key(65537, size), sizes))


@pytest.fixture(scope="session")
def verify(workshop: Workshop) -> Verify:
    def member(kind: str, *roles: str, **more: str) -> dict[str, object]:
        return {"MemberType": kind, "Roles": roles, **more}

    def user(*memberships: dict[str, object], keys: tuple[rsa.RSAPrivateKey, ...] = (workshop.bob,)) -> object:
        return {"KeyData": [base64.b64encode(pem(key)).decode() for key in keys], "Memberships": memberships}

    users = load_users(
        json.dumps(
            {
                "alice": user(keys=(workshop.alice, workshop.alice_next)),
                "bob": user(),
                "large": user(keys=(workshop.large,)),
                "José Ñandú 🦙": user(),
                "viewer": user(member("System", "SYSTEM_OWNER_VIEWER")),
                "both": user(member("IAM", "SYSTEM_OWNER", AggregateID="7"), member("System", "SYSTEM_OWNER_VIEWER")),
                "iam": user(member("IAM", "SYSTEM_OWNER", AggregateID="")),
                "organization": user(member("Organization", "SYSTEM_OWNER")),
                "foreign": user(member("Organization", "SYSTEM_OWNER", AggregateID="7")),
                "roleless": user(member("System")),
                "stranger": user(member("System", "IAM_OWNER", "ORG_OWNER", "NO_SUCH_ROLE")),
            }
        )
    )

    def verified(token: str, now: Instant = Instant(NOW)) -> Caller:  # noqa: B008 - immutable
        return SystemTokens(users, frozenset({AUDIENCE, ALIAS}), SYSTEM_ROLES, FixedClock(now)).verify(token)

    return verified


@pytest.fixture(scope="session")
def bad_tokens(workshop: Workshop) -> dict[str, str]:
    return {name: make(workshop) for name, make in REFUSED.items()}


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_refused(name: str, bad_tokens: dict[str, str], verify: Verify) -> None:
    with pytest.raises(Refused) as refusal:
        verify(bad_tokens[name])
    assert refusal.value.reason is TOKEN_INVALID


def test_the_corpus_is_large_and_no_two_tokens_are_the_same(bad_tokens: dict[str, str]) -> None:
    assert len(set(bad_tokens.values())) == len(bad_tokens) >= 200


def test_no_depth_of_nesting_breaks_the_verifier(workshop: Workshop, verify: Verify) -> None:
    """Wherever the interpreter's own limit lies, the answer on both sides of it is an answer, in a thread as well."""
    outcomes = []

    def probe() -> None:
        for depth in range(100, 5_700, 200):
            nested = "[" * depth + "]" * depth
            for token in (
                workshop.token(f'{{"alg":"RS256","x":{nested}}}', signer=pkcs1(workshop.mallory)),
                workshop.token(body=as_bytes(claims())[:-1] + f',"x":{nested}}}'.encode()),
            ):
                try:
                    outcomes.append(verify(token).user_id)
                except Refused as refusal:
                    outcomes.append(refusal.reason.id)

    probe()
    thread = threading.Thread(target=probe)
    thread.start()
    thread.join()
    assert set(outcomes) <= {"alice", TOKEN_INVALID.id}
    assert len(outcomes) == 4 * len(range(100, 5_700, 200))


def good(head: dict[str, object] | None = None, **changes: object) -> Make:
    return lambda w: w.token(head, claims(**changes))


def of_bob(user_id: str) -> Make:
    return lambda w: w.token(body=claims(iss=user_id, sub=user_id), signer=pkcs1(w.bob))


ACCEPTED: dict[str, Make] = {
    "RS256": good(),
    "PS256": lambda w: w.token(header(alg="PS256"), signer=pss(w.alice)),
    "RS256, next key": lambda w: w.token(signer=pkcs1(w.alice_next)),
    "PS256, next key": lambda w: w.token(header(alg="PS256"), signer=pss(w.alice_next)),
    "RS256, 4096 bits": lambda w: w.token(body=claims(iss="large", sub="large"), signer=pkcs1(w.large)),
    "PS256, 4096 bits": lambda w: w.token(header(alg="PS256"), claims(iss="large", sub="large"), pss(w.large)),
    "typ JWT": good(header(typ="JWT")),
    "typ at+jwt": good(header(typ="at+jwt")),
    "typ empty": good(header(typ="")),
    "cty": good(header(cty="JWT")),
    "kid": good(header(kid="1")),
    "kid empty": good(header(kid="")),
    "kid of another user": good(header(kid="bob")),
    "kid of a file": good(header(kid="../../etc/passwd")),
    "kid of 8000 characters": good(header(kid="k" * 8000)),
    "kid with an emoji": good(header(kid="🗝")),
    "jwk of mallory's": lambda w: w.token(header(jwk=jwk(w.mallory))),
    "jku": good(header(jku="https://mallory.example/keys")),
    "x5u": good(header(x5u="https://mallory.example/chain")),
    "x5c of mallory's": lambda w: w.token(header(x5c=[certificate(w.mallory)])),
    "x5t": good(header(x5t=b64(bytes(20)), **{"x5t#S256": b64(bytes(32))})),
    "unknown header parameters": good(header(nonce="x", enc="y", v={"a": [1]})),
    "header with white space": lambda w: w.token('\n{ "typ" : "JWT" ,\r\n\t"alg" : "RS256" } '),
    "header with escapes": lambda w: w.token('{"\\u0061lg":"RS\\u0032\\u0035\\u0036"}'),
    "aud array": good(aud=[AUDIENCE]),
    "aud first of two": good(aud=[AUDIENCE, "https://other.example.com"]),
    "aud last of three": good(aud=["a", "b", AUDIENCE]),
    "aud twice": good(aud=[AUDIENCE, AUDIENCE]),
    "aud the other one": good(aud=ALIAS),
    "aud both": good(aud=[ALIAS, AUDIENCE]),
    "exp as near as it may be": good(exp=NOW + 2),
    "exp with a fraction": good(exp=NOW + 2.001),
    "exp in exponent form": lambda w: w.token(body=json.dumps(claims(exp="@")).replace('"@"', "1.9e9")),
    "exp as text": good(exp="2027-01-15T08:00:02Z"),
    "exp as text with fraction": good(exp="2027-01-15T08:00:02.123456789Z"),
    "exp as text with offset": good(exp="2027-01-15T13:30:02+05:30"),
    "exp in a year": good(exp=NOW + 86_400 * 365),
    "exp in milliseconds": good(exp=NOW * 1000),
    "exp at the end of the calendar": good(exp="9999-12-31T23:59:59Z"),
    "exp at the end of exact numbers": good(exp=2**53 - 1),
    "iat a second ahead": good(iat=NOW + 1),
    "iat a second and a bit ahead": good(iat=NOW + 1.999),
    "iat an hour ago": good(iat=NOW - 3600),
    "iat with a fraction": good(iat=NOW - 3599.5),
    "iat as text": good(iat="2027-01-15T08:00:00Z"),
    "iat as text an hour ago": good(iat="2027-01-15T07:00:00Z"),
    "iat as text with offset": good(iat="2027-01-14T23:00:00.5-09:00"),
    "iat after exp, yet both in time": good(iat=NOW + 1, exp=NOW + 2),
    "jti": good(jti="f81d4fae"),
    "nbf in the future": good(nbf=NOW + 86_400),
    "nbf of a wrong type": good(nbf="soon"),
    "azp": good(azp="someone"),
    "extra claims": good(**{"scope": None, "amr": ["pwd"], "https://example.com/c": {"a": [1, 2.5, True]}}),
    "claims with an emoji and an escaped NUL": good(name="🦙", note="a\0b"),
    "claims nested": good(act=json.loads("[" * 50 + "]" * 50)),
    "the same name at two depths": good(act={"sub": "alice", "act": {"sub": "alice"}}),
    "a huge number elsewhere": good(x=10**300),
    "claims with white space": lambda w: w.token(body=json.dumps(claims(), indent=4) + "\n"),
    "claims with escapes": lambda w: w.token(body=json.dumps(claims()).replace("alice", "\\u0061lice")),
    "claims in another order": lambda w: w.token(body=dict(reversed(claims().items()))),
    "as long as a token may be": lambda w: padded(w, MAX_TOKEN_LENGTH),
    "bob": of_bob("bob"),
    "a user with a name": of_bob("José Ñandú 🦙"),
    "a user with a name in UTF-8": lambda w: w.token(
        body=json.dumps(claims(iss="José Ñandú 🦙", sub="José Ñandú 🦙"), ensure_ascii=False), signer=pkcs1(w.bob)
    ),
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(make: Make, workshop: Workshop, verify: Verify) -> None:
    caller = verify(make(workshop))
    assert caller.user_id in ("alice", "bob", "large", "José Ñandú 🦙")
    assert caller.permissions == SYSTEM_ROLES["SYSTEM_OWNER"]


@pytest.mark.parametrize(
    ("nanos", "changes"),
    [
        (0, {"exp": NOW + 2}),
        (999_999_999, {"exp": NOW + 2}),
        (499_999_999, {"iat": NOW + 1}),
        (500_000_000, {"iat": NOW + 2}),
        (499_999_999, {"iat": NOW - 3600}),
        (500_000_000, {"iat": NOW - 3599}),
    ],
)
def test_accepted_within_a_second(nanos: int, changes: dict[str, object], workshop: Workshop, verify: Verify) -> None:
    assert verify(workshop.token(body=claims(**changes)), Instant(NOW, nanos)).user_id == "alice"


@pytest.mark.parametrize(
    ("user_id", "permissions"),
    [
        ("viewer", SYSTEM_ROLES["SYSTEM_OWNER_VIEWER"]),
        ("both", SYSTEM_ROLES["SYSTEM_OWNER_VIEWER"]),
        ("iam", SYSTEM_ROLES["SYSTEM_OWNER"]),
        ("organization", SYSTEM_ROLES["SYSTEM_OWNER"]),
        ("foreign", frozenset()),
        ("roleless", frozenset()),
        ("stranger", frozenset()),
    ],
)
def test_known_whatever_it_may_do(
    user_id: str, permissions: frozenset[str], workshop: Workshop, verify: Verify
) -> None:
    assert verify(of_bob(user_id)(workshop)) == Caller(user_id, permissions)
