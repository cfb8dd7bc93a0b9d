"""Credentials in AWS Secrets Manager: one secret per machine admin (design decisions 4 and 6)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from adapters.aws_failures import FORBIDDEN_CODES, AwsError, code_of, refused
from domain.credentials import Credentials
from domain.instant import Instant
from domain.secret import Secret
from domain.sweep_secrets import StoredSecret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

logger = logging.getLogger(__name__)

INSTANCE_TAG = "instance-foundry:instance-id"

PAGE_SIZE = 100
"""ListSecrets' largest page, and what one BatchGetItem can look up."""

RECOVERY_DAYS = 7
"""The shortest window Secrets Manager has."""

# Deleted, or scheduled for deletion.
_GONE = frozenset({"ResourceNotFoundException", "InvalidRequestException"})


class SecretsManagerVault:
    """Secrets named ``<prefix>/<instance id>``, encrypted with the deployment's key, tagged with the instance id.

    A secret is a JSON object with the strings ``pat`` and ``machineKey``, each as the caller gets it. No two attempts
    use one name, so that removing a secret never takes another attempt's.
    """

    def __init__(self, client: SecretsManagerClient, prefix: str, key_id: str | None) -> None:
        self._client = client
        self._prefix = prefix
        self._key = {"KmsKeyId": key_id} if key_id else {}

    def store(self, instance_id: str, credentials: Credentials) -> str:
        """Create the secret; the request token makes SDK retries of a call whose answer was lost harmless."""
        name = f"{self._prefix}/{instance_id}"
        text = _to_text(credentials)
        try:
            answer = self._client.create_secret(
                Name=name,
                ClientRequestToken=f"create-{instance_id}",
                Description=f"First credentials of instance {instance_id}",
                SecretString=text,
                Tags=[{"Key": INSTANCE_TAG, "Value": instance_id}],
                **self._key,  # type: ignore[arg-type] # an optional str, spread so that AWS's own default applies
            )
        except AwsError as error:
            if code_of(error) == "ResourceExistsException" and (arn := self._own(name, text)):
                return arn
            raise refused(error) from error
        return answer["ARN"]

    def _own(self, name: str, text: str) -> str | None:
        """The ARN of the secret if it holds exactly ``text``: then an earlier try of this call made it."""
        try:
            answer = self._client.get_secret_value(SecretId=name)
        except AwsError as error:
            raise refused(error) from error
        return answer["ARN"] if answer["SecretString"] == text else None

    def read(self, arn: str) -> Credentials | None:
        """The credentials, or None where the secret was deleted or is scheduled for deletion."""
        try:
            answer = self._client.get_secret_value(SecretId=arn)
        except AwsError as error:
            if code_of(error) in _GONE:
                return None
            raise refused(error) from error
        return _from_text(answer["SecretString"])

    def discard(self, arn: str) -> None:
        """Delete the secret for good, without the recovery window: nobody ever had it."""
        try:
            self._client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
        except AwsError as error:
            logger.warning("secret left for the sweeper", extra={"secret_arn": arn, "error": type(error).__name__})


class SecretsManagerSecrets:
    """All secrets under the prefix, as the sweeper sees them."""

    def __init__(self, client: SecretsManagerClient, prefix: str) -> None:
        self._client = client
        self._prefix = f"{prefix}/"

    def pages(self) -> Iterator[Sequence[StoredSecret]]:
        """Every secret that is not scheduled for removal, the newest first, in ListSecrets' own pages."""
        pages = self._client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self._prefix]}],
            SortOrder="desc",
            PaginationConfig={"PageSize": PAGE_SIZE},
        )
        try:
            for page in pages:
                # The filter ignores case and matches words; what is removed must be exactly ours.
                ours = (entry for entry in page["SecretList"] if entry["Name"].startswith(self._prefix))
                yield [
                    StoredSecret(
                        arn=entry["ARN"],
                        instance_id=entry["Name"].removeprefix(self._prefix),
                        created_at=Instant(int(entry["CreatedDate"].timestamp())),
                    )
                    for entry in ours
                ]
        except AwsError as error:
            raise refused(error) from error

    def remove(self, arn: str) -> None:
        """Schedule the removal; until then the secret can be restored."""
        try:
            self._client.delete_secret(SecretId=arn, RecoveryWindowInDays=RECOVERY_DAYS)
        except AwsError as error:
            if code_of(error) not in _GONE:
                raise refused(error) from error


def read_text(client: SecretsManagerClient, secret_id: str) -> Secret:
    """The text of a secret of the deployment itself. Raises Refused THROTTLED, UNAVAILABLE or INTERNAL."""
    try:
        return Secret(client.get_secret_value(SecretId=secret_id)["SecretString"])
    except AwsError as error:
        raise refused(error) from error


def read_password(client: SecretsManagerClient, arn: str) -> Secret | None:
    """The text of a secret that a caller named; None where there is none, it has no text, or it may not be read.

    Raises Refused THROTTLED, UNAVAILABLE or INTERNAL.
    """
    try:
        answer = client.get_secret_value(SecretId=arn)
    except AwsError as error:
        if code_of(error) in _GONE | FORBIDDEN_CODES:
            logger.warning("password not readable", extra={"place": arn, "error": code_of(error)})
            return None
        raise refused(error) from error
    return Secret(answer["SecretString"]) if answer.get("SecretString") else None


def _to_text(credentials: Credentials) -> str:
    fields = {"pat": credentials.pat, "machineKey": credentials.machine_key}
    return json.dumps({name: value.reveal() for name, value in fields.items() if value is not None})


def _from_text(text: str) -> Credentials:
    fields: dict[str, Any] = json.loads(text)
    return Credentials(
        pat=Secret(fields["pat"]) if "pat" in fields else None,
        machine_key=Secret(fields["machineKey"]) if "machineKey" in fields else None,
    )
