"""Credentials in memory."""

from __future__ import annotations

import hashlib

from domain import errors
from domain.credentials import Credentials
from domain.errors import Refused

_PREFIX = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:instances"


class FakeVault:
    """Keeps credentials by an ARN that follows from the instance id; ``contents`` is what it holds."""

    def __init__(self) -> None:
        self.contents: dict[str, Credentials] = {}

    def store(self, instance_id: str, credentials: Credentials) -> str:
        """Keep the credentials. Refused INTERNAL where the instance has others already, as the real vault does."""
        arn = f"{_PREFIX}/{instance_id}-{hashlib.sha256(instance_id.encode()).hexdigest()[:6]}"
        if self.contents.setdefault(arn, credentials) != credentials:
            raise Refused(errors.INTERNAL)
        return arn

    def read(self, arn: str) -> Credentials | None:
        """The credentials, or None where there are none."""
        return self.contents.get(arn)

    def discard(self, arn: str) -> None:
        """Remove the credentials, if they are there."""
        self.contents.pop(arn, None)
