"""Rules that are made of rules: the first violation, or all of them."""

from __future__ import annotations

import pytest

from domain import errors
from domain.errors import Refused
from domain.rules import Rule, Violation, enforce, examine, single

ONE = Violation(errors.ORG_NAME_BLANK, "one")
TWO = Violation(errors.DOMAIN_BLANK, "two")


def refuse() -> str:
    raise Refused(errors.DOMAIN_BLANK)


def two_parts(seen: list[str]) -> Rule[str]:
    seen.append("one")
    yield ONE
    seen.append("two")
    return (yield from single("two", refuse, "instead"))


def test_who_wants_the_first_violation_looks_no_further() -> None:
    seen: list[str] = []
    with pytest.raises(Refused) as refused:
        enforce(two_parts(seen))
    assert refused.value.reason is ONE.reason
    assert seen == ["one"]


def test_who_wants_all_gets_them_in_order_and_what_came_of_it() -> None:
    assert examine(two_parts([])) == ([ONE, TWO], "instead")


def test_a_rule_that_holds_gives_its_result() -> None:
    assert enforce(single("", lambda: "result", "")) == "result"
    assert examine(single("", lambda: "result", "")) == ([], "result")
