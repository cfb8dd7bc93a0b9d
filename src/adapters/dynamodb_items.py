"""How records are laid out in the table; docs/data-model.md shows the same as a table.

Everything of one instance is one item collection, ``pk = INSTANCE#<id>``, so that one query reads it all. What must be
found from outside, or be unique over all instances, has a key of its own: a domain by its name, a PAT by its hash, a
receipt by the request's identity. Keys are the uniqueness guards; there are no indexes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from domain.creation import SEQUENCE, Creation, Receipt
from domain.domain_names import uniqueness_key
from domain.instant import Instant
from domain.outbox import StoredEvent
from domain.user import HumanUser

Item = dict[str, Any]


def receipt_key(identity: str) -> Item:
    """The key of a receipt."""
    return {"pk": f"REQUEST#{identity}", "sk": "RECEIPT"}


def domain_key(name: str) -> Item:
    """The key of a domain, the same for every spelling of it."""
    return {"pk": f"DOMAIN#{uniqueness_key(name)}", "sk": "DOMAIN"}


def token_key(sha256: str) -> Item:
    """The key of a PAT."""
    return {"pk": f"TOKEN#{sha256}", "sk": "TOKEN"}


def instance_key(instance_id: str, sk: str = "INSTANCE") -> Item:
    """The key of a record of an instance, by default of the instance itself."""
    return {"pk": f"INSTANCE#{instance_id}", "sk": sk}


def instance_id_of(item: Mapping[str, Any]) -> str:
    """The instance to whose collection an item belongs."""
    return str(item["pk"]).removeprefix("INSTANCE#")


def deflated(settings: Mapping[str, Any]) -> bytes:
    """Settings as one value, which is how they are read and written: zlib (RFC 1950) of JSON.

    A map of maps would be a third of the work of a commit, and text a third of the write units (ADR 14).
    """
    return zlib.compress(json.dumps(settings, separators=(",", ":")).encode())


def items(creation: Creation) -> list[Item]:
    """Every item of a creation, the receipt first, then the domains, then the rest."""
    instance, user, project = creation.instance, creation.user, creation.project
    created_at = instance.created_at.rfc3339()

    def record(sk: str, record_type: str, /, **attributes: Any) -> Item:
        return {**instance_key(instance.id, sk), "type": record_type, "created_at": created_at, **attributes}

    result: list[Item] = [
        _receipt_item(creation.receipt),
        *(
            {
                **domain_key(domain.name),
                "type": "domain",
                "instance_id": instance.id,
                "domain": domain.name,
                "generated": domain.generated,
                "primary": domain.primary,
                "created_at": created_at,
            }
            for domain in instance.domains
        ),
        record(
            "INSTANCE",
            "instance",
            name=instance.name,
            state="active",
            sequence=SEQUENCE,
            default_language=instance.default_language,
            default_org_id=instance.default_org_id,
            iam_project_id=instance.project_id,
            console_app_id=instance.console_app_id,
            console_client_id=instance.console_client_id,
            domains=[asdict(domain) for domain in instance.domains],
            **_given(secret_arn=instance.secret_arn),
        ),
        record("SETTINGS", "settings", settings=deflated(creation.settings)),
        record(
            f"ORG#{creation.organization.id}",
            "organization",
            org_id=creation.organization.id,
            name=creation.organization.name,
            state="active",
            domains=[{"name": creation.organization.domain, "verified": True, "primary": True}],
        ),
        record(f"USER#{user.id}", "user", user_id=user.id, org_id=user.org_id, username=user.username, **_user(user)),
        *(
            record(
                f"MEMBER#{member.aggregate_type}#{member.aggregate_id}#{member.user_id}",
                "membership",
                aggregate_type=member.aggregate_type,
                aggregate_id=member.aggregate_id,
                user_id=member.user_id,
                roles=member.roles,
            )
            for member in creation.memberships
        ),
        record(
            f"PROJECT#{project.id}",
            "project",
            project_id=project.id,
            org_id=project.org_id,
            name=project.name,
            apps=[
                *({**asdict(app), "kind": "api", "auth_method": "private_key_jwt"} for app in project.api_apps),
                {
                    **asdict(project.console),
                    "kind": "oidc",
                    "application_type": "user_agent",
                    "auth_method": "none",
                    "response_types": ["code"],
                    "grant_types": ["authorization_code"],
                },
            ],
        ),
        *(record(f"UNIQUE#{claim.kind}#{claim.value}", "claim") for claim in creation.claims()),
    ]
    if creation.key is not None:
        result.append(
            record(
                f"KEY#{creation.key.id}",
                "machine_key",
                key_id=creation.key.id,
                user_id=creation.key.user_id,
                public_key=creation.key.public_key,
                key_type="json",
                expires=creation.key.expires_at.rfc3339(),
            )
        )
    if creation.token is not None:
        result.append(
            {
                **token_key(creation.token.sha256),
                "type": "access_token",
                "instance_id": instance.id,
                "token_id": creation.token.id,
                "user_id": creation.token.user_id,
                "expires": creation.token.expires_at.rfc3339(),
                "scopes": creation.token.scopes,
                "created_at": created_at,
            }
        )
    event = creation.event()
    result.append(record(f"EVENT#{SEQUENCE}", "event", event_id=event.id, event_type=event.TYPE, payload=event.payload))
    return result


def receipt_of(item: Mapping[str, Any]) -> Receipt:
    """The receipt that an item holds."""
    return Receipt(
        identity=str(item["pk"]).removeprefix("REQUEST#"),
        fingerprint=item["fingerprint"],
        instance_id=item["instance_id"],
        org_id=item["org_id"],
        domains=tuple(item["domains"]),
        created_at=Instant(int(item["created_seconds"]), int(item["created_nanos"])),
        secret_arn=item.get("secret_arn"),
        expires_at=Instant(int(item["expires_at"])),
    )


def event_of(item: Mapping[str, Any]) -> StoredEvent:
    """The event that an item holds. Raises KeyError where it holds none."""
    return StoredEvent(
        id=item["event_id"], type=item["event_type"], occurred_at=item["created_at"], payload=item["payload"]
    )


def _receipt_item(receipt: Receipt) -> Item:
    return {
        **receipt_key(receipt.identity),
        "type": "receipt",
        "fingerprint": receipt.fingerprint,
        "instance_id": receipt.instance_id,
        "org_id": receipt.org_id,
        "domains": receipt.domains,
        "created_seconds": receipt.created_at.seconds,
        "created_nanos": receipt.created_at.nanos,
        "expires_at": receipt.expires_at.seconds,
        **_given(secret_arn=receipt.secret_arn),
    }


def _user(user: Any) -> Item:
    if not isinstance(user, HumanUser):
        return {"kind": "machine", "name": user.name, "access_token_type": "bearer", "state": "active"}
    return {
        "kind": "human",
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "preferred_language": user.preferred_language,
        "email": user.email,
        "email_verified": user.email_verified,
        "password_change_required": user.password_change_required,
        "state": user.state,
        **_given(password_hash=user.password_hash),
    }


def _given(**attributes: Any) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}
