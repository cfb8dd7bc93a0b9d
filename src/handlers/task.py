"""CreateInstance as a task of a state machine: JSON in and out, refusals as errors with names (docs/orchestration.md).

What goes in and out stays in the execution's history for 90 days, where more people read than ever handle credentials.
So no password comes in, and no credential goes out unless it is asked for.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from google.protobuf.json_format import MessageToDict
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from domain import errors
from domain.command import parse
from domain.create_instance import Call
from domain.errors import Refused
from domain.instant import Instant
from handlers import operation
from handlers.assessments import document_of
from handlers.errors import GRPC_NAMES, Status
from handlers.messages import fields_of, response_of
from wire import protojson
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest

CALLER = "iam:orchestration"
"""Whose idempotency keys these are: IAM has said that the caller may, and Lambda does not say who it was."""

ERRORS_LANGUAGE = "en"


class Task(BaseModel):
    """The input; its members are lowerCamelCase, and ``null`` is "not given"."""

    request: dict[str, Any]
    idempotency_key: str | None = None
    credential_delivery: str | None = None
    validate_only: bool | None = None
    password_from: Annotated[str, StringConstraints(min_length=1)] | None = None

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, hide_input_in_errors=True)


class Failure(Exception):
    """A refusal as Step Functions sees it: the class's name is the Error, its text, JSON, the message in the Cause."""


_FAILURES = {code: type(name, (Failure,), {}) for code, name in GRPC_NAMES.items()}


def create(event: Any, deadline: Instant) -> dict[str, Any]:
    """Carry out a task, or with ``validateOnly`` assess it. Raises Refused."""
    task = _task(event)
    fields = _fields(task)
    reveal = operation.reveals(task.credential_delivery or "reference")
    call = Call(CALLER, task.idempotency_key, deadline, reveal)
    if task.validate_only:
        return document_of(operation.assess(fields, call), ERRORS_LANGUAGE)
    created = operation.perform(parse(fields), call)
    return {
        **MessageToDict(response_of(created)),
        "domains": list(created.receipt.domains),
        "secretArn": created.receipt.secret_arn,
        "replayed": created.replayed,
    }


def failure(status: Status) -> Failure:
    """The error to raise for a refusal."""
    cause = status.body()
    if status.detail:
        cause["id"] = status.detail[0]
    if status.retry_after is not None:
        cause["retryAfter"] = status.retry_after
    raised: Failure = _FAILURES[status.codes.grpc](json.dumps(cause, ensure_ascii=False))
    return raised


def _task(event: Any) -> Task:
    try:
        return Task.model_validate(event)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    faults = (f"{'.'.join(map(str, fault['loc'])) or 'event'}: {fault['msg']}" for fault in found)
    raise Refused(errors.invalid(f"invalid event: {'; '.join(faults)}"))


def _fields(task: Task) -> dict[str, Any]:
    """The fields of the request, as ``domain.command.parse`` takes them. Raises Refused."""
    try:
        message = protojson.decode(json.dumps(task.request).encode(), CreateInstanceRequest)
    except protojson.Undecodable as error:
        raise Refused(errors.invalid(str(error))) from None
    if message.human.password.password:
        raise Refused(errors.PASSWORD_PLAIN)
    fields = fields_of(message)
    if task.password_from:
        if "human" not in fields:
            raise Refused(errors.invalid("invalid event: passwordFrom: the request has no human admin"))
        fields["human"].setdefault("password", {})["kept_at"] = task.password_from
    return fields
