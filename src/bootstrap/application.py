"""The composition root: the only place that knows which adapter is behind which port."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from adapters import dynamodb_stream
from adapters.bulk_results import S3BulkResults
from adapters.clock import SystemClock
from adapters.dynamodb import DynamoDbInstances
from adapters.event_bridge import EventBridgeBus
from adapters.fingerprints import HmacFingerprints
from adapters.key_pairs import RsaKeyPairs
from adapters.parameter_store import Parameter
from adapters.password_hashes import Argon2idHashes
from adapters.randomness import SystemEntropy, TimeOrderedIds
from adapters.secrets_manager import SecretsManagerSecrets, SecretsManagerVault, read_text
from adapters.stored_passwords import StoredPasswords
from adapters.system_tokens import SystemTokens, load_users
from bootstrap import clients, settings
from bootstrap.settings import Settings
from domain.create_instance import Foundry
from domain.outbox import StoredEvent
from domain.settings import Defaults, load, patched

CLOCK = SystemClock()

NO_USERS = "[]"
"""What a deployment starts with: everybody is refused until its operators say who may call."""


@cache
def configuration() -> Settings:
    """The deployment's settings."""
    return settings.from_environment(os.environ)


@cache
def defaults() -> Defaults:
    """What instances start with: the project's file, with the deployment's changes."""
    document = tomllib.loads(resources.files("domain").joinpath("defaults.toml").read_text(encoding="utf-8"))
    return load(patched(document, configuration().defaults_patch))


@cache
def foundry() -> Foundry:
    """Everything a creation needs."""
    config = configuration()
    return Foundry(
        clock=CLOCK,
        ids=TimeOrderedIds(CLOCK),
        entropy=SystemEntropy(),
        key_pairs=RsaKeyPairs(),
        password_hashes=Argon2idHashes(),
        passwords=StoredPasswords(clients.secretsmanager, clients.ssm, config.passwords_prefix),
        fingerprints=HmacFingerprints(read_text(clients.secretsmanager(), config.fingerprint_secret)),
        vault=SecretsManagerVault(clients.secretsmanager(), config.secrets_prefix, config.secrets_key_id),
        instances=instances(),
        defaults=defaults(),
        external=config.external,
        receipt_seconds=config.receipt_seconds,
    )


@cache
def instances() -> DynamoDbInstances:
    """The records."""
    return DynamoDbInstances(clients.dynamodb(), configuration().table_name, CLOCK)


@cache
def stored_secrets() -> SecretsManagerSecrets:
    """All secrets, for the sweeper."""
    return SecretsManagerSecrets(clients.secretsmanager(), configuration().secrets_prefix)


def stored_events(batch: Mapping[str, Any]) -> dict[str, StoredEvent]:
    """The events in a batch of the table's stream, by the sequence numbers of their records."""
    return dynamodb_stream.stored_events(batch)


@cache
def event_bus() -> EventBridgeBus:
    """Where the outbox publishes."""
    return EventBridgeBus(clients.events(), configuration().event_bus)


def bulk_results(bucket: str, manifest: str, report: str) -> S3BulkResults:
    """The results of one bulk run, and where its report goes."""
    return S3BulkResults(clients.s3(), bucket, manifest, report)


def tokens() -> SystemTokens:
    """The verifier of callers, with the system users as they are configured now."""
    return _verifier(configuration().system_users or _system_users())


def _system_users() -> str:
    name = configuration().system_users_parameter
    return _parameter(name).value() if name else NO_USERS


@cache
def _parameter(name: str) -> Parameter:
    return Parameter(clients.ssm(), name, CLOCK, absent=NO_USERS)


@lru_cache(maxsize=1)
def _verifier(document: str) -> SystemTokens:
    return SystemTokens(load_users(document), configuration().audiences, defaults().system_roles, CLOCK)
