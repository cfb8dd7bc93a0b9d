"""Requests for rows to start from, as typed messages in JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MACHINE = {"userName": "root", "name": "Root"}
EMAIL = {"email": "jane@acme.example", "isEmailVerified": True}
PROFILE = {"firstName": "Jane", "lastName": "Doe"}
HUMAN = {"userName": "jane", "email": EMAIL, "profile": PROFILE}

PASSWORD = "Passw0rd!"
"""It satisfies the default policy."""

JSON_KEY = {"type": "KEY_TYPE_JSON"}


def machine(changes: Mapping[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """A request with a machine owner; ``changes`` are the owner's fields, None leaves a field out."""
    return _given({"instanceName": "Acme", **fields, "machine": _given({**MACHINE, **(changes or {})})})


def human(changes: Mapping[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """A request with a human owner; ``changes`` are the owner's fields, None leaves a field out."""
    return _given({"instanceName": "Acme", **fields, "human": _given({**HUMAN, **(changes or {})})})


def nobody(**fields: Any) -> dict[str, Any]:
    """A request whose machine has no names: all field rules hold, and it is still refused with OWNER_MISSING.

    That shows that everything before passed, and costs no instance.
    """
    return _given({"instanceName": "Acme", **fields, "machine": {}})


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
