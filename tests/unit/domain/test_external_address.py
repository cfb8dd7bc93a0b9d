"""The deployment's public address: what it may be, and the origins made of it (spec 7.1)."""

from __future__ import annotations

import pytest

from domain.external_address import ExternalAddress


@pytest.mark.parametrize(
    ("port", "secure", "origin"),
    [
        (443, True, "https://foundry.example"),
        (80, False, "http://foundry.example"),
        (0, True, "https://foundry.example"),
        (0, False, "http://foundry.example"),
        (80, True, "https://foundry.example:80"),
        (443, False, "http://foundry.example:443"),
        (8080, True, "https://foundry.example:8080"),
        (65535, False, "http://foundry.example:65535"),
    ],
)
def test_an_origin_shows_the_port_that_the_scheme_does_not_imply(port: int, secure: bool, origin: str) -> None:
    address = ExternalAddress("foundry.example", port, secure)
    assert address.origin() == origin
    assert address.origin("acme.test") == origin.replace("foundry.example", "acme.test")


@pytest.mark.parametrize("domain", ["a", "a" * 251, "é" * 125])
def test_a_domain_that_leaves_room_for_a_label(domain: str) -> None:
    assert ExternalAddress(domain, 0, True).domain == domain


@pytest.mark.parametrize("domain", ["", "a" * 252, "é" * 126])
def test_a_domain_that_does_not(domain: str) -> None:
    with pytest.raises(ValueError, match="1 to 251 bytes"):
        ExternalAddress(domain, 0, True)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_out_of_range(port: int) -> None:
    with pytest.raises(ValueError, match="0 to 65535"):
        ExternalAddress("foundry.example", port, True)
