"""The instance's first organization (spec 4.2 rows 4 and 5, 6.2 rows 25-28)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import domain_names, errors
from domain.external_address import ExternalAddress
from domain.text import trim


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization as recorded; its one domain is verified and primary from the start."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Roles of a user on an aggregate: ``org`` or ``instance``."""

    aggregate_type: str
    aggregate_id: str
    user_id: str
    roles: tuple[str, ...]


def name_and_domain(text: str, external: ExternalAddress) -> tuple[str, str]:
    """The organization's trimmed name and the domain that follows from it.

    Raises Refused ORG_NAME_BLANK (ORG-mruNY) or ORG_DOMAIN_EMPTY (ORG-RrfXY).
    """
    name = trim(text)
    if not name:
        raise errors.Refused(errors.ORG_NAME_BLANK)
    return name, domain_names.organization_domain(name, external)
