"""The use case: say what creating an instance would do, and everything that stands against it, and do nothing.

It is the path of :mod:`domain.create_instance`: the same rules, the same lookups, the same records made of the request,
but with stand-ins for what is slow or stores something, and without the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from domain import errors
from domain.command import CreateInstance, read
from domain.create_instance import Call, Foundry, compose, drafted, identity_of, replay
from domain.creation import Receipt
from domain.credentials import KeyPair
from domain.domain_names import LABEL_LENGTH
from domain.draft import Draft
from domain.errors import Refused
from domain.instance import InstanceDomain
from domain.rules import Violation, examine, single
from domain.secret import Secret
from domain.text import lower


@dataclass(frozen=True, slots=True)
class DomainOutlook:
    """A domain the instance would get. Of a generated one six characters are drawn anew each time, shown as ``?``."""

    name: str
    generated: bool
    primary: bool
    available: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a creation would do: records by type, the credentials in its one secret, if any, and calls to AWS."""

    records: Mapping[str, int]
    credentials: tuple[str, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the real call would come to, as far as it follows from the request and from what is stored now.

    The first violation is what it would be refused with. Without any there is a plan, unless ``replayed``: then the
    instance exists, and the call would be answered as the first one with its idempotency key.
    """

    violations: tuple[Violation, ...]
    domains: tuple[DomainOutlook, ...] = ()
    plan: Plan | None = None
    replayed: bool = False

    @property
    def valid(self) -> bool:
        """Whether the real call would succeed."""
        return not self.violations


def validate_instance(foundry: Foundry, fields: Mapping[str, Any], call: Call) -> Assessment:
    """Assess a request, given by its fields as to ``domain.command.parse``; nothing is stored.

    Raises Refused THROTTLED, UNAVAILABLE or INTERNAL where something could not be found out.
    """
    malformed, command = examine(read(fields))
    unusable_key, identity = examine(single("", lambda: identity_of(foundry, call), ""))
    broken, draft = examine(drafted(foundry, command, foundry.clock.now()))

    receipt = foundry.instances.receipt(identity) if call.idempotency_key is not None and identity else None
    fingerprint = foundry.fingerprints.of(command.canonical())
    clash = _clash(foundry, call, receipt, fingerprint) if receipt else []
    if receipt and not clash and not malformed:
        return Assessment((), replayed=True)
    too_long = any(violation.field == "custom_domain" for violation in malformed)
    domains = tuple(_outlook(foundry, domain) for domain in draft.domains if domain.generated or not too_long)
    taken = [Violation(errors.DOMAIN_TAKEN, "custom_domain") for domain in domains if not domain.available]
    # In the order of the real call, to which rules matter less than that the very request was carried out once.
    same = receipt is not None and receipt.is_for(fingerprint)
    violations = (*malformed, *unusable_key, *((*clash, *broken) if same else (*broken, *clash)), *taken)
    return Assessment(violations, domains, None if violations else _plan(foundry, command, draft))


def _clash(foundry: Foundry, call: Call, receipt: Receipt, fingerprint: str) -> list[Violation]:
    """Why the first call's answer could not be given again, if it could not."""
    try:
        replay(foundry, call, receipt, fingerprint)
    except Refused as refusal:
        if refusal.reason not in {errors.IDEMPOTENCY_KEY_REUSED, errors.CREDENTIALS_REMOVED}:
            raise
        return [Violation(refusal.reason, "")]
    return []


def _outlook(foundry: Foundry, domain: InstanceDomain) -> DomainOutlook:
    name, available = domain.name, True
    if domain.generated:
        parent = f".{lower(foundry.external.domain)}"
        name = f"{name.removesuffix(parent)[:-LABEL_LENGTH]}{'?' * LABEL_LENGTH}{parent}"
    else:
        available = not foundry.instances.has_domain(name)
    return DomainOutlook(name, domain.generated, domain.primary, available)


def _plan(foundry: Foundry, command: CreateInstance, draft: Draft) -> Plan:
    rehearsal = replace(foundry, key_pairs=_NoKeyPairs(), password_hashes=_NoHashes())
    creation, credentials = compose(rehearsal, draft, "", "", foundry.clock.now())
    held = {"pat": credentials.pat, "machineKey": credentials.machine_key}
    return Plan(
        records=foundry.instances.rehearse(creation),
        credentials=tuple(name for name, secret in held.items() if secret is not None),
        calls=1 + bool(credentials) + bool(command.password_kept_at),
    )


class _NoKeyPairs:
    def begin(self) -> Future[KeyPair]:
        return _ready(KeyPair(Secret(""), ""))


class _NoHashes:
    def begin(self, password: Secret) -> Future[str]:  # noqa: ARG002 # the port's signature
        return _ready("")


def _ready(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future
