"""Writes docs/openapi.json from the code: the messages' descriptors, the field rules, the error table.

``python -m tools.openapi`` writes it, ``python -m tools.openapi --check`` fails where the file is not what the code
says.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from domain import errors
from domain.command import CreateInstance
from domain.errors import Kind, Reason
from handlers.errors import TABLE
from handlers.rest import MAX_BODY_BYTES, PATH
from wire.generated.zitadel.system_pb2 import CreateInstanceRequest, CreateInstanceResponse

FILE = Path(__file__).parent.parent / "docs" / "openapi.json"

EXAMPLES: dict[str, Any] = {
    "machine": {
        "summary": "A service account with a PAT and a key",
        "value": {
            "instanceName": "Acme",
            "firstOrgName": "Acme Inc.",
            "customDomain": "login.acme.example",
            "machine": {
                "userName": "acme-admin",
                "name": "Acme admin",
                "personalAccessToken": {"expirationDate": "2030-01-01T00:00:00Z"},
                "machineKey": {"type": "KEY_TYPE_JSON"},
            },
            "defaultLanguage": "en",
        },
    },
    "human": {
        "summary": "A person with a password",
        "value": {
            "instanceName": "Acme",
            "human": {
                "userName": "ada",
                "email": {"email": "ada@acme.example", "isEmailVerified": True},
                "profile": {"firstName": "Ada", "lastName": "Lovelace", "preferredLanguage": "en"},
                "password": {"password": "Correct-h0rse", "passwordChangeRequired": True},
            },
        },
    },
}

ELSEWHERE = (errors.PASSWORD_PLAIN, errors.PASSWORD_UNREADABLE)
"""Reasons that only state machines meet (docs/orchestration.md)."""

_TYPES: dict[int, dict[str, Any]] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_UINT64: {"type": "string", "pattern": "^[0-9]+$"},
}

_DESCRIPTIONS = {
    "CreateInstanceRequest.instance_name": "ASCII letters, digits, '.', '-' and spaces; also the first organization's "
    "name where firstOrgName is empty.",
    "CreateInstanceRequest.custom_domain": "Becomes the primary domain; unique over all instances whatever its case.",
    "CreateInstanceRequest.human": "Exactly one of human and machine.",
    "CreateInstanceRequest.machine": "Exactly one of human and machine.",
    "PersonalAccessToken.expiration_date": "Absent: never.",
    "MachineKey.expiration_date": "Absent: never.",
    "CreateInstanceResponse.pat": "Where personalAccessToken was given and credentials are delivered inline.",
    "CreateInstanceResponse.machine_key": "The key file's JSON in base64, where machineKey was given and credentials "
    "are delivered inline.",
}


def document() -> dict[str, Any]:
    """The API as an OpenAPI 3.1 document."""
    schemas: dict[str, Any] = {}
    for descriptor in (CreateInstanceRequest.DESCRIPTOR, CreateInstanceResponse.DESCRIPTOR):
        _add_schema(schemas, descriptor, _rules())
    schemas["Status"] = _status_schema()
    schemas["Assessment"] = _assessment_schema()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Instance Foundry",
            "version": "1",
            "summary": "ZITADEL's CreateInstance, exactly once and all or nothing.",
        },
        "security": [{"systemUser": []}],
        "paths": {PATH: {"post": _operation()}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "systemUser": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A system user's own token: RS256 or PS256, iss = sub = the user, aud = the "
                    "service's URL, iat at most an hour old.",
                }
            },
        },
    }


def _operation() -> dict[str, Any]:
    return {
        "operationId": "CreateInstance",
        "tags": ["SystemService"],
        "summary": "Create an instance",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key with the same request gives the same answer, credentials included, for at "
                "least 90 days unless the deployment says otherwise. Without it every call creates an instance.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
            },
            {
                "name": "X-Credential-Delivery",
                "in": "header",
                "description": "inline: the answer holds the credentials. reference: only the header "
                "X-Credential-Secret says where they are.",
                "schema": {"type": "string", "enum": ["inline", "reference"], "default": "inline"},
            },
            {
                "name": "X-Validate-Only",
                "in": "header",
                "description": "true: nothing is created; the answer is an Assessment of the request.",
                "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
            },
            {
                "name": "Accept-Language",
                "in": "header",
                "description": "The language of error messages; without it they are i18n keys.",
                "schema": {"type": "string", "maxLength": 256, "pattern": "^[A-Za-z0-9*,;=. -]*$"},
            },
        ],
        "requestBody": {
            "required": True,
            "description": f"At most {MAX_BODY_BYTES} bytes.",
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/CreateInstanceRequest"},
                    "examples": EXAMPLES,
                }
            },
        },
        "responses": {"200": _success(), **_failures()},
    }


def _success() -> dict[str, Any]:
    return {
        "description": "The instance exists and can be used at once; with X-Validate-Only: true, an assessment.",
        "headers": {
            "X-Validate-Only": {
                "description": "true where nothing was created and the answer is an Assessment.",
                "schema": {"type": "string"},
            },
            "Idempotent-Replayed": {"description": "true on a repeated answer.", "schema": {"type": "string"}},
            "X-Credential-Secret": {
                "description": "The ARN of the secret that holds the credentials.",
                "schema": {"type": "string"},
            },
        },
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/CreateInstanceResponse"},
                        {"$ref": "#/components/schemas/Assessment"},
                    ]
                }
            }
        },
    }


def _failures() -> dict[str, Any]:
    """One response per HTTP status, with every reason of the catalogue that ends in it."""
    catalogue = [each for each in vars(errors).values() if isinstance(each, Reason) and each not in ELSEWHERE]
    result: dict[str, Any] = {}
    # A kind without a reason in the catalogue belongs to gRPC alone.
    told = {reason.kind for reason in catalogue}
    for status in sorted({TABLE[kind].http for kind in told}):
        kinds = [kind for kind in Kind if kind in told and TABLE[kind].http == status]
        lines = [
            f"- {f'`{reason.id}` ' if reason.id else ''}{reason.key}" for reason in catalogue if reason.kind in kinds
        ]
        if status == 400:
            lines.append("- a message that cannot be decoded, or a field rule that is broken: no id, no details")
        result[str(status)] = {
            "description": "\n".join([", ".join(kind.value for kind in kinds), "", *lines]),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}},
        }
        if status in {429, 503}:
            result[str(status)]["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
            }
        if status == 401:
            result[str(status)]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return result


def _rules() -> dict[str, dict[str, Any]]:
    """The field rules by model and field, as pydantic describes them."""
    schema = CreateInstance.model_json_schema()
    models = {"CreateInstanceRequest": schema, **schema.get("$defs", {})}
    return {name: model.get("properties", {}) for name, model in models.items()}


def _add_schema(schemas: dict[str, Any], descriptor: Descriptor, rules: dict[str, dict[str, Any]]) -> None:
    if descriptor.name in schemas:
        return
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    schemas[descriptor.name] = schema
    for field in descriptor.fields:
        rule = rules.get(descriptor.name, {}).get(field.name, {})
        limits = {name: rule[name] for name in ("minLength", "maxLength") if rule.get(name)}
        schema["properties"][field.json_name] = {**_field_schema(schemas, field, rules), **limits}
        if description := _DESCRIPTIONS.get(f"{descriptor.name}.{field.name}"):
            schema["properties"][field.json_name]["description"] = description
        if limits.get("minLength") or (descriptor.name, field.name) in {("Human", "email"), ("MachineKey", "type")}:
            schema.setdefault("required", []).append(field.json_name)
    for oneof in descriptor.oneofs:
        schema["oneOf"] = [{"required": [field.json_name]} for field in oneof.fields]


def _field_schema(schemas: dict[str, Any], field: FieldDescriptor, rules: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if field.message_type and field.message_type.full_name == "google.protobuf.Timestamp":
        return {"type": "string", "format": "date-time"}
    if field.message_type:
        _add_schema(schemas, field.message_type, rules)
        return {"$ref": f"#/components/schemas/{field.message_type.name}"}
    if field.enum_type:
        return {"type": "string", "enum": [value.name for value in field.enum_type.values if value.number]}
    return dict(_TYPES[field.type])


def _status_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "google.rpc.Status",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "integer", "enum": sorted({codes.grpc for codes in TABLE.values()})},
            "message": {"type": "string"},
            "details": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["@type"],
                    "properties": {
                        "@type": {"type": "string"},
                        "id": {"type": "string"},
                        "message": {"type": "string"},
                        "requestId": {"type": "string"},
                    },
                },
            },
        },
    }


def _assessment_schema() -> dict[str, Any]:
    text, flag, count = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
    violation = _closed(
        code={"type": "integer", "enum": sorted({codes.grpc for codes in TABLE.values()})},
        id={**text, "description": "ZITADEL's error id; empty for a field rule."},
        message=text,
        field={**text, "description": "The field's JSON names joined by dots; empty where it is no field."},
    )
    domain = _closed(domain=text, generated=flag, primary=flag, available=flag)
    secret = _closed(holds={"type": "array", "items": {**text, "enum": ["pat", "machineKey"]}})
    plan = _closed(
        records={"type": "object", "description": "How many of each type.", "additionalProperties": count},
        secrets={"type": "array", "maxItems": 1, "items": secret},
        awsCalls=count,
    )
    return {
        **_closed(
            valid={**flag, "description": "Whether the same request without X-Validate-Only would succeed now."},
            replayed={**flag, "description": "Whether an earlier call with the Idempotency-Key created the instance."},
            violations={
                "type": "array",
                "description": "Everything that is wrong; the first is what the request would be refused with.",
                "items": violation,
            },
            domains={
                "type": "array",
                "description": "Of the generated one six characters are drawn at the creation.",
                "items": domain,
            },
            plan={"oneOf": [plan, {"type": "null"}]},
        ),
        "description": "What creating the instance would do, and everything that stands against it.",
    }


def _closed(**properties: Any) -> dict[str, Any]:
    """An object that has exactly these members."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def main(arguments: list[str]) -> int:
    """Write the document, or with ``--check`` compare it."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if arguments == ["--check"]:
        if FILE.read_text(encoding="utf-8") != text:
            print("docs/openapi.json is not what the code says: run make openapi", file=sys.stderr)
            return 1
        return 0
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
