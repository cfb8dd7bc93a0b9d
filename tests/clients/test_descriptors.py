"""Our proto/ says what ZITADEL publishes: each message, field, oneof, enum and method that both have is the same."""

import subprocess

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from clients.programs import HERE
from wire.generated.zitadel import auth_n_key_pb2, message_pb2, object_pb2, system_pb2

FILES = [module.DESCRIPTOR for module in (auth_n_key_pb2, message_pb2, object_pb2, system_pb2)]
METHODS = list(FILES[3].services_by_name["SystemService"].methods)


def with_nested(messages):
    for message in messages:
        yield message
        yield from with_nested(message.nested_types)


MESSAGES = list(with_nested(message for file in FILES for message in file.message_types_by_name.values()))
ENUMS = [enum for file in FILES for enum in file.enum_types_by_name.values()]


@pytest.fixture(scope="module")
def published():
    ran = subprocess.run(["node", "published_descriptors.mjs"], cwd=HERE, capture_output=True, check=True, timeout=60)
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(ran.stdout).file:
        pool.Add(file)
    return pool


def test_there_is_something_to_compare():
    assert (len(MESSAGES), len(ENUMS), len(METHODS)) == (11, 1, 1)


def shape(message):
    """The fields by number, everything that counts on the wire, in JSON and in generated code."""
    return {
        field.number: (
            field.name,
            field.json_name,
            field.type,
            field.is_repeated,
            field.has_presence,
            field.message_type and field.message_type.full_name,
            field.enum_type and field.enum_type.full_name,
            field.containing_oneof and field.containing_oneof.name,
        )
        for field in message.fields
    }


@pytest.mark.parametrize("ours", MESSAGES, ids=lambda message: message.full_name)
def test_a_message(published, ours):
    theirs = published.FindMessageTypeByName(ours.full_name)
    assert shape(ours) == shape(theirs)
    assert list(ours.oneofs_by_name) == list(theirs.oneofs_by_name)
    assert ours.file.name == theirs.file.name
    assert ours.nested_types_by_name.keys() == theirs.nested_types_by_name.keys()


@pytest.mark.parametrize("ours", ENUMS, ids=lambda enum: enum.full_name)
def test_an_enum(published, ours):
    theirs = published.FindEnumTypeByName(ours.full_name)
    assert {value.name: value.number for value in ours.values} == {value.name: value.number for value in theirs.values}


@pytest.mark.parametrize("ours", METHODS, ids=lambda method: method.full_name)
def test_a_method(published, ours):
    theirs = published.FindMethodByName(ours.full_name)
    assert (ours.input_type.full_name, ours.output_type.full_name) == (
        theirs.input_type.full_name,
        theirs.output_type.full_name,
    )
    assert (theirs.client_streaming, theirs.server_streaming) == (False, False)
