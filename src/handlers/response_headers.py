"""The response headers that every transport sends: over HTTP as they are, in gRPC as initial metadata (spec 2.4)."""

from __future__ import annotations

from email.utils import formatdate

from domain.create_instance import Created
from handlers.errors import Status

REPLAYED = "idempotent-replayed"
CREDENTIAL_SECRET = "x-credential-secret"  # noqa: S105 # a header's name
RETRY_AFTER = "retry-after"
VALIDATE_ONLY = "x-validate-only"


def no_store() -> dict[str, str]:
    """Nobody on the way may keep an answer: it may hold credentials."""
    return {"cache-control": "no-store", "pragma": "no-cache", "expires": formatdate(usegmt=True)}


def of_creation(created: Created) -> dict[str, str]:
    """Whether this is an earlier answer once more, and where the credentials are kept."""
    headers = {}
    if created.replayed:
        headers[REPLAYED] = "true"
    if created.receipt.secret_arn:
        headers[CREDENTIAL_SECRET] = created.receipt.secret_arn
    return headers


def of_assessment() -> dict[str, str]:
    """That nothing was created: a caller must be able to tell that the question was understood."""
    return {VALIDATE_ONLY: "true"}


def of_refusal(status: Status) -> dict[str, str]:
    """After how many seconds the same call may succeed, where it may."""
    return {RETRY_AFTER: str(status.retry_after)} if status.retry_after is not None else {}
