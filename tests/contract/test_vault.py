"""What every vault promises (domain.ports.CredentialVault)."""

from __future__ import annotations

import pytest

from adapters.secrets_manager import SecretsManagerVault
from bootstrap import clients
from domain.credentials import Credentials
from domain.ports import CredentialVault
from domain.secret import Secret
from fakes.vault import FakeVault
from harness import emulated_aws

BOTH = Credentials(pat=Secret("a token"), machine_key=Secret('{"type":"serviceaccount","key":"ü\\n"}'))
ONE, TWO = "1".rjust(27, "4"), "2".rjust(27, "4")


@pytest.fixture
def vault(engine: str) -> CredentialVault:
    if engine == "fake":
        return FakeVault()
    return SecretsManagerVault(clients.secretsmanager(), emulated_aws.SECRETS_PREFIX, None)


@pytest.mark.parametrize(
    "credentials",
    [BOTH, Credentials(pat=Secret("only a token")), Credentials(machine_key=Secret("only a key"))],
    ids=["both", "token", "key"],
)
def test_what_is_stored_is_read_back(vault: CredentialVault, credentials: Credentials) -> None:
    assert vault.read(vault.store(ONE, credentials)) == credentials


def test_storing_again_is_the_same_secret(vault: CredentialVault) -> None:
    assert vault.store(ONE, BOTH) == vault.store(ONE, BOTH)


def test_instances_do_not_share_secrets(vault: CredentialVault) -> None:
    other = Credentials(pat=Secret("another token"))
    first, second = vault.store(ONE, BOTH), vault.store(TWO, other)
    assert first != second
    assert vault.read(first) == BOTH
    assert vault.read(second) == other


def test_what_is_discarded_is_gone(vault: CredentialVault) -> None:
    arn, other = vault.store(ONE, BOTH), vault.store(TWO, BOTH)
    vault.discard(arn)
    assert vault.read(arn) is None
    assert vault.read(other) == BOTH


def test_discarding_twice_is_no_error(vault: CredentialVault) -> None:
    arn = vault.store(ONE, BOTH)
    vault.discard(arn)
    vault.discard(arn)
    assert vault.read(arn) is None
