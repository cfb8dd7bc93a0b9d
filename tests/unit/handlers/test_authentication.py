"""The headers of spec 7.3 and the refusals of spec 7.4, in their order."""

from __future__ import annotations

import pytest

from domain.access import Caller
from domain.errors import (
    AUTH_HEADER_INVALID,
    AUTH_HEADER_MISSING,
    ORGANIZATION_UNKNOWN,
    TOKEN_INVALID,
    Reason,
    Refused,
)
from handlers.authentication import authenticate

CALLER = Caller("operator", frozenset({"system.instance.write"}))


class OneToken:
    """Accepts the text ``good`` and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def verify(self, token: str) -> Caller:
        self.asked.append(token)
        if token != "good":
            raise Refused(TOKEN_INVALID)
        return CALLER


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer good"},
        {"authorization": "anything Bearer good"},
        {"authorization": "Basic Bearer good"},
        {"authorization": "Bearer good", "x-zitadel-orgid": ""},
        {"authorization": "Bearer good", "x-zitadel-orgdomain": "acme", "accept-language": "en"},
    ],
)
def test_a_good_token_names_its_caller(headers: dict[str, str]) -> None:
    assert authenticate(headers, OneToken()) == CALLER


@pytest.mark.parametrize(
    ("headers", "reason", "asked"),
    [
        ({}, AUTH_HEADER_MISSING, []),
        ({"authorization": ""}, AUTH_HEADER_MISSING, []),
        ({"Authorization": "Bearer good"}, AUTH_HEADER_MISSING, []),
        ({"x-zitadel-orgid": "1"}, AUTH_HEADER_MISSING, []),
        ({"authorization": "good"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "bearer good"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "BEARER good"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "Bearer"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "Bearer\tgood"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "Basic Z29vZA=="}, AUTH_HEADER_INVALID, []),
        ({"authorization": "Bearer Bearer good"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "Bearer good,Bearer good"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "bearer good", "x-zitadel-orgid": "1"}, AUTH_HEADER_INVALID, []),
        ({"authorization": "Bearer "}, TOKEN_INVALID, [""]),
        ({"authorization": "Bearer bad"}, TOKEN_INVALID, ["bad"]),
        ({"authorization": "Bearer  good"}, TOKEN_INVALID, [" good"]),
        ({"authorization": "Bearer good "}, TOKEN_INVALID, ["good "]),
        ({"authorization": "Bearer bad", "x-zitadel-orgid": "1"}, TOKEN_INVALID, ["bad"]),
        ({"authorization": "Bearer good", "x-zitadel-orgid": "1"}, ORGANIZATION_UNKNOWN, ["good"]),
        ({"authorization": "Bearer good", "x-zitadel-orgid": " "}, ORGANIZATION_UNKNOWN, ["good"]),
    ],
)
def test_the_first_thing_that_is_wrong_is_the_answer(headers: dict[str, str], reason: Reason, asked: list[str]) -> None:
    tokens = OneToken()
    with pytest.raises(Refused) as refusal:
        authenticate(headers, tokens)
    assert refusal.value.reason is reason
    assert tokens.asked == asked
