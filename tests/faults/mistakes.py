"""Deliberate mistakes, to show that the checker finds them: ``make faults MISTAKE=<name>``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain import errors
from domain.create_instance import Foundry
from domain.creation import Creation, Receipt
from domain.credentials import Credentials
from domain.instant import Instant
from domain.ports import CredentialVault, Instances, Outcome, Verdict
from faults.explorer import foundry


class _Right:
    """The vault and the store, as they are; a mistake changes one thing."""

    def __init__(self, vault: CredentialVault, instances: Instances) -> None:
        self.vault, self.instances = vault, instances

    def store(self, instance_id: str, credentials: Credentials) -> str:
        return self.vault.store(instance_id, credentials)

    def read(self, arn: str) -> Credentials | None:
        return self.vault.read(arn)

    def discard(self, arn: str) -> None:
        self.vault.discard(arn)

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        return self.instances.commit(creation, deadline)

    def receipt(self, identity: str) -> Receipt | None:
        return self.instances.receipt(identity)


class _CommitsBeforeTheSecret(_Right):
    """The records are committed before their secret is stored."""

    def __init__(self, vault: CredentialVault, instances: Instances) -> None:
        super().__init__(vault, instances)
        self._pending: dict[str, Credentials] = {}

    def store(self, instance_id: str, credentials: Credentials) -> str:
        self._pending[instance_id] = credentials
        return f"instance-foundry/test/instances/{instance_id}"

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        outcome = super().commit(creation, deadline)
        if outcome.verdict is Verdict.COMMITTED and creation.instance.id in self._pending:
            super().store(creation.instance.id, self._pending[creation.instance.id])
        return outcome


class _IgnoresAnUnknownOutcome(_Right):
    """An answer that was lost is taken for a refusal, and the secret removed."""

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        outcome = super().commit(creation, deadline)
        if outcome.verdict is Verdict.UNKNOWN:
            return Outcome(Verdict.REFUSED, reason=errors.UNAVAILABLE)
        return outcome


class _DrawsTheIdentity(_Right):
    """What a request is known by does not follow from its key."""

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        drawn = replace(creation.receipt, identity=secrets.token_hex(32))
        return super().commit(replace(creation, receipt=drawn), deadline)


def _with(mistake: type[_Right]) -> Callable[[], Foundry]:
    def make() -> Foundry:
        right = foundry()
        wrong = mistake(right.vault, right.instances)
        return replace(right, vault=wrong, instances=wrong)

    return make


MISTAKES: Mapping[str | None, Callable[[], Foundry]] = {
    None: foundry,
    "commit-before-secret": _with(_CommitsBeforeTheSecret),
    "ignore-unknown-outcome": _with(_IgnoresAnUnknownOutcome),
    "non-derived-identity": _with(_DrawsTheIdentity),
}
"""How to make the foundry with each mistake, and with none."""
