"""The generated messages and the domain's own types, translated into each other."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from domain.create_instance import Created
from domain.creation import SEQUENCE
from domain.instant import EARLIEST, LATEST, Instant
from wire.generated.zitadel.object_pb2 import ObjectDetails
from wire.generated.zitadel.system_pb2 import CreateInstanceResponse


def fields_of(message: Message) -> dict[str, Any]:
    """The fields that are set, by proto name, as ``domain.command.parse`` takes them.

    A timestamp outside of years 1 to 9999, which only binary messages can hold, counts as not set (spec 3.1).
    """
    fields: dict[str, Any] = {}
    for field, value in message.ListFields():
        if isinstance(value, Timestamp):
            instant = Instant(value.seconds, value.nanos)
            if EARLIEST <= instant <= LATEST and 0 <= value.nanos < 1_000_000_000:
                fields[field.name] = instant
        elif isinstance(value, Message):
            fields[field.name] = fields_of(value)
        else:
            fields[field.name] = value
    return fields


def response_of(created: Created) -> CreateInstanceResponse:
    """The answer; credentials are there where they were asked for and may be shown (spec 1.1, 6.6)."""
    receipt, credentials = created.receipt, created.credentials
    return CreateInstanceResponse(
        instance_id=receipt.instance_id,
        details=ObjectDetails(
            sequence=SEQUENCE,
            creation_date=Timestamp(seconds=receipt.created_at.seconds, nanos=receipt.created_at.nanos),
            resource_owner=receipt.org_id,
        ),
        pat=credentials.pat.reveal() if credentials.pat else "",
        machine_key=credentials.machine_key.reveal().encode() if credentials.machine_key else b"",
    )
