"""Passwords that callers keep in their own secrets and parameters and name instead of sending."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from adapters import parameter_store, secrets_manager
from domain.secret import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient


class StoredPasswords:
    """Reads what is below one prefix, named by a secret's ARN, or by a parameter's ARN or name.

    The prefix is checked here although IAM limits the role as well: the same role may read the service's own secrets,
    and none of these may ever become somebody's password. Without a prefix nothing can be read. The clients are made
    when they are needed, which is rarely.
    """

    def __init__(
        self, secrets: Callable[[], SecretsManagerClient], parameters: Callable[[], SSMClient], prefix: str | None
    ) -> None:
        self._secrets = secrets
        self._parameters = parameters
        below = rf"{re.escape(prefix)}/.+" if prefix else r"(?!)"
        self._secret_arn = re.compile(rf"arn:[^:]+:secretsmanager:[^:]+:[0-9]{{12}}:secret:{below}")
        self._parameter_name = re.compile(rf"(?:arn:[^:]+:ssm:[^:]+:[0-9]{{12}}:parameter)?/{below}")

    def read(self, place: str) -> Secret | None:
        """The password; None where ``place`` has another form, or nothing that may be read is there."""
        if self._secret_arn.fullmatch(place):
            return secrets_manager.read_password(self._secrets(), place)
        if self._parameter_name.fullmatch(place):
            return parameter_store.read_password(self._parameters(), place)
        return None
