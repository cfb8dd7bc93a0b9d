"""What a new instance starts with: the data of ``defaults.toml``, checked once (spec 3.4, 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class ConfigurationError(ValueError):
    """The deployment's configuration contradicts itself; the service does not start with it (spec 4.3)."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a password must contain; ``min_length`` counts bytes of UTF-8, 1 to 72 (spec 4.2 rows 15-19)."""

    min_length: int
    lower: bool
    upper: bool
    number: bool
    symbol: bool

    def __post_init__(self) -> None:
        if not 1 <= self.min_length <= 72:
            raise ConfigurationError("settings.password_complexity.min_length must be 1 to 72")


@dataclass(frozen=True, slots=True)
class ProjectTemplate:
    """The project and apps through which an instance's own APIs and console are used (spec 6.2 rows 35-45)."""

    name: str
    api_apps: tuple[str, ...]
    console_app: str
    console_redirect_path: str
    console_logout_path: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """Everything a creation takes from configuration; ``settings`` is stored with each instance as it stands."""

    default_language: str
    token_scopes: tuple[str, ...]
    organization_roles: tuple[str, ...]
    instance_roles: tuple[str, ...]
    project: ProjectTemplate
    system_roles: Mapping[str, frozenset[str]]
    password_policy: PasswordPolicy
    settings: Mapping[str, Any]


def load(document: Mapping[str, Any]) -> Defaults:
    """The defaults from the document's tables; raises ConfigurationError where one is missing or impossible."""
    try:
        project = dict(document["project"])
        project["api_apps"] = tuple(project["api_apps"])
        return Defaults(
            default_language=document["default_language"],
            token_scopes=tuple(document["personal_access_token"]["scopes"]),
            organization_roles=tuple(document["admin"]["organization_roles"]),
            instance_roles=tuple(document["admin"]["instance_roles"]),
            project=ProjectTemplate(**project),
            system_roles={role: frozenset(permissions) for role, permissions in document["system_roles"].items()},
            password_policy=PasswordPolicy(**document["settings"]["password_complexity"]),
            settings=document["settings"],
        )
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"the instance defaults do not fit: {error}") from error


def patched(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """``document`` with a JSON merge patch applied: null removes, objects merge, the rest replaces (RFC 7396)."""
    result = dict(document)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            current = result.get(key)
            result[key] = patched(current if isinstance(current, Mapping) else {}, value)
        else:
            result[key] = value
    return result
