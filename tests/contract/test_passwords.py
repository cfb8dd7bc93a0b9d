"""What everything that holds callers' passwords promises (domain.ports.Passwords)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import boto3
import pytest

from adapters.stored_passwords import StoredPasswords
from bootstrap import clients
from domain.ports import Passwords
from domain.secret import Secret
from fakes.passwords import FakePasswords

PREFIX = "instance-foundry/contract/passwords"
PASSWORD = "Correct-Horse-ü1 \n"
NO_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"

Keep = Callable[[str], str]


def secret(name: str, text: str = PASSWORD) -> str:
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"]


def parameter(name: str, kind: str = "SecureString") -> str:
    boto3.client("ssm").put_parameter(Name=name, Value=PASSWORD, Type=kind)  # type: ignore[arg-type]
    return name


@pytest.fixture
def passwords(engine: str) -> Passwords:
    return FakePasswords() if engine == "fake" else StoredPasswords(clients.secretsmanager, clients.ssm, PREFIX)


def kept_in(passwords: Passwords, kind: str) -> str:
    """A place that holds the password."""
    name = f"{PREFIX}/{uuid.uuid4()}"
    if isinstance(passwords, FakePasswords):
        passwords.contents[name] = PASSWORD
        return name
    return secret(name) if kind == "secret" else parameter(f"/{name}")


@pytest.mark.parametrize("kind", ["secret", "parameter"])
def test_a_password_is_read_as_it_is_kept(passwords: Passwords, kind: str) -> None:
    assert passwords.read(kept_in(passwords, kind)) == Secret(PASSWORD)


@pytest.mark.parametrize(
    "place", [f"{NO_ARN}:{PREFIX}/none-Ab12Cd", f"/{PREFIX}/none", f"/{PREFIX}/", "none", "", "arn:aws:s3:::bucket"]
)
def test_where_nothing_is_kept_there_is_none(passwords: Passwords, place: str) -> None:
    assert passwords.read(place) is None


class TestOnAws:
    """What only the real adapter has to promise."""

    @pytest.fixture(autouse=True)
    def on_aws(self, engine: str) -> None:
        if engine == "fake":
            pytest.skip("there is nothing to confuse")

    def test_the_services_own_secrets_are_nobodys_password(self, passwords: Passwords) -> None:
        """The role may read them, so the name has to say that they are no passwords."""
        own = f"instance-foundry/{uuid.uuid4()}/instances/1"
        assert passwords.read(secret(own)) is None
        assert passwords.read(secret(f"{PREFIX}-other/{uuid.uuid4()}")) is None
        assert passwords.read(parameter(f"/{own}")) is None

    def test_a_secret_goes_by_its_arn_alone(self, passwords: Passwords) -> None:
        name = f"{PREFIX}/{uuid.uuid4()}"
        secret(name)
        assert passwords.read(name) is None

    def test_a_parameter_in_the_clear_is_no_password(self, passwords: Passwords) -> None:
        assert passwords.read(parameter(f"/{PREFIX}/{uuid.uuid4()}", "String")) is None

    def test_a_parameter_may_go_by_its_arn(self, passwords: Passwords) -> None:
        name = parameter(f"/{PREFIX}/{uuid.uuid4()}")
        arn = boto3.client("ssm").get_parameter(Name=name)["Parameter"]["ARN"]
        assert passwords.read(arn) == Secret(PASSWORD)

    def test_a_secret_that_is_to_be_deleted_is_gone(self, passwords: Passwords) -> None:
        place = kept_in(passwords, "secret")
        boto3.client("secretsmanager").delete_secret(SecretId=place)
        assert passwords.read(place) is None

    def test_a_secret_of_bytes_has_no_text(self, passwords: Passwords) -> None:
        name = f"{PREFIX}/{uuid.uuid4()}"
        assert passwords.read(boto3.client("secretsmanager").create_secret(Name=name, SecretBinary=b"x")["ARN"]) is None

    def test_without_a_prefix_nothing_is_read(self, passwords: Passwords) -> None:
        nothing = StoredPasswords(clients.secretsmanager, clients.ssm, None)
        for kind in ("secret", "parameter"):
            assert nothing.read(kept_in(passwords, kind)) is None
