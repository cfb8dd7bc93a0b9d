"""What template.yaml promises exists after provisioning, once, whoever provisions how often."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

from local import cloudformation, system_user, token
from local.embedded_aws import EmbeddedAws
from local.provision import TEMPLATE, provision

USERS = '[{"local-admin": {"KeyData": "x"}}]'


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    with EmbeddedAws(tmp_path_factory.mktemp("aws") / "log") as aws:
        yield aws


@pytest.fixture
def aws(embedded, monkeypatch):
    """A session in the embedded AWS, to which this process's environment points, too."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in embedded.environment({}).items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


def test_the_table_is_the_templates(aws):
    environment = provision(USERS, port=8080).environment
    promised = cloudformation.load(TEMPLATE)["Resources"]["InstanceTable"]["Properties"]
    dynamodb = aws.client("dynamodb")
    table = dynamodb.describe_table(TableName=environment["TABLE_NAME"])["Table"]
    assert table["KeySchema"] == promised["KeySchema"]
    assert table["AttributeDefinitions"] == promised["AttributeDefinitions"]
    assert table["StreamSpecification"]["StreamViewType"] == promised["StreamSpecification"]["StreamViewType"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    expiry = dynamodb.describe_time_to_live(TableName=environment["TABLE_NAME"])["TimeToLiveDescription"]
    assert expiry == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": promised["TimeToLiveSpecification"]["AttributeName"],
    }


def test_the_function_finds_what_it_needs(aws):
    deployment = provision(USERS, port=18080, audiences=["http://a", "http://b"], endpoint="http://127.0.0.1:4566")
    environment = deployment.environment
    assert environment["EXTERNAL_DOMAIN"] == "localhost"
    assert environment["EXTERNAL_PORT"] == "18080"
    assert environment["EXTERNAL_SECURE"] == "false"
    assert environment["SYSTEM_AUDIENCES"] == "http://a,http://b"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    secret = aws.client("secretsmanager").get_secret_value(SecretId=environment["FINGERPRINT_SECRET"])["SecretString"]
    assert len(secret) == 64
    assert secret.isalnum()
    users = aws.client("ssm").get_parameter(Name=environment["SYSTEM_USERS_PARAMETER"])["Parameter"]["Value"]
    assert users == USERS
    key = aws.client("kms").describe_key(KeyId=environment["SECRETS_KEY_ID"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled"
    template = cloudformation.load(TEMPLATE)
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables.keys() <= environment.keys()
    function = deployment.function({"PATH": "/bin"})
    assert function.handler == "handlers.api.handler"
    assert function.environment["PATH"] == "/bin"
    assert function.timeout < deployment.integration_seconds <= 30


def test_again_and_at_the_same_time_it_changes_nothing_but_the_users(aws):
    first = provision(USERS, port=8080).environment
    value = aws.client("secretsmanager").get_secret_value(SecretId=first["FINGERPRINT_SECRET"])["SecretString"]
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda users: provision(users, port=8080).environment, ["a", "b", "c", "d"]))
    assert all(other == first for other in others)
    assert aws.client("secretsmanager").get_secret_value(SecretId=first["FINGERPRINT_SECRET"])["SecretString"] == value
    users = aws.client("ssm").get_parameter(Name=first["SYSTEM_USERS_PARAMETER"])["Parameter"]["Value"]
    assert users in {"a", "b", "c", "d"}


def test_four_at_once_on_an_empty_aws_agree(tmp_path, monkeypatch):
    with EmbeddedAws(tmp_path / "log") as embedded:
        for name, value in embedded.environment({}).items():
            monkeypatch.setenv(name, value)
        with ThreadPoolExecutor(4) as threads:
            environments = list(threads.map(lambda _: provision(USERS, port=8080).environment, range(4)))
        assert all(environment == environments[0] for environment in environments)
        kms = boto3.Session().client("kms")
        states = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] for key in kms.list_keys()["Keys"]]
        assert states.count("Enabled") == 1


def test_the_system_users_key_is_made_once_and_kept_private(tmp_path):
    file = tmp_path / "state" / "system-user.pem"
    with ThreadPoolExecutor(4) as threads:
        keys = set(threads.map(lambda _: system_user.private_key(file), range(4)))
    assert keys == {file.read_text()}
    assert [path.name for path in file.parent.iterdir()] == ["system-user.pem"]
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    assert system_user.private_key(file) in keys
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_system_users_configuration_has_the_public_half_alone():
    private_pem, public_pem = token.make_key_pair()
    configuration = system_user.configuration(private_pem)
    assert configuration == token.configuration_entry("local-admin", public_pem)
    assert "PRIVATE" not in json.dumps(configuration)
