"""Tokens, key files, expirations and the password policy (spec 3.1, 4.2 rows 8m, 9m, 15h-19h, 5.7)."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import errors
from domain.credentials import (
    TOKEN_ENTROPY_BYTES,
    TOKEN_PATTERN,
    AccessToken,
    Credentials,
    MachineKey,
    check_password,
    expiration,
    is_access_token,
    key_file,
    mint_token,
    token_digest,
)
from domain.errors import Reason
from domain.instant import EARLIEST, LATEST, NEVER, Instant
from domain.secret import Secret
from domain.settings import PasswordPolicy
from harness.refusals import outcome

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NOW = Instant(1_800_000_000, 500)

entropies = st.binary(min_size=TOKEN_ENTROPY_BYTES, max_size=TOKEN_ENTROPY_BYTES)
instants = st.builds(Instant, st.integers(EARLIEST.seconds, LATEST.seconds), st.integers(0, 999_999_999))


# Expirations


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        (None, NEVER),
        (EARLIEST, NEVER),
        (Instant(EARLIEST.seconds, 1), errors.EXPIRATION_PAST),
        (Instant(0), errors.EXPIRATION_PAST),  # the epoch is a date like any other
        (Instant(NOW.seconds, NOW.nanos - 1), errors.EXPIRATION_PAST),
        (NOW, NOW),
        (Instant(NOW.seconds, NOW.nanos + 1), Instant(NOW.seconds, NOW.nanos + 1)),
        (NEVER, NEVER),
        (LATEST, LATEST),
    ],
)
def test_expiration(requested: Instant | None, expected: Instant | Reason) -> None:
    assert outcome(expiration, requested, NOW) == expected


@given(st.none() | st.just(EARLIEST) | instants, instants)
def test_a_credential_never_ends_before_it_begins(requested: Instant | None, now: Instant) -> None:
    result = outcome(expiration, requested, now)
    if requested in (None, EARLIEST):
        assert result == NEVER
    elif isinstance(result, Reason):
        assert result is errors.EXPIRATION_PAST
        assert requested < now
    else:
        assert result == requested >= now


# Access tokens


@pytest.mark.parametrize(
    ("entropy", "token"),
    [
        (bytes(24), "ifpat_0000000000000000000000000000000002zZe4C"),
        (b"\xff" * 24, "ifpat_2lFA6LboL2xx0ldQH2K1TdSrwuqMMiME32UJzzV"),
        (bytes(range(24)), "ifpat_000A7dl5PEW67zZCpFU9uKaHnGgOvQKAR1C0u0f"),
    ],
)
def test_the_form_of_a_token_is_fixed_for_scanners(entropy: bytes, token: str) -> None:
    assert mint_token(entropy).reveal() == token


@given(entropies)
def test_a_token_holds_all_of_its_randomness(entropy: bytes) -> None:
    text = mint_token(entropy).reveal()
    assert TOKEN_PATTERN.fullmatch(text)
    assert is_access_token(text)
    number = 0
    for digit in text[6:39]:
        number = number * 62 + ALPHABET.index(digit)
    assert number.to_bytes(TOKEN_ENTROPY_BYTES, "big") == entropy


@given(entropies, entropies)
def test_other_randomness_is_another_token_and_another_digest(one: bytes, other: bytes) -> None:
    assert (mint_token(one) == mint_token(other)) == (one == other)
    assert (token_digest(mint_token(one)) == token_digest(mint_token(other))) == (one == other)


@given(entropies, st.data())
def test_a_token_with_one_wrong_character_is_none(entropy: bytes, data: st.DataObject) -> None:
    text = mint_token(entropy).reveal()
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from(ALPHABET).filter(lambda character: character != text[place]))
    assert not is_access_token(text[:place] + wrong + text[place + 1 :])


@given(entropies, st.integers(6, 43))
def test_a_token_with_two_characters_swapped_is_none(entropy: bytes, place: int) -> None:
    text = mint_token(entropy).reveal()
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert is_access_token(swapped) == (swapped == text)


def test_what_is_no_token() -> None:
    text = mint_token(bytes(range(24))).reveal()
    for other in ("", "ifpat_", text[:-1], f"{text}0", f"{text}\n", f" {text}", text.upper(), text.replace("_", "-")):
        assert not is_access_token(other)


def test_a_scanner_finds_a_token_in_a_text() -> None:
    text = mint_token(bytes(range(24))).reveal()
    found = TOKEN_PATTERN.search(f'PAT="{text}"')
    assert found
    assert found[0] == text


@given(entropies)
def test_a_digest_is_the_sha_256_of_the_text(entropy: bytes) -> None:
    token = mint_token(entropy)
    digest = token_digest(token)
    assert digest == hashlib.sha256(token.reveal().encode("ascii")).hexdigest()
    assert token.reveal() not in repr(AccessToken("1", "2", digest, NEVER, ()))


# Key files

KEY = MachineKey(id="17", user_id="4", public_key="public", expires_at=NEVER)


def test_a_key_file_is_zitadel_s_to_the_byte() -> None:
    text = key_file(KEY, Secret("-----BEGIN RSA PRIVATE KEY-----\nMII/+=\n-----END RSA PRIVATE KEY-----\n")).reveal()
    assert text == (
        '{"type":"serviceaccount","keyId":"17",'
        r'"key":"-----BEGIN RSA PRIVATE KEY-----\nMII/+=\n-----END RSA PRIVATE KEY-----\n",'
        '"expirationDate":"9999-12-31T23:59:59Z","userId":"4"}'
    )


@given(instants)
def test_a_key_file_tells_when_the_key_ends(end: Instant) -> None:
    document = json.loads(key_file(MachineKey("17", "4", "public", end), Secret("private")).reveal())
    assert list(document) == ["type", "keyId", "key", "expirationDate", "userId"]
    assert document["expirationDate"] == end.rfc3339()


# Credentials


@pytest.mark.parametrize(
    ("credentials", "some"),
    [
        (Credentials(), False),
        (Credentials(pat=Secret("t")), True),
        (Credentials(machine_key=Secret("k")), True),
        (Credentials(Secret("t"), Secret("k")), True),
    ],
)
def test_credentials_are_true_where_there_are_any(credentials: Credentials, some: bool) -> None:
    assert bool(credentials) is some


# Passwords

STRICT = PasswordPolicy(min_length=8, lower=True, upper=True, number=True, symbol=True)
LENIENT = PasswordPolicy(min_length=1, lower=False, upper=False, number=False, symbol=False)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Aa1!Aa1!", None),
        ("Aa1!Aa1", errors.PASSWORD_SHORT),
        ("Aa1éé!", None),  # 8 bytes, 6 characters
        ("Aa1é!", errors.PASSWORD_SHORT),
        ("", errors.PASSWORD_SHORT),
        ("é", errors.PASSWORD_SHORT),
        ("AA1!AA1!", errors.PASSWORD_LOWER),
        ("ÀÉ1!AAAAé", errors.PASSWORD_LOWER),  # only ASCII letters count
        ("aa1!aa1!", errors.PASSWORD_UPPER),
        ("aa1!aa1!É", errors.PASSWORD_UPPER),
        ("Aaa!Aaa!", errors.PASSWORD_NUMBER),
        ("Aaa!Aaa!٣²", errors.PASSWORD_NUMBER),
        ("Aa11Aa11", errors.PASSWORD_SYMBOL),
        ("Aa11Aa1é", None),  # a letter with an accent is a symbol, and so is
        ("Aa11Aa1 ", None),
        ("Aa11Aa1\n", None),
        ("Aa11Aa1_", None),
        ("A" * 9, errors.PASSWORD_LOWER),  # lower, number and symbol are missing: the first is told
        ("a" * 9, errors.PASSWORD_UPPER),
        ("aB" * 9, errors.PASSWORD_NUMBER),
        ("Aa1!" * 50, None),  # 200 bytes: nothing is cut off, so nothing is refused (spec 4.2 row 20h)
    ],
)
def test_the_default_policy(password: str, reason: Reason | None) -> None:
    assert outcome(check_password, Secret(password), STRICT) is reason


@pytest.mark.parametrize(
    ("change", "broken", "reason"),
    [
        ({"min_length": 4}, "xyz", errors.PASSWORD_SHORT),
        ({"lower": True}, "X1!", errors.PASSWORD_LOWER),
        ({"upper": True}, "x1!", errors.PASSWORD_UPPER),
        ({"number": True}, "xX!", errors.PASSWORD_NUMBER),
        ({"symbol": True}, "xX1", errors.PASSWORD_SYMBOL),
    ],
)
def test_every_rule_can_be_asked_for_by_itself(change: dict[str, int], broken: str, reason: Reason) -> None:
    assert outcome(check_password, Secret(broken), LENIENT) is None
    assert outcome(check_password, Secret(broken), LENIENT.model_copy(update=change)) is reason


policies = st.builds(
    PasswordPolicy,
    min_length=st.integers(1, 12),
    lower=st.booleans(),
    upper=st.booleans(),
    number=st.booleans(),
    symbol=st.booleans(),
)


@given(st.text("aZ5!é", max_size=12), policies)
def test_the_first_broken_rule_is_told(password: str, policy: PasswordPolicy) -> None:
    broken = [
        (len(password.encode()) < policy.min_length, errors.PASSWORD_SHORT),
        (policy.lower and "a" not in password, errors.PASSWORD_LOWER),
        (policy.upper and "Z" not in password, errors.PASSWORD_UPPER),
        (policy.number and "5" not in password, errors.PASSWORD_NUMBER),
        (policy.symbol and not {"!", "é"} & set(password), errors.PASSWORD_SYMBOL),
    ]
    first = next((reason for is_broken, reason in broken if is_broken), None)
    assert outcome(check_password, Secret(password), policy) is first
