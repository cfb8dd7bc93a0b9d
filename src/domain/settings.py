"""What a new instance starts with: the data of ``defaults.toml``, checked once (spec 3.4, 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field, Strict, ValidationError


class ConfigurationError(ValueError):
    """The deployment's configuration contradicts itself; the service does not start with it (spec 4.3)."""


# TOML and JSON have one kind of list.
Texts = Annotated[tuple[str, ...], Strict(strict=False)]
TextSet = Annotated[frozenset[str], Strict(strict=False)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class PasswordPolicy(_Table):
    """What a password must contain; ``min_length`` counts bytes of UTF-8 (spec 4.2 rows 15-19)."""

    min_length: int = Field(ge=1, le=72)
    lower: bool
    upper: bool
    number: bool
    symbol: bool


class ProjectTemplate(_Table):
    """The project and apps through which an instance's own APIs and console are used (spec 6.2 rows 35-45)."""

    name: str
    api_apps: Texts
    console_app: str
    console_redirect_path: str
    console_logout_path: str


class Defaults(_Table):
    """Everything a creation takes from configuration; ``settings`` is stored with each instance as it stands."""

    default_language: str
    token_scopes: Texts = Field(validation_alias=AliasPath("personal_access_token", "scopes"))
    organization_roles: Texts = Field(validation_alias=AliasPath("admin", "organization_roles"))
    instance_roles: Texts = Field(validation_alias=AliasPath("admin", "instance_roles"))
    project: ProjectTemplate
    system_roles: Mapping[str, TextSet]
    password_policy: PasswordPolicy = Field(validation_alias=AliasPath("settings", "password_complexity"))
    settings: Mapping[str, Any]


def load(document: Mapping[str, Any]) -> Defaults:
    """The defaults from the document's tables; raises ConfigurationError where one is missing or impossible."""
    try:
        return Defaults.model_validate(document)
    except ValidationError as error:
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
