"""The console of a new instance (spec 6.2 rows 44 and 47)."""

from __future__ import annotations

import pytest

from domain.external_address import ExternalAddress
from domain.instance import InstanceDomain, console_app
from fakes.foundry import defaults

GENERATED = InstanceDomain("acme-k3x09a.foundry.example", generated=True, primary=False)
CUSTOM = InstanceDomain("ID.Acme.test", generated=False, primary=True)


@pytest.mark.parametrize(
    ("external", "origins", "dev_mode"),
    [
        (
            ExternalAddress("foundry.example", 443, secure=True),
            ("https://acme-k3x09a.foundry.example", "https://ID.Acme.test"),
            False,
        ),
        (
            ExternalAddress("foundry.example", 8080, secure=False),
            ("http://acme-k3x09a.foundry.example:8080", "http://ID.Acme.test:8080"),
            True,
        ),
    ],
)
def test_the_console_is_reached_under_every_domain(
    external: ExternalAddress, origins: tuple[str, str], dev_mode: bool
) -> None:
    console = console_app("1", "2", defaults().project, (GENERATED, CUSTOM), external)
    assert (console.id, console.client_id, console.name) == ("1", "2", "Console")
    assert console.redirect_uris == tuple(f"{origin}/ui/console/auth/callback" for origin in origins)
    assert console.post_logout_redirect_uris == tuple(f"{origin}/ui/console/signedout" for origin in origins)
    assert console.dev_mode is dev_mode
