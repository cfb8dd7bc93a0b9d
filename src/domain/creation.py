"""Everything that comes into being in the one moment an instance starts to exist (design decision 3)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.credentials import AccessToken, MachineKey
from domain.domain_names import uniqueness_key
from domain.instance import Instance, Project
from domain.instant import Instant
from domain.organization import Membership, Organization
from domain.text import lower
from domain.user import HumanUser, MachineUser

SEQUENCE = 1
"""``details.sequence`` of a creation: it is the instance's first event (spec 6.6 allows any positive number)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a request was carried out, and what it was answered; found by ``identity``.

    ``identity`` names the request: the same caller and idempotency key give the same one. ``fingerprint`` is a keyed
    hash of the request, so that the same key with another request is noticed without keeping any request. The receipt
    is kept at least until ``expires_at``.
    """

    identity: str
    fingerprint: str
    instance_id: str
    org_id: str
    domains: tuple[str, ...]
    created_at: Instant
    secret_arn: str | None
    expires_at: Instant

    def is_for(self, fingerprint: str) -> bool:
        """Whether the request with this fingerprint is the one that was carried out."""
        return hmac.compare_digest(self.fingerprint, fingerprint)


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that may be taken once within an instance (spec 6.5); ``value`` is lower-cased."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class InstanceCreated:
    """The event that other systems will hear of; holds nothing secret, only where the secrets are."""

    id: str
    occurred_at: Instant
    payload: Mapping[str, Any]

    TYPE = "instance.created"


@dataclass(frozen=True, slots=True)
class Creation:
    """All records of one creation; they are stored together or not at all."""

    receipt: Receipt
    instance: Instance
    organization: Organization
    user: HumanUser | MachineUser
    memberships: tuple[Membership, ...]
    token: AccessToken | None
    key: MachineKey | None
    project: Project
    settings: Mapping[str, Any]

    def with_secret(self, arn: str) -> Creation:
        """The same, its credentials being kept at ``arn``."""
        return replace(
            self, receipt=replace(self.receipt, secret_arn=arn), instance=replace(self.instance, secret_arn=arn)
        )

    def claims(self) -> tuple[Claim, ...]:
        """The instance-wide names this creation takes.

        Members and domains are unique by their own keys, the apps' names within their project's record.
        """
        return (
            Claim("org_name", lower(self.organization.name)),
            Claim("org_domain", uniqueness_key(self.organization.domain)),
            Claim("username", lower(self.user.username)),
            Claim("project_name", lower(f"{self.project.name}:{self.organization.id}")),
        )

    def event(self) -> InstanceCreated:
        """The creation as other systems are told of it; the instance's id makes repeats recognisable."""
        return InstanceCreated(
            id=self.instance.id,
            occurred_at=self.instance.created_at,
            payload={
                "instanceId": self.instance.id,
                "instanceName": self.instance.name,
                "organizationId": self.organization.id,
                "domains": [
                    {"domain": domain.name, "generated": domain.generated, "primary": domain.primary}
                    for domain in self.instance.domains
                ],
                "admin": {"userId": self.user.id, "type": "human" if isinstance(self.user, HumanUser) else "machine"},
                "createdAt": self.instance.created_at.rfc3339(),
                **({"secretArn": self.instance.secret_arn} if self.instance.secret_arn else {}),
            },
        )
