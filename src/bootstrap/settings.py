"""The deployment's settings, read once from the environment that template.yaml gives the function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.external_address import ExternalAddress
from domain.settings import ConfigurationError

VARIABLES = (
    "EVENT_BUS",
    "EXTERNAL_DOMAIN",
    "EXTERNAL_PORT",
    "EXTERNAL_SECURE",
    "FINGERPRINT_SECRET",
    "IDEMPOTENCY_HOURS",
    "INSTANCE_DEFAULTS",
    "PASSWORDS_PREFIX",
    "SECRETS_KEY_ID",
    "SECRETS_PREFIX",
    "SYSTEM_AUDIENCES",
    "SYSTEM_USERS",
    "SYSTEM_USERS_PARAMETER",
    "TABLE_NAME",
)
"""Every variable that is read; docs/configuration.md says what each means."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; ``system_users`` is the JSON itself, ``system_users_parameter`` the SSM parameter that holds it.

    Without a ``passwords_prefix`` no password can be named instead of sent.
    """

    table_name: str
    secrets_prefix: str
    secrets_key_id: str | None
    passwords_prefix: str | None
    fingerprint_secret: str
    system_users: str | None
    system_users_parameter: str | None
    audiences: frozenset[str]
    external: ExternalAddress
    event_bus: str
    defaults_patch: Mapping[str, Any]
    receipt_seconds: int


def from_environment(environ: Mapping[str, str]) -> Settings:
    """The settings; an empty variable counts as unset. Raises ConfigurationError naming the variable that is wrong."""
    given = {name: environ[name] for name in VARIABLES if environ.get(name)}

    def required(name: str) -> str:
        if name not in given:
            raise ConfigurationError(f"{name} is not set")
        return given[name]

    def number(name: str, default: int) -> int:
        text = given.get(name, str(default))
        if not (text.isascii() and text.isdigit()):
            raise ConfigurationError(f"{name} must be a number")
        return int(text)

    secure = given.get("EXTERNAL_SECURE", "true")
    if secure not in {"true", "false"}:
        raise ConfigurationError("EXTERNAL_SECURE must be true or false")
    try:
        patch = json.loads(given.get("INSTANCE_DEFAULTS", "{}"))
    except ValueError:
        patch = None
    if not isinstance(patch, dict):
        raise ConfigurationError("INSTANCE_DEFAULTS must be a JSON object")
    external = ExternalAddress(required("EXTERNAL_DOMAIN"), number("EXTERNAL_PORT", 443), secure == "true")
    audiences = [audience.strip() for audience in given.get("SYSTEM_AUDIENCES", external.origin()).split(",")]
    return Settings(
        table_name=required("TABLE_NAME"),
        secrets_prefix=required("SECRETS_PREFIX"),
        secrets_key_id=given.get("SECRETS_KEY_ID"),
        passwords_prefix=given.get("PASSWORDS_PREFIX"),
        fingerprint_secret=required("FINGERPRINT_SECRET"),
        system_users=given.get("SYSTEM_USERS"),
        system_users_parameter=given.get("SYSTEM_USERS_PARAMETER"),
        audiences=frozenset(audiences),
        external=external,
        event_bus=required("EVENT_BUS"),
        defaults_patch=patch,
        receipt_seconds=number("IDEMPOTENCY_HOURS", 2160) * 3600,
    )
