"""The sweep on real engines: what the use case is told by Secrets Manager and DynamoDB."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.clock import SystemClock
from adapters.dynamodb import DynamoDbInstances
from adapters.secrets_manager import SecretsManagerSecrets, SecretsManagerVault
from bootstrap import clients
from domain.credentials import Credentials
from domain.instant import Instant
from domain.secret import Secret
from domain.sweep_secrets import SAFE_AGE_SECONDS, Sweep, sweep_secrets
from fakes.requests import MACHINE
from harness import emulated_aws
from harness.creations import FAR_AWAY, a_creation

CREDENTIALS = Credentials(pat=Secret("a token"))


class Later(SystemClock):
    """When every secret that was just stored is old enough."""

    def now(self) -> Instant:
        return super().now().plus(2 * SAFE_AGE_SECONDS)


@pytest.fixture
def swept(engine: str) -> None:
    if engine == "fake":
        pytest.skip("the sweep on fakes is a unit test")


def vault() -> SecretsManagerVault:
    return SecretsManagerVault(clients.secretsmanager(), emulated_aws.SECRETS_PREFIX, None)


def sweep(clock: SystemClock, *, dry_run: bool = False) -> Sweep:
    secrets = SecretsManagerSecrets(clients.secretsmanager(), emulated_aws.SECRETS_PREFIX)
    instances = DynamoDbInstances(clients.dynamodb(), emulated_aws.TABLE, SystemClock())
    return sweep_secrets(secrets, instances, clock, FAR_AWAY, dry_run=dry_run)


def in_use() -> str:
    """The ARN of a secret that an instance refers to."""
    first = a_creation(request=MACHINE)
    arn = vault().store(first.instance.id, CREDENTIALS)
    creation = replace(first, instance=replace(first.instance, secret_arn=arn))
    DynamoDbInstances(clients.dynamodb(), emulated_aws.TABLE, SystemClock()).commit(creation, FAR_AWAY)
    return arn


@pytest.mark.usefixtures("swept")
def test_orphans_go_and_what_is_in_use_stays() -> None:
    kept = in_use()
    orphan = vault().store("9" * 27, CREDENTIALS)
    assert sweep(Later(), dry_run=True) == Sweep(2, (orphan,), 0, complete=True)
    assert sweep(Later()) == Sweep(2, (orphan,), 1, complete=True)
    assert vault().read(orphan) is None
    assert vault().read(kept) == CREDENTIALS
    assert sweep(Later()) == Sweep(1, (), 0, complete=True)


@pytest.mark.usefixtures("swept")
def test_a_secret_in_flight_is_not_touched() -> None:
    arn = vault().store("9" * 27, CREDENTIALS)
    assert sweep(SystemClock()) == Sweep(1, (), 0, complete=True)
    assert vault().read(arn) == CREDENTIALS


@pytest.mark.usefixtures("swept")
def test_more_than_a_page_is_swept() -> None:
    orphans = {vault().store(f"{number:027}", CREDENTIALS) for number in range(130)}
    clients.secretsmanager().create_secret(Name="someone-elses", SecretString="x")
    found = sweep(Later())
    assert (found.seen, set(found.orphans), found.removed) == (130, orphans, 130)
    clients.secretsmanager().delete_secret(SecretId="someone-elses", ForceDeleteWithoutRecovery=True)
