"""A foundry of fakes, and records made with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from domain.command import parse
from domain.create_instance import Call, Foundry, create_instance
from domain.creation import Creation
from domain.external_address import ExternalAddress
from domain.instant import LATEST
from domain.settings import Defaults, load
from fakes.clock import FixedClock
from fakes.fingerprints import FakeFingerprints
from fakes.instances import FakeInstances
from fakes.key_pairs import CannedKeyPairs
from fakes.password_hashes import FakePasswordHashes
from fakes.passwords import FakePasswords
from fakes.randomness import SeededEntropy, SequentialIds
from fakes.vault import FakeVault

EXTERNAL = ExternalAddress("foundry.example", 443, secure=True)
RECEIPT_SECONDS = 86_400


@cache
def defaults() -> Defaults:
    """The project's own defaults."""
    return load(tomllib.loads(resources.files("domain").joinpath("defaults.toml").read_text(encoding="utf-8")))


SYSTEM_ROLES = defaults().system_roles
"""What each system role allows."""


def fake_foundry(**overrides: Any) -> Foundry:
    """A foundry of fresh fakes; ``overrides`` replace single fields."""
    clock = overrides.get("clock", FixedClock())
    foundry = Foundry(
        clock=clock,
        ids=SequentialIds(),
        entropy=SeededEntropy(),
        key_pairs=CannedKeyPairs(),
        password_hashes=FakePasswordHashes(),
        passwords=FakePasswords(),
        fingerprints=FakeFingerprints(),
        vault=FakeVault(),
        instances=FakeInstances(clock),
        defaults=defaults(),
        external=EXTERNAL,
        receipt_seconds=RECEIPT_SECONDS,
    )
    return replace(foundry, **overrides)


def creation_of(
    request: Mapping[str, Any], *, caller: str = "tester", key: str | None = None, **overrides: Any
) -> Creation:
    """The records that a request leads to; two of them share no id if they share the ``ids`` of ``overrides``."""
    instances = FakeInstances()
    foundry = fake_foundry(**{**overrides, "instances": instances})
    create_instance(foundry, parse(request), Call(caller, key, LATEST))
    (creation,) = instances.creations
    return creation
