"""Creations as the use case makes them, for tests of what stores them."""

from __future__ import annotations

from typing import Any

from fakes.foundry import fake_foundry
from fakes.instances import FakeInstances

from domain.command import parse
from domain.create_instance import Call, create_instance
from domain.creation import Creation
from domain.instant import Instant
from domain.ports import Outcome, Verdict

FAR_AWAY = Instant(4_000_000_000)

MACHINE = {
    "instance_name": "Acme",
    "machine": {"user_name": "admin", "name": "Admin", "personal_access_token": {}, "machine_key": {"type": 1}},
}


class _Catcher(FakeInstances):
    """Keeps what it is asked to store."""

    caught: Creation

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        self.caught = creation
        return Outcome(Verdict.COMMITTED)


def a_creation(key: str | None = None, request: dict[str, Any] | None = None, caller: str = "tester") -> Creation:
    """A creation for ``request``, by default a machine admin with both credentials."""
    catcher = _Catcher()
    foundry = fake_foundry(instances=catcher)
    create_instance(foundry, parse(request or MACHINE), Call(caller, key, FAR_AWAY))
    return catcher.caught
