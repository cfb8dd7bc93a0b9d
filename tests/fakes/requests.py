"""Requests that keep every rule, as ``domain.command.parse`` takes them."""

from __future__ import annotations

from typing import Any

from domain.settings import patched

PASSWORD = "Correct-Horse-1"
"""Keeps the password policy of the defaults."""

_MACHINE = {"instance_name": "Acme", "machine": {"user_name": "robot", "name": "Robot"}}
_HUMAN = {
    "instance_name": "Acme",
    "human": {
        "user_name": "grace",
        "email": {"email": "grace@acme.example", "is_email_verified": True},
        "profile": {"first_name": "Grace", "last_name": "Hopper", "preferred_language": "en"},
        "password": {"password": PASSWORD},
    },
}
_CREDENTIALS = {"machine": {"personal_access_token": {}, "machine_key": {"type": 1}}}


def machine(*changes: dict[str, Any]) -> dict[str, Any]:
    """A request for a machine without credentials; changes are JSON merge patches (RFC 7396), None removes."""
    return _changed(_MACHINE, *changes)


def machine_with_credentials(*changes: dict[str, Any]) -> dict[str, Any]:
    """A request for a machine with a PAT and a key that never expire."""
    return _changed(_MACHINE, _CREDENTIALS, *changes)


def human(*changes: dict[str, Any]) -> dict[str, Any]:
    """A request for a person with everything that can be said about one."""
    return _changed(_HUMAN, *changes)


def _changed(request: dict[str, Any], *changes: dict[str, Any]) -> dict[str, Any]:
    for change in changes:
        request = patched(request, change)
    return request


MACHINE = machine_with_credentials()
"""The request of whoever wants any instance with credentials."""
