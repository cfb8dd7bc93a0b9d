"""A short run of every fuzzer, proof that they can find something, and the bombs, each by itself."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import targets
from fuzz.run import TARGETS, Defect, Target, feed
from fuzz.targets import a_good_token, check_token
from harness.api import Api, event

SEED = 11
MEBIBYTE = 1_048_576


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_short_run_finds_nothing(target: Target) -> None:
    assert feed(target.name, SEED, target.short) == target.short


@pytest.mark.parametrize(
    ("name", "broken", "mistake"),
    [
        ("frames", "unframe", lambda body, *_: body[8_000] and body),
        ("json", "protojson.decode", lambda body, _type: json.loads(body)),
        ("tokens", "SystemTokens.verify", lambda _self, text: text.count(".") == 2),
    ],
)
def test_a_mistake_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, broken: str, mistake: Callable[..., Any]
) -> None:
    monkeypatch.setattr(f"fuzz.targets.{broken}", mistake)
    with pytest.raises(Defect, match=rf"^{name}, seed {SEED}, part 0, input \d+: "):
        feed(name, SEED, 2_000)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=8), values, max_size=4),
    max_leaves=8,
)
_CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        name: _JSON | st.sampled_from(["tester", targets.AUDIENCE, int(time.time()), int(time.time()) + 600])
        for name in ("iss", "sub", "aud", "iat", "exp")
    },
)
_HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "PS256", "none", "HS256"]) | _JSON},
    optional=dict.fromkeys(("typ", "kid", "jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"), _JSON),
)


@settings(deadline=None)  # a shared machine may stop any example
@given(_HEADERS, _CLAIMS, st.binary(max_size=300))
def test_no_token_that_nobody_signed_is_accepted_or_breaks_anything(head: Any, claims: Any, signature: bytes) -> None:
    encoded = [json.dumps(part).encode("utf-8", "replace") for part in (head, claims)]
    check_token(".".join(token_segment(part) for part in (*encoded, signature)).encode())


@settings(deadline=None)
@given(st.text() | st.text(alphabet="aA0-_=. ").map(lambda text: a_good_token()[0] + text))
def test_no_text_is_a_token(text: str) -> None:
    if text != a_good_token()[0]:
        check_token(text.encode("utf-8", "surrogatepass"))


def token_segment(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def filled(before: bytes, unit: bytes, after: bytes = b"") -> bytes:
    """As much of ``unit`` as the largest body takes."""
    return before + unit * ((MEBIBYTE - len(before) - len(after)) // len(unit)) + after


BOMBS = {
    "arrays": filled(b'{"a":', b"["),
    "objects": filled(b"", b'{"a":'),
    "closed arrays": filled(b'{"a":', b"[" * 99 + b"]" * 99 + b",", b"1}").replace(b'{"a":', b'{"a":[', 1),
    "members": filled(b"{", b'"a":0,', b'"b":0}'),
    "duplicates": filled(b"{", b'"instanceName":"a",', b'"b":0}'),
    "a number": filled(b'{"instanceName":', b"9", b"}"),
    "an exponent": filled(b'{"machine":{"machineKey":{"type":1e', b"9", b"}}}"),
    "a name": filled(b'{"', b"a", b'":0}'),
    "a string": filled(b'{"instanceName":"', b"a", b'"}'),
    "a password": filled(
        b'{"instanceName":"A","human":{"email":{"email":"a@b.example"},"profile":{"firstName":"A","lastName":"B"},'
        b'"password":{"password":"Aa1!',
        b"x",
        b'"}}}',
    ),
    "a domain": filled(b'{"instanceName":"A","customDomain":"', b"a.", b'"}'),
    "an address": filled(b'{"instanceName":"A","human":{"email":{"email":"', b"(", b'"}}}'),
    "escapes": filled(b'{"instanceName":"', b"\\u0041", b'"}'),
    "surrogates": filled(b'{"instanceName":"', b"\\ud83d\\ude00", b'"}'),
    "quotes": filled(b'{"instanceName":"', b'\\"', b'"}'),
    "backslashes": filled(b'{"instanceName":"', b"\\", b'"}'),
    "no UTF-8": filled(b'{"instanceName":"', b"\xff", b'"}'),
    "NUL": filled(b'{"instanceName":"', b"\x00", b'"}'),
    "blanks": filled(b"", b" ", b"{}"),
    "too much": b"{" + b" " * MEBIBYTE + b"}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon_and_with_little_memory(shared_api: Api, name: str) -> None:
    body = BOMBS[name]
    assert len(body) > 0.99 * MEBIBYTE
    request = event(base64.b64encode(body).decode(), {"authorization": f"Bearer {shared_api.caller.token()}"})
    request["isBase64Encoded"] = True
    shared_api.call(event({}, request["headers"]))
    started = time.process_time()
    answer = shared_api.call(request)
    taken = time.process_time() - started
    assert answer.status in {400, 413}, answer.text
    assert len(answer.text) < 1_000
    assert taken < 2, f"{taken:.1f} s of processor time"
    tracemalloc.start()
    shared_api.call(request)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * MEBIBYTE, f"{peak / MEBIBYTE:.0f} MiB"


LOOK_ALIKES = [
    "аcme.example",
    "acme．example",
    "acme。example",
    "ACME\u200b.example",
    "acme\u202e.example",
    "ⓐcme.example",
]


@pytest.mark.parametrize("domain", LOOK_ALIKES)
def test_a_domain_that_only_looks_like_one_is_refused(shared_api: Api, domain: str) -> None:
    request = {"instanceName": "A", "customDomain": domain, "machine": {"userName": "u", "name": "n"}}
    answer = shared_api.create(request)
    assert (answer.status, answer.error_id) == (400, "INST-S3v3w")


def test_the_good_token_is_one() -> None:
    """Or else every token is refused for another reason than the one that a target is about."""
    good, tokens = a_good_token()
    assert tokens.verify(good).user_id == "tester"
