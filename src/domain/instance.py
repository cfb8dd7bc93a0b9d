"""The instance itself, its domains, and the project through which its own APIs and console are used."""

from __future__ import annotations

from dataclasses import dataclass

from domain.external_address import ExternalAddress
from domain.instant import Instant
from domain.settings import ProjectTemplate


@dataclass(frozen=True, slots=True)
class InstanceDomain:
    """A name that leads to the instance; unique over all instances whatever its case (spec 6.5)."""

    name: str
    generated: bool
    primary: bool


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as recorded. ``secret_arn`` says where its first credentials are kept, if it has any."""

    id: str
    name: str
    default_language: str
    default_org_id: str
    project_id: str
    console_app_id: str
    console_client_id: str
    domains: tuple[InstanceDomain, ...]
    created_at: Instant
    secret_arn: str | None = None


@dataclass(frozen=True, slots=True)
class ApiApp:
    """An API application; it authenticates with a private-key JWT and has no key yet (spec 9.5)."""

    id: str
    name: str
    client_id: str


@dataclass(frozen=True, slots=True)
class ConsoleApp:
    """The console: a user-agent application with the code flow and PKCE (spec 6.2 row 44)."""

    id: str
    name: str
    client_id: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    dev_mode: bool


@dataclass(frozen=True, slots=True)
class Project:
    """The project with its four applications."""

    id: str
    org_id: str
    name: str
    api_apps: tuple[ApiApp, ...]
    console: ConsoleApp


def console_app(
    app_id: str,
    client_id: str,
    template: ProjectTemplate,
    domains: tuple[InstanceDomain, ...],
    external: ExternalAddress,
) -> ConsoleApp:
    """The console of an instance with ``domains``: one redirect and one logout URI per domain, in their order."""
    origins = [external.origin(domain.name) for domain in domains]
    return ConsoleApp(
        id=app_id,
        name=template.console_app,
        client_id=client_id,
        redirect_uris=tuple(f"{origin}{template.console_redirect_path}" for origin in origins),
        post_logout_redirect_uris=tuple(f"{origin}{template.console_logout_path}" for origin in origins),
        dev_mode=not external.secure,
    )
