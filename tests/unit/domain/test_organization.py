"""The organization's name and the domain that follows from it (spec 4.2 rows 4 and 5)."""

from __future__ import annotations

import pytest

from domain import errors
from domain.errors import Reason
from domain.external_address import ExternalAddress
from domain.organization import name_and_domain
from harness.refusals import outcome

EXTERNAL = ExternalAddress("foundry.example", 443, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme", ("Acme", "acme.foundry.example")),
        (" \u00a0Acme Inc.\n", ("Acme Inc.", "acme-inc.foundry.example")),
        ("-Ä-", ("-Ä-", "ä.foundry.example")),
        ("\x1cAcme", ("\x1cAcme", "acme.foundry.example")),
        ("", errors.ORG_NAME_BLANK),
        (" \t\u0085\u3000", errors.ORG_NAME_BLANK),
        ("\x1c", errors.ORG_DOMAIN_EMPTY),  # no white space to Go
        ("-", errors.ORG_DOMAIN_EMPTY),
        ("...", errors.ORG_DOMAIN_EMPTY),
    ],
)
def test_name_and_domain(text: str, expected: tuple[str, str] | Reason) -> None:
    assert outcome(name_and_domain, text, EXTERNAL) == expected
