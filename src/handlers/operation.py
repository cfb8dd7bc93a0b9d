"""CreateInstance, the same steps in the same order, whatever the transport (spec 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bootstrap import application, clients, observability
from domain import access, errors
from domain.access import Caller
from domain.command import CreateInstance, parse
from domain.create_instance import Call, Created, create_instance
from domain.errors import Refused
from domain.instant import Instant
from domain.validate_instance import Assessment, validate_instance
from handlers.authentication import authenticate
from handlers.messages import fields_of
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest

PERMISSION = "system.instance.write"
IDEMPOTENCY_KEY = "idempotency-key"
CREDENTIAL_DELIVERY = "x-credential-delivery"
VALIDATE_ONLY = "x-validate-only"


def create(
    message: CreateInstanceRequest, metadata: Mapping[str, str], deadline: Instant, awaited_until: Instant | None = None
) -> Created:
    """Carry out a decoded request of a caller with a token.

    ``metadata`` are the HTTP headers or gRPC metadata, names in lower case.
    Raises Refused: who calls is checked before what they ask for, and that before anything is written.
    """
    caller = _admit(metadata, deadline)
    command = parse(fields_of(message))
    call = Call(
        caller=caller.user_id,
        idempotency_key=metadata.get(IDEMPOTENCY_KEY),
        deadline=deadline,
        reveal=reveals(metadata.get(CREDENTIAL_DELIVERY, "inline")),
        awaited_until=awaited_until,
    )
    return perform(command, call)


def only_validates(metadata: Mapping[str, str]) -> bool:
    """Whether nothing may be created: a header that is neither true nor false is no permission to create either."""
    return metadata.get(VALIDATE_ONLY, "false") != "false"


def validate(message: CreateInstanceRequest, metadata: Mapping[str, str], deadline: Instant) -> Assessment:
    """Assess a decoded request of a caller with a token; arguments as for :func:`create`.

    Raises Refused where the caller may not ask, or the headers say what cannot be meant.
    """
    caller = _admit(metadata, deadline)
    if metadata[VALIDATE_ONLY] != "true":
        raise Refused(errors.VALIDATE_ONLY_UNKNOWN)
    reveal = reveals(metadata.get(CREDENTIAL_DELIVERY, "inline"))
    return assess(fields_of(message), Call(caller.user_id, metadata.get(IDEMPOTENCY_KEY), deadline, reveal))


def _admit(metadata: Mapping[str, str], deadline: Instant) -> Caller:
    with clients.until(deadline):
        caller = authenticate(metadata, application.tokens())
    access.require(caller, PERMISSION)
    return caller


def assess(fields: Mapping[str, Any], call: Call) -> Assessment:
    """Assess the request of a caller who may make it. Raises Refused."""
    with clients.until(call.deadline):
        assessment = validate_instance(application.foundry(), fields, call)
    observability.validated(assessment, call.caller)
    return assessment


def perform(command: CreateInstance, call: Call) -> Created:
    """Carry out the request of a caller who may make it. Raises Refused."""
    with clients.until(call.deadline):
        created = create_instance(application.foundry(), command, call)
    observability.created(created, call.caller)
    return created


def reveals(delivery: str) -> bool:
    """Whether the answer shall hold the credentials or only say where they are (design decision 6).

    Raises Refused DELIVERY_UNKNOWN.
    """
    if delivery not in {"inline", "reference"}:
        raise Refused(errors.DELIVERY_UNKNOWN)
    return delivery == "inline"
