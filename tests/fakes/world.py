"""A foundry of fakes that is called as a caller would, and looked into afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from domain.command import parse
from domain.create_instance import Call, Created, Foundry, create_instance
from domain.creation import Creation
from domain.errors import Refused
from domain.instant import LATEST, Instant
from fakes.clock import FixedClock
from fakes.foundry import fake_foundry
from fakes.instances import FakeInstances
from fakes.passwords import FakePasswords
from fakes.vault import FakeVault

KEY = "order-4711"


class World:
    """One deployment; ``journal`` holds which effects a call had, in their order."""

    def __init__(
        self,
        instances: FakeInstances | None = None,
        vault: FakeVault | None = None,
        clock: FixedClock | None = None,
    ) -> None:
        self.clock = clock or FixedClock()
        self.vault = vault or FakeVault()
        self.instances = instances or FakeInstances()
        self.passwords = FakePasswords()
        self.journal: list[str] = []
        foundry = fake_foundry(clock=self.clock, vault=self.vault, instances=self.instances, passwords=self.passwords)
        watched = ("key_pairs", "password_hashes", "passwords", "vault", "instances")
        self.foundry: Foundry = replace(
            foundry, **{port: _Watched(port, getattr(foundry, port), self.journal) for port in watched}
        )

    def create(
        self,
        request: Mapping[str, Any],
        key: str | None = KEY,
        *,
        caller: str = "tester",
        deadline: Instant = LATEST,
        reveal: bool = True,
    ) -> Created:
        """What the use case answers."""
        return create_instance(self.foundry, parse(request), Call(caller, key, deadline, reveal))

    def refusal(self, request: Mapping[str, Any], key: str | None = KEY, **call: Any) -> Refused:
        """With what the use case refuses."""
        with pytest.raises(Refused) as refused:
            self.create(request, key, **call)
        return refused.value

    def creation_of(self, created: Created) -> Creation:
        """The records behind an answer."""
        (creation,) = [one for one in self.instances.creations if one.instance.id == created.receipt.instance_id]
        return creation

    def contents(self) -> tuple[Any, ...]:
        """Everything that exists, to compare with what exists later."""
        return self.instances.creations, dict(self.vault.contents)


class _Watched:
    """A port that writes into the journal when it is called."""

    def __init__(self, name: str, port: object, journal: list[str]) -> None:
        self._name, self._port, self._journal = name, port, journal

    def __getattr__(self, method: str) -> Callable[..., Any]:
        self._journal.append(f"{self._name}.{method}")
        return getattr(self._port, method)
