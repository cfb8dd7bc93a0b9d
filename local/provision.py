"""The deployment of template.yaml, without CloudFormation, in whatever AWS this process's environment points at.

Only what the API function needs is made, and only where it is missing, so it can be repeated and run beside itself.
Names, the schema of the table and the function's variables are read from the template. What protects data worth keeping
(deletion protection, point-in-time recovery, key rotation) is left out: this is for trying things.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from local.cloudformation import Stack
from local.lambda_pool import Function
from local.lifeline import ROOT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

TEMPLATE = ROOT / "template.yaml"
STAGE = "local"
_FUNCTION = ("Resources", "ApiFunction", "Properties")


class Deployment:
    """What :func:`provision` made, as the function sees it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the template gives every function."""
        variables = self._stack.value("Globals", "Function", "Environment", "Variables")
        return {name: str(value) for name, value in variables.items()}

    def function(self, process: Mapping[str, str]) -> Function:
        """The API function, its process having the variables ``process`` besides its own."""
        return Function(
            handler=self._stack.value(*_FUNCTION, "Handler"),
            environment={**process, **self.environment},
            name=f"instance-foundry-{STAGE}",
            timeout=float(self._stack.value(*_FUNCTION, "Timeout")),
            memory_mb=int(self._stack.value(*_FUNCTION, "MemorySize")),
        )

    @property
    def integration_seconds(self) -> float:
        """How long the gateway waits for the function."""
        return float(self._stack.value(*_FUNCTION, "Events", "AnyRequest", "Properties", "TimeoutInMillis")) / 1000


def provision(
    system_users: str, *, port: int, audiences: Sequence[str] = (), endpoint: str = "", template: Path = TEMPLATE
) -> Deployment:
    """Make what is missing for a service at ``http://localhost:<port>`` that ``system_users`` may call.

    ``system_users`` is JSON as of :mod:`local.token`, ``audiences`` what tokens may name instead of that address,
    ``endpoint`` where the function finds its AWS, "" being AWS itself. Raises botocore's ``ClientError``
    or ``BotoCoreError`` where AWS refuses or cannot be reached.
    """
    stack = Stack(
        template,
        {
            "Stage": STAGE,
            "ExternalDomain": "localhost",
            "ExternalPort": str(port),
            "ExternalSecure": "false",
            "SystemUsers": system_users,
            "SystemAudiences": ",".join(audiences),
            "AwsEndpointUrl": endpoint,
        },
    )
    session = boto3.Session()
    key = _key(stack, session.client("kms"))
    stack.created("Key", key, Arn=key)
    stack.created("InstanceTable", _table(stack, session.client("dynamodb")))
    stack.created("FingerprintSecret", _fingerprint_secret(stack, session.client("secretsmanager")))
    users = stack.value("Resources", "SystemUsersParameter", "Properties")
    session.client("ssm").put_parameter(**users, Overwrite=True)
    return Deployment(stack)


def _key(stack: Stack, kms: KMSClient) -> str:
    alias = stack.value("Resources", "KeyAlias", "Properties", "AliasName")
    with contextlib.suppress(kms.exceptions.NotFoundException):
        return kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    description = stack.value("Resources", "Key", "Properties", "Description")
    key = kms.create_key(Description=description)["KeyMetadata"]["Arn"]
    try:
        kms.create_alias(AliasName=alias, TargetKeyId=key)
    except kms.exceptions.AlreadyExistsException:
        # Another `make serve` was faster. Theirs is the key; ours must not stay, at a dollar a month.
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        return kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    return key


def _table(stack: Stack, dynamodb: DynamoDBClient) -> str:
    name = f"instance-foundry-{STAGE}"
    properties = stack.value("Resources", "InstanceTable", "Properties")
    encryption = properties["SSESpecification"]
    with contextlib.suppress(dynamodb.exceptions.ResourceInUseException):
        dynamodb.create_table(
            TableName=name,
            BillingMode=properties["BillingMode"],
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            StreamSpecification={
                "StreamEnabled": True,
                "StreamViewType": properties["StreamSpecification"]["StreamViewType"],
            },
            SSESpecification={
                "Enabled": encryption["SSEEnabled"],
                "SSEType": encryption["SSEType"],
                "KMSMasterKeyId": encryption["KMSMasterKeyId"],
            },
        )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if expiry["TimeToLiveStatus"] not in {"ENABLED", "ENABLING"}:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    return name


def _fingerprint_secret(stack: Stack, secretsmanager: SecretsManagerClient) -> str:
    name = f"instance-foundry/{STAGE}/fingerprint"
    properties = stack.value("Resources", "FingerprintSecret", "Properties")
    with contextlib.suppress(secretsmanager.exceptions.ResourceNotFoundException):
        return secretsmanager.describe_secret(SecretId=name)["ARN"]
    value = secretsmanager.get_random_password(**properties["GenerateSecretString"])["RandomPassword"]
    try:
        created = secretsmanager.create_secret(
            Name=name, Description=properties["Description"], KmsKeyId=properties["KmsKeyId"], SecretString=value
        )
    except secretsmanager.exceptions.ResourceExistsException:
        return secretsmanager.describe_secret(SecretId=name)["ARN"]
    return created["ARN"]
