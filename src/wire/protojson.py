"""ProtoJSON as grpc-gateway and Go's protojson speak it (spec 2.1, 2.2), for any message of this API.

``google.protobuf.json_format`` prints what Go prints, but what it reads differs both ways: it takes ``"machine": []``
for an empty message, lets a field be given under both its names, reads the enum value ``"1"`` that Go drops, and
refuses an unknown member that comes twice. So only the printing is left to it; reading is done here, from the
descriptors.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TypeVar, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from wire.json_object import Members, Number, Undecodable, Value, read_object
from wire.json_scalars import base64_bytes, integer, timestamp

__all__ = ["Undecodable", "decode", "encode"]

M = TypeVar("M", bound=Message)

_TIMESTAMP = Timestamp.DESCRIPTOR.full_name
_INT32 = range(-(2**31), 2**31)
_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: _INT32,
    FieldDescriptor.CPPTYPE_INT64: range(-(2**63), 2**63),
    FieldDescriptor.CPPTYPE_UINT32: range(2**32),
    FieldDescriptor.CPPTYPE_UINT64: range(2**64),
}
_KINDS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_ENUM: "enum",
    FieldDescriptor.TYPE_MESSAGE: "message",
}


def encode(message: Message) -> str:
    """The message as compact JSON.

    Names are lowerCamelCase and in the order of the field numbers, zero values are omitted, 64-bit integers are
    strings, bytes are padded standard base64, and only what JSON demands is escaped.
    """
    return json.dumps(MessageToDict(message), ensure_ascii=False, separators=(",", ":"))


def decode(body: bytes, message_type: type[M]) -> M:
    """The message that ``body`` begins with; an empty body is an empty message, bytes after the value are ignored.

    Fields go by lowerCamelCase or original name, unknown ones are skipped, ``null`` is "not given". Raises Undecodable,
    whose text never holds a value of the body, for what Go refuses: bad JSON, a value of another type, a field given
    twice, two members of a oneof.
    """
    message = message_type()
    _fill(message, read_object(body))
    return message


def _fill(message: Message, members: Members) -> None:
    fields = _fields(message.DESCRIPTOR)
    given: set[int] = set()
    decided: set[str] = set()
    for name, value in members:
        field = fields.get(name)
        if field is None:
            continue
        if field.number in given:
            raise Undecodable(f'proto: duplicate field "{name}"')
        given.add(field.number)
        if value is None:
            continue
        if field.is_repeated:
            _extend(message, field, value)
            continue
        oneof = field.containing_oneof
        if oneof is not None:
            if oneof.full_name in decided:
                raise Undecodable(f'proto: error parsing "{name}", oneof {oneof.full_name} is already set')
            decided.add(oneof.full_name)
        _set(message, field, value)


def _set(message: Message, field: FieldDescriptor, value: Value) -> None:
    if field.message_type is not None:
        part = getattr(message, field.name)
        part.SetInParent()
        _fill_part(part, field, value)
        return
    scalar = _scalar(field, value)
    if scalar is not None:
        setattr(message, field.name, scalar)


def _extend(message: Message, field: FieldDescriptor, value: Value) -> None:
    if not isinstance(value, list) or isinstance(value, Members):
        raise _mismatch(field)
    elements = getattr(message, field.name)
    for element in value:
        if field.message_type is not None:
            _fill_part(elements.add(), field, element)
            continue
        scalar = _scalar(field, element)
        if scalar is not None:
            elements.append(scalar)


def _fill_part(part: Message, field: FieldDescriptor, value: Value) -> None:
    if part.DESCRIPTOR.full_name == _TIMESTAMP:
        _fill_timestamp(cast("Timestamp", part), field, value)
    elif isinstance(value, Members):
        _fill(part, value)
    else:
        raise _mismatch(field)


def _fill_timestamp(part: Timestamp, field: FieldDescriptor, value: Value) -> None:
    try:
        if isinstance(value, str):
            part.seconds, part.nanos = timestamp(value)
            return
    except ValueError:
        pass
    raise Undecodable(f"proto: invalid {_TIMESTAMP} value for field {field.json_name}")


def _scalar(field: FieldDescriptor, value: Value) -> str | bytes | int | None:
    """The value for a field that is not a message, or None for an enum name that the enum does not have.

    Go drops such a name where unknown fields are discarded; a number that the enum does not have is kept.
    """
    integers = _INTEGERS.get(field.cpp_type)
    try:
        if field.type == FieldDescriptor.TYPE_STRING and isinstance(value, str):
            return value
        if field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, str):
            return base64_bytes(value)
        if field.type == FieldDescriptor.TYPE_BOOL and isinstance(value, bool):
            return value
        if field.type == FieldDescriptor.TYPE_ENUM and isinstance(value, str):
            named = cast("EnumDescriptor", field.enum_type).values_by_name.get(value)
            return named.number if named else None
        if field.type == FieldDescriptor.TYPE_ENUM and isinstance(value, Number):
            return integer(value.literal, _INT32)
        if integers and isinstance(value, Number | str):
            return integer(value.literal if isinstance(value, Number) else value, integers)
    except ValueError:
        pass
    raise _mismatch(field)


def _mismatch(field: FieldDescriptor) -> Undecodable:
    return Undecodable(f"proto: invalid value for {_KINDS.get(field.type, 'integer')} field {field.json_name}")


@cache
def _fields(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    """The fields of a message by each name that JSON may use for them.

    Raises TypeError for a message with a field that this module does not read, so that a method which wants one fails
    at its first call, whatever the body.
    """
    for field in descriptor.fields:
        if not _readable(field):
            raise TypeError(f"{field.full_name} has a JSON form that is not read here")
    return {field.name: field for field in descriptor.fields} | {field.json_name: field for field in descriptor.fields}


def _readable(field: FieldDescriptor) -> bool:
    message = field.message_type
    if message is None:
        return field.type in _KINDS or field.cpp_type in _INTEGERS
    if message.GetOptions().map_entry:
        return False
    return message.full_name == _TIMESTAMP or message.file.package != "google.protobuf"
