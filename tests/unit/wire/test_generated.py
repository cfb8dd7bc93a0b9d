"""The messages are ZITADEL's, field by field (spec 1.1), and the committed code is what proto/ says."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wire.generated.foundry.rpc import status_pb2
from wire.generated.zitadel import auth_n_key_pb2, message_pb2, object_pb2, system_pb2

ROOT = Path(__file__).parents[3]
REQUEST = system_pb2.CreateInstanceRequest

# message, its full name, {field: (number, JSON name, type)}
FIELDS: list[tuple[type[Message], str, dict[str, tuple[int, str, str]]]] = [
    (
        REQUEST,
        "zitadel.system.v1.CreateInstanceRequest",
        {
            "instance_name": (1, "instanceName", "string"),
            "first_org_name": (2, "firstOrgName", "string"),
            "custom_domain": (3, "customDomain", "string"),
            "human": (4, "human", "zitadel.system.v1.CreateInstanceRequest.Human"),
            "machine": (5, "machine", "zitadel.system.v1.CreateInstanceRequest.Machine"),
            "default_language": (6, "defaultLanguage", "string"),
        },
    ),
    (
        REQUEST.Human,
        "zitadel.system.v1.CreateInstanceRequest.Human",
        {
            "user_name": (1, "userName", "string"),
            "email": (2, "email", "zitadel.system.v1.CreateInstanceRequest.Email"),
            "profile": (3, "profile", "zitadel.system.v1.CreateInstanceRequest.Profile"),
            "password": (4, "password", "zitadel.system.v1.CreateInstanceRequest.Password"),
        },
    ),
    (
        REQUEST.Email,
        "zitadel.system.v1.CreateInstanceRequest.Email",
        {"email": (1, "email", "string"), "is_email_verified": (2, "isEmailVerified", "bool")},
    ),
    (
        REQUEST.Profile,
        "zitadel.system.v1.CreateInstanceRequest.Profile",
        {
            "first_name": (1, "firstName", "string"),
            "last_name": (2, "lastName", "string"),
            "preferred_language": (3, "preferredLanguage", "string"),
        },
    ),
    (
        REQUEST.Password,
        "zitadel.system.v1.CreateInstanceRequest.Password",
        {"password": (1, "password", "string"), "password_change_required": (2, "passwordChangeRequired", "bool")},
    ),
    (
        REQUEST.PersonalAccessToken,
        "zitadel.system.v1.CreateInstanceRequest.PersonalAccessToken",
        {"expiration_date": (1, "expirationDate", "google.protobuf.Timestamp")},
    ),
    (
        REQUEST.MachineKey,
        "zitadel.system.v1.CreateInstanceRequest.MachineKey",
        {
            "type": (1, "type", "zitadel.authn.v1.KeyType"),
            "expiration_date": (2, "expirationDate", "google.protobuf.Timestamp"),
        },
    ),
    (
        REQUEST.Machine,
        "zitadel.system.v1.CreateInstanceRequest.Machine",
        {
            "user_name": (1, "userName", "string"),
            "name": (2, "name", "string"),
            "personal_access_token": (
                3,
                "personalAccessToken",
                "zitadel.system.v1.CreateInstanceRequest.PersonalAccessToken",
            ),
            "machine_key": (4, "machineKey", "zitadel.system.v1.CreateInstanceRequest.MachineKey"),
        },
    ),
    (
        system_pb2.CreateInstanceResponse,
        "zitadel.system.v1.CreateInstanceResponse",
        {
            "instance_id": (1, "instanceId", "string"),
            "details": (2, "details", "zitadel.v1.ObjectDetails"),
            "pat": (3, "pat", "string"),
            "machine_key": (4, "machineKey", "bytes"),
        },
    ),
    (
        object_pb2.ObjectDetails,
        "zitadel.v1.ObjectDetails",
        {
            "sequence": (1, "sequence", "uint64"),
            "creation_date": (2, "creationDate", "google.protobuf.Timestamp"),
            "change_date": (3, "changeDate", "google.protobuf.Timestamp"),
            "resource_owner": (4, "resourceOwner", "string"),
        },
    ),
    (
        message_pb2.ErrorDetail,
        "zitadel.v1.ErrorDetail",
        {"id": (1, "id", "string"), "message": (2, "message", "string")},
    ),
    # As google.rpc.Status and google.rpc.RequestInfo
    (
        status_pb2.Status,
        "foundry.rpc.Status",
        {
            "code": (1, "code", "int32"),
            "message": (2, "message", "string"),
            "details": (3, "details", "repeated google.protobuf.Any"),
        },
    ),
    (
        status_pb2.RequestInfo,
        "foundry.rpc.RequestInfo",
        {"request_id": (1, "requestId", "string"), "serving_data": (2, "servingData", "string")},
    ),
]
SCALARS = {4: "uint64", 5: "int32", 8: "bool", 9: "string", 12: "bytes"}


def described(descriptor: Descriptor) -> dict[str, tuple[int, str, str]]:
    fields = {}
    for field in descriptor.fields:
        declared = field.message_type or field.enum_type
        kind = declared.full_name if declared else SCALARS[field.type]
        fields[field.name] = (field.number, field.json_name, f"repeated {kind}" if field.is_repeated else kind)
    return fields


@pytest.mark.parametrize(("message", "name", "fields"), FIELDS, ids=[name for _, name, _ in FIELDS])
def test_fields(message: type[Message], name: str, fields: dict[str, tuple[int, str, str]]) -> None:
    assert message.DESCRIPTOR.full_name == name
    assert described(message.DESCRIPTOR) == fields


def test_owner_is_one_of_human_and_machine() -> None:
    (oneof,) = REQUEST.DESCRIPTOR.oneofs

    assert oneof.full_name == "zitadel.system.v1.CreateInstanceRequest.owner"
    assert [field.name for field in oneof.fields] == ["human", "machine"]


def test_key_types() -> None:
    assert auth_n_key_pb2.KeyType.DESCRIPTOR.full_name == "zitadel.authn.v1.KeyType"
    assert dict(auth_n_key_pb2.KeyType.items()) == {"KEY_TYPE_UNSPECIFIED": 0, "KEY_TYPE_JSON": 1}


def test_method() -> None:
    method = system_pb2.DESCRIPTOR.services_by_name["SystemService"].methods_by_name["CreateInstance"]

    assert method.full_name == "zitadel.system.v1.SystemService.CreateInstance"
    assert method.input_type is REQUEST.DESCRIPTOR
    assert method.output_type is system_pb2.CreateInstanceResponse.DESCRIPTOR


@pytest.mark.skipif(not find_spec("grpc_tools"), reason="grpcio-tools (dependency group proto) is not installed")
def test_committed_code_is_fresh() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "tools" / "generate-proto", "--check"], check=False, capture_output=True, text=True
    )

    assert check.returncode == 0, check.stdout + check.stderr
