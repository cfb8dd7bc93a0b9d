"""The artefact in the Lambda runtime, in Docker, with an emulated AWS on the bridge.

Whatever is missing is started, and ended at the end: the Docker engine, the AWS, SAM's servers and their containers.
"""

from __future__ import annotations

import json
import platform
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local import demo, docker_engine, lifeline, system_user, token
from local.embedded_aws import EmbeddedAws
from local.lambda_image import Image, runtime_image
from local.lambda_stand_in import ImageMissing
from local.provision import provision
from sam_local.sam import BUILT, Sam, environment

ARCHITECTURE = {"aarch64": "arm64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
AUDIENCE = "https://sam-local.foundry.example"
PASSWORDS = "instance-foundry/dev/passwords"
CONTAINERS = ["docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=sam.cli.container.type=lambda"]
RAN_ON = pytest.StashKey[str]()


@dataclass(frozen=True)
class Aws:
    """The emulated AWS: how to call it from here, and from a container."""

    settings: dict[str, str]
    endpoint: str
    endpoint_in_containers: str

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.settings["AWS_REGION"],
            aws_access_key_id=self.settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.settings["AWS_SECRET_ACCESS_KEY"],
        )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say on what it ran: an image that is not AWS's proves less."""
    terminalreporter.write_line(f"sam local ran on {config.stash.get(RAN_ON, 'nothing')}")


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sam-local")


@pytest.fixture(scope="session")
def engine(logs: Path) -> Iterator[str]:
    """The version of a running Docker engine, in which we leave no container behind."""
    assert BUILT.exists(), "make sam-local builds what runs here"
    try:
        with docker_engine.engine(logs / "dockerd.log") as version:
            before = _containers()
            yield version
            left = _containers() - before
            if left:
                subprocess.run(["docker", "rm", "--force", *left], capture_output=True, check=True)
            assert not left, "sam local has left containers behind"
    except docker_engine.EngineMissing as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def image(engine: str, logs: Path, pytestconfig: pytest.Config) -> Image:
    """The image of the runtime."""
    try:
        image = runtime_image(ARCHITECTURE, logs / "image.log")
    except (ImageMissing, docker_engine.EngineMissing) as error:
        pytest.exit(str(error), returncode=1)
    pytestconfig.stash[RAN_ON] = f"{image.description}. Docker {engine}."
    return image


@pytest.fixture(scope="session")
def aws(engine: str, logs: Path) -> Iterator[Aws]:
    """An AWS that functions in containers reach, and nobody outside of this machine."""
    here, in_containers = docker_engine.bridge_addresses()
    with EmbeddedAws(logs / "aws.log", here) as embedded:
        yield Aws(embedded.environment({}), embedded.endpoint, embedded.endpoint.replace(here, in_containers))


@pytest.fixture(scope="session")
def private_key() -> str:
    return token.make_key_pair()[0]


@pytest.fixture(scope="session")
def bearer(private_key: str) -> str:
    """A token of a system user that the service knows."""
    return token.sign(system_user.USER_ID, private_key, AUDIENCE)


@dataclass(frozen=True)
class Events:
    """The events in events/, as if each were of a customer of its own."""

    folder: Path
    bearer: str

    def read(self, name: str) -> Any:
        event = demo.event(self.folder / name, self.bearer)
        return json.loads(json.dumps(event).replace("login.acme.example", f"{uuid.uuid4().hex}.example"))


@pytest.fixture(scope="session")
def events(bearer: str) -> Events:
    return Events(lifeline.ROOT / "events", bearer)


@pytest.fixture(scope="session")
def sam(image: Image, aws: Aws, private_key: str, logs: Path) -> Sam:
    """`sam local`, its functions configured for a deployment in the emulated AWS."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.settings.items():
            patch.setenv(name, value)
        users = system_user.configuration(private_key)
        deployment = provision(users, port=3000, audiences=[AUDIENCE], endpoint=aws.endpoint_in_containers)
    # An event names a password of the stage dev.
    aws.client("ssm").put_parameter(Name=f"/{PASSWORDS}/ada", Value="Correct-Horse-7", Type="SecureString")
    variables = {**deployment.environment, "PASSWORDS_PREFIX": PASSWORDS}
    return Sam(image.name, ARCHITECTURE, variables, environment(aws.settings), logs)


@pytest.fixture(scope="session")
def invoke(sam: Sam) -> Iterator[Callable[[str, Any], Any]]:
    """Invoke a function by way of `sam local start-lambda`: what it answers, or as AWS puts it what it raised."""
    with sam.serving("start-lambda", "--warm-containers", "LAZY") as url:
        functions = boto3.client("lambda", endpoint_url=url, config=Config(retries={"max_attempts": 0}))
        yield lambda name, payload: json.loads(
            functions.invoke(FunctionName=name, Payload=json.dumps(payload))["Payload"].read()
        )


def _containers() -> set[str]:
    return set(subprocess.run(CONTAINERS, capture_output=True, text=True, check=True).stdout.split())
